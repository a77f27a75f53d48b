"""The user's boxes as a task takes them: all of it, or parts to measure weights on."""

import pytest
import torch

from tests.data.own.boxes.sets import CLASSES, PLAIN, WRITERS, write_voc
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.own.detection import FORM, own_data, to_measure
from zoo.errors import BadInput, Missing

FRONT_END = BoxFrontEnd((96, 128))
MANY = {f"p{n}": [(CLASSES[n % 2], n, n, 30 + n, 20 + n)] for n in range(9)}


def first(parts):
    return [name for name in ("test", "dev", "train", "") if name in parts][:1]


def test_all_of_it_is_divided(tmp_path):
    data = own_data(write_voc(tmp_path, MANY), FRONT_END)
    assert sum(len(part) for part in data.parts().values()) == 9
    assert data.front_end is FRONT_END
    assert "VOC" in FORM


@pytest.mark.parametrize("form", WRITERS)
def test_the_part_to_measure_is_read_alone(tmp_path, form):
    for split in ("train", "test"):
        WRITERS[form](tmp_path, PLAIN, split)
    listed, parts, told = to_measure(tmp_path, FRONT_END, ("dog", "cat", "cow"), first)
    assert (list(parts), told, listed.counts) == (["test"], [], (6, 6))
    assert parts["test"].classes == ("dog", "cat", "cow")
    assert parts["test"].objects[0].labels.tolist() == [1, 0]


def test_data_that_are_not_divided_are_measured_as_they_are(tmp_path):
    write_voc(tmp_path, MANY)
    _, parts, _ = to_measure(tmp_path, FRONT_END, CLASSES, first)
    assert list(parts) == [""]
    assert len(parts[""]) == 9
    places = torch.tensor([list(place) for place in parts[""].places])
    assert places.unique(dim=0).tolist() == [[0, 0, 128, 96, 64, 48]]
    with pytest.raises(BadInput, match="has the classes dog; expected cat"):
        to_measure(tmp_path, FRONT_END, ("cat",), first)
    with pytest.raises(Missing, match="no folder or file"):
        to_measure(tmp_path / "none", FRONT_END, ("cat",), first)
