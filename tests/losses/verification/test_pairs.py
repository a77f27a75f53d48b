"""The loss of pairs beside a loop over them; which pairs are drawn."""

import pytest
import torch

from tests.losses.verification.loops import log_loss
from zoo.errors import BadInput
from zoo.losses.verification.pairs import all_pairs, drawn, drawn_pairs, one_of_many

LABELS = torch.tensor([0, 1, 0, 2, 1, 0])


def test_all_pairs_equal_a_loop_with_both_kinds_half_each():
    logits = torch.randn(6, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 3
    logits = logits + logits.T
    found = {True: [], False: []}
    for i in range(6):
        for j in range(i):
            same = bool(LABELS[i] == LABELS[j])
            found[same].append(log_loss(float(logits[i, j]), same))
    expected = sum(sum(values) / len(values) / 2 for values in found.values())
    assert float(all_pairs(logits, LABELS)) == pytest.approx(expected)


def test_one_of_many_is_the_cross_entropy_of_the_right_image_against_the_others():
    logits = torch.randn(6, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64) * 3
    logits, costs = logits + logits.T, []
    for a in range(6):
        others = [logits[a, n] for n in range(6) if LABELS[n] != LABELS[a]]
        for p in range(6):
            if p != a and LABELS[p] == LABELS[a]:
                choices = torch.stack([logits[a, p], *others])
                costs.append(-float(choices.log_softmax(0)[0]))
    assert len(costs) == 3 * 2 + 2
    expected = sum(costs) / len(costs)
    assert float(one_of_many(logits, LABELS, calibrate=0.0)) == pytest.approx(expected)
    both = expected + 0.2 * float(all_pairs(logits, LABELS))
    assert float(one_of_many(logits, LABELS)) == pytest.approx(both)


def test_logits_of_any_size_cost_a_finite_number():
    logits = torch.full((6, 6), 1e6, requires_grad=True)
    value = all_pairs(logits, LABELS)
    value.backward()
    assert value.item() == pytest.approx(5e5)
    assert logits.grad.isfinite().all()


@pytest.mark.parametrize(("people", "images"), [(5, 2), (3, 4), (2, 2)])
def test_as_many_pairs_of_the_same_are_drawn_as_of_two(people, images):
    order = torch.randperm(people, generator=torch.Generator().manual_seed(people))
    labels = order.repeat_interleave(images)
    one, other, is_same = drawn(labels)
    assert len(one) == len(labels)
    assert is_same.sum() == len(labels) // 2
    assert torch.equal(labels[one] == labels[other], is_same)
    assert not (one == other).any()
    for kind in (is_same, ~is_same):  # each image is in one pair of each kind
        assert sorted(torch.cat([one[kind], other[kind]]).tolist()) == list(range(len(labels)))


@pytest.mark.parametrize("labels", [[0, 0, 0, 1, 1, 1], [0, 0, 0, 0], [0, 1]])
def test_an_odd_number_of_images_is_refused(labels):
    with pytest.raises(BadInput, match="2, 4, ... images each, got images="):
        drawn(torch.tensor(labels))


def test_drawn_pairs_cost_the_notes_formula():
    logits, is_same = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([True, False, False])
    expected = sum(map(log_loss, logits.tolist(), is_same.tolist())) / 3
    assert float(drawn_pairs(logits, is_same)) == pytest.approx(expected)
