"""zoo bench analogies and load_vectors: they show what they say, however quick the machine is."""

import json
import sys
from functools import partial

import pytest

from zoo.bench.common import gensim
from zoo.bench.vectors import analogies as bench_analogies
from zoo.bench.vectors import load_vectors as bench_load_vectors
from zoo.cli.main import main
from zoo.engine.timing import Times
from zoo.errors import BadFile, Missing
from zoo.metrics.analogy import Score

FEW = {"one": [("a", "b", "c", "d"), ("c", "d", "a", "b")], "two": [("e", "f", "g", "h")]}


@pytest.fixture
def few(monkeypatch):
    """Both benches on a hundred words."""
    pytest.importorskip("gensim.models")
    for module, extra in ((bench_analogies, {"sections": FEW}), (bench_load_vectors, {})):
        monkeypatch.setattr(module, "run", partial(module.run, words=100, **extra))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # gensim's files
@pytest.mark.parametrize(("what", "count"), [("analogies", 1), ("load_vectors", 3)])
def test_the_smallest_run(few, capsys, what, count):
    assert main(["bench", what, "--rounds", "1", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert len(rows) == count
    assert "100 x 100" in rows[0]["what"]
    for row in rows:
        assert row["ratio"] == pytest.approx(row["theirs"] / row["ours"])  # of a single round
        assert row["ours"] > 0


def test_a_table(few, capsys):
    assert main(["bench", "analogies", "--rounds", "1"]) == 0
    assert "3 analogies, 100 x 100" in capsys.readouterr().out


def test_the_ratio_is_the_median_over_the_rounds():
    ours, theirs = Times([1.0, 2, 4], [1.0, 1, 2]), Times([3.0, 2, 20], [8.0, 2, 6])
    row = gensim.row("x", ours, theirs)
    assert (row.ratio, row.ratio_cpu) == (3.0, 3.0)
    assert row.cells() == ("x", "2.00", "3.00", "3.00", "1.00", "6.00", "3.0")
    assert len(row.cells()) == len(gensim.COLUMNS)


def test_sides_that_differ_are_not_compared():
    theirs = [{"section": "s", "correct": [1], "incorrect": []}, {}]
    scores = [Score("s", 0, 1, 0), *[Score(kind, 0, 1, 0) for kind in "abc"]]
    with pytest.raises(BadFile, match=r"answer differently: ours \('s', 0, 1\), gensim \('s', 1"):
        bench_analogies._check_same_scores(scores, theirs)


def test_without_gensim(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(Missing, match="no gensim to compare with"):
        bench_load_vectors.run(1)
