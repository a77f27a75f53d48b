"""A book as a predictor: whole photos, folders, bad ones among them."""

import json

import pytest

from tests.helpers.people import KnownPlaces, group, write_people
from tests.helpers.tiny_verifier import tiny_verifier
from zoo.errors import BadFile, ZooError
from zoo.faces import Book
from zoo.faces.identifier import Identifier


@pytest.fixture
def identifier(tmp_path):
    """People are enrolled by cuts of their faces, and found in whole photos."""
    write_people(tmp_path / "people")
    book = Book.enroll(tmp_path / "people", model=tiny_verifier())
    verifier = tiny_verifier(faces="x")
    verifier.give(KnownPlaces)
    path = book.save(tmp_path / "book")
    return Identifier(Book.load(path, model=verifier))


def test_everybody_on_a_photo_has_a_name(identifier):
    answer = identifier(group([2, 0, 9]))
    assert answer.names == ("Ann", None, "Cid")  # a large one in the middle first
    assert str(answer).startswith("3 faces: Ann (")
    assert len(json.dumps(answer.to_json())) > 100
    assert answer.picture().size == (160, 110)


def test_a_bad_photo_costs_the_others_nothing(identifier, tmp_path):
    group([0, 1, 2]).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("x")
    found = identifier.each([tmp_path / "a.png", tmp_path / "b.png"])
    assert found[0].names == ("Bob", "Cid", "Ann")
    assert isinstance(found[1], ZooError)
    assert identifier.spread([str(tmp_path / "people" / "Ann")])[0].endswith("0.png")
    assert identifier.frames(str(tmp_path / "a.png")) is None
    assert identifier.in_pairs()((group([0, 1]), group([2, 1]))).same


def test_a_card_has_no_book(identifier):
    assert len(identifier.output_of(identifier.vector_input())) == 48
    with pytest.raises(BadFile, match="is no book of faces"):
        Identifier.from_card(type("Card", (), {"name": "x"}), None, None, None)
