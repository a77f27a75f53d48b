"""zoo bench stylize: both sides make the same picture; no test depends on the time they take."""

import pytest
import torch

from zoo.api.stylizing import stylize
from zoo.bench import stylize as module
from zoo.bench.stylize import HEAD, OURS, PLAIN, Row, made_up, plain_script, random_network, run
from zoo.errors import BadFile, BadInput


def test_both_sides_take_the_same_steps():
    network, photo, painting = random_network(), made_up(128, "photo"), made_up(128, "painting")
    made = stylize(photo, painting, features=network, device="cpu", size=128, steps=5)
    ours = [row["loss"] for row in made.history]
    theirs = plain_script(network, photo, painting, 5)
    assert [row["height"] for row in made.history] == [64, 64, 64, 128, 128]
    assert theirs == pytest.approx(ours, rel=1e-2)


def test_the_table():
    plain, ours = run(1, size=128, steps=4)
    assert (plain.side, ours.side, plain.ratio) == (PLAIN, OURS, 1.0)
    assert ours.seconds > 0
    assert len(ours.cells()) == len(HEAD)
    assert Row("a", 4, 1.0, 2.0, 1.013, 0.9).cells() == ("a", "4", "1.00", "2.00", "1.01", "0.90")


def test_sides_that_differ_are_not_timed(monkeypatch):
    monkeypatch.setattr(module, "STYLE", ("rgb", "1_1"))
    with pytest.raises(BadFile, match="at step 1 zoo.stylize has the loss 100.*, plain 40"):
        next(run(1, size=128, steps=4))


@pytest.mark.parametrize("changes", [{"size": 96}, {"size": 150}, {"steps": 1}])
def test_what_cannot_be_measured(changes):
    with pytest.raises(BadInput, match="a multiple of 32 from 128"):
        next(run(1, **{"size": 128, "steps": 4, **changes}))


def test_pictures_are_the_same_each_time():
    assert made_up(64, "photo").tobytes() == made_up(64, "photo").tobytes()
    assert torch.equal(*(next(random_network().parameters()) for _ in range(2)))
