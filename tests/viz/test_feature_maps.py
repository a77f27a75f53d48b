"""The grid of maps: a row for each layer, those that vary most first."""

import torch

from zoo.viz.curves import image_of_figure
from zoo.viz.feature_maps import feature_figure


def test_the_maps_that_vary_most_are_shown():
    flat, wavy = torch.zeros(1, 4, 6), torch.linspace(0, 1, 24).view(1, 4, 6)
    maps = {"1_1": torch.cat([flat, wavy, 3 * wavy]), "2_1": wavy}
    figure = feature_figure(torch.zeros(3, 20, 30, dtype=torch.uint8), maps, shown=2)
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == ["", "1_1: 2", "1_1: 1", "", "2_1: 0", ""]
    assert image_of_figure(figure).width > 200
