"""scripts/painting_losses.py: three rows whose ends are known."""

from functools import partial

import pytest
import torch

from scripts import painting_losses
from tests.helpers.features import two_layers
from tests.helpers.photographs import photographs, splits
from zoo import registry
from zoo.data.image.styled_photographs import StyledPhotographs
from zoo.errors import BadInput
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim, get_recipe
from zoo.tasks import style_transfer
from zoo.tasks.style_transfer import StyleTransferTask


def data():
    return StyledPhotographs(splits(), photographs(1, seed=9).images[0], "blobs")


@pytest.fixture
def task(monkeypatch):
    monkeypatch.setattr(style_transfer, "VIEW", 64)
    torch.manual_seed(0)
    recipe = FitRecipe(
        name="fast_style.blobs",
        arch="fast_style",
        data=data,
        task=partial(StyleTransferTask, features=two_layers),
        claim=Claim("style", paper=None, within=0.0, source="none", unit=""),
    )
    return painting_losses.task_of(recipe, registry.build("fast_style"), 1)


def test_rows(task):
    optimised = painting_losses.optimiser(task, 20)
    rows = [
        painting_losses.scored(task, painting_losses.LEFT, lambda photograph: photograph),
        painting_losses.scored(task, painting_losses.ONE_PASS, task.painted),
        painting_losses.scored(task, painting_losses.OPTIMISED, optimised),
    ]
    assert len(task.data.parts()["test"]) == 1
    assert rows[0].content == 0
    assert rows[2].style < 0.5 * rows[0].style
    assert rows[1].seconds > 0
    assert all(len(row.cells()) == len(painting_losses.HEAD) for row in rows)


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(BadInput, match="1 or more"):
        next(painting_losses.rows("fast_style.the_scream", photographs=0))
    with pytest.raises(BadInput, match="does not paint"):
        painting_losses.task_of(get_recipe("lenet5.digits"), registry.build("lenet5"), 1)
