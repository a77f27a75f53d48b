"""Labels, lengths and the extended sequence of CTC: what fits, what is refused."""

import pytest
import torch

from tests.helpers.brute_ctc import labellings
from zoo.errors import BadInput
from zoo.ops.ctc import (
    as_labels,
    as_lengths,
    check_labels,
    check_log_p,
    collapse,
    extended,
    frames_needed,
    may_skip,
)


def test_the_papers_own_examples_collapse():
    """B(a-ab-) = B(-aa--abb) = aab, sec. 3.1, with another blank than 0 too."""
    assert collapse([1, 0, 1, 2, 0]) == collapse([0, 1, 1, 0, 0, 1, 2, 2]) == [1, 1, 2]
    assert collapse([0, 2, 0, 1, 2], blank=2) == [0, 0, 1]
    assert collapse([]) == collapse([0, 0]) == []


def test_frames_needed_is_the_shortest_length_that_brute_force_finds():
    asked = [(), (1,), (1, 1), (1, 2), (2, 2, 2), (1, 2, 2), (1, 2, 1)]
    by_brute_force = []
    for labels in asked:
        fits = [t for t in range(6) if labels in labellings(torch.zeros(t, 3))]
        by_brute_force.append(fits[0])
    assert frames_needed(*as_labels(asked)).tolist() == by_brute_force == [0, 1, 3, 2, 5, 4, 3]


def test_padding_is_not_counted_as_a_repeat():
    padded = torch.tensor([[1, 2, 2, 2], [0, 0, 0, 0]])
    assert frames_needed(padded, torch.tensor([2, 0])).tolist() == [2, 0]


def test_the_extended_sequence_and_where_it_may_skip():
    full = extended(torch.tensor([[1, 1, 2]]), 0)
    assert full.tolist() == [[0, 1, 0, 1, 0, 2, 0]]
    assert may_skip(full, 0).tolist() == [[False] * 5 + [True, False]]
    assert may_skip(extended(torch.zeros(1, 0, dtype=torch.long), 0), 0).tolist() == [[False]]


def test_labels_as_lists_tensors_or_padded_are_the_same():
    for given in ([[3, 1], []], [torch.tensor([3, 1]), torch.tensor([], dtype=torch.long)]):
        labels, lengths = as_labels(given)
        assert (labels.tolist(), lengths.tolist()) == ([[3, 1], [0, 0]], [2, 0])
    labels, lengths = as_labels(torch.tensor([[3, 1], [9, 9]]), [2, 0])
    assert (labels.tolist(), lengths.tolist()) == ([[3, 1], [9, 9]], [2, 0])
    assert [x.tolist() for x in as_labels([])] == [[], []]


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        (torch.tensor([0.5, 1.0]), "integers"),
        ([1.0, 2.0], "integers"),
        ([True, False], "integers"),
        ([1, 4], r"from 0 to 3, got \[1, 4\]"),
        ([-1, 2], "from 0 to 3"),
        ([1], r"must be \(2,\), one an utterance, got \(1,\)"),
    ],
)
def test_lengths_that_do_not_fit_are_refused(lengths, message):
    with pytest.raises(BadInput, match=message):
        as_lengths(lengths, 2, 3)


def test_labels_that_are_not_integers_are_refused():
    with pytest.raises(BadInput, match="integers"):
        as_labels(torch.zeros(2, 3))
    with pytest.raises(BadInput, match=r"\(N, L\)"):
        as_labels(torch.zeros(3, dtype=torch.long))
    with pytest.raises(BadInput, match="label lengths are"):
        as_labels([[1, 2]], [1])


@pytest.mark.parametrize("wrong", [-1, 5, 7, 2])
def test_a_label_out_of_range_or_a_blank_is_named(wrong):
    labels = torch.tensor([[1, 1], [1, wrong]])
    with pytest.raises(BadInput, match=f"got {wrong} as label 1 of utterance 1"):
        check_labels(labels, torch.tensor([2, 2]), 5, 2)
    clean = check_labels(labels, torch.tensor([2, 1]), 5, 2)  # padding may be anything
    assert clean.tolist() == [[1, 1], [1, 0]]


def test_log_probabilities_of_another_shape_are_refused():
    with pytest.raises(BadInput, match=r"\(N, T, V\)"):
        check_log_p(torch.zeros(3, 4), 0)
    with pytest.raises(BadInput, match=r"\(N, T, V\)"):
        check_log_p(torch.zeros(3, 4, 5, dtype=torch.long), 0)
    with pytest.raises(BadInput, match="blank must be from 0 to 4, got 5"):
        check_log_p(torch.zeros(3, 4, 5), 5)
