"""Which proposals are trained on, worked by hand."""

import torch

from zoo.nn.regions.sampling import joined, sample_regions
from zoo.ops.boxes.objects import objects

PROPOSALS = torch.tensor([[0.0, 0, 10, 8], [50, 50, 60, 60], [0, 0, 10, 4]])
TRUTH = objects([[0, 0, 10, 10]], [2])


def test_by_hand() -> None:
    regions = sample_regions(PROPOSALS, TRUTH, torch.Generator(), size=8, fraction=0.5)
    # 0.8 with the truth; the truth itself; 0 and 0.4 are background
    order = regions.boxes[:, 3].argsort().tolist()
    assert regions.boxes[order].tolist() == [
        [0, 0, 10, 4],
        [0, 0, 10, 8],
        [0, 0, 10, 10],
        [50, 50, 60, 60],
    ]
    assert regions.labels[order].tolist() == [0, 3, 3, 0]  # class 2 is the third; 0 is background
    assert regions.truth[order].tolist() == [
        [0, 0, 10, 4],
        [0, 0, 10, 10],
        [0, 0, 10, 10],
        [50, 50, 60, 60],
    ]


def test_a_quarter_are_objects() -> None:
    many = PROPOSALS[:1].repeat(20, 1)
    regions = sample_regions(torch.cat([many, PROPOSALS]), TRUTH, torch.Generator(), size=8)
    assert (regions.labels > 0).sum() == 2


def test_nothing_to_find_and_nothing_proposed() -> None:
    nothing = objects([], [])
    regions = sample_regions(PROPOSALS, nothing, torch.Generator(), size=8)
    assert regions.labels.tolist() == [0, 0, 0]
    empty = sample_regions(torch.zeros(0, 4), nothing, torch.Generator(), size=8)
    assert len(empty.boxes) == 0
    both = joined([regions, empty, sample_regions(PROPOSALS, TRUTH, torch.Generator(), size=8)])
    assert both.boxes.shape == both.truth.shape == (7, 4)
