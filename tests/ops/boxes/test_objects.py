"""What lies in an image: from lists, picked, moved; none is as good as many."""

import pytest
import torch

from zoo.ops.boxes.objects import Detections, joined_detections, no_detections, objects

THREE = objects([[1, 2, 3, 4], [5, 6, 7, 8], [0, 0, 9, 9]], [4, 0, 2], [False, True, False])


def test_lists_become_tensors():
    assert THREE.size == 3
    assert [field.dtype for field in THREE] == [torch.float32, torch.int64, torch.bool, torch.bool]
    assert THREE.boxes.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8], [0, 0, 9, 9]]
    assert THREE.difficult.tolist() == [False, True, False]
    assert THREE.crowd.tolist() == [False] * 3


def test_tensors_are_taken_as_they_are():
    again = objects(THREE.boxes, THREE.labels, THREE.difficult, THREE.crowd)
    assert all(map(torch.equal, again, THREE))
    double = objects(THREE.boxes.double(), THREE.labels.int(), crowd=[True] * 3)
    assert (double.boxes.dtype, double.labels.dtype) == (torch.float32, torch.int64)
    assert double.crowd.all()


def test_an_image_without_objects():
    nothing = objects([], [])
    assert nothing.size == 0
    assert [tuple(field.shape) for field in nothing] == [(0, 4), (0,), (0,), (0,)]
    assert nothing.pick(torch.zeros(0, dtype=torch.bool)).size == 0


@pytest.mark.parametrize(
    "fields",
    [
        ([[1, 2, 3, 4]], []),
        ([], [1]),
        ([[1, 2, 3, 4]], [1], [True, False]),
        ([[1, 2, 3, 4]], [1], None, []),
    ],
)
def test_fields_of_other_lengths_are_refused(fields):
    with pytest.raises(ValueError, match="must be as many"):
        objects(*fields)


@pytest.mark.parametrize("boxes", [[[1, 2, 3]], [[1, 2, 3]] * 4, [[1, 2, 3, 4, 5]]])
def test_boxes_of_other_lengths_are_refused(boxes):
    with pytest.raises(ValueError, match=r"boxes must be \(n, 4\)"):
        objects(boxes, [0] * (len(boxes) * len(boxes[0]) // 4))


def test_an_index_or_a_mask_picks():
    by_mask = THREE.pick(THREE.labels > 1)
    by_index = THREE.pick(torch.tensor([2, 0]))
    assert by_mask.labels.tolist() == [4, 2]
    assert by_index.labels.tolist() == [2, 4]
    assert by_index.boxes.tolist() == [[0, 0, 9, 9], [1, 2, 3, 4]]
    assert THREE.pick(THREE.difficult).boxes.tolist() == [[5, 6, 7, 8]]
    found = Detections(THREE.boxes, THREE.labels, torch.tensor([0.9, 0.5, 0.1]))
    assert found.pick(found.scores > 0.3).labels.tolist() == [4, 0]
    assert found.size == 3


def test_moved_to_a_device():
    meta = torch.device("meta")
    assert [field.device for field in THREE.moved(meta)] == [meta] * 4
    nothing = no_detections(meta)
    assert nothing.size == 0
    assert [field.device for field in nothing[:3]] == [meta] * 3
    assert [tuple(field.shape) for field in nothing[:3]] == [(0, 4), (0,), (0,)]
    assert nothing.points is None
    assert no_detections().labels.dtype == torch.int64


def test_points_go_with_their_boxes():
    five = torch.arange(30.0).view(3, 5, 2)
    found = Detections(THREE.boxes, THREE.labels, torch.tensor([0.9, 0.5, 0.1]), five)
    assert torch.equal(found.pick(torch.tensor([2, 0])).points, five[[2, 0]])
    assert found.moved("meta").points.device.type == "meta"
    assert found._replace(points=None).moved("cpu").pick(found.scores > 0.3).points is None
    both = joined_detections([found, found.pick(torch.tensor([1]))])
    assert (both.size, both.points[3].tolist()) == (4, five[1].tolist())
    assert joined_detections([no_detections()]).points is None
