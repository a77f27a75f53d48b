"""Precision, recall, F1: against seqeval on random sequences, and small cases."""

import random

import pytest

from zoo.errors import BadInput
from zoo.metrics.spans import Counts, count_spans, count_surfaces, table, total


def sentences(count, seed):
    draw = random.Random(seed)
    tags = ["O", "O", "B-per", "I-per", "B-loc", "I-loc"]
    gold = [draw.choices(tags, k=draw.randint(1, 8)) for _ in range(count)]
    said = [[t if draw.random() < 0.7 else draw.choice(tags) for t in s] for s in gold]
    return gold, said


@pytest.mark.filterwarnings("ignore")
def test_scores_are_seqevals():
    theirs = pytest.importorskip("seqeval.metrics")
    for seed in range(5):
        gold, said = sentences(40, seed)
        counts = count_spans(gold, said)
        whole = total(counts)
        for ours, name in (
            (whole.f1, "f1"),
            (whole.precision, "precision"),
            (whole.recall, "recall"),
        ):
            assert ours == pytest.approx(100 * getattr(theirs, f"{name}_score")(gold, said))
        report = theirs.classification_report(gold, said, output_dict=True)
        for kind in ("per", "loc"):
            assert counts[kind].f1 == pytest.approx(100 * report[kind]["f1-score"])
            assert counts[kind].gold == report[kind]["support"]


def test_a_span_is_right_only_if_it_is_exact():
    gold = [["B-per", "I-per", "O", "B-loc"]]
    said = [["B-per", "O", "O", "B-loc"]]
    assert count_spans(gold, said) == {"loc": Counts(1, 1, 1), "per": Counts(1, 1, 0)}
    assert total(count_spans(gold, said)).f1 == 50


def test_nothing_there_and_nothing_said():
    assert total(count_spans([["O"]], [["O"]])) == Counts()
    nothing = Counts()
    assert (nothing.precision, nothing.recall, nothing.f1) == (0, 0, 0)
    assert total(count_spans([["B-a"]], [["O"]])).recall == 0


def test_a_surface_counts_once():
    words = [["Paris", "and", "Paris"], ["Rome"], ["Paris"]]
    gold = [["B-loc", "O", "B-loc"], ["B-loc"], ["B-per"]]
    said = [["B-loc", "O", "O"], ["O"], ["B-loc"]]
    assert count_surfaces(words, gold, said) == Counts(gold=3, predicted=1, correct=1)


def test_sentences_of_other_lengths_are_refused():
    with pytest.raises(BadInput, match="2 tags and 1 predicted"):
        count_spans([["O", "O"]], [["O"]])


def test_the_table_has_a_line_for_each_type_and_one_for_all():
    lines = table({"a-long-type-name": Counts(2, 1, 1), "b": Counts(2, 3, 0)}).split("\n")
    assert [line.split()[0] for line in lines] == ["precision", "a-long-type-name", "b", "all"]
    assert lines[-1].split()[1:] == ["25.00", "25.00", "25.00", "4", "4"]
