"""Images from anywhere, read once, run in batches of a size that is kept."""

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.errors import BadFile, BadInput
from zoo.predictors.inputs import images


def number(raw):
    """Reads a digit as an image would be read."""
    if raw == "bad":
        raise BadFile("bad is damaged")
    return int(raw)


def asked(raws, size, keep_errors=True):
    """The answers, and the batches that were run."""
    batches = []

    def run(read):
        batches.append(list(read))
        return [2 * one for one in read]

    def answer(read, out):
        if out == 8:
            raise BadInput("four cannot be answered")
        return (read, out)

    return images.answers(raws, size, number, run, answer, keep_errors=keep_errors), batches


def test_each_image_has_its_own_answer_or_error():
    found, batches = asked(["1", "bad", "3", "4", "5"], 2)
    assert batches == [[1], [3, 4], [5]]
    assert [found[i] for i in (0, 2, 4)] == [(1, 2), (3, 6), (5, 10)]
    assert [type(found[i]) for i in (1, 3)] == [BadFile, BadInput]


@pytest.mark.parametrize(("raws", "error"), [(["1", "bad"], BadFile), (["4"], BadInput)])
def test_errors_are_raised_where_none_are_kept(raws, error):
    with pytest.raises(error):
        asked(raws, 2, keep_errors=False)


def test_nothing_is_run_for_no_image():
    assert asked(["bad"], 2)[1] == []
    assert asked([], 2) == ([], [])


def test_what_is_several_and_what_is_one(tmp_path, capsys):
    for name in ("b.png", "a.png"):
        Image.new("L", (3, 3)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    assert [path.name for path in images.several(tmp_path, 3)] == ["a.png", "b.png"]
    assert "2 images; 1 other files are left out" in capsys.readouterr().err
    assert images.several(("x", "y"), 3) == ["x", "y"]
    assert images.several("x.png", 3) is None
    assert images.several(np.zeros((5, 4, 3), np.uint8), 3) is None
    assert len(images.several(torch.zeros(2, 3, 4, 5), 3)) == 2
    assert images.spread(["q", str(tmp_path)])[0] == "q"


def test_the_probe_comes_back_from_its_text():
    probe = images.probe()
    assert images.from_text(images.as_text(probe)).tobytes() == probe.tobytes()
    for text in ("", "A" * 30, "zz"):
        with pytest.raises(BadFile, match="test vector holds no image"):
            images.from_text(text)
