"""Folders and tables of identities are the same set; identities in two parts are refused."""

import pytest
import torch

from tests.helpers import identities
from zoo.data.own.verification import list_data, own_data, to_measure
from zoo.errors import BadFile, BadInput, Missing


def test_a_table_and_a_folder_are_the_same_set(tmp_path):
    root = identities.folder(tmp_path / "faces", people=7, images=2)
    files = sorted(root.rglob("*.png"))
    lines = [f"{path.relative_to(tmp_path)},{path.parent.name}" for path in files]
    table = tmp_path / "faces.csv"
    table.write_text("\n".join(["file,identity", *lines]) + "\n")
    one, other = (own_data(path, identities.FRONT_END) for path in (root, table))
    for name, part in one.parts().items():
        assert torch.equal(part.pixels, other.parts()[name].pixels)
        assert part.classes == other.parts()[name].classes
    assert "identity for the label" in " ".join(other.notices)


def test_an_identity_in_two_parts_is_refused(tmp_path):
    identities.folder(tmp_path / "faces" / "train", people=4, images=2)
    identities.folder(tmp_path / "faces" / "test", people=2, images=2)
    with pytest.raises(BadInput, match="faces has p0-00, p0-01 in train and in test: identities"):
        list_data(tmp_path / "faces")


def test_nothing_there_says_what_is_expected(tmp_path):
    with pytest.raises(Missing, match="one folder of images for each identity, or a CSV with"):
        list_data(tmp_path / "faces")


def test_a_damaged_image_is_named_or_left_out(tmp_path):
    root = identities.folder(tmp_path / "faces", people=7, images=3)
    bad = root / "p0-01" / "2.png"
    bad.write_bytes(bad.read_bytes()[:60])
    with pytest.raises(BadFile, match=r"p0-01/2\.png.*leave it out with --skip-bad"):
        own_data(root, identities.FRONT_END)
    splits = own_data(root, identities.FRONT_END, skip_bad=True)
    assert any("left out 1 of 21 images" in line for line in splits.notices)


def test_any_identities_can_be_measured(tmp_path):
    root = identities.folder(tmp_path / "faces", people=2, images=2)
    listed, parts, told = to_measure(root, identities.FRONT_END, list)
    assert (len(parts[""]), listed.classes, told) == (4, ("p0-00", "p0-01"), [])
