"""Evaluation mode lasts as long as the block, whatever happens in it."""

import pytest
from torch import nn

from zoo.nn.eval_mode import eval_mode


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_from_before_is_restored(training):
    model = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2)).train(training)
    with eval_mode(model):
        assert not any(part.training for part in model.modules())
    assert all(part.training is training for part in model.modules())


def test_an_error_leaves_the_mode_from_before():
    model = nn.Dropout()
    with pytest.raises(KeyError), eval_mode(model):
        raise KeyError
    assert model.training
