"""Each decay against the notes' formula written out, and against torch where torch has it."""

import math

import pytest
import torch

from zoo.engine import schedule as s
from zoo.errors import BadInput, UnknownName


def test_inverse_time_gives_the_table_of_the_notes():
    rate = s.inverse_time(decay=1, every=10)
    assert [0.2 * rate(10 * epoch, 99) for epoch in range(5)] == pytest.approx(
        [0.2, 0.1, 0.2 / 3, 0.05, 0.04]
    )
    assert rate(9, 99) == 1  # constant within an epoch


def test_exponential_is_a_power_of_the_epoch():
    rate = s.exponential(0.95, every=4)
    assert [rate(step, 99) for step in (0, 3, 4, 40)] == pytest.approx([1, 1, 0.95, 0.95**10])


def test_inverse_sqrt():
    rate = s.inverse_sqrt(k=2)
    assert [rate(step, 99) for step in (0, 3, 99)] == pytest.approx([2, 1, 0.2])


def test_staircase_halves():
    rate = s.staircase(0.5, every=100)
    assert [rate(step, 999) for step in (0, 99, 100, 250)] == [1, 1, 0.5, 0.25]


def test_manual_holds_each_factor_from_its_step_on():
    rate = s.manual((48, 0.01), (32, 0.1))
    assert [rate(step, 64) for step in (0, 31, 32, 47, 48, 63)] == [1, 1, 0.1, 0.1, 0.01, 0.01]


def test_warm_up_rises_to_one_then_gives_the_rest_to_the_next():
    rate = s.warm_up(over=4, then=s.linear())
    assert [rate(step, 8) for step in range(8)] == [0.25, 0.5, 0.75, 1, 1, 0.75, 0.5, 0.25]


def torch_rates(make, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)
    scheduler = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize(
    ("ours", "peer"),
    [
        (s.cosine(), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 50)),
        (s.cosine(0.1), lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 50, 0.1)),
        (s.staircase(0.3, 7), lambda o: torch.optim.lr_scheduler.StepLR(o, 7, 0.3)),
        (s.exponential(0.9), lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9)),
        (
            s.manual((10, 0.1), (30, 0.01)),
            lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [10, 30], 0.1),
        ),
    ],
)
def test_equals_torch(ours, peer):
    assert [ours(step, 50) for step in range(50)] == pytest.approx(torch_rates(peer, 50), abs=1e-12)


def test_one_cycle_has_the_shape_of_torchs():
    # torch reaches its top at step 0.3 * 50 - 1 and its end at step 49; ours one step later
    peer = torch_rates(
        lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, 1.0, total_steps=50, pct_start=0.3, div_factor=25, final_div_factor=4e3
        ),
        50,
    )
    ours = [s.one_cycle(0.3)(step, 50) for step in range(51)]
    assert max(ours) == ours[15] == 1
    assert peer.index(max(peer)) == 14
    assert ours[0] == pytest.approx(peer[0])
    assert ours[50] == pytest.approx(peer[49], abs=1e-6)
    assert max(abs(a - b) for a, b in zip(ours, peer, strict=False)) < 0.12


@pytest.mark.parametrize("name", s.NAMED)
def test_every_named_schedule_gives_positive_finite_factors(name):
    rate = s.named(name)
    assert all(0 < rate(step, 200) <= 1 and math.isfinite(rate(step, 200)) for step in range(200))


def test_named_reads_its_arguments():
    assert s.named("inverse_time:decay=3,every=2")(2, 9) == 0.25
    assert s.named("manual:3=0.5,6=0.1")(4, 9) == 0.5


@pytest.mark.parametrize("text", ["cosine:flor=1", "staircase:every=soon", "manual:x=1"])
def test_a_wrong_argument_is_said(text):
    with pytest.raises(BadInput, match="takes"):
        s.named(text)


def test_an_unknown_schedule_shows_the_near_names():
    with pytest.raises(UnknownName, match="cosine"):
        s.named("cosinus")
