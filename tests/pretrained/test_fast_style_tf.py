"""Engstrom's variables, as .npz and as a folder of raw files: all of them, or nothing."""

import json
import re
import shutil
import zipfile

import numpy as np
import pytest
import torch

from tests.helpers import style_graph
from zoo.errors import BadFile, Missing
from zoo.models.fast_style_tf import fast_style_tf
from zoo.pretrained import fast_style_tf as variables

TABLE = style_graph.variables()


def folder_of(place, table):
    """Raw files and their manifest, with an optimizer's variables among them."""
    place.mkdir()
    manifest = {}
    for name, array in {**table, "Variable/Adam": np.zeros(3, np.float32)}.items():
        file = name.replace("/", "_")
        (place / file).write_bytes(array.astype("<f4").tobytes())
        manifest[name] = {"filename": file, "shape": list(array.shape)}
    (place / "manifest.json").write_text(json.dumps(manifest))
    return place


@pytest.fixture
def npz(tmp_path):
    np.savez(tmp_path / "scream.npz", **TABLE)
    return tmp_path / "scream.npz"


def same(model, other):
    return all(torch.equal(v, other[k]) for k, v in model.state_dict().items())


def test_both_forms_load_alike(npz, tmp_path):
    one, other = fast_style_tf(), fast_style_tf()
    variables.load(one, npz)
    variables.load(other, folder_of(tmp_path / "scream", TABLE))
    assert same(one, other.state_dict())
    weight = one.conv1.conv.weight
    assert torch.equal(weight[5, 2, 1, 7], torch.tensor(TABLE["Variable"][1, 7, 2, 5]))
    weight = one.up1.conv.weight  # (in, out, height, width)
    assert torch.equal(weight[9, 4, 0, 2], torch.tensor(TABLE["Variable_39"][0, 2, 4, 9]))
    assert torch.equal(one.conv4.norm.bias, torch.from_numpy(TABLE["Variable_46"]))
    assert torch.equal(one.conv4.norm.weight, torch.from_numpy(TABLE["Variable_47"]))


def refused(path, error=BadFile):
    """The message; the network is as before."""
    model = fast_style_tf()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    with pytest.raises(error) as caught:
        variables.load(model, path)
    assert same(model, before)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Variable_7": None}, "has no Variable_7; expected Variable to Variable_47"),
        ({"Variable_7": np.zeros(127, np.float32)}, r"expected \(128,\)"),
        ({"Variable_7": np.zeros(128)}, "Variable_7 is float64, expected float32"),
        ({"Variable_6": np.zeros((3, 3, 64), np.float32)}, "a kernel has 4"),
        ({"Variable_7": np.full(128, np.inf, np.float32)}, "not finite"),
        ({"Variable_7": np.array([{}])}, "no .npz file of variables"),
    ],
)
def test_other_variables_are_refused(tmp_path, change, says):
    table = {k: v for k, v in (TABLE | change).items() if v is not None}
    np.savez(tmp_path / "other.npz", **table)
    assert re.search(says, refused(tmp_path / "other.npz"))


def test_damaged_archives_are_refused(npz, tmp_path):
    data = npz.read_bytes()
    (tmp_path / "cut.npz").write_bytes(data[: len(data) // 2])
    (tmp_path / "text.npz").write_text("no archive")
    (tmp_path / "flip.npz").write_bytes(data[:5000] + bytes([data[5000] ^ 1]) + data[5001:])
    for name in ("cut", "text", "flip"):
        assert "is no .npz file of variables" in refused(tmp_path / f"{name}.npz")
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Variable.npy", bytes(80 << 20))
    assert "would grow to 83,886,080 bytes" in refused(tmp_path / "bomb.npz")
    assert "none.npz" in refused(tmp_path / "none.npz", Missing)


def test_damaged_folders_are_refused(tmp_path):
    whole = folder_of(tmp_path / "whole", TABLE)

    def changed(name, change):
        folder = shutil.copytree(whole, tmp_path / name)
        manifest = json.loads((folder / "manifest.json").read_text())
        change(folder, manifest)
        (folder / "manifest.json").write_text(json.dumps(manifest))
        return folder

    def entry(name, **fields):
        return lambda folder, manifest: manifest[name].update(fields)

    short = changed("short", lambda folder, _: (folder / "Variable_9").write_bytes(bytes(12)))
    assert "has 12 bytes, not those of shape [3, 3, 128, 128]" in refused(short)
    gone = changed("gone", lambda folder, _: (folder / "Variable_9").unlink())
    assert "Variable_9" in refused(gone, Missing)
    for name, fields in (
        ("outside", {"filename": "../whole/Variable_9"}),
        ("shape", {"shape": [3, -3]}),
        ("huge", {"shape": [1 << 40]}),
        ("text", {"shape": "3"}),
    ):
        assert "shape of Variable_9 is not in order" in refused(
            changed(name, entry("Variable_9", **fields))
        )
    fewer = changed("fewer", lambda _, manifest: manifest.pop("Variable_9"))
    assert "has no Variable_9" in refused(fewer)
    (tmp_path / "empty").mkdir()
    assert "manifest" in refused(tmp_path / "empty", Missing)
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "manifest.json").write_text("[]")
    assert "has no Variable;" in refused(tmp_path / "list")
    (tmp_path / "list" / "manifest.json").write_text('{"Variable": 3}')
    assert "no table of names, files and shapes" in refused(tmp_path / "list")
