"""Inputs two by two."""

from pathlib import Path

from zoo.errors import BadFile
from zoo.predictors.verifying.pairs import each_pair


def test_each_input_is_looked_at_once_and_errors_stay_with_their_pairs():
    seen = []

    def look(raws):
        seen.extend(raws)
        return [BadFile("bad") if raw == "bad" else str(raw) for raw in raws]

    pairs = [("a", "b"), (Path("b"), "bad"), ("a", "a"), ("bad", "bad")]
    found = each_pair(pairs, look, lambda known: ["".join(sides) for sides in known])
    assert seen == ["a", "b", "bad"]
    assert [found[0], found[2]] == ["ab", "aa"]
    assert all(isinstance(found[i], BadFile) for i in (1, 3))
    assert each_pair([], look, lambda known: []) == []
