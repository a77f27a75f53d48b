"""Deltas by hand, round trips, and what must not overflow."""

import math

import pytest
import torch
from torchvision.models.detection._utils import BoxCoder

from zoo.ops.boxes.deltas import decode, encode

WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def boxes(count: int, seed: int) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=draw, dtype=torch.float64) * 300
    sides = torch.rand(count, 2, generator=draw, dtype=torch.float64) * 200 + 8
    return torch.cat([corner, corner + sides], 1)


def test_by_hand() -> None:
    reference = torch.tensor([10.0, 20, 30, 60])  # centre (20, 40), 20 x 40
    box = torch.tensor([20.0, 20, 60, 40])  # centre (40, 30), 40 x 20
    wanted = [1.0, -0.25, math.log(2), -math.log(2)]
    assert encode(box, reference).tolist() == pytest.approx(wanted)
    assert encode(box, reference, WEIGHTS).tolist() == pytest.approx(
        [10, -2.5, 5 * math.log(2), -5 * math.log(2)]
    )


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0, 1.0), WEIGHTS])
def test_round_trip_and_torchvision(weights: tuple[float, float, float, float]) -> None:
    truth, reference = boxes(200, 0), boxes(200, 1)
    deltas = encode(truth, reference, weights)
    torch.testing.assert_close(decode(deltas, reference, weights), truth, rtol=0, atol=1e-9)
    coder = BoxCoder(weights)
    torch.testing.assert_close(deltas, coder.encode_single(truth, reference), rtol=0, atol=1e-12)
    drawn = torch.randn(200, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64) * 4
    theirs = coder.decode_single(drawn, reference)
    torch.testing.assert_close(decode(drawn, reference, weights), theirs, rtol=1e-12, atol=1e-9)


def test_several_deltas_of_one_reference() -> None:
    deltas, reference = torch.randn(5, 3, 4), boxes(5, 0).float()
    together = decode(deltas, reference[:, None], WEIGHTS)
    alone = torch.stack([decode(deltas[:, k], reference, WEIGHTS) for k in range(3)], 1)
    assert torch.equal(together, alone)


def test_huge_deltas_do_not_overflow() -> None:
    box = decode(torch.tensor([0.0, 0.0, 1e4, 1e4]), torch.tensor([0.0, 0, 16, 16]))
    assert (box[2:] - box[:2]).tolist() == pytest.approx([1000, 1000])
