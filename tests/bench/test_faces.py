"""zoo bench faces: it shows what it says; nothing here depends on how quick the machine is."""

import sys
from types import ModuleType

import pytest

from tests.helpers.drawn_face import drawn_face
from zoo.bench import faces as module
from zoo.bench.faces import HEAD, OURS, PEER, run
from zoo.errors import BadFile, Missing
from zoo.loading import load


@pytest.fixture
def picture(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LONGER", 240)
    drawn_face().save(tmp_path / "face.png")
    return str(tmp_path / "face.png")


def stand_in(monkeypatch, move):
    """A peer that finds what we find, its boxes moved."""

    class Peer:
        def __init__(self, **options):
            self.ours = load(module.WEIGHTS, device="cpu")

        def detect(self, image, landmarks=False):
            answer = self.ours(image)
            return answer.boxes.numpy() + move, answer.scores.numpy()

    made = ModuleType("facenet_pytorch")
    made.MTCNN = Peer
    monkeypatch.setitem(sys.modules, "facenet_pytorch", made)


def test_without_the_peer_it_says_how_to_get_it(picture, monkeypatch):
    monkeypatch.setitem(sys.modules, "facenet_pytorch", None)
    rows = list(run(1, picture=picture))
    assert [(row.what, row.pixels) for row in rows] == [
        (PEER, "200 x 200"), (OURS, "200 x 200"), (PEER, "240 x 240"), (OURS, "240 x 240"),
    ]  # fmt: skip
    assert "pip install" in rows[0].note
    assert rows[1].faces == 1
    assert rows[1].seconds > 0
    assert rows[1].cells()[-1] == "-"
    assert all(len(row.cells()) == len(HEAD) for row in rows)


def test_both_sides_are_measured_in_turns(picture, monkeypatch):
    stand_in(monkeypatch, 0)
    ours, peer, *_ = run(1, picture=picture)
    assert (ours.what, peer.what, peer.speed, peer.cpu_speed) == (OURS, PEER, 1, 1)
    assert ours.speed > 0


def test_sides_that_differ_are_not_timed(picture, monkeypatch):
    stand_in(monkeypatch, 1)
    with pytest.raises(BadFile, match="find different boxes"):
        list(run(1, picture=picture))


def test_no_picture(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    with pytest.raises(Missing, match=r"there is no .*astronaut\.jpg; name a picture"):
        list(run(1))
