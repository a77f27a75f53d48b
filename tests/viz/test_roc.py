"""The curve becomes a picture, also where there are no errors."""

import pytest
import torch
from PIL import Image

from zoo.metrics.verification.roc import roc_curve
from zoo.viz.roc import roc_figure


@pytest.mark.parametrize("threshold", [None, 0.2, -5.0, 9.0])
def test_it_is_drawn(tmp_path, threshold):
    curve = roc_curve(torch.tensor([0.1, 0.4]), torch.tensor([0.3, 0.9, 1.0]))
    roc_figure(curve, tmp_path / "roc.png", threshold=threshold, title="a network")
    with Image.open(tmp_path / "roc.png") as image:
        assert image.width > 400
