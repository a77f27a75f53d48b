"""Faces found in real photographs by mtcnn, with a network of random weights behind it."""

import pytest
from PIL import Image, ImageEnhance

import zoo
from tests.helpers.verifier_weights import write_verifier
from zoo.data.root import data_folder
from zoo.errors import BadInput
from zoo.faces import Book


@pytest.fixture(scope="module")
def photos():
    folder = data_folder() / "photos" / "content"
    if not (folder / "astronaut.jpg").exists():
        pytest.skip("needs $ZOO_DATA/photos")
    if not zoo.list_weights("mtcnn.*"):
        pytest.skip("needs the weights of mtcnn")
    return folder


@pytest.fixture(scope="module")
def verifier(photos, tmp_path_factory):
    card = write_verifier(tmp_path_factory.mktemp("w"), threshold=0.2, faces="mtcnn")
    return zoo.load(card.folder, device="cpu")


@pytest.fixture(scope="module")
def astronaut(photos):
    with Image.open(photos / "astronaut.jpg") as image:
        return image.convert("RGB")


def brighter(image):
    return ImageEnhance.Brightness(image).enhance(1.3).resize((400, 400))


def test_the_face_is_found_and_known_again_in_another_size_and_light(verifier, astronaut):
    answer = verifier(astronaut)
    x1, y1, x2, y2 = answer.box
    assert (160 < x1 < 200, 50 < y1 < 80, 250 < x2 < 290, 160 < y2 < 190) == (True,) * 4
    assert answer.score > 0.99
    assert verifier.verify(astronaut, brighter(astronaut)).same


def test_a_photo_without_a_face_and_one_of_20_pixels(verifier, photos, astronaut):
    for picture in (photos / "chelsea.jpg", astronaut.resize((20, 20))):  # a cat
        assert verifier.faces(picture) == []
        with pytest.raises(BadInput, match="shows no face that is found"):
            verifier(picture)


def test_people_of_a_group_photo_are_named(verifier, photos, astronaut, tmp_path):
    folder = tmp_path / "people" / "Eileen"
    folder.mkdir(parents=True)
    astronaut.save(folder / "1.png")
    brighter(astronaut).save(folder / "2.png")
    (tmp_path / "people" / "Cat").symlink_to(photos)  # has the cat, a cup, the astronaut again
    book = Book.enroll(tmp_path / "people", model=verifier)
    assert book.enrolment.added == {"Cat": 1, "Eileen": 2}
    assert [line.split(" (")[0] for line in book.enrolment.unusable] == [
        "Cat/chelsea.jpg",
        "Cat/coffee.jpg",
    ]
    assert any("the wrong folder?" in line for line in book.enrolment.suspects)
    group = Image.new("RGB", (1000, 560), (90, 110, 90))
    group.paste(astronaut, (0, 20))
    group.paste(brighter(astronaut), (560, 100))
    answer = book.remove(["Cat"]).identify(group)
    assert answer.names == ("Eileen", "Eileen")
    assert answer.picture().size == (1000, 560)
