"""From logits and deltas to detections, by hand and as torchvision has them."""

import torch
from torchvision.models.detection.roi_heads import RoIHeads

from zoo.nn.regions.heads import RegionHeads, RegionOutputs, TwoLayers, found_in_each

LIMITS = {"threshold": 0.05, "overlap": 0.5, "limit": 100}


def test_by_hand() -> None:
    proposals = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 9], [30, 30, 60, 90]])
    odds = torch.tensor([[0.1, 0.9, 0.0], [0.2, 0.8, 0.0], [0.3, 0.1, 0.6]])
    deltas = torch.zeros(3, 3, 4)
    deltas[2, 2, 0] = 10.0  # by 10 / 10 widths to the right
    said = RegionOutputs((odds + 1e-9).log(), deltas, None)
    [found] = found_in_each(said, [proposals], (50, 80), **LIMITS)
    assert found.labels.tolist() == [0, 1, 0]  # the second box is suppressed by the first
    torch.testing.assert_close(found.scores, torch.tensor([0.9, 0.6, 0.1]))
    expected = [[0.0, 0, 10, 10], [60, 30, 80, 50], [30, 30, 60, 50]]  # clipped to the image
    torch.testing.assert_close(found.boxes, torch.tensor(expected))
    [first] = found_in_each(said, [proposals], (50, 80), **{**LIMITS, "limit": 1})
    assert first.size == 1


def test_nothing_proposed_and_not_a_number() -> None:
    nothing = RegionOutputs(torch.zeros(0, 3), torch.zeros(0, 3, 4), None)
    [found] = found_in_each(nothing, [torch.zeros(0, 4)], (50, 80), **LIMITS)
    assert found.boxes.shape == (0, 4)
    broken = RegionOutputs(torch.full((2, 3), torch.nan), torch.zeros(2, 3, 4), None)
    [found] = found_in_each(broken, [torch.tensor([[0.0, 0, 9, 9]] * 2)], (50, 80), **LIMITS)
    assert found.size == 0


def test_as_torchvision() -> None:
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(60, 5, generator=draw) * 2
    deltas = torch.randn(60, 5, 4, generator=draw)
    corner = torch.rand(60, 2, generator=draw) * 60
    proposals = torch.cat([corner, corner + 5 + torch.rand(60, 2, generator=draw) * 50], 1)
    split = [proposals[:25], proposals[25:]]
    peer = RoIHeads(None, None, None, 0.5, 0.5, 512, 0.25, None, 0.05, 0.5, 20)  # type: ignore
    theirs = peer.postprocess_detections(logits, deltas.flatten(1), split, [(70, 90)] * 2)
    ours = found_in_each(
        RegionOutputs(logits, deltas, None), split, (70, 90), threshold=0.05, overlap=0.5, limit=20
    )
    for one, boxes, scores, labels in zip(ours, *theirs, strict=True):
        torch.testing.assert_close(one.boxes, boxes, rtol=0, atol=1e-4)
        torch.testing.assert_close(one.scores, scores, rtol=0, atol=1e-6)
        assert torch.equal(one.labels + 1, labels)


def test_new_classes() -> None:
    heads = RegionHeads(TwoLayers(2 * 49, 8), 8, 3).double()
    heads.reset_classifier(5)
    logits, deltas = heads(torch.rand(4, 2, 7, 7, dtype=torch.float64))
    assert (logits.shape, deltas.shape) == ((4, 6), (4, 6, 4))
    assert heads.num_classes == 5
