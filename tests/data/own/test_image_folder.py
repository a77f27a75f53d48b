"""The user's folder: what is read, how it is divided, what is refused."""

import os
from itertools import chain

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own.image_folder import class_names, image_folder, read_classes
from zoo.data.root import data_folder
from zoo.errors import BadFile, BadInput, Missing

FRONT_END = ImageFrontEnd((4, 5), mean=(0.5,), std=(0.5,))


def draw(path, value, mode="L"):
    """A picture that can be told from all others by its grey value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (5, 4), value).convert(mode).save(path)


def fill(root, counts, first=0):
    """``counts`` pictures in each class, the grey values counting up from ``first``."""
    for name, count in counts.items():
        for number in range(count):
            draw(root / name / f"{number:03}.png", first)
            first += 1
    return root


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
    with pytest.raises(Missing, match="no folder .*none; expected one folder of pictures"):
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
    with pytest.raises(BadInput, match="expected one folder of pictures per class"):
        image_folder(tmp_path, FRONT_END)


def test_train_without_classes(tmp_path):
    draw(tmp_path / "train" / "1.png", 0)
    fill(tmp_path / "test", {"a": 1})
    with pytest.raises(BadInput, match="train has no folders in it"):
        image_folder(tmp_path, FRONT_END)


def test_class_without_a_picture_is_named(tmp_path):
    fill(tmp_path, {"a": 3, "rose": 0})
    (tmp_path / "rose").mkdir()
    (tmp_path / "rose" / "a.heic").write_bytes(b"?")
    with pytest.raises(BadInput, match=r"rose has no picture in it \(\.png, "):
        image_folder(tmp_path, FRONT_END)


@pytest.mark.parametrize("damage", [b"", b"<html>", None])
def test_damaged_picture_is_named(tmp_path, damage):
    fill(tmp_path, {"a": 3, "b": 3})
    bad = tmp_path / "b" / "001.png"
    bad.write_bytes(bad.read_bytes()[:50] if damage is None else damage)
    with pytest.raises(BadFile, match=r"b/001\.png is "):
        image_folder(tmp_path, FRONT_END)


def test_folder_and_pipe_with_a_pictures_name_are_named(tmp_path):
    fill(tmp_path, {"a": 3})
    (tmp_path / "a" / "x.jpg").mkdir()
    with pytest.raises(BadFile, match=r"x\.jpg is a folder"):
        image_folder(tmp_path, FRONT_END)
    (tmp_path / "a" / "x.jpg").rmdir()
    os.mkfifo(tmp_path / "a" / "x.jpg")
    with pytest.raises(BadFile, match=r"x\.jpg is a named pipe"):
        image_folder(tmp_path, FRONT_END)


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
