"""Whatever bytes stand in a label file: it is read, or refused as a file is."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.own.boxes.sets import PLAIN, coco_record, voc_text, write_image, yolo_text
from zoo.data.own.boxes.box_list import list_boxes
from zoo.errors import ZooError

PARTS = [b"<annotation>", b"<object>", b"<name>", b"</name>", b"<xmin>", b"nan", b"1e999", b"-1",
         b"{", b"}", b"[", b"]", b'"bbox":', b'"images":', b'"id":', b",", b"0.5 ", b"\n", b"\r",
         b"\0", b"\xff", b"\xef\xbb\xbf", b"0 0.5 0.5 0.5 0.5", b"<!DOCTYPE a>"]  # fmt: skip
FORMS = {"a.xml": voc_text(PLAIN["a"]), "labels.json": str(coco_record(PLAIN)).replace("'", '"'),
         "a.txt": yolo_text(PLAIN["a"]), "data.yaml": "nc: 2\nnames: [cat, 'dog']\n"}  # fmt: skip


@st.composite
def damaged(draw, text):
    """A good file, cut and with something put in at any place, several times."""
    data = text.encode()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 30)))
        data = data[:start] + draw(st.sampled_from(PARTS) | st.binary(max_size=8)) + data[end:]
    return data


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_damage_is_read_or_refused(tmp_path_factory, name, data):
    root = tmp_path_factory.mktemp("any", numbered=True)
    for number, image in enumerate(PLAIN):
        write_image(root / f"{image}.png", number)
    if name == "data.yaml":
        (root / "a.txt").write_text(FORMS["a.txt"], encoding="utf-8")
    (root / name).write_bytes(data.draw(damaged(FORMS[name])))
    try:
        listed = list_boxes(root)
    except ZooError:
        return
    for fault in listed.faults:
        assert fault.where
    for one in listed.parts["train"]:
        for box in one.boxes:
            x1, y1, x2, y2 = box.corners
            assert 0 <= x1 < x2 <= 64
            assert 0 <= y1 < y2 <= 48
