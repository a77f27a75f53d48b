"""Which label file belongs to which image, and which split a folder means."""

from pathlib import Path

import pytest

from tests.data.own.boxes.sets import write_image
from zoo.data.own.boxes.layout import alike, key_of, scan
from zoo.data.own.told import LeftOut
from zoo.errors import BadInput


@pytest.mark.parametrize(
    ("image", "labels"),
    [
        ("images/train/a.jpg", "labels/train/a.txt"),
        ("train/images/a.jpg", "train/labels/a.txt"),
        ("VOC2007/JPEGImages/a.b.jpg", "VOC2007/Annotations/a.b.xml"),
        ("a.jpg", "a.xml"),
        ("data/a.jpg", "labels/a.xml"),
        ("obj_train_data/a.jpg", "obj_train_data/a.txt"),
    ],
)
def test_an_image_and_its_labels_have_the_same_key(image, labels):
    assert key_of(Path(image)) == key_of(Path(labels))
    assert key_of(Path(image)) != key_of(Path("other") / labels)


def test_files_by_what_they_are(tmp_path):
    write_image(tmp_path / "images" / "a.jpg")
    write_image(tmp_path / "images" / "train" / "b")  # an image without an ending
    for name in ("labels/a.txt", "x.json.gz", "README.md", ".hidden.xml", ".git/a.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("0", encoding="utf-8")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to("itself")
    left_out = LeftOut()
    files = scan(tmp_path, left_out)
    assert set(files.images) == {("a",), ("train", "b")}
    found = {end: [path.name for path in paths] for end, paths in files.texts.items() if paths}
    assert found == {".txt": ["a.txt"], ".json.gz": ["x.json.gz"]}
    assert [path.name for path in files.others] == ["README.md", "itself"]
    assert left_out.names == {
        "hidden or of the system": [".git", ".hidden.xml"],
        "links to folders": ["loop"],
    }
    assert files.image_for(tmp_path / "labels" / "a.txt") == tmp_path / "images" / "a.jpg"
    assert files.image_for(tmp_path / "labels" / "c.txt") is None
    write_image(tmp_path / "images" / "a.png")
    with pytest.raises(BadInput, match=r"images/a.jpg and images/a.png may both be its image"):
        scan(tmp_path, left_out).image_for(tmp_path / "labels" / "a.txt")


def test_splits_of_folders(tmp_path):
    files = scan(tmp_path, LeftOut())
    assert files.split(tmp_path / "images" / "Valid" / "a.jpg") == "dev"
    assert files.split(tmp_path / "train.jpg") == ""
    with pytest.raises(BadInput, match="folders for test and train"):
        files.split(tmp_path / "train" / "test" / "a.jpg")


def test_how_alike_two_paths_are():
    assert alike(("c", "b", "a"), ("c", "b", "x")) == 2
    assert alike(("c",), ("c", "b")) == 1
