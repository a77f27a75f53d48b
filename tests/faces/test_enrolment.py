"""From a folder of people to vectors; what is left out is told."""

import os

import numpy as np
import pytest

from tests.helpers.people import portrait, write_people
from tests.helpers.tiny_verifier import tiny_verifier
from zoo.errors import BadInput
from zoo.faces import Book
from zoo.faces.enrolment import identities

ODD = ["two\nlines", "\x1b[31mred", "\u202eright to left", "a b", "é", "%s", "-x", "x.zoo"]


def test_identities_are_the_folders_and_hidden_things_are_left_out(tmp_path):
    write_people(tmp_path, ["Bob", "Ann", ".git"], pictures=2)
    (tmp_path / "Ann" / "sub").mkdir()
    portrait(0, 9).save(tmp_path / "Ann" / "sub" / "z.jpg")
    (tmp_path / "Ann" / ".hidden.png").touch()
    (tmp_path / "Ann" / "notes.txt").write_text("x")
    portrait(0).save(tmp_path / "no one.png")
    found = {name: [p.name for p in paths] for name, paths in identities(tmp_path)}
    assert found == {"Ann": ["0.png", "1.png", "z.jpg"], "Bob": ["0.png", "1.png"]}


def test_folders_are_listed_one_at_a_time(tmp_path, monkeypatch):
    write_people(tmp_path, [f"p{i:03}" for i in range(20)], pictures=1)
    walked, walk = [], os.walk
    monkeypatch.setattr("zoo.faces.enrolment.os.walk", lambda top: walked.append(top) or walk(top))
    first = identities(tmp_path)
    assert next(first)[0] == "p000"
    assert len(walked) == 1


def test_names_of_any_kind_are_kept_and_printed_in_one_line(tmp_path):
    write_people(tmp_path, ODD, pictures=2)
    book = Book.enroll(tmp_path, model=tiny_verifier())
    assert {*book.names} == {*ODD}
    path = book.save(tmp_path / "book")
    again = Book.load(path, model=book.network())
    assert {*again.names} == {*ODD}
    for person in range(len(ODD)):
        text = str(again.identify(portrait(person, 5)))
        assert "\n" not in text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_two_ways_to_write_the_same_name_are_one_identity(tmp_path):
    """What macOS calls a folder, and what others call it."""
    write_people(tmp_path, ["e\u0301", "\u00e9"], pictures=2)
    assert Book.enroll(tmp_path, model=tiny_verifier(), threshold=1.0).names == ("\u00e9",)


def test_a_name_that_is_no_unicode_is_kept(tmp_path):
    raw = os.fsencode(tmp_path) + b"/\xff\xfe"
    try:
        os.mkdir(raw)
    except OSError:
        pytest.skip("this file system has no such names")
    portrait(0).save(os.fsdecode(raw) + "/0.png")
    book = Book.enroll(tmp_path, model=tiny_verifier())
    assert book.names == ("\udcff\udcfe",)
    assert Book.load(book.save(tmp_path / "b"), model=book.network()).names == book.names


def test_what_cannot_be_used_is_told_and_costs_the_others_nothing(tmp_path):
    write_people(tmp_path, ["Ann", "Bob", "Cid"], pictures=3)
    (tmp_path / "Ann" / "bad.png").write_text("x")
    (tmp_path / "Ann" / "0 again.png").write_bytes((tmp_path / "Ann" / "0.png").read_bytes())
    portrait(1, 0, noise=11).save(tmp_path / "Bob" / "nearly.png")
    portrait(2, 50).save(tmp_path / "Bob" / "wrong.png")
    (tmp_path / "Eve").mkdir()
    told = Book.enroll(tmp_path, model=tiny_verifier()).enrolment
    assert told.added == {"Ann": 3, "Bob": 5, "Cid": 3}
    assert [line.split(" (")[0] for line in told.unusable] == ["Ann/bad.png"]
    assert told.again == ["Ann/0.png"]  # "0 again.png" comes first
    assert told.notices == ["Eve has no picture"]
    wrong = [line for line in told.suspects if "wrong folder" in line]
    assert wrong[0].startswith("Bob/wrong.png is nearer to Cid (")
    assert any(line.startswith("Bob/nearly.png is nearly the same") for line in told.suspects)
    text = "\n".join(told.lines())
    for part in ("11 pictures of 3 identities enrolled", "1 could not be used: Ann/bad.png",
                 "1 are in the book already: Ann/0.png", "Eve has no picture"):  # fmt: skip
        assert part in text
    assert told.to_json()["again"] == ["Ann/0.png"]


def test_many_odd_pictures_are_not_all_printed(tmp_path):
    write_people(tmp_path, ["Ann"], pictures=3)
    for number in range(40):
        (tmp_path / "Ann" / f"bad{number}.png").write_text("x")
    lines = Book.enroll(tmp_path, model=tiny_verifier()).enrolment.lines()
    assert "and 35 more" in lines[1]
    assert max(map(len, lines)) < 700


def test_a_picture_of_one_pixel_and_one_of_noise(tmp_path):
    write_people(tmp_path, ["Ann", "Bob"], pictures=2)
    portrait(0).resize((1, 1)).save(tmp_path / "Ann" / "small.png")
    book = Book.enroll(tmp_path, model=tiny_verifier())
    assert book.pictures()["Ann"] == 3
    noise = np.random.default_rng(0).integers(0, 255, (20, 20, 3), dtype=np.uint8)
    assert len(book.identify(noise).faces) == 1


def test_what_is_no_folder_of_people_is_refused(tmp_path):
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(BadInput, match="expected FOLDER/NAME/ with pictures of each"):
            Book.enroll(folder, model=tiny_verifier())
