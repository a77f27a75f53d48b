"""One JSON file of COCO: lines of entries, exact corners, what is no such file."""

import gzip
import json
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.data.own.boxes.sets import PLAIN, coco_record
from zoo.data.own.boxes.coco_json import corner, may_be_coco, read_coco_json, span
from zoo.errors import BadFile


def test_entries_know_their_lines_and_lose_their_outlines(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(
        '\ufeff{"info": {"x": [1, {}]},\r\n"annotations": [\r\n{"id": 0, "segmentation": [[1.5]],'
        '"bbox": [0.1, 2, 3e0, 4]},\r\n{"id": 1}], "images": [], "categories": [{"id": 0}]}\r\n',
        encoding="utf-8",
    )
    lists = read_coco_json(path).lists
    assert [(one.value["id"], one.line) for one in lists["annotations"]] == [(0, 3), (1, 4)]
    first = lists["annotations"][0].value
    assert first == {"id": 0, "bbox": [Decimal("0.1"), 2, Decimal("3e0"), 4]}
    assert (lists["images"], lists["categories"][0].line) == ([], 4)


def test_a_packed_file_and_what_begins_like_one(tmp_path):
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(json.dumps(coco_record(PLAIN)).encode()))
    assert may_be_coco(path)
    assert len(read_coco_json(path).lists["images"]) == 3
    other = tmp_path / "b.json"
    other.write_text('{"shapes": [], "imagePath": "a.jpg"}', encoding="utf-8")  # labelme's
    assert not may_be_coco(other)
    other.write_text('{"categories": [{"id": 0}]}', encoding="utf-8")  # Label Studio's for YOLO
    assert not may_be_coco(other)
    other.write_text('{"categories": [],' + " " * 99_999 + '"images": []}', encoding="utf-8")
    assert may_be_coco(other)


LISTS = '"images": [], "annotations": [], "categories": []'


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "a.json:1: no JSON: expected '{'; expected a JSON file of COCO"),
        ("[]", "a.json is a list; expected a JSON file of COCO, with images, annotations"),
        (f"{{{LISTS}}}\n{{}}", "a.json:2: no JSON: more after the end"),
        ('{"images": [],\n"annotations": [}', "a.json:2: no JSON: Expecting value"),
        ('{"images": [\n{"id": 1}\n', "a.json:3: no JSON: expected ']'"),
        ('{"images": []}', "a.json has no list of annotations and categories"),
        ('{"images": {}, "annotations": []}', r"no JSON: expected '\['"),
        ('{"images": [7]}', "a.json:1: images has 7, expected objects"),
        (f'{{{LISTS},\n"images": []}}', "a.json:2: 'images' twice"),
        ('{"info": ' + "[" * 100_000, "a.json:1: no JSON: "),
        ('{"images": [{"id": ' + "9" * 5000 + "}]}", "a.json:1: no JSON: "),
    ],
)
def test_what_is_refused(tmp_path, text, what):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile, match=what):
        read_coco_json(path)


floats = st.floats(0, 10_000, allow_nan=False)


@given(floats, floats)
@example(0.1, 0.3)
@example(5e-324, 10_000.0)
def test_a_far_corner_comes_back_bit_for_bit(one, other):
    low, high = sorted((one, other))
    size = json.loads(f"{span(low, high):f}", parse_float=Decimal)
    assert corner(json.loads(repr(low), parse_float=Decimal), size) == high
