"""The user's table of boxes or points: what is read, and what is refused with file and line."""

import pytest
import torch
from PIL import Image

from tests.helpers import located
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.located_images import NOTHING
from zoo.data.own.localization import list_data, own_data, to_measure
from zoo.errors import BadInput, Missing

FRONT_END = BoxFrontEnd((32, 32), "letterbox")
HEAD = "file,label,x1,y1,x2,y2"


def written(folder, *lines, head=HEAD, size=(40, 20)):
    for name in ("a.png", "b.png", "c.png"):
        Image.new("RGB", size, (len(name), 9, ord(name[0]))).save(folder / name)
    path = folder / "t.csv"
    path.write_text("\n".join([head, *lines]) + "\n")
    return path


def test_a_table_of_boxes_becomes_a_set(tmp_path):
    data = own_data(located.table(tmp_path), FRONT_END, boxes=True)
    made = located.shapes(24, seed=3)
    assert data.train.classes == ("disc", "square")
    assert sum(map(len, data.parts().values())) == 24
    assert "24 images (disc 8, square 8, nothing 8)" in data.notices[0]
    known = {row.numpy().tobytes(): i for i, row in enumerate(made.pixels)}
    for part in data.parts().values():
        for pixels, points, label in zip(part.pixels, part.points, part.labels, strict=True):
            i = known[pixels.numpy().tobytes()]
            assert torch.equal(points, made.points[i])
            assert label == made.labels[i]


def test_boxes_follow_the_image_into_the_letterbox(tmp_path):
    """40 x 20 pixels in 32 x 32: scale 0.8, 8 rows of grey above."""
    path = written(tmp_path, "a.png,cat,10,5,20,15,train", "b.png,,,,,,train", head=HEAD + ",split")
    _, parts, _ = to_measure(path, FRONT_END, ("dog", "cat"), list, boxes=True)
    part = parts["train"]
    assert part.points[0].flatten().tolist() == pytest.approx([8, 12, 16, 20])
    assert part.labels.tolist() == [1, NOTHING]
    assert not part.points[1].any()


def test_points_by_name_in_the_networks_order(tmp_path):
    head = "file,nose_x,nose_y,eye_x,eye_y"
    path = written(tmp_path, "a.png,1,2,3,4", "b.png,,,,", head=head)
    assert list_data(path, boxes=False).classes == ("nose", "eye")
    _, parts, _ = to_measure(path, FRONT_END, ("eye", "nose"), list, boxes=False)
    where = parts[""].points[0]
    assert torch.allclose(where, torch.tensor([[3, 4], [1, 2]]) * 0.8 + torch.tensor([0, 8]))
    assert parts[""].labels.tolist() == [0, NOTHING]
    with pytest.raises(BadInput, match="has the points nose, eye; expected ear, nose"):
        to_measure(path, FRONT_END, ("ear", "nose"), list, boxes=False)


def test_other_usual_headers(tmp_path):
    path = written(tmp_path, "a.png;cat;1;2;9;8", head="filename;class;xmin;ymin;xmax;ymax")
    (one,) = list_data(path, boxes=True).parts["train"]
    assert one.points == ((1, 2), (9, 8))
    assert one.label == "cat"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a.png,cat,1,2,3,4\na.png,dog,5,5,8,8", "line 3: a.png has an object in line 2 already"),
        ("a.png,cat,5,5,5,9", "line 2: the box 5,5 to 5,9 has no area"),
        ("a.png,cat,1,2,3,x", "line 2: y2 must be a number of pixels, got 'x'"),
        ("a.png,cat,1,2,3,nan", "line 2: y2 must be a number"),
        ("a.png,cat,1,2,3,", "line 2: y2 must be a number of pixels, got ''"),
        ("a.png,,1,2,3,4", "line 2: a box without a label"),
        ("a.png,cat,1,2,3", "line 2: 5 cells, expected 6"),
        ("d.png,cat,1,2,3,4", "line 2: no image at"),
        ("a.png,,,,,", "has no object"),
    ],
)
def test_lines_that_cannot_be_used_are_named(tmp_path, line, expected):
    with pytest.raises((BadInput, Missing), match="t.csv") as refused:
        list_data(written(tmp_path, line), boxes=True)
    assert expected in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_lies_outside_of_its_image_is_named(tmp_path):
    path = written(tmp_path, "a.png,cat,1,2,50,15", "b.png,cat,1,2,9,9", "c.png,cat,1,2,8,8")
    message = r"t\.csv line 2: the point 50,15 lies outside of a\.png, which is 40 x 20"
    with pytest.raises(BadInput, match=message):
        own_data(path, FRONT_END, boxes=True)
    _, parts, told = to_measure(path, FRONT_END, ("cat",), list, boxes=True, skip_bad=True)
    assert len(parts[""]) == 2
    assert "left out 1 of 3 images" in told[0]


@pytest.mark.parametrize(
    ("boxes", "head", "expected"),
    [
        (True, "file,label,x1,y1", "expected a header such as file,label,x1,y1,x2,y2"),
        (False, "file,label,x1", "expected a header such as file,NAME_x,NAME_y,..."),
        (True, "file,nose_x,nose_y", "expected a header such as file,label"),
    ],
)
def test_other_headers_are_refused(tmp_path, boxes, head, expected):
    with pytest.raises(BadInput, match="expected a header") as refused:
        list_data(written(tmp_path, "a.png,1,2,3", head=head), boxes=boxes)
    assert expected in str(refused.value)


def test_half_of_a_point_is_refused(tmp_path):
    for between in (",", ";"):
        head = between.join(("file", "a_x", "a_y", "b_y"))
        path = written(tmp_path, between.join(("a.png", "1", "2", "3")), head=head)
        with pytest.raises(BadInput, match="there is a column b_y but no b_x"):
            list_data(path, boxes=False)


def test_parts_of_the_image_instead_of_pixels_are_refused(tmp_path):
    path = written(tmp_path, "a.png,cat,0.1,0.25,0.75,1", "b.png,cat,0,0,1,1")
    with pytest.raises(BadInput, match=r"t\.csv line 2: all of it is in the first pixel of a\.png"):
        own_data(path, FRONT_END, boxes=True)


def test_other_refusals(tmp_path):
    with pytest.raises(Missing, match="expected a folder of images with boxes"):
        list_data(tmp_path / "none.csv", boxes=True)
    path = written(
        tmp_path, "a.png,cat,1,2,3,4,train", "b.png,dog,1,2,3,4,test", head=HEAD + ",split"
    )
    with pytest.raises(BadInput, match="no images to train with have the label 'dog'"):
        list_data(path, boxes=True)
    path = written(tmp_path, "a.png,cat,1,2,3,4,holdout", head=HEAD + ",split")
    with pytest.raises(BadInput, match="line 2: split must be train, dev or test"):
        list_data(path, boxes=True)
    path = written(tmp_path, "a.png,cat,1,2,3,4,test", head=HEAD + ",split")
    with pytest.raises(BadInput, match="none to train with"):
        own_data(path, FRONT_END, boxes=True)
    with pytest.raises(BadInput, match="has the class cat; expected dog"):
        to_measure(path, FRONT_END, ("dog",), list, boxes=True)
