"""LFW's pairs.txt: folds are places in the file, whatever images can be read."""

import numpy as np
import pytest
import torch

from tests.helpers.lfw import lfw_folder
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own.folded_pairs import list_pairs
from zoo.errors import BadFile, BadInput, Missing
from zoo.metrics.verification.folds import fold_scores

FRONT_END = ImageFrontEnd((6, 6), (0.5,) * 3, (0.5,) * 3)


def colours(images):
    return images.pixels[:, :2, 0, 0].tolist()


@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_pairs_have_their_images_and_the_folds_of_the_file(tmp_path, ending):
    listed = list_pairs(lfw_folder(tmp_path, ending=ending))
    images, pairs, told = listed.read(FRONT_END)
    assert pairs.same.tolist() == 3 * [True, True, False, False]
    assert pairs.folds.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert images.classes == ("Ann_Lee", "Bob_Day", "Eve_Orr")
    assert len(images.files) == len(images) == len(listed.faces())
    assert pairs.same.equal(images.labels[pairs.first] == images.labels[pairs.second])
    if ending == ".png":
        of = colours(images)
        assert [of[row] for row in pairs.first[4:8]] == [[200, 4], [120, 4], [200, 4], [200, 6]]
        assert [of[row] for row in pairs.second[4:8]] == [[200, 5], [120, 6], [120, 5], [40, 4]]
    assert told == ("read 12 pairs in 3 folds of 21 images of 3 people",)


def test_an_image_that_cannot_be_read_is_told_of_and_shifts_no_fold(tmp_path):
    lfw_folder(tmp_path)
    _, whole, _ = list_pairs(tmp_path).read(FRONT_END)
    (tmp_path / "Ann_Lee" / "Ann_Lee_0001.png").unlink()  # in two pairs of fold 1
    (tmp_path / "Eve_Orr" / "Eve_Orr_0007.png").write_bytes(b"no image")
    images, pairs, told = list_pairs(tmp_path).read(FRONT_END)
    assert pairs.folds.equal(whole.folds)
    assert pairs.same.equal(whole.same)
    assert (~pairs.readable).nonzero().flatten().tolist() == [0, 2, 11]
    assert "left out 3 pairs (2 of fold 1, 1 of fold 3), no other fold is changed" in told[1]
    assert "2 images cannot be read: there is no" in told[1]
    assert "Ann_Lee_0001.jpg" in told[1]
    assert "Eve_Orr_0007.png is not an image" in told[1]
    values = pairs.values(images.pixels[:, 0, 0, :1].float(), lambda a, b: (a - b).abs()[:, 0])
    scores = fold_scores(values, pairs.same, pairs.folds, limits=(0.0, 255.0))
    assert scores.accuracy.tolist() == [100.0] * 3


def synthetic(folder, distances):
    """6,000 pairs whose images are one grey pixel; the greys of a pair differ as wished."""
    from PIL import Image

    lines = ["10\t300"]
    for number, far in enumerate(distances):
        same = number % 600 < 300
        names = (f"A{number}", f"A{number}" if same else f"B{number}")
        places = (1, 2 if same else 1)
        lines.append("\t".join([names[0], "1", "2"] if same else [names[0], "1", names[1], "1"]))
        for name, place, grey in zip(names, places, (0, far), strict=True):
            path = folder / name / f"{name}_{place:04}.png"
            path.parent.mkdir(exist_ok=True)
            Image.new("L", (1, 1), grey).save(path)
    (folder / "pairs.txt").write_text("\n".join(lines))


@pytest.mark.long  # writes and reads 12,000 files
def test_6000_pairs_give_the_accuracy_computed_by_hand(tmp_path):
    """Pairs of the same differ by 50 grey levels, of two by 150; fold 4 has 45 that do not.

    30 of the same differ by 200, 15 of two by 10. Each has a threshold of the nine others, 50 to
    150, and so is right about all but these: nine times 100 %, once 555 of 600.
    """
    distances = np.tile(np.repeat([50, 150], 300), 10)
    distances[1800:1830], distances[2100:2115] = 200, 10
    synthetic(tmp_path, distances.tolist())
    front_end = ImageFrontEnd((1, 1), (0.5,), (0.5,))
    images, pairs, told = list_pairs(tmp_path).read(front_end)
    vectors = images.pixels.flatten(1).float() / 127.5  # squared distances 0 to 4

    def squared(a, b):
        return ((a - b) ** 2).sum(1)

    found = fold_scores(pairs.values(vectors, squared), pairs.same, pairs.folds)
    np.testing.assert_allclose(found.accuracy, [100.0] * 3 + [92.5] + [100.0] * 6)
    assert found.scores()["accuracy"] == pytest.approx(99.25)
    assert len(told) == 1
    (tmp_path / "A1801" / "A1801_0002.png").write_bytes(b"damaged")  # one of the 30
    images, pairs, told = list_pairs(tmp_path).read(front_end)
    vectors = images.pixels.flatten(1).float() / 127.5
    again = fold_scores(pairs.values(vectors, squared), pairs.same, pairs.folds)
    np.testing.assert_allclose(again.accuracy[3], 100 * 555 / 599)
    np.testing.assert_allclose(np.delete(again.accuracy, 3), np.delete(found.accuracy, 3))
    assert "left out 1 pair (1 of fold 4)" in told[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ":1 is '', expected a first line \"10 300\""),
        ("300\n", ":1 is '300'"),
        ("0 2\n", ":1 is '0 2'"),
        ("ten 300\n", ":1 is 'ten 300'"),
        ("1 1\nA 1 2\n", "has 1 pairs, expected 1 x 2 x 1 = 2"),
        ("1 1\nA 1 2\nA 1 B 1\nA 1 B 2\n", "has 3 pairs"),
        ("1 1\nA 1 B 1\nA 1 2\n", ":2 is 'A 1 B 1', expected \"NAME 1 2\" of the same"),
        ("1 1\nA 1 2\nA 1 2\n", ":3 is 'A 1 2', expected \"NAME 1 OTHER 3\" of two"),
        ("1 1\nA 1 two\nA 1 B 1\n", ":2 is 'A 1 two'"),
        ("1 1\nA 1 2\n../A 1 B 1\n", ":3 names another folder"),
        ("1 1\nA 1 2\n.. 1 B 1\n", ":3 names another folder"),
    ],
)
def test_lists_that_are_none_are_refused_with_the_line(tmp_path, text, words):
    (tmp_path / "pairs.txt").write_text(text)
    with pytest.raises(BadFile) as caught:
        list_pairs(tmp_path)
    assert words in str(caught.value)


def test_nothing_to_read_is_said(tmp_path):
    with pytest.raises(Missing, match=r"pairs\.txt"):
        list_pairs(tmp_path)
    (tmp_path / "pairs.txt").write_text("1 1\nA 1 2\nA 1 B 1\n\n")
    with pytest.raises(BadInput, match="none of the images of .* can be read: there is no"):
        list_pairs(tmp_path).read(FRONT_END)


def test_an_image_that_is_in_several_pairs_is_read_once(tmp_path):
    lfw_folder(tmp_path)
    (tmp_path / "pairs.txt").write_text("2 1\nAnn_Lee 1 2\nAnn_Lee 1 Bob_Day 2\n" * 1
                                        + "Ann_Lee 2 3\nAnn_Lee 2 Bob_Day 2\n")  # fmt: skip
    images, pairs, _ = list_pairs(tmp_path).read(FRONT_END)
    assert len(images) == 4
    assert torch.cat([pairs.first, pairs.second]).unique().tolist() == [0, 1, 2, 3]
