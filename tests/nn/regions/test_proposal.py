"""The proposal network: where anchors stand, which proposals are kept."""

import torch

from zoo.nn.regions.proposal import Proposed, RegionProposal


def network(**options: object) -> RegionProposal:
    return RegionProposal(4, 4, [(8.0, 16.0)], (1.0,), **options).eval()  # type: ignore[arg-type]


def test_anchors_stand_on_cells() -> None:
    said = network()([torch.zeros(2, 4, 3, 5)], (24, 40))
    assert said.anchors.shape == (30, 4)
    assert said.anchors[0].tolist() == [0, 0, 8, 8]
    assert said.anchors[3].tolist() == [4, -4, 20, 12]
    assert said.levels.tolist() == [0, 1] * 15
    on_corners = network(centred=False)([torch.zeros(2, 4, 3, 5)], (24, 40))
    assert on_corners.anchors[0].tolist() == [-4, -4, 4, 4]


def test_outputs_belong_to_their_anchors() -> None:
    rpn = network()
    features = rpn.head.conv(x := torch.randn(1, 4, 3, 5))
    said = rpn([x], (24, 40))
    assert said.objectness[0, 2 * (1 * 5 + 3) + 1] == rpn.head.cls_logits(features)[0, 1, 1, 3]
    expected = rpn.head.bbox_pred(features)[0, 4:8, 1, 3]
    assert torch.equal(said.deltas[0, 2 * (1 * 5 + 3) + 1], expected)


def proposed(boxes: list[list[float]], logits: list[float], levels: list[int]) -> Proposed:
    return Proposed(
        torch.tensor(boxes),
        torch.tensor([logits]),
        torch.zeros(1, len(boxes), 4),
        torch.tensor(levels),
    )


def test_the_choice_by_hand() -> None:
    boxes = [[0.0, 0, 10, 10], [0, 0, 10, 9], [0, 0, 10, 9], [90, 90, 99, 99], [5, 5, 95, 20]]
    given = proposed(boxes, [1.0, 2.0, 3.0, 9.0, 0.0], [0, 0, 1, 0, 0])
    [kept] = network().propose(given, (30, 40))
    # the first gives way to the second, of its size, not to the third; the fourth is outside
    assert kept.tolist() == [[0, 0, 10, 9], [0, 0, 10, 9], [5, 5, 40, 20]]
    [two] = network(keep=(5, 2)).propose(given, (30, 40))
    assert torch.equal(two, kept[:2])
    [best] = network(before=(9, 1)).propose(given._replace(levels=given.levels * 0), (99, 99))
    assert best.tolist() == [[90, 90, 99, 99]]


def test_each_size_has_its_own_candidates() -> None:
    boxes = [[0.0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], [0, 20, 4, 24]]
    given = proposed(boxes, [5.0, 4, 3, -9], [0, 0, 0, 1])
    [kept] = network(before=(9, 2)).propose(given, (60, 60))
    assert kept.tolist() == [boxes[0], boxes[1], boxes[3]]


def test_not_a_number_is_left_out() -> None:
    given = proposed([[0.0, 0, 10, 10], [20, 0, 30, 10]], [float("nan"), 1.0], [0, 0])
    [kept] = network().propose(given, (60, 60))
    assert kept.tolist() == [[20, 0, 30, 10]]
