"""Every task has a row; both sides answer alike, and it is said where they do not."""

from dataclasses import replace

import pytest

from zoo.bench.common.case import BATCH, all_cases, batches, sentences, sounds
from zoo.bench.predict import HEAD, _row, run
from zoo.errors import BadInput
from zoo.loading import tasks


def test_every_task_has_a_row():
    rows = list(run(1, inputs=3))
    assert {row.what.partition(",")[0] for row in rows} == set(tasks())
    for row in rows:
        assert len(row.cells()) == len(HEAD)
        assert min(row.ours, row.plain, row.share, row.share_cpu) > 0
        assert row.inputs == (1 if "one prompt" in row.what else 3)


def test_a_task_can_be_chosen_and_differences_are_told():
    [case] = all_cases(["tagging"])
    other = replace(case, plain=lambda raws: [["x"]] * len(raws), raws=case.raws[:2])
    with pytest.raises(BadInput, match=r"^tagging: input 0 gives \[.*\], plain \['x'\]$"):
        _row(other, 1, None)
    assert list(all_cases(["no_such_task"])) == []


def test_inputs_are_always_the_same_and_of_many_lengths():
    assert sounds(8000, 3) == sounds(8000, 3)
    assert len({len(one) for one in sounds(8000, 6)}) > 3
    texts = sentences(["a", "b"], 50, 2, 9)
    assert texts == sentences(["a", "b"], 50, 2, 9)
    assert {len(text.split()) for text in texts} == set(range(2, 10))
    assert [len(part) for part in batches(range(BATCH + 5))] == [BATCH, 5]
