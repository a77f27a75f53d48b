"""The notes' loss of a localizer: an example by hand, and gradients written out."""

import math

import torch

from zoo.losses.localizer import localizer_loss


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


# The notes' picture with a car: y = (1, 0.5, 0.7, 0.3, 0.4, 0, 1, 0), and one without anything.
OUTPUTS = [[1.2, 0.1, 0.9, -0.8, -0.3, 0.5, 2.0, -1.0], [-0.4, 0.3, -0.2, 1.0, 0.6, 0.1, 0.2, 0.3]]
BOX = [0.5, 0.7, 0.3, 0.4]


def given(outputs=OUTPUTS, labels=(1, -1)):
    y = torch.tensor(outputs, dtype=torch.float64, requires_grad=True)
    where = torch.tensor([BOX, [0.0] * 4], dtype=torch.float64)
    kinds = torch.tensor(labels)
    return y, kinds >= 0, where, kinds


def test_the_notes_example_by_hand():
    y, present, where, labels = given()
    with_car = -math.log(sigmoid(1.2))
    with_car += sum((sigmoid(a) - b) ** 2 for a, b in zip(OUTPUTS[0][1:5], BOX, strict=True))
    with_car -= 2.0 - math.log(math.exp(0.5) + math.exp(2.0) + math.exp(-1.0))
    without = -math.log(1 - sigmoid(-0.4))
    loss = localizer_loss(y, present, where, labels)
    assert abs(loss.item() - (with_car + without) / 2) < 1e-12
    more = localizer_loss(y, present, where, labels, weight=3.0)
    squares = sum((sigmoid(a) - b) ** 2 for a, b in zip(OUTPUTS[0][1:5], BOX, strict=True))
    assert abs((more - loss).item() - 2 * squares / 2) < 1e-12


def test_gradients_written_out_by_hand():
    y, present, where, labels = given()
    localizer_loss(y, present, where, labels, weight=5.0).backward()
    p, box = sigmoid(1.2), [sigmoid(a) for a in OUTPUTS[0][1:5]]
    total = sum(map(math.exp, OUTPUTS[0][5:]))
    expected = [p - 1]
    expected += [5 * 2 * (s - b) * s * (1 - s) for s, b in zip(box, BOX, strict=True)]
    expected += [math.exp(a) / total - (i == 1) for i, a in enumerate(OUTPUTS[0][5:])]
    rows = [expected, [sigmoid(-0.4), *[0.0] * 7]]  # p = 0: the other components count nothing
    assert torch.allclose(y.grad, torch.tensor(rows, dtype=torch.float64) / 2, atol=1e-12)


def test_gradients_against_differences():
    y, present, where, labels = given()
    assert torch.autograd.gradcheck(lambda y: localizer_loss(y, present, where, labels, 2.0), y)


def test_landmarks_have_no_classes():
    y = torch.tensor([[0.7, 0.2, -0.4, 1.0, 0.0], [0.1, 0.0, 0.0, 0.0, 0.0]], requires_grad=True)
    where = torch.tensor([[0.2, 0.3, 0.8, 0.5], [0.0] * 4])
    loss = localizer_loss(y, torch.tensor([True, False]), where, torch.tensor([0, -1]))
    squares = sum(
        (sigmoid(a) - b) ** 2 for a, b in zip(y[0, 1:].tolist(), where[0].tolist(), strict=True)
    )
    by_hand = (-math.log(sigmoid(0.7)) + squares - math.log(1 - sigmoid(0.1))) / 2
    assert abs(loss.item() - by_hand) < 1e-6


def test_what_stands_where_nothing_is_does_not_matter():
    y, present, where, labels = given()
    other = where.clone()
    other[1] = 0.9
    loss = localizer_loss(y, present, where, labels)
    assert torch.equal(loss, localizer_loss(y, present, other, torch.tensor([1, 2])))


def test_no_object_at_all_gives_a_finite_loss_and_finite_gradients():
    y, _, where, _ = given()
    loss = localizer_loss(y, torch.zeros(2, dtype=torch.bool), where, torch.tensor([-1, -1]))
    loss.backward()
    assert loss.isfinite()
    assert y.grad.isfinite().all()
    assert not y.grad[:, 1:].any()
