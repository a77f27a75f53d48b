"""What rows a map depends on: watched, and found by changing rows of the image."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.helpers.small_features import small_features
from zoo import registry
from zoo.nn.features import SequentialFeatures
from zoo.nn.reach import Reach, reaches

SIZE = 96
LAYERS = {
    "conv3": nn.Conv2d(3, 4, 3, padding=1),
    "no padding": nn.Conv2d(3, 4, 5),
    "dilated": nn.Conv2d(3, 4, 3, padding=2, dilation=2),
    "stride": nn.Conv2d(3, 4, 7, stride=2, padding=3),
    "reflection": nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"),
    "two": nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.AvgPool2d(2), nn.Conv2d(4, 4, 3, padding=1)
    ),
    "pool of 3": nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.MaxPool2d(3, 2, 1)),
}


def seen(run, row):
    """First and last row of the image that a change of shows in a row of the map."""
    rng = torch.Generator().manual_seed(0)
    image = torch.rand(1, 3, SIZE, 32, generator=rng, dtype=torch.float64)
    first = run(image)[:, :, row]
    found = []
    for at in range(SIZE):
        other = image.clone()
        other[:, :, at] += 1 + at % 3
        if not torch.equal(run(other)[:, :, row], first):
            found.append(at)
    return found[0], found[-1]


@pytest.mark.parametrize("name", LAYERS)
def test_a_changed_row_is_seen_just_so_far(name):
    layer = LAYERS[name].double()
    reach = reaches(lambda x: {"map": layer(x)}, torch.zeros(1, 3, 64, 32, dtype=torch.float64))[
        "map"
    ]
    row = 12
    begin, end = row * reach.stride - reach.before, row * reach.stride + reach.after
    with torch.no_grad():
        assert seen(layer, row) == (begin, end)


def test_the_deepest_layer_of_a_small_network():
    network = small_features().double()
    found = reaches(network.extract, torch.zeros(1, 3, 64, 64, dtype=torch.float64))
    assert found["rgb"] == Reach(1, 0, 0)
    assert found["relu1_1"] == Reach(1, 1, 1)
    assert found["relu3_1"].stride == 4
    with torch.no_grad():
        begin, end = seen(lambda x: network.extract(x)["relu3_1"], 10)
    assert (begin, end) == (40 - found["relu3_1"].before, 40 + found["relu3_1"].after)


def test_vgg19_on_paper():
    """Known: conv5_1 of VGG-19 sees 148 rows more than one (3x3 convolutions and pools of 2)."""
    with torch.device("meta"):
        network = SequentialFeatures(registry.build("vgg19").features)
        found = reaches(
            lambda x: network.extract(x, ("relu1_1", "relu5_1")), torch.zeros(1, 3, 64, 64)
        )
    stride, before, after = found["relu5_1"]
    rows = 1
    for convolutions, step in ((2, 1), (2, 2), (4, 4), (4, 8), (1, 16)):
        rows += 2 * convolutions * step + (step if step < 16 else 0)  # and of the pool behind it
    assert (stride, before + after + 1) == (16, rows)
    assert found["relu1_1"] == Reach(1, 1, 1)


def test_a_map_that_does_not_come_from_the_image():
    with pytest.raises(KeyError):
        reaches(lambda x: {"map": F.relu(torch.ones(1, 1, 2, 2))}, torch.zeros(1, 3, 8, 8))
