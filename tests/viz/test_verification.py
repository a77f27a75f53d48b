"""Two images and the verdict."""

import torch

from zoo.viz.curves import image_of_figure
from zoo.viz.verification import verification_figure


def test_both_images_and_the_verdict_are_shown():
    grey, colour = torch.zeros(1, 8, 8, dtype=torch.uint8), torch.zeros(3, 9, 5, dtype=torch.uint8)
    figure = verification_figure([grey, colour], "the same (dissimilarity 0.1)")
    assert [len(axis.images) for axis in figure.axes] == [1, 1]
    assert "the same" in figure.get_suptitle()
    assert image_of_figure(figure).size[0] > 300
