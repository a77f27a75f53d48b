"""One file with names and vectors: no picture in it, and no damage that is not seen."""

import json
import random

import pytest
import torch
from safetensors.torch import load_file, save

from tests.helpers.people import write_people
from tests.helpers.small_weights import safetensors_bytes
from tests.helpers.tiny_verifier import tiny_verifier
from zoo.errors import BadFile, CannotWrite, Missing
from zoo.faces import Book, book_file
from zoo.faces.book_file import Content
from zoo.faces.threshold import Threshold


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    place = tmp_path_factory.mktemp("book")
    write_people(place / "people", ["Ann", "Bob"], pictures=3)
    return Book.enroll(place / "people", model=tiny_verifier()).save(place / "faces.zoo")


def content(**fields):
    made = dict(model="m", sha256="0" * 64, scale="squared L2", names=("a", "b"),
                vectors=torch.eye(3), owners=torch.tensor([0, 1, 1]),
                threshold=Threshold(1.0, "given"))  # fmt: skip
    return Content(**{**made, **fields})


def test_no_byte_of_a_picture_is_in_the_file(path):
    """All of its bytes are accounted for: vectors, owners, names and a small header."""
    data = path.read_bytes()
    header = int.from_bytes(data[:8], "little")
    vectors, owners, names = 6 * 48 * 4, 6 * 4, len(json.dumps(["Ann", "Bob"]))
    assert len(data) == 8 + header + vectors + owners + names
    record = json.loads(data[8 : 8 + header])
    assert record.keys() == {"__metadata__", "names", "owners", "vectors"}
    assert record["__metadata__"].keys() == {"format", "about", "sha256"}
    assert json.loads(record["__metadata__"]["about"]).keys() == {
        *("model", "sha256", "scale", "threshold")
    }
    assert header < 2000
    assert b".png" not in data  # nor the name of a picture
    assert {*load_file(path)} == {"names", "owners", "vectors"}


def test_what_is_written_is_read_again(tmp_path):
    one = content(names=("\udcff", "b\n"), threshold=Threshold(0.5, "fitted", 0.1, 3, 4))
    book_file.write(one, tmp_path / "x")
    again = book_file.read(tmp_path / "x")
    assert (again.names, again.threshold) == (one.names, one.threshold)
    assert torch.equal(again.vectors, one.vectors)
    assert again.owners.tolist() == [0, 1, 1]


@pytest.mark.parametrize("seed", range(4))
def test_every_damage_is_seen_in_one_line(path, tmp_path, seed):
    """Flipped bits anywhere, also in numbers; cut short; longer."""
    data, draw = path.read_bytes(), random.Random(seed)
    for _ in range(60):
        damaged = bytearray(data)
        damaged[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        refused(tmp_path / "x", bytes(damaged), data)
    for _ in range(15):
        refused(tmp_path / "x", data[: draw.randrange(len(data))], data)
    refused(tmp_path / "x", data + b"\0", data)


def refused(path, damaged, whole):
    path.write_bytes(damaged)
    try:
        found = book_file.read(path)
    except BadFile as error:
        told = str(error)
    else:
        told = ""
    if told:
        assert "\n" not in told
        assert str(path) in told
        return
    path.write_bytes(whole)  # blanks of the JSON may change; nothing that is read
    expected = book_file.read(path)
    assert found.names == expected.names
    assert torch.equal(found.vectors, expected.vectors)
    assert found.threshold == expected.threshold
    assert (found.model, found.sha256, found.scale) == (
        *(expected.model, expected.sha256, expected.scale),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\3\4 a pickle",
        b"\xff" * 8 + b"{}",
        safetensors_bytes({}, length=1 << 60),
        safetensors_bytes(
            {"vectors": {"dtype": "F32", "shape": [1 << 39], "data_offsets": [0, 4]}}
        ),
        safetensors_bytes(b"{" * 9999),
        save({"vectors": torch.zeros(1, 1)}),
        save({name: torch.zeros(1, 1) for name in ("names", "owners", "vectors")}),
    ],
)
def test_other_files_are_refused(tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(BadFile, match=r"/x"):
        book_file.read(tmp_path / "x")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"vectors": torch.full((3, 3), torch.nan)}, "not finite"),
        ({"owners": torch.tensor([0, 1])}, "2 owners"),
        ({"owners": torch.tensor([0, 0, 0])}, "do not fit the owners"),
        ({"owners": torch.tensor([0, 1, 2])}, "do not fit the owners"),
        ({"owners": torch.tensor([-1, 0, 1])}, "do not fit the owners"),
        ({"names": ("a", "a")}, "twice"),
        ({"names": ("a", 3)}, "no text"),
        ({"names": ("a", "")}, "no text"),
        ({"names": ("a", "x" * 2000)}, "no text"),
        ({"vectors": torch.zeros(3)}, r"vectors are torch.float32 \(3,\)"),
        ({"vectors": torch.zeros(0, 3), "owners": torch.zeros(0)}, "0 vectors"),
        ({"threshold": Threshold(float("nan"), "given")}, "threshold"),
        ({"threshold": Threshold(0.5, "guessed")}, "threshold"),
    ],
)
def test_what_does_not_fit_together_is_refused_though_its_sum_is_right(tmp_path, fields, message):
    book_file.write(content(**fields), tmp_path / "x")
    with pytest.raises(BadFile, match=message):
        book_file.read(tmp_path / "x")


def test_a_book_that_is_not_there(tmp_path):
    with pytest.raises(Missing, match="expected a book of faces"):
        book_file.read(tmp_path / "none")
    with pytest.raises(CannotWrite, match="there is no folder"):
        book_file.write(content(), tmp_path / "none" / "x")
