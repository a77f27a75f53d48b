"""All images of a batch are turned alike."""

import torch

from zoo.data.image.augment_turns import quarter_turns


def test_a_batch_is_turned_as_a_whole():
    pixels = torch.arange(2 * 9).view(2, 1, 3, 3).to(torch.uint8)
    turned, draw = quarter_turns(), torch.Generator().manual_seed(0)
    turns = [pixels.rot90(k, (2, 3)) for k in range(4)]
    found = set()
    for _ in range(40):
        made = turned(pixels, draw)
        found |= {k for k in range(4) if torch.equal(made, turns[k])}
        assert any(torch.equal(made, one) for one in turns)
        assert made.is_contiguous()
    assert found == {0, 1, 2, 3}
