"""The user's folder: what is read, how it is divided, what is refused."""

import os
from itertools import chain

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own.image_folder import image_folder, list_folder
from zoo.data.root import data_folder
from zoo.errors import BadFile, BadInput, Missing

FRONT_END = ImageFrontEnd((4, 5), mean=(0.5,), std=(0.5,))


def draw(path, value, mode="L"):
    """An image that can be told from all others by its grey value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (5, 4), value).convert(mode).save(path)


def fill(root, counts, first=0):
    """``counts`` images in each class, the grey values counting up from ``first``."""
    for name, count in counts.items():
        for number in range(count):
            draw(root / name / f"{number:03}.png", first)
            first += 1
    return root


def read_classes(root, front_end=FRONT_END):
    """All images of a folder that is not divided."""
    return list_folder(root).images(front_end)[0]["train"]


def class_names(root):
    return list_folder(root).classes


def values(images):
    return images.pixels[:, 0, 0, 0].tolist()


# what is read


def test_one_class_for_each_folder_in_their_order(tmp_path):
    fill(tmp_path, {"rose": 2, "daisy": 3, "aster": 1})
    images = read_classes(tmp_path, FRONT_END)
    assert images.classes == class_names(tmp_path) == ("aster", "daisy", "rose")
    assert images.labels.tolist() == [0, 1, 1, 1, 2, 2]
    assert values(images) == [5, 2, 3, 4, 0, 1]
    assert images.pixels.shape == (6, 1, 4, 5)
    assert images.pixels.dtype == torch.uint8


def test_formats_and_modes_may_be_mixed(tmp_path):
    for number, name in enumerate(["a.png", "b.bmp", "c.tif", "D.PNG", "e.gif", "f.ppm", "g.webp"]):
        draw(tmp_path / "a" / name, 30 * number, "RGB" if number % 2 else "L")
    assert values(read_classes(tmp_path, FRONT_END)) == [90, 0, 30, 60, 120, 150, 180]


def test_folders_within_a_class_are_read(tmp_path):
    draw(tmp_path / "a" / "monday" / "1.png", 3)
    draw(tmp_path / "a" / "2.png", 4)
    assert sorted(values(read_classes(tmp_path, FRONT_END))) == [3, 4]


def test_other_files_are_no_pictures(tmp_path):
    fill(tmp_path, {"a": 2})
    (tmp_path / "a" / "notes.txt").write_text("no picture")
    (tmp_path / "README.md").write_text("beside the classes")
    assert len(read_classes(tmp_path, FRONT_END)) == 2


def test_hidden_folders_are_no_classes(tmp_path):
    fill(tmp_path, {"a": 1, "b": 1, ".git": 1, ".ipynb_checkpoints": 1})
    assert class_names(tmp_path) == ("a", "b")
    assert values(read_classes(tmp_path, FRONT_END)) == [0, 1]


def test_hidden_copies_of_other_programs_are_not_read(tmp_path):
    fill(tmp_path, {"a": 1, "b": 1})
    draw(tmp_path / "a" / ".ipynb_checkpoints" / "000.png", 77)
    (tmp_path / "b" / "._000.png").write_bytes(b"of a file manager")
    assert values(read_classes(tmp_path, FRONT_END)) == [0, 1]


def test_names_in_any_script(tmp_path):
    root = fill(tmp_path / "Blümen 花", {"Gänseblümchen": 6, "薔薇": 6, "with space": 6})
    draw(root / "薔薇" / "ma photo été.png", 200)
    data = image_folder(root, FRONT_END)
    assert data.name == "Blümen 花"
    assert data.train.classes == ("Gänseblümchen", "with space", "薔薇")
    assert sum(len(part) for part in data.parts().values()) == 19


def test_images_are_resized(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (30, 20), dtype=np.uint8)
    (tmp_path / "a").mkdir()
    Image.fromarray(noise).save(tmp_path / "a" / "1.png")
    right = Image.fromarray(noise).resize((5, 4), Image.Resampling.BILINEAR)
    assert np.array_equal(read_classes(tmp_path, FRONT_END).pixels[0, 0].numpy(), np.array(right))


# how it is divided


def test_split_has_no_overlap_and_leaves_nothing_out(tmp_path):
    data = image_folder(fill(tmp_path, {"a": 20, "b": 21}), FRONT_END)
    assert {name: len(part) for name, part in data.parts().items()} == {
        "train": 33,
        "dev": 4,
        "test": 4,
    }
    everything = values(data.train) + values(data.dev) + values(data.test)
    assert sorted(everything) == list(range(41))
    for part in data.parts().values():
        assert part.labels.tolist() == [int(value >= 20) for value in values(part)]


def test_rare_classes_are_in_every_part(tmp_path):
    """95 : 5 : 3 : 2: drawn blindly, the small classes would often be missing from train."""
    fill(tmp_path, {"a": 95, "b": 5, "c": 3, "d": 2})
    for seed in range(5):
        data = image_folder(tmp_path, FRONT_END, seed)
        counts = {k: v.labels.bincount(minlength=4).tolist() for k, v in data.parts().items()}
        assert counts["dev"] == counts["test"] == [8, 1, 1, 0]
        assert counts["train"] == [79, 3, 1, 2]


def test_few_pictures_still_give_one_of_each_class_to_score(tmp_path):
    data = image_folder(fill(tmp_path, {"a": 3, "b": 3, "c": 3}), FRONT_END)
    assert all(part.labels.tolist() == [0, 1, 2] for part in data.parts().values())


def test_split_is_the_same_each_time_and_another_with_another_seed(tmp_path):
    fill(tmp_path, {"a": 20, "b": 20})
    first, again = image_folder(tmp_path, FRONT_END), image_folder(tmp_path, FRONT_END)
    other = image_folder(tmp_path, FRONT_END, seed=1)
    assert first.digest() == again.digest()
    assert values(first.test) == values(again.test)
    assert set(values(first.test)) != set(values(other.test))


def test_own_splits_are_kept(tmp_path):
    fill(tmp_path / "train", {"a": 5, "b": 5})
    fill(tmp_path / "dev", {"a": 2, "b": 2}, first=100)
    fill(tmp_path / "test", {"a": 3, "b": 3}, first=200)
    data = image_folder(tmp_path, FRONT_END)
    assert class_names(tmp_path) == ("a", "b")
    assert sorted(values(data.train)) == list(range(10))
    assert values(data.dev) == [100, 101, 102, 103]
    assert values(data.test) == [200, 201, 202, 203, 204, 205]
    assert data.test.labels.tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("own", ["dev", "test", None])
def test_split_that_is_not_there_is_set_aside_from_train(tmp_path, own):
    fill(tmp_path / "train", {"a": 10, "b": 10})
    if own:
        fill(tmp_path / own, {"a": 1, "b": 1}, first=100)
    parts = {k: values(part) for k, part in image_folder(tmp_path, FRONT_END).parts().items()}
    if own:
        assert parts.pop(own) == [100, 101]
    assert {len(part) for name, part in parts.items() if name != "train"} == {2}
    assert sorted(chain(*parts.values())) == list(range(20))  # disjoint, complete


def test_class_called_train_is_a_class(tmp_path):
    fill(tmp_path, {"bus": 4, "car": 4, "train": 4})
    data = image_folder(tmp_path, FRONT_END)
    assert data.train.classes == class_names(tmp_path) == ("bus", "car", "train")
    assert sum(len(part) for part in data.parts().values()) == 12


def test_class_called_train_within_splits(tmp_path):
    for number, split in enumerate(("train", "dev", "test")):
        fill(tmp_path / split, {"bus": 2, "train": 2}, first=10 * number)
    data = image_folder(tmp_path, FRONT_END)
    assert data.train.classes == ("bus", "train")
    assert values(data.test) == [20, 21, 22, 23]


def test_name_of_the_folder_one_is_in(tmp_path, monkeypatch):
    monkeypatch.chdir(fill(tmp_path / "flowers", {"a": 5, "b": 5}))
    assert image_folder(".", FRONT_END).name == "flowers"


def test_images_of_the_user_are_only_read(tmp_path):
    fill(tmp_path, {"a": 5, "b": 5})
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    image_folder(tmp_path, FRONT_END)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


# what is refused


def test_missing_folder(tmp_path):
    with pytest.raises(Missing, match="no folder .*none; expected one folder of images"):
        image_folder(tmp_path / "none", FRONT_END)


def test_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK")
    with pytest.raises(Missing, match=r"a\.zip"):
        image_folder(tmp_path / "a.zip", FRONT_END)


def test_empty_folder(tmp_path):
    with pytest.raises(BadInput, match="has no folders in it"):
        image_folder(tmp_path, FRONT_END)


def test_images_without_class_folders(tmp_path):
    draw(tmp_path / "1.png", 0)
    with pytest.raises(BadInput, match="expected one folder of images per class"):
        image_folder(tmp_path, FRONT_END)


def test_train_without_classes(tmp_path):
    draw(tmp_path / "train" / "1.png", 0)
    fill(tmp_path / "test", {"a": 1})
    with pytest.raises(BadInput, match="train has no folders in it"):
        image_folder(tmp_path, FRONT_END)


def test_class_without_a_picture_is_named(tmp_path):
    fill(tmp_path, {"a": 3, "rose": 0})
    (tmp_path / "rose").mkdir()
    (tmp_path / "rose" / "a.txt").write_bytes(b"?")
    with pytest.raises(BadInput, match=r"rose has no image in it \(PNG, "):
        image_folder(tmp_path, FRONT_END)


@pytest.mark.parametrize("damage", [b"", b"<html>", None])
def test_damaged_picture_is_named(tmp_path, damage):
    fill(tmp_path, {"a": 3, "b": 3})
    bad = tmp_path / "b" / "001.png"
    bad.write_bytes(bad.read_bytes()[:50] if damage is None else damage)
    with pytest.raises(BadFile, match=r"b/001\.png is "):
        image_folder(tmp_path, FRONT_END)


def test_a_pipe_called_like_an_image_is_named_and_never_opened(tmp_path):
    fill(tmp_path, {"a": 3})
    os.mkfifo(tmp_path / "a" / "x.jpg")
    os.mkfifo(tmp_path / "a" / "pipe")
    with pytest.raises(BadFile, match=r"x\.jpg is a named pipe"):
        image_folder(tmp_path, FRONT_END)
    assert list_folder(tmp_path).notices == ("left out: no images (1: pipe)",)


@pytest.mark.parametrize("classes", [("a",), ("a", "c"), ("a", "b", "c")])
def test_classes_that_differ_between_splits(tmp_path, classes):
    fill(tmp_path / "train", {"a": 5, "b": 5})
    fill(tmp_path / "test", dict.fromkeys(classes, 1))
    with pytest.raises(BadInput, match=f"test has the classes {', '.join(classes)}; expected a, b"):
        image_folder(tmp_path, FRONT_END)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_pictures_to_divide(tmp_path, count):
    with pytest.raises(BadInput, match=f"{count} examples cannot be divided"):
        image_folder(fill(tmp_path, {"a": count}), FRONT_END)


# where data sets live


def test_data_folder_is_what_the_user_chose(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ZOO_DATA", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert data_folder() == tmp_path / ".cache" / "zoo" / "data"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert data_folder() == tmp_path / "cache" / "zoo" / "data"
    monkeypatch.setenv("ZOO_DATA", "~/mine")
    assert data_folder() == tmp_path / "mine"


def test_data_folder_without_a_home(monkeypatch):
    for name in ("HOME", "ZOO_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda _: (_ for _ in ()).throw(KeyError("uid")))
    with pytest.raises(BadInput, match="Set ZOO_DATA or HOME"):
        data_folder()


def test_val_is_dev(tmp_path):
    for part, level in (("train", 10), ("val", 90), ("test", 200)):
        for name in ("a", "b"):
            place = tmp_path / part / name
            place.mkdir(parents=True)
            Image.new("L", (8, 8), level).save(place / "1.png")
    splits = image_folder(tmp_path, ImageFrontEnd((8, 8), (0.5,), (0.5,)))
    levels = {name: part.pixels.unique().tolist() for name, part in splits.parts().items()}
    assert levels == {"train": [10], "dev": [90], "test": [200]}


# names of splits, in any case


@pytest.mark.parametrize(
    "names",
    [("Train", "Val", "Test"), ("training", "validation", "testing"), ("TRAIN", "dev", "TEST"),
     ("training_set", "valid", "test_set")],
)  # fmt: skip
def test_splits_by_their_usual_names(tmp_path, names):
    for number, split in enumerate(names):
        fill(tmp_path / split, {"a": 2, "b": 2}, first=10 * number)
    data = image_folder(tmp_path, FRONT_END)
    assert data.train.classes == ("a", "b")
    assert [values(part)[0] for part in data.parts().values()] == [0, 10, 20]
    assert data.notices == ("read 12 images in 2 classes (a 6, b 6): train 4, dev 4, test 4",)


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (["val/a", "val/b", "test/a", "test/b"], r"has test \(test\) and val \(dev\), but nothing"),
        (["test/a", "test/b"], r"has test \(test\), but nothing to train on"),
        (["train/a", "train/b", "dev/a", "dev/b", "val/a", "val/b"], "has dev and val: both mean"),
        (["train/a", "train/b", "Train/a", "Train/b"], "has Train and train: both mean train"),
        (
            ["cats", "dogs", "test"],
            "has test, which is a split, beside cats, dogs: expected",
        ),
        (
            ["cats", "dogs", "train/cats", "train/dogs"],
            "has train, which is a split, beside cats",
        ),
        (["cats", "train/cats", "val/cats"], "has train, val, which are splits, beside cats: exp"),
        (["cats", "train", "val"], "has train, val, which are splits, beside cats"),
        (["Train", "Test"], "Train has no folders in it; expected one folder of images per class"),
        (
            ["x_train/a", "x_train/b", "x_test/a"],
            "has x_test, x_train: are these splits or",
        ),
        (["s_train/s_train/a", "s_test/s_test/a", "s_pred"], "has s_pred, s_test, s_train: are"),
        (["f1/a", "f1/b", "f2/a", "f2/b"], "has f1, f2, with a, b in each: are these splits or cl"),
        (["train2017", "val2017"], "has train2017, val2017: are these splits or classes"),
        (
            ["a/train", "a/test", "b/train", "b/test"],
            "a has test, train in it: if that is",
        ),
        (["all/Train/a", "all/Train/b", "all/Test/a"], "all has Test, Train in it: .* give --data"),
        (["train/a", "train/b", "test/b", "test/c"], "test has the classes b, c; expected a, b"),
    ],
)
def test_a_layout_that_could_be_meant_in_two_ways_is_refused(tmp_path, folders, said):
    for folder in folders:
        fill(tmp_path / folder, {".": 3})
    with pytest.raises(BadInput, match=said):
        image_folder(tmp_path, FRONT_END)


@pytest.mark.parametrize(
    "folders",
    [["bullet_train", "crash_test"], ["cat/young", "cat/old", "dog/young"], ["f1/a", "f2/a"]],
)
def test_folders_in_a_class_folder_are_read_with_it(tmp_path, folders):
    for folder in folders:
        fill(tmp_path / folder, {".": 6})
    classes = tuple(sorted({folder.split("/")[0] for folder in folders}))
    assert list_folder(tmp_path).classes == classes


def test_folders_beside_the_splits_that_hold_no_images_are_left_out_and_told(tmp_path):
    for split in ("train", "test"):
        fill(tmp_path / split, {"a": 6, "b": 6})
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "a.xml").write_text("<a/>")
    fill(tmp_path / "__MACOSX" / "train", {"a": 1})
    listed = list_folder(tmp_path)
    assert sorted(listed.parts) == ["test", "train"]
    assert listed.notices == (
        "left out: folders without images (1: annotations); hidden or of the system (1: __MACOSX)",
    )


# content decides, not the name


def test_what_an_image_is_called_decides_nothing(tmp_path):
    fill(tmp_path, {"a": 3, "b": 3})
    names = ["x", "x.jfif", "x.JPEG", "x.dat", "x.txt", "x.0001"]
    for level, name in enumerate(names):
        Image.new("L", (5, 4), 100 + level).save(tmp_path / "a" / name, "PNG")
    found = values(read_classes(tmp_path))
    assert sorted(found) == [0, 1, 2, 3, 4, 5, *range(100, 106)]


def test_what_is_left_out_is_told_with_the_reason(tmp_path):
    fill(tmp_path, {"a": 10, "b": 10})
    for name in ("a/notes.txt", "a/Thumbs.db", "a/.DS_Store", "b/labels.csv", "README.md"):
        (tmp_path / name).write_text("no image")
    draw(tmp_path / "b" / "__MACOSX" / "._000.png", 7)
    draw(tmp_path / "loose.png", 7)
    (tmp_path / "b" / "link").symlink_to(tmp_path / "a")
    data = image_folder(tmp_path, FRONT_END)
    assert data.notices == (
        "read 20 images in 2 classes (a 10, b 10): train 16, dev 2, test 2 (dev and test set aside "
        "from train)",
        "left out: no images (3: README.md, notes.txt, labels.csv); images beside the "
        "folders (1: loose.png); hidden or of the system (3: .DS_Store, Thumbs.db, ._000.png); "
        "links to folders (1: link)",
    )


def test_what_stands_beside_the_splits_is_told_too(tmp_path):
    for split in ("train", "test"):
        fill(tmp_path / split, {"a": 1, "b": 1})
    (tmp_path / ".git").mkdir()
    (tmp_path / "LICENCE").write_text("no image")
    draw(tmp_path / "loose.png", 7)
    assert list_folder(tmp_path).notices == (
        "left out: hidden or of the system (1: .git); no images (1: LICENCE); images beside the "
        "folders (1: loose.png)",
    )


def test_all_images_that_cannot_be_read_are_named_at_once_or_left_out(tmp_path):
    fill(tmp_path, {"a": 10, "b": 10})
    (tmp_path / "a" / "001.png").write_bytes(b"<html>")
    (tmp_path / "a" / "photo").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0")
    whole = (tmp_path / "b" / "002.png").read_bytes()
    (tmp_path / "b" / "002.png").write_bytes(whole[:50])
    said = r"3 of 21 images cannot be used: .*a/001\.png is .*; .*a/photo is .*; .*b/002\.png is"
    with pytest.raises(BadFile, match=said) as caught:
        image_folder(tmp_path, FRONT_END)
    assert "\n" not in str(caught.value)
    data = image_folder(tmp_path, FRONT_END, skip_bad=True)
    assert sorted(chain(*map(values, data.parts().values()))) == [
        i for i in range(20) if i not in (1, 12)
    ]
    assert data.notices[0].startswith("read 18 images in 2 classes (a 9, b 9): train 14, dev 2")
    assert "left out 3 of 21 images that cannot be used: " in data.notices[1]


def test_a_class_of_which_nothing_can_be_read_is_named(tmp_path):
    fill(tmp_path, {"a": 10, "b": 0})
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.png").write_bytes(b"<html>")
    with pytest.raises(BadInput, match="has no image to train with of class b$"):
        image_folder(tmp_path, FRONT_END, skip_bad=True)
