"""The faces of a photo with their names."""

import torch
from PIL import Image

from zoo.faces.answers import Identification, named_face
from zoo.predictors.verifying.answer import Embedding


def face(box=(10.0, 10.0, 30.0, 30.0)):
    return Embedding(torch.zeros(4), torch.zeros(3, 8, 8, dtype=torch.uint8), box, 0.9)


def answer():
    ann = named_face(face(), ["Ann", "Bob"], [0.25, 1.0], 0.5)
    unknown = named_face(face((40.0, 5.0, 60.0, 25.0)), ["B\x1bob", "Ann"], [0.9, 1.1], 0.5)
    return Identification((ann, unknown), 0.5, Image.new("RGB", (80, 40)))


def test_it_is_said_in_one_line():
    assert str(answer()) == (
        "2 faces: Ann (0.250, then Bob +0.750), unknown (nearest B\\x1bob 0.900, then Ann +0.200)"
    )
    alone = Identification((named_face(face(None), ["Ann"], [0.25], 0.5),), 0.5, None)
    assert str(alone) == "Ann (0.250)"
    assert str(Identification((), 0.5, None)) == "no face"


def test_the_record_has_all_numbers():
    first, second = answer().to_json()["faces"]
    assert first == {"name": "Ann", "nearest": "Ann", "dissimilarity": 0.25, "second": "Bob",
                     "margin": 0.75, "box": [10.0, 10.0, 30.0, 30.0], "score": 0.9}  # fmt: skip
    assert second["name"] is None
    assert answer().names == ("Ann", None)
    assert len(answer()) == 2


def test_each_face_has_a_frame_with_its_name():
    plain = Image.new("RGB", (80, 40))
    drawn = answer().picture()
    assert drawn.size == (80, 40)
    assert drawn.tobytes() != plain.tobytes()
    assert drawn.getpixel((10, 20)) != (0, 0, 0)
    assert drawn.getpixel((45, 5)) != (0, 0, 0)
    assert len(answer().plot().axes) == 1
    whole = Identification((named_face(face(None), ["Ann"], [0.2], 0.5),), 0.5, plain)
    assert whole.picture().getpixel((0, 20)) != (0, 0, 0)
