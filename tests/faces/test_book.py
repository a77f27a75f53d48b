"""Enroll people, say who is on a photo, keep it in one file."""

import pytest
import torch
from PIL import Image

from tests.helpers.people import portrait, write_people
from tests.helpers.tiny_verifier import MeanColours, MeanColoursLogit, tiny_verifier
from zoo.errors import BadInput, UnknownName
from zoo.faces import Book


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return write_people(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module", params=[MeanColours, MeanColoursLogit])
def book(people, request):
    return Book.enroll(people, model=tiny_verifier(request.param()))


def test_everybody_is_known_again(book):
    assert book.names == ("Ann", "Bob", "Cid", "Dee")
    assert book.pictures() == dict.fromkeys(book.names, 4)
    for person, name in enumerate(book.names):
        answer = book.identify(portrait(person, 77))
        assert answer.names == (name,)
        face = answer.faces[0]
        assert face.dissimilarity <= book.content.threshold.value
        assert face.margin > 0
        assert face.second != name
    assert book.identify(portrait(9)).names == (None,)  # a stranger


def test_what_it_says_is_what_plain_distances_say(book):
    """The nearest of an identity's vectors, of all identities."""
    vector = book.network()(portrait(1, 50)).vector
    table = book.network().dissimilarity(vector[None], book.content.vectors)[0]
    rows = [table[book.content.owners == number].min() for number in range(4)]
    order = torch.stack(rows).argsort().tolist()
    face = book.identify(portrait(1, 50)).faces[0]
    assert [face.nearest, face.second] == [book.names[i] for i in order[:2]]
    assert face.dissimilarity == pytest.approx(float(rows[order[0]]), abs=1e-5)
    assert face.margin == pytest.approx(float(rows[order[1]] - rows[order[0]]), abs=1e-5)


def test_several_photos_are_several_answers(book, people, tmp_path):
    (tmp_path / "bad.png").write_text("x")
    photos = [people / "Ann" / "0.png", tmp_path / "bad.png", people / "Bob" / "0.png"]
    found = book.each(photos)
    assert [type(one).__name__ for one in found] == ["Identification", "BadFile", "Identification"]
    assert [one.names for one in book.identify(photos[::2])] == [("Ann",), ("Bob",)]
    assert book.identify(Image.new("RGB", (20, 20))).faces[0].name is None


def test_two_pictures_are_compared_with_the_books_threshold(book, people):
    value = book.content.threshold.value
    same = book.verify(people / "Ann" / "0.png", people / "Ann" / "1.png")
    assert (same.same, same.threshold) == (True, value)
    assert not book.verify(people / "Ann" / "0.png", people / "Bob" / "1.png").same


def test_a_book_is_the_same_after_saving(book, people, tmp_path):
    path = book.save(tmp_path / "faces.zoo")
    again = Book.load(path, model=book.network())
    assert again.names == book.names
    assert again.content.threshold == book.content.threshold
    torch.testing.assert_close(again.content.vectors, book.content.vectors, rtol=0, atol=0)
    photo = portrait(2, 30)
    assert again.identify(photo).to_json() == book.identify(photo).to_json()
    assert list(tmp_path.iterdir()) == [path]  # no lock stays


def test_people_are_added_to_a_book(book, people, tmp_path):
    write_people(tmp_path, ["Ann", "Bob", "Eve"], pictures=2, first=4)
    for number in range(2):  # Eve is person 2 here, Cid: make her another
        portrait(8, number).save(tmp_path / "Eve" / f"{number + 4}.png")
    more = Book.enroll(tmp_path, book=book)
    assert more.pictures() == {"Ann": 6, "Bob": 6, "Cid": 4, "Dee": 4, "Eve": 2}
    assert more.enrolment.added == {"Ann": 2, "Bob": 2, "Eve": 2}
    assert more.identify(portrait(8, 50)).names == ("Eve",)
    again = Book.enroll(people, book=more)
    assert len(again.enrolment.again) == 16
    assert again.pictures() == more.pictures()
    assert book.pictures()["Ann"] == 4  # a book is not changed


def test_other_weights_are_refused(book, tmp_path):
    path = book.save(tmp_path / "faces.zoo")
    other = tiny_verifier()
    other.sha256 = "f" * 64
    with pytest.raises(BadInput, match="vectors of two networks cannot be compared"):
        Book.load(path, model=other)


def test_the_nearest_other_identity_is_told(book):
    near = book.neighbours()
    assert near.keys() == {*book.names}
    table = book._apart(book.content.vectors, book.content.vectors)
    owners = book.content.owners
    for number, name in enumerate(book.names):
        rest = table[owners == number][:, owners != number]
        assert near[name][1] == pytest.approx(float(rest.min()), abs=1e-5)
    alone = book.remove(book.names[1:])
    assert alone.neighbours() == {}
    assert alone.identify(portrait(0)).faces[0].margin is None


def test_removed_renamed_and_joined(book):
    assert book.remove(["Ann", "Cid"]).pictures() == {"Bob": 4, "Dee": 4}
    assert book.rename("Ann", "Zoe").pictures()["Zoe"] == 4
    joined = book.rename("Ann", "Bob")
    assert joined.pictures() == {"Bob": 8, "Cid": 4, "Dee": 4}
    both = book.remove(["Dee"]).merge(joined.rename("Cid", "Ann"))
    assert both.pictures() == {"Ann": 8, "Bob": 12, "Cid": 4, "Dee": 4}
    assert both.identify(portrait(3, 60)).names == ("Dee",)
    with pytest.raises(UnknownName, match="no identity 'Anne'; did you mean Ann"):
        book.remove(["Anne"])
    with pytest.raises(BadInput, match="leaves no one"):
        book.remove(book.names)
    with pytest.raises(BadInput, match="1 to 1000 characters"):
        book.rename("Ann", "")


def test_the_threshold_can_be_set_or_chosen_for_a_rate(people):
    given = Book.enroll(people, model=tiny_verifier(), threshold=0.5).content.threshold
    assert (given.value, given.origin) == (0.5, "given")
    rare = Book.enroll(people, model=tiny_verifier(), far=0.001).content.threshold
    assert (rare.origin, rare.wished) == ("fitted", 0.1)
    assert "cannot show a rate of 0.1 %" in "\n".join(rare.lines())
    for far in (0.0, 1.0, -1.0):
        with pytest.raises(BadInput, match="far must lie between 0 and 1"):
            Book.enroll(people, model=tiny_verifier(), far=far)


def test_one_picture_each_leaves_the_usual_threshold(tmp_path, capsys):
    write_people(tmp_path, pictures=1)
    book = Book.enroll(tmp_path, model=tiny_verifier(threshold=0.3, source="as it is"))
    found = book.content.threshold
    assert (found.value, found.origin, found.same_pairs) == (0.3, "usual", 0)
    assert "there is no pair of one identity" in "\n".join(found.lines())
    assert "threshold 0.3000: the usual one" in found.lines()
    assert "states no threshold: 0.3 is taken" in capsys.readouterr().err
    of_card = Book.enroll(tmp_path, model=tiny_verifier(threshold=0.3)).content.threshold
    assert of_card.lines()[0] == "threshold 0.3000: that of the network's card"
    assert capsys.readouterr().err == ""


def test_a_folder_without_a_usable_picture_is_refused(tmp_path):
    (tmp_path / "Ann").mkdir()
    with pytest.raises(BadInput, match=r"no picture that can be used: Ann has no picture"):
        Book.enroll(tmp_path, model=tiny_verifier())
    (tmp_path / "Ann" / "a.png").write_text("x")
    with pytest.raises(BadInput, match=r"Ann/a.png \(is not an image"):
        Book.enroll(tmp_path, model=tiny_verifier())
