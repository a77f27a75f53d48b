"""The sides of the bench read the same image and change one batch; a difference is refused."""

import pytest
import torch

from zoo.bench import images
from zoo.errors import BadInput


def test_every_row_is_measured(monkeypatch):
    monkeypatch.setattr(images, "FILES", {"read 300 x 200": ((300, 200), 1, 0.02)})
    rows = list(images.run(1, batch=2))
    assert [row.what for row in rows] == ["read 300 x 200", *images.OURS]
    for row in rows:
        cells = row.cells()
        assert len(cells) == len(images.HEAD)
        assert all(float(cell) > 0 for cell in cells[1:])


def test_a_photo_is_read_as_torchvision_reads_it(tmp_path):
    path = images.photo(tmp_path / "a.jpg", (2400, 1800))
    ours, theirs = images.PRESET(path), images.their_reading(path)
    images.check_same("photo", ours, theirs, 0.6)
    with pytest.raises(BadInput, match=r"photo: the sides differ by 50\.\d\d grey levels, not 0.6"):
        images.check_same("photo", ours + 50 * images.GREY, theirs, 0.6)
    with pytest.raises(BadInput, match="differ by nan"):
        images.check_same("photo", ours * torch.nan, theirs, 0.6)


def test_both_sides_have_the_same_changes():
    assert list(images.their_changes()) == list(images.OURS)
