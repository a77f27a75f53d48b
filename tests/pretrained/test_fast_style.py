"""Checkpoints of PyTorch's example: today's and the older ones load; others change nothing."""

import pytest
import torch

from tests.models.test_fast_style import LAYERS, state
from zoo.errors import BadFile, Missing
from zoo.models.fast_style import fast_style
from zoo.pretrained import fast_style as checkpoints


def written(path, tensors, **options):
    torch.save(tensors, path, **options)
    return path


def with_averages(tensors):
    """As torch 0.3 wrote it: instance norm with running averages."""
    norms = [(norm, tensors[f"{norm}.bias"]) for *_, norm in LAYERS.values() if norm]
    both = [{f"{n}.running_mean": b + 1, f"{n}.running_var": b + 2} for n, b in norms]
    return tensors | {k: v for table in both for k, v in table.items()}


@pytest.mark.parametrize("old", [False, True])
def test_a_checkpoint_loads(tmp_path, old):
    model, tensors = fast_style(), state()
    path = tmp_path / "mosaic.pth"
    if old:
        written(path, with_averages(tensors), _use_new_zipfile_serialization=False)
    else:
        written(path, tensors)
    checkpoints.load(model, path)
    assert all(torch.equal(v, tensors[k]) for k, v in model.state_dict().items())


def test_what_does_not_fit_changes_nothing(tmp_path):
    tensors = state()
    odd = {
        "missing": {k: v for k, v in tensors.items() if k != "res3.conv1.conv2d.bias"},
        "more": tensors | {"in6.running": torch.zeros(3)},
        "shape": tensors | {"in4.weight": torch.zeros(63)},
        "nan": tensors | {"in4.weight": torch.full((64,), torch.nan)},
        "no table": [1, 2],
    }
    for name, content in odd.items():
        model = fast_style()
        before = {k: v.clone() for k, v in model.state_dict().items()}
        with pytest.raises(BadFile) as caught:
            checkpoints.load(model, written(tmp_path / f"{name}.pth", content))
        assert "\n" not in str(caught.value)
        assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items()), name
    with pytest.raises(Missing):
        checkpoints.load(fast_style(), tmp_path / "none.pth")
