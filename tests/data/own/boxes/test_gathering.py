"""What readers collect: faults name the file from the root, sizes are compared, twice is told."""

from PIL import Image

from tests.data.own.boxes.sets import write_image
from zoo.data.own.boxes import Box
from zoo.data.own.boxes.gathering import Gathering
from zoo.errors import BadFile, BadInput

BOX = Box("cat", (1, 2, 30, 40), 7)


def test_places_are_named_from_the_root_with_the_line(tmp_path):
    found = Gathering(tmp_path)
    path = tmp_path / "labels" / "a.xml"
    for error in (BadFile(f"{path}:3: no XML"), BadInput(f"{path} is damaged"), BadInput("other")):
        with found.noted(path):
            raise error
    assert list(map(str, found.faults)) == [
        "labels/a.xml:3: no XML",
        "labels/a.xml: is damaged",
        "labels/a.xml: other",
    ]


def test_a_size_that_disagrees_and_what_an_exif_mark_turns(tmp_path):
    found = Gathering(tmp_path)
    image = write_image(tmp_path / "a.png")
    found.add(image, [BOX], source=tmp_path / "a.xml", stated=(640, 480))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (64, 48)).save(tmp_path / "b.jpg", exif=exif)
    found.add(tmp_path / "b.jpg", [BOX], source=tmp_path / "b.xml", stated=(64, 48))
    assert found.pictures == []
    assert [fault.what for fault in found.faults] == [
        "a.png is said to be 640 x 480, it is 64 x 48",
        "b.jpg is said to be 64 x 48, it is 48 x 64: the sides exchanged, maybe by an EXIF mark",
    ]


def test_an_image_that_has_its_boxes_in_two_files(tmp_path):
    found = Gathering(tmp_path)
    image = write_image(tmp_path / "a.png")
    for name in ("a.xml", "b.xml"):
        found.add(image, [BOX], source=tmp_path / name, stated=(64, 48))
    assert len(found.pictures) == 1
    assert list(map(str, found.faults)) == ["b.xml:1: the image a.png has its boxes in a.xml:1"]


def test_what_was_clipped_is_told(tmp_path):
    found = Gathering(tmp_path)
    image = write_image(tmp_path / "a.png")
    found.add(image, [BOX._replace(corners=(0, 0, 65.5, 9))], source=image)
    assert found.notices() == (
        "clipped 1 box that reaches over the edge of its image, by up to 1.5 pixels",
    )
