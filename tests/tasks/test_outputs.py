import pytest
import torch
from torch import nn

from zoo.errors import BadInput
from zoo.tasks.outputs import check_outputs, outputs_of


def test_as_many_outputs_as_classes():
    check_outputs(torch.zeros(2, 5, 3), 3, "flowers")
    with pytest.raises(BadInput, match="num_classes=3, but flowers has 4 classes"):
        check_outputs(torch.zeros(2, 3), 4, "flowers")


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_comes_back_and_nothing_is_random(training):
    model = nn.Sequential(nn.Linear(3, 50), nn.Dropout(0.5)).train(training)
    x = torch.ones(1, 3)
    assert torch.equal(outputs_of(model, x), outputs_of(model, x))
    assert not outputs_of(model, x).requires_grad
    assert model.training == training
