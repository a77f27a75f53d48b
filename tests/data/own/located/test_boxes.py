"""One box at most in each image, in each of a detector's forms; a second is named by its line."""

import pytest

from tests.cli.test_finetune import zoo_says
from tests.data.own.boxes.sets import WRITERS, write_yolo
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.located_images import NOTHING
from zoo.data.own.localization import list_data, own_data, to_measure
from zoo.errors import BadInput

FRONT_END = BoxFrontEnd((32, 32), "letterbox")
ONE = {"a": [("cat", 8, 4, 32, 24)], "b": [], "c": [("dog", 1, 2, 31, 46)]}
MANY = {
    f"p{n}": [(("cat", "dog")[n % 2], n, n, 40 + n, 30 + n)] if n % 3 else [] for n in range(12)
}
LINE_OF_SECOND = {"VOC": "a.xml:4", "YOLO": "a.txt:2", "COCO": "annotation 1"}


@pytest.mark.parametrize("form", WRITERS)
def test_boxes_become_points_of_the_input(tmp_path, form):
    """64 x 48 pixels in 32 x 32: half as large, 4 rows of grey above."""
    WRITERS[form](tmp_path, ONE)
    _, parts, _ = to_measure(tmp_path, FRONT_END, ("dog", "cat"), list, boxes=True)
    part = parts[""]
    assert part.labels.tolist() == [1, NOTHING, 0]
    assert part.points[0].flatten().tolist() == pytest.approx([4, 6, 16, 16], abs=1e-4)
    assert not part.points[1].any()
    assert list_data(tmp_path, boxes=True).classes == ("cat", "dog")


@pytest.mark.parametrize("form", WRITERS)
def test_a_second_box_is_refused_with_file_and_line(tmp_path, form):
    WRITERS[form](tmp_path, {**ONE, "a": [*ONE["a"], ("dog", 0, 0, 20, 20)]})
    with pytest.raises(BadInput, match="has 2 boxes, and a localizer finds one at most") as refused:
        list_data(tmp_path, boxes=True)
    line = next(text for name, text in LINE_OF_SECOND.items() if name in form.upper())
    assert line in str(refused.value)
    listed = list_data(tmp_path, boxes=True, skip_bad=True)
    assert [one.label for one in listed.parts["train"]] == [None, "dog"]
    assert any("left out what cannot be used, 1 fault" in line for line in listed.notices)


def test_faults_of_a_detectors_data_are_refused_too(tmp_path):
    write_yolo(tmp_path, {**ONE, "a": [("cat", 8, 4, 8, 24)]})
    with pytest.raises(BadInput, match=r"a\.txt:1"):
        list_data(tmp_path, boxes=True)


def test_without_a_box_there_is_nothing_to_learn(tmp_path):
    write_yolo(tmp_path, {"a": [], "b": []})
    with pytest.raises(BadInput, match="no box to train with"):
        own_data(tmp_path, FRONT_END, boxes=True)
    _, parts, _ = to_measure(tmp_path, FRONT_END, ("cat",), list, boxes=True)
    assert not parts[""].present.any()


def test_a_folder_is_trained_on_and_evaluated(tmp_path):
    write_yolo(tmp_path / "pets", MANY)
    quick = ["steps=2", "image_size=32", "hidden_size=8", "--out", tmp_path / "run"]
    code, _, err = zoo_says("train", "localizer", "--data", tmp_path / "pets", *quick)
    assert code == 0, err
    assert "pets: YOLO" in err
    code, out, err = zoo_says("evaluate", tmp_path / "run", "--data", tmp_path / "pets")
    assert code == 0, err
    assert "iou" in out
