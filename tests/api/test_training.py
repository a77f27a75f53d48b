"""zoo.train, zoo.finetune and reproduce from Python: typed results, the same names as the verbs."""

import pytest

import zoo
from zoo.api.training import as_texts, reproduce
from zoo.errors import BadInput, UnknownName

pytestmark = pytest.mark.usefixtures("undrawn")


def test_a_run_is_used_and_measured_by_its_folder(tmp_path):
    run = zoo.train("lenet5.digits", out=tmp_path, steps=3, seed=4)
    assert run.card.seeds == [4]
    assert run.card.settings["steps"] == 3
    assert run.scores["error"] == pytest.approx(run.card.shipped, abs=1e-4)
    assert run.notes == []
    assert "899 pictures" in run.report or "899" in run.report
    assert zoo.load(run.folder)(run.example).label in run.card.classes
    found = zoo.evaluate(run.folder)
    assert found.same
    assert found.scores["error"] == pytest.approx(run.card.shipped, abs=1e-4)


def test_values_and_texts_mean_the_same(tmp_path):
    one = zoo.train("lenet5.digits", out=tmp_path / "a", steps=2, lr=0.01, clip=None, ema=0.9)
    other = zoo.train("lenet5.digits", out=tmp_path / "b", steps="2", lr="0.01", ema="0.9")
    assert one.card.sha256 == other.card.sha256
    assert as_texts({"a": (1, 2), "b": None, "c": True, "d": 0.5, "e": "x"}) == {
        **{"a": "1,2", "b": "none", "c": "true", "d": "0.5", "e": "x"}
    }


def test_fresh_starts_again_and_otherwise_a_finished_run_is_only_measured(tmp_path):
    first = zoo.train("lenet5.digits", out=tmp_path, steps=2)
    log = tmp_path / "log.jsonl"
    before = log.read_text()
    again = zoo.train("lenet5.digits", out=tmp_path, steps=2)
    assert (again.card.sha256, log.read_text()) == (first.card.sha256, before)
    with pytest.raises(BadInput, match="lr was"):
        zoo.train("lenet5.digits", out=tmp_path, steps=2, lr=0.5)
    assert zoo.train("lenet5.digits", out=tmp_path, steps=2, lr=0.5, fresh=True).card.settings[
        "lr"
    ] == pytest.approx(0.5)


def test_a_run_that_stops_early_says_so(tmp_path):
    run = zoo.train(
        "lenet5.digits", out=tmp_path, steps=50, evaluate_every=1, patience=1, lr=0.0, log_every=1
    )
    assert len(run.notes) == 1
    assert run.notes[0].startswith("stopped after step 2 of 50: no better on dev for 1 evaluations")


def test_every_seed_and_whether_the_claim_is_met(tmp_path):
    run = reproduce("lenet5.digits", seeds=2, out=tmp_path, steps=2)
    assert run.card.seeds == [0, 1]
    assert len(run.card.measured) == 2
    assert run.card.met is False
    assert {p.name for p in tmp_path.glob("seed-*")} == {"seed-0", "seed-1"}


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: zoo.train("lenet5"), BadInput, "lenet5 needs data"),
        (lambda: zoo.train(None), BadInput, "takes the name of .*, got NoneType"),
        (lambda: zoo.train(["lenet5"], "x"), BadInput, "takes the name of .*, got list"),
        (lambda: zoo.train("lenet6"), UnknownName, "lenet5"),
        (lambda: zoo.train("lenet5.digit"), UnknownName, "lenet5.digits"),
        (lambda: zoo.train("lenet5.digits", stpes=2), UnknownName, "steps"),
        (lambda: zoo.train("lenet5.digits", steps=1.5), BadInput, "steps must be a whole number"),
        (lambda: zoo.finetune("lenet5.none", "x"), UnknownName, "lenet5"),
        (lambda: reproduce("lenet5.digits", seeds=0), BadInput, "seeds must be at least 1"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_writes_nothing(
    call, error, text, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=text):
        call()
    assert list(tmp_path.iterdir()) == []
