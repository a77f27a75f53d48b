"""A network that makes one point of all images is told of, once; a healthy one is not."""

from dataclasses import replace

import pytest
import torch

from tests.helpers import identities
from zoo.engine.fit import fit
from zoo.tasks.collapse import WINDOW, CollapseWatch, collapsed, spread
from zoo.tasks.verification import VerificationTask


def test_spread_is_the_mean_squared_distance_over_twice_the_square():
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(0)) + 1
    apart = torch.cdist(x, x).square()
    expected = apart.sum() / (7 * 6) / (2 * x.square().sum(1).mean())
    torch.testing.assert_close(spread(x), expected)


def run(watch, loss, vectors, windows):
    lines = [watch.add(torch.tensor(loss), vectors) for _ in range(windows * WINDOW)]
    return [(i, line) for i, line in enumerate(lines, 1) if line]


def test_it_is_told_once_and_not_in_the_first_steps():
    near = torch.ones(6, 4) + 0.01 * torch.eye(6)[:, :4]
    watch = CollapseWatch("batch_hard", 0.2, torch.device("cpu"))
    ((step, line),) = run(watch, 0.2003, near, windows=4)
    assert step == 2 * WINDOW
    assert "the loss was 0.2003 (that of one point for all images is 0.2000)" in line
    assert "objective=semi_hard, a lower lr" in line


@pytest.mark.parametrize(
    ("loss", "vectors", "told"),
    [
        (0.2, torch.eye(6), False),  # a loss of that size, of vectors that are apart
        (0.1, torch.ones(6, 4) + 0.05 * torch.eye(6)[:, :4], False),  # narrow, but it learns
        (0.0, torch.ones(6, 4), True),  # one point: no semi-hard triplet is left
    ],
)
def test_what_is_a_collapse(loss, vectors, told):
    watch = CollapseWatch("semi_hard", 0.2, torch.device("cpu"))
    assert bool(run(watch, loss, vectors, windows=3)) == told


def trained(objective, lr, steps, capsys):
    torch.manual_seed(0)
    task = VerificationTask(identities.TinyFaceNet(), identities.splits(), 32, objective=objective)
    optimizer = torch.optim.SGD(task.model.parameters(), lr=lr)
    fit(task, optimizer, lambda step: lr, steps)
    task.choose()
    return task, capsys.readouterr().err


def test_a_run_that_collapses_says_so_and_its_card_too(capsys):
    task, err = trained("batch_hard", 0.0, 2 * WINDOW, capsys)
    assert err == ""
    with torch.no_grad():  # what too high a rate does: the bias outweighs all there is
        task.model.fc.bias.fill_(1e4)
    collapsing = replace(task, objective="batch_hard", decoder=None)
    optimizer = torch.optim.SGD(collapsing.model.parameters(), lr=1e-6)
    fit(collapsing, optimizer, lambda step: 1e-6, 3 * WINDOW)
    err = capsys.readouterr().err
    assert err.count("note: collapse: for 100 steps the loss was 0.2000") == 1
    assert "objective=semi_hard" in err
    collapsing.choose()
    assert collapsing.card_facts()["notes"].startswith("Collapsed: it makes one and the same")


def test_a_healthy_run_says_nothing(capsys):
    task, err = trained("semi_hard", 0.1, 3 * WINDOW, capsys)
    assert err == ""
    assert "notes" not in task.card_facts()
    assert not collapsed(task.vectors(task.data.dev))
