"""A file of Darknet's whose numbers are finite, and of which a network would make NaN."""

import pytest
import torch

from zoo.errors import BadFile
from zoo.models.darknet53 import Darknet53
from zoo.pretrained import darknet


def test_variances_below_0_are_refused_and_nothing_is_loaded(tmp_path):
    model = Darknet53(num_classes=2, width=2)
    path = tmp_path / "x.weights"
    before = darknet.to_bytes(model)
    model.state_dict()["stages.0.0.bn.running_var"][0] = -1e-3
    darknet.write(model, path)
    model.state_dict()["stages.0.0.bn.running_var"][0] = 1.0
    with pytest.raises(BadFile, match="variances below 0 .stages.0.0.bn.running_var."):
        darknet.load(model, path)
    assert darknet.to_bytes(model) == before
    assert torch.isfinite(model.eval()(torch.rand(1, 3, 64, 64))).all()
