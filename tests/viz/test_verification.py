"""Two images and the verdict."""

import torch

from zoo.viz.curves import image_of_figure
from zoo.viz.verification import vector_figure, verification_figure


def test_both_images_and_the_verdict_are_shown():
    grey, colour = torch.zeros(1, 8, 8, dtype=torch.uint8), torch.zeros(3, 9, 5, dtype=torch.uint8)
    figure = verification_figure([grey, colour], "the same (dissimilarity 0.1)")
    assert [len(axis.images) for axis in figure.axes] == [1, 1]
    assert "the same" in figure.get_suptitle()
    assert image_of_figure(figure).size[0] > 300


def test_an_image_stands_beside_its_vector():
    figure = vector_figure(torch.zeros(3, 8, 8, dtype=torch.uint8), torch.tensor([0.5, -1.0]))
    left, right = figure.axes
    assert len(left.images) == 1
    assert [bar.get_height() for bar in right.patches] == [0.5, -1.0]
