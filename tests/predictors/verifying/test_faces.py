"""The faces in a photo, cut out as a network for faces takes them."""

import pytest
import torch

from tests.helpers.people import PLACES, KnownPlaces, group, portrait
from tests.helpers.tiny_verifier import FRONT_END, tiny_verifier
from zoo.errors import BadFile, BadInput
from zoo.predictors.verifying.faces import FaceCutter


def finding(boxes=PLACES):
    """A verifier that finds faces there first."""
    verifier = tiny_verifier(faces="somewhere")
    assert verifier.asks_first() == "somewhere"
    verifier.give(lambda: KnownPlaces(boxes))
    return verifier


def test_each_face_is_cut_out_along_its_box():
    photo = group([0, 1, 2])
    cuts = FaceCutter(FRONT_END, KnownPlaces).all(photo)
    assert {cut.box for cut in cuts} == {*PLACES}
    for cut in cuts:
        person = PLACES.index(cut.box)
        box = tuple(map(int, cut.box))
        expected = FRONT_END.pixels(photo.crop(box))
        assert (cut.pixels.float() - expected.float()).abs().mean() < 3, person
        assert cut.pixels.shape == (3, 24, 24)


def test_the_largest_comes_first_unless_it_is_far_from_the_middle():
    photo = group([0, 1, 2])
    cutter = FaceCutter(FRONT_END, KnownPlaces)
    assert cutter.one(photo).box == PLACES[1]
    assert cutter.one(photo).remark == "3 faces, the largest is taken"
    far, middle = (0.0, 0.0, 40.0, 40.0), (65.0, 40.0, 95.0, 70.0)
    found = FaceCutter(FRONT_END, lambda: KnownPlaces((far, middle))).one(photo)
    assert found.box == middle


def test_a_network_for_faces_looks_for_them_first():
    verifier = finding()
    alone = tiny_verifier()(group([0, 1, 2]).crop((90, 5, 150, 65)))
    answer = verifier(group([0, 1, 2]))
    torch.testing.assert_close(answer.vector, alone.vector, atol=0.01, rtol=0)
    assert answer.remark == "3 faces, the largest is taken"
    assert answer.to_json()["face"]["box"] == [90, 5, 150, 65]
    assert [one.box for one in verifier.faces(group([0, 1, 2]))] == [
        *(PLACES[1], PLACES[2], PLACES[0])
    ]
    both = verifier.verify(group([0, 1, 2]), group([5, 1, 6]))
    assert both.same
    assert both.remark == "3 faces, the largest is taken; 3 faces, the largest is taken"


def test_the_detector_is_loaded_once_and_only_if_it_is_needed():
    loaded = []
    verifier = tiny_verifier(faces="x")
    verifier.give(lambda: loaded.append(1) or KnownPlaces())
    verifier.output_of(verifier.vector_input())
    assert loaded == []
    verifier([group([0]), group([1])])
    assert loaded == [1]


def test_a_photo_without_a_face_says_what_to_do():
    verifier = finding(())
    assert verifier.faces(group([])) == []
    with pytest.raises(BadInput, match=r"the image shows no face that is found; .*--aligned"):
        verifier(group([]))
    outside = ((200.0, 200.0, 220.0, 220.0), (-9.0, -9.0, -1.0, -1.0), (5.2, 5.0, 5.4, 9.0))
    assert finding(outside).faces(group([])) == []
    border = ((-10.0, -10.0, 20.0, 20.0), (150.0, 100.0, 170.0, 130.0))
    assert len(finding(border).faces(group([]))) == 2


def test_a_cut_of_a_face_is_taken_whole():
    verifier = tiny_verifier()
    assert verifier.asks_first() == ""
    [whole] = verifier.faces(portrait(3))
    assert whole.box is None
    torch.testing.assert_close(whole.vector, verifier(portrait(3)).vector)


def test_weights_that_find_nothing_are_refused():
    verifier = tiny_verifier(faces="x")
    verifier.give(lambda: lambda image: "a cat")
    with pytest.raises(BadFile, match="find no boxes"):
        verifier(group([0]))
