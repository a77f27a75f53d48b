"""zoo bench fit: both sides make the same updates; nothing here depends on the machine's speed."""

import json

import pytest
import torch

from zoo.bench.fit import HEAD, Row, _bare_loop, _new_task, _random_images, run
from zoo.cli.main import main
from zoo.engine.fit import fit
from zoo.errors import BadInput


def test_the_smallest_run(capsys):
    assert (
        main(["bench", "fit", "--rounds", "1", "--steps", "2", "--batch-size", "4", "--json"]) == 0
    )
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["what"] == "LeNet-5, batch 4"
    assert row["ratio"] == pytest.approx(row["fit"] / row["bare"])  # of a single round
    assert min(row["fit_cpu"], row["bare_cpu"]) > 0


def test_a_row_of_the_table():
    cells = Row("LeNet-5", 0.004, 0.002, 2.0, 0.003, 0.0015).cells()
    assert cells == ("LeNet-5", "4.000", "2.000", "2.000", "3.000", "1.500")
    assert len(cells) == len(HEAD)


def test_both_loops_learn_the_same_from_a_batch_that_is_all_the_data():
    """With one batch an epoch the order within it does not matter: the same parameters come out."""
    splits = _random_images(8)
    (ours, optimizer), (bare, other) = _new_task(splits, 8), _new_task(splits, 8)
    fit(ours, optimizer, lambda step: 0.01, 3)
    ready = splits.front_end.normalise(splits.train.pixels)
    _bare_loop(bare.model, other, ready, splits.train.labels, 3, 8)
    for one, two in zip(ours.model.parameters(), bare.model.parameters(), strict=True):
        assert torch.allclose(one, two, atol=1e-5)


def test_no_step_is_refused():
    with pytest.raises(BadInput, match="--steps must be at least 1, got 0"):
        list(run(1, steps=0))
