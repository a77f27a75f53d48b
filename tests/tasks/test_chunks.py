"""Large pictures go through the network few at a time, small ones five hundred."""

import pytest
import torch

from zoo.data.image.images import Images
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.tasks.classification import batched_logits


@pytest.mark.parametrize(
    ("size", "count", "expected"),
    [(28, 1001, [500, 500, 1]), (224, 80, [39, 39, 2]), (2100, 2, [1, 1])],
)
def test_chunks(size, count, expected):
    channels = 1 if size == 28 else 3
    pixels = torch.zeros(1, channels, size, size, dtype=torch.uint8).expand(count, -1, -1, -1)
    part = Images(pixels, torch.arange(count), ("a",))
    front_end = ImageFrontEnd((size, size), (0.5,) * channels, (0.5,) * channels)
    model = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    found = list(batched_logits(model, part, front_end))
    assert [len(logits) for logits, _ in found] == expected
    assert torch.equal(torch.cat([labels for _, labels in found]), part.labels)
