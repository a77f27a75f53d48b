"""Names of classes and splits beside YOLO's labels, in the forms that programs write."""

import pytest

from zoo.data.own.boxes.layout import scan
from zoo.data.own.boxes.yolo_names import Described, described
from zoo.data.own.told import LeftOut
from zoo.errors import BadFile, BadInput


def found(tmp_path, **texts):
    for name, text in texts.items():
        path = tmp_path / name.replace("__", ".")
        path.write_bytes(text.encode())
    return described(scan(tmp_path, LeftOut()))


ULTRALYTICS = """# Train/val/test sets\r
path: ../datasets/coco8  # root\r
train: images/train\r
val: images/val\r
test:  # optional\r
\r
# Classes\r
names:\r
  0: person\r
  1: "traffic: light"\r
\r
download: |\r
  from x import y\r
  print(1)\r
"""
ROBOFLOW = """train: ../train/images
val: ../valid/images

nc: 2
names: ['cat, grey', "dog"]

roboflow:
  workspace: own
  version: 3
"""


def test_yaml(tmp_path):
    about = found(tmp_path, data__yaml=ULTRALYTICS)
    assert about.names == ("person", "traffic: light")
    assert about.splits == {"train": ["images/train"], "dev": ["images/val"]}
    about = found(tmp_path, data__yaml=ROBOFLOW)
    assert about.names == ("cat, grey", "dog")
    assert about.splits == {"train": ["../train/images"], "dev": ["../valid/images"]}
    assert found(tmp_path, data__yaml="names:\n- cat\n- 'it''s'\n").names == ("cat", "it's")
    assert found(tmp_path, data__yaml="names: {0: cat, 1: dog}\n").names == ("cat", "dog")
    hashes = "names:\n  0: C#  # the tone\n  1: 'a #1'\n  2: it's # so\n"
    assert found(tmp_path, data__yaml=hashes).names == ("C#", "a #1", "it's")


def test_lists_in_brackets_over_several_lines(tmp_path):
    yolov5 = "nc: 3\nnames: ['cat', 'a #1',  # two\n        'a ]sign']\ndownload: |\n  x = [1\n"
    assert found(tmp_path, data__yaml=yolov5).names == ("cat", "a #1", "a ]sign")
    block = "train: [\n  images/a,\n\n  images/b,\n]\nnames: {0: cat,\n 1: dog}\n"
    about = found(tmp_path, data__yaml=block)
    assert about == Described(
        tmp_path / "data.yaml", ("cat", "dog"), {"train": ["images/a", "images/b"]}
    )


def test_roboflows_labels_for_darknet(tmp_path):
    for split in ("train", "valid"):
        (tmp_path / split).mkdir()
        (tmp_path / split / "_darknet.labels").write_text("cat\ndog", encoding="utf-8")
    assert found(tmp_path).names == ("cat", "dog")


def test_darknets_files(tmp_path):
    data = "classes= 2\ntrain  = data/train.txt\nvalid = data/test.txt\nnames = data/obj.names\n"
    about = found(tmp_path, obj__data=data, obj__names="cat\r\ndog\r\n\r\n")
    assert about.names == ("cat", "dog")
    assert about.splits == {"train": ["data/train.txt"], "dev": ["data/test.txt"]}


def test_a_list_of_names_alone_and_nothing_at_all(tmp_path):
    assert found(tmp_path).names == ()
    assert found(tmp_path, classes__txt="\ufeffcat\na dog\n").names == ("cat", "a dog")
    with pytest.raises(BadInput, match="say different things"):
        found(tmp_path, obj__names="cow\n")


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        ({"data__yaml": "nc: 3\nnames: [cat, dog]\n"}, "has 2 names of 3 classes"),
        ({"data__yaml": "names:\n  1: cat\n  2: dog\n"}, "numbered 1, 2; expected 2 names, 0 to 1"),
        ({"data__yaml": "names: {1: cat, 2: dog}\n"}, "numbered 1, 2; expected 2 names, 0 to 1"),
        ({"data__yaml": "nc: 2\nnames: [cat,\n"}, "data.yaml:2: the list that begins here has"),
        ({"data__yaml": "names: [cat, cat]\n"}, "class 1 has 'cat' twice"),
        ({"classes__txt": "cat\n\ndog\n"}, "class 1 has no name"),
        ({"obj__data": "what is this\n"}, "obj.data:1 is not understood"),
    ],
)
def test_what_is_refused(tmp_path, texts, what):
    with pytest.raises(BadFile, match=what):
        found(tmp_path, **texts)
