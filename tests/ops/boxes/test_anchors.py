"""Anchors: clusters that are there are found; medians; odd sizes; the letterbox."""

import math

import pytest
import torch

from zoo.errors import BadInput
from zoo.ops.boxes.anchors import anchors, letterboxed, mean_iou


def rng(seed=0):
    return torch.Generator().manual_seed(seed)


def clusters():
    """Three kinds of sizes, one with an outlier; their medians are whole numbers."""
    return torch.tensor(
        [[9, 10], [10, 10], [11, 10], [10, 30], [10, 31], [10, 29], [60, 50], [61, 50], [90, 50]]
    ).float()


def test_clusters_are_found_and_their_centres_are_medians():
    found = anchors(clusters(), 3, rng())
    assert found.sizes.tolist() == [[10, 10], [10, 30], [61, 50]]  # smallest area first
    ious = [0.9, 1, 10 / 11, 1, 30 / 31, 29 / 30, 60 / 61, 1, 61 / 90]
    assert found.mean_iou == pytest.approx(sum(ious) / 9)
    assert mean_iou(clusters(), found.sizes) == pytest.approx(found.mean_iou)


def test_means_are_an_option_and_fit_worse():
    with_means = anchors(clusters(), 3, rng(), centre="mean")
    assert with_means.sizes[2, 0] == pytest.approx((60 + 61 + 90) / 3)
    assert with_means.mean_iou < anchors(clusters(), 3, rng()).mean_iou


def test_the_same_seed_gives_the_same_and_more_starts_are_no_worse():
    sizes = 1 + 99 * torch.rand(300, 2, generator=rng(1))
    one, again = anchors(sizes, 5, rng(7)), anchors(sizes, 5, rng(7))
    assert torch.equal(one.sizes, again.sizes)
    few = [anchors(sizes, 5, rng(seed), starts=1).mean_iou for seed in range(5)]
    assert all(anchors(sizes, 5, rng(s), starts=6).mean_iou >= f for s, f in enumerate(few))


def test_the_order_of_boxes_does_not_matter_and_copies_weigh():
    sizes = 1 + 99 * torch.rand(100, 2, generator=rng(1))
    turned = sizes[torch.randperm(100, generator=rng(2))]
    assert torch.equal(anchors(turned, 4, rng()).sizes, anchors(sizes, 4, rng()).sizes)
    many = torch.cat([torch.tensor([[20.0, 20.0]]).repeat(99, 1), torch.tensor([[40.0, 40.0]])])
    assert anchors(many, 1, rng()).sizes.tolist() == [[20, 20]]


def test_clusters_that_fall_empty_begin_anew():
    """Among so many copies of few sizes some clusters have no member at first."""
    sizes = torch.tensor([[10, 10], [10, 11], [50, 50], [50, 51], [90, 20]]).repeat(20, 1).float()
    for seed in range(10):
        found = anchors(sizes, 5, rng(seed), starts=1)
        assert found.sizes.isfinite().all()
        assert found.mean_iou == 1
    for centre in ("median", "mean"):
        assert len(anchors(sizes, 4, rng(), centre=centre).sizes.unique(dim=0)) == 4


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_sizes_that_are_none_are_refused(bad):
    with pytest.raises(BadInput, match="finite and above 0"):
        anchors(torch.tensor([[1.0, 2.0], [bad, 1.0]]), 1, rng())


def test_other_bad_arguments_are_named():
    for sizes, many in ((torch.ones(9, 2), 2), (torch.zeros(0, 2), 1)):
        with pytest.raises(BadInput, match=f"{many} anchors need at least {many} different sizes"):
            anchors(sizes, many, rng())
    with pytest.raises(BadInput, match="must be 1 or more, got 0, 10"):
        anchors(torch.ones(9, 2), 0, rng())
    with pytest.raises(BadInput, match="centre must be one of median, mean, got 'mode'"):
        anchors(torch.ones(9, 2), 1, rng(), centre="mode")


def test_sizes_after_the_letterbox():
    sizes = torch.tensor([[100, 50]])  # whole numbers too
    assert letterboxed(sizes, (480, 640), (416, 416)).tolist() == [[65, 32.5]]
    assert letterboxed(sizes, (1000, 500), (100, 200)).tolist() == [[10, 5]]
    thin = letterboxed(torch.tensor([[1000.0, 1.0]]), (1, 5000), (416, 416))
    assert thin.tolist() == [[pytest.approx(83.2), 1]]  # one line of pixels is left
