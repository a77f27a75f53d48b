"""``zoo faces``: one file with a book, whatever happens meanwhile."""

import json
import multiprocessing
import os
import signal

import pytest
from PIL import Image

from tests.helpers.people import portrait, write_people
from tests.helpers.tiny_verifier import tiny_verifier
from zoo.cli.main import main
from zoo.faces import Book
from zoo.files import alone_with


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """The weights of every book are the tiny network."""

    def weights(model, device, aligned):
        return tiny_verifier()

    monkeypatch.setattr("zoo.faces.book.weights", weights)
    monkeypatch.setattr("zoo.faces.weights.weights", weights)


@pytest.fixture
def says(capsys, monkeypatch, tmp_path):
    """A function: run zoo faces in a folder of its own; exit code, output, errors."""
    monkeypatch.chdir(tmp_path)

    def say(*words):
        code = main(["faces", *map(str, words)])
        return (code, *capsys.readouterr())

    return say


@pytest.fixture
def book(says, tmp_path):
    write_people(tmp_path / "people")
    assert says("enroll", "people", "--book", "faces.zoo")[0] == 0
    return tmp_path / "faces.zoo"


def test_enroll_says_what_the_threshold_rests_on(says, tmp_path):
    write_people(tmp_path / "people")
    (tmp_path / "people" / "Ann" / "bad.png").write_text("x")
    code, out, err = says("enroll", "people", "--book", "faces.zoo")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "16 pictures of 4 identities enrolled"
    assert lines[1] == "faces.zoo: 4 people, 16 vectors of tiny.test"
    assert lines[2].startswith("threshold 0.")
    assert "of 96 pairs of two" in lines[3]
    assert "of 24 pairs of one identity" in lines[3]
    assert "1 could not be used: Ann/bad.png" in err


def test_identify_prints_names_and_draws_them(says, book, tmp_path):
    portrait(1, 60).save("who.png")
    code, out, err = says("identify", "who.png", "--book", book, "--plot", "named.png")
    assert (code, err) == (0, "")
    assert out.startswith("who.png: Bob (0.")
    with Image.open("named.png") as drawn:
        assert drawn.size[0] > 100
    code, out, err = says("identify", "people/Ann", "none.png", "--book", book, "--json")
    assert code == 2  # one is not there
    assert [one["faces"][0]["name"] for one in json.loads(out)] == ["Ann"] * 4
    assert "none.png" in err
    strict = says("identify", "who.png", "--book", book, "--threshold", "0")[1]
    assert strict.startswith("who.png: unknown (nearest Bob ")
    assert says("identify", "who.png", "--book", book, "--save", "json", "--out", "all")[0] == 0
    assert json.loads((tmp_path / "all" / "who.json").read_text())["faces"][0]["name"] == "Bob"


def test_verify_compares_two_by_two(says, book):
    code, out, _ = says("verify", "people/Ann/0.png", "people/Ann/1.png", "people/Ann/0.png",
                        "people/Bob/0.png", "--book", book)  # fmt: skip
    assert code == 0
    first, second = out.splitlines()
    assert first.startswith("people/Ann/0.png and people/Ann/1.png: the same (")
    assert second.startswith("people/Ann/0.png and people/Bob/0.png: not the same (")
    assert says("verify", "a.png", "--book", book)[0] == 2


def test_list_remove_rename_merge(says, book, tmp_path):
    out = says("list", "--book", book)[1]
    assert out.startswith("Ann: 4 pictures, nearest ")
    assert says("remove", "Ann", "Bob", "--book", book)[0] == 0
    assert says("rename", "Cid", "Zoe", "--book", book)[0] == 0
    assert Book.load(book).names == ("Zoe", "Dee")
    write_people(tmp_path / "more", ["Eve"], pictures=2)
    assert says("enroll", "more", "--book", "other.zoo", "--threshold", "0.1")[0] == 0
    assert says("merge", "other.zoo", "--book", book)[0] == 0
    record = json.loads(says("list", "--book", book, "--json")[1])
    assert [one["name"] for one in record["people"]] == ["Zoe", "Dee", "Eve"]
    code, _, err = says("remove", "Nobody", "--book", book)
    assert (code, err.count("\n")) == (2, 1)
    assert says("list", "--book", "none.zoo")[0] == 2


def test_people_are_added_to_a_book_that_is_there(says, book, tmp_path):
    write_people(tmp_path / "more", ["Ann"], pictures=2, first=9)
    out = says("enroll", "more", "--book", book)[1]
    assert "2 pictures of 1 identities enrolled" in out
    assert Book.load(book).pictures()["Ann"] == 6


def test_an_enrolment_that_is_stopped_leaves_the_old_book(says, book, tmp_path, monkeypatch):
    before = book.read_bytes()

    def stopped(*_, **__):
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("zoo.faces.enrolment._vectors", stopped)
    assert says("enroll", "people", "--book", book)[0] == 130
    assert book.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {"people", "faces.zoo"}


def hold(path, taken, done):
    with alone_with(path):
        taken.set()
        done.wait(20)


def test_two_enrolments_at_once_are_refused(says, book):
    context = multiprocessing.get_context("fork")
    taken, done = context.Event(), context.Event()
    other = context.Process(target=hold, args=(book, taken, done))
    other.start()
    assert taken.wait(20)
    code, _, err = says("enroll", "people", "--book", book)
    done.set()
    other.join()
    assert code == 2
    assert f"faces.zoo is being changed by process {other.pid}; wait for it" in err
    assert says("enroll", "people", "--book", book)[0] == 0  # afterwards


def test_a_damaged_book_is_one_line(says, book):
    book.write_bytes(book.read_bytes()[:-5])
    for words in (["list"], ["identify", "people/Ann/0.png"], ["enroll", "people"]):
        code, out, err = says(*words, "--book", book)
        assert (code, out, err.count("\n")) == (2, "", 1), words


def test_names_that_a_terminal_would_obey_are_escaped(says, tmp_path):
    write_people(tmp_path / "people", ["\x1b[31mred", "two\nlines", "\u202eback"])
    code, out, _ = says("enroll", "people", "--book", "b")
    assert code == 0
    out += says("list", "--book", "b")[1]
    portrait(0, 5).save("who.png")
    out += says("identify", "who.png", "--book", "b")[1]
    assert "\\x1b[31mred" in out
    assert not {"\x1b", "\u202e"} & {*out}
    assert "\nlines" not in out
