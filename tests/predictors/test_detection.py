"""The detector's predictor: raw pictures of every kind in, boxes in their own pixels out."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from tests.helpers.colour_detector import (
    CLASSES,
    ColourDetector,
    detector,
    registered,
    scene,
    write_detector,
)
from tests.helpers.small_weights import change_card, only_from
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.errors import BadFile, BadInput, Missing
from zoo.models.yolov3_tiny import YOLOv3Tiny
from zoo.ops.boxes.objects import Detections
from zoo.predictors.detection import ObjectDetector, Options
from zoo.predictors.inputs.images import as_text, probe

RED, GREEN = (20, 10, 60, 40), (70, 30, 100, 60)


@pytest.fixture
def picture():
    return scene(red=RED, green=GREEN)


def boxes(answer):
    """Class to box, of an answer."""
    return {k: box.tolist() for k, box in zip(answer.labels, answer.boxes, strict=True)}


# ---- raw pictures -------------------------------------------------------------------------------


@pytest.mark.parametrize("fit", ["stretch", "letterbox", "darknet"])
def test_boxes_are_in_pixels_of_the_picture(picture, fit):
    answer = detector((128, 96), fit)(picture)
    assert (answer.width, answer.height) == (100, 60)
    assert answer.labels == ("red", "green") or answer.labels == ("green", "red")
    assert answer.scores.tolist() == sorted(answer.scores.tolist(), reverse=True)
    for name, box in (("red", RED), ("green", GREEN)):
        assert boxes(answer)[name] == pytest.approx(box, abs=1.6)


def test_pictures_of_several_shapes_are_several_batches(picture):
    predictor = detector((60, 120), "sides")
    turned = picture.transpose(Image.Transpose.ROTATE_90)
    together = predictor([picture, turned, picture])
    for answer, alone in zip(together, map(predictor, [picture, turned, picture]), strict=True):
        assert boxes(answer) == boxes(alone)
    assert boxes(together[0])["red"] == pytest.approx(RED, abs=1.6)
    assert boxes(together[1])["red"] == pytest.approx((10, 40, 40, 80), abs=1.6)


def test_a_picture_in_any_form_is_the_same_picture(picture, tmp_path):
    predictor = detector()
    expected = boxes(predictor(picture))
    picture.save(tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    array = np.asarray(picture)
    forms = [tmp_path / "a.png", str(tmp_path / "a.png"), data, io.BytesIO(data), array]
    forms += [torch.from_numpy(array.copy()).permute(2, 0, 1), array / 255.0]
    for one in forms:
        assert boxes(predictor(one)) == expected
    assert [boxes(x) for x in predictor(forms[:3])] == [expected] * 3
    assert [boxes(x) for x in predictor(np.stack([array, array]))] == [expected] * 2
    assert [boxes(x) for x in predictor(tmp_path)] == [expected]


def test_an_open_file_is_read_once_and_its_answer_is_drawn_later(picture):
    data = io.BytesIO()
    picture.save(data, "PNG")
    data.seek(0)
    answer = detector()(data)
    assert answer.image().shape == (3, 60, 100)
    assert len(answer.crops()) == 2


def test_a_photo_that_was_turned_is_upright(picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    picture.rotate(90, expand=True).save(tmp_path / "turned.png", exif=exif)
    answer = detector()(tmp_path / "turned.png")
    assert (answer.width, answer.height) == (100, 60)
    assert boxes(answer)["red"] == pytest.approx(RED, abs=1.6)
    assert answer.image().shape == (3, 60, 100)


def test_grey_and_16_bit_pictures_are_read_as_colour(tmp_path):
    Image.fromarray(np.full((9, 12), 40_000, np.uint16)).save(tmp_path / "deep.png")
    Image.new("L", (12, 9), 200).save(tmp_path / "grey.png")
    Image.new("1", (12, 9)).save(tmp_path / "bits.png")
    for name in ("deep.png", "grey.png", "bits.png"):
        answer = detector()(tmp_path / name)
        assert len(answer) == 0
        assert answer.image().shape == (3, 9, 12)
        assert str(answer) == "nothing found (scores from 0.25)"


@pytest.mark.parametrize("size", [(5000, 1), (1, 5000), (1, 1)])
@pytest.mark.parametrize("fit", ["stretch", "letterbox", "darknet"])
def test_long_and_thin_and_tiny_pictures(size, fit):
    answer = detector(fit=fit)(scene(size, red=(0, 0, *size)))
    assert boxes(answer)["red"] == pytest.approx((0, 0, *size), rel=0.02)
    assert answer.crops()[0].size[0] <= size[0]


def test_boxes_in_the_grey_bars_are_no_boxes_of_the_picture():
    class Bars(ColourDetector):
        def detect(self, images, **options):
            rows = [[0.0, 0, 64, 5], [0, 0, 64, 40]]
            row = Detections(torch.tensor(rows), torch.tensor([0, 1]), torch.tensor([0.9, 0.8]))
            return [row] * len(images)

    answer = ObjectDetector(Bars(), BoxFrontEnd((64, 64)), CLASSES)(scene((640, 64)))
    assert answer.labels == ("green",)


# ---- batches ------------------------------------------------------------------------------------


def test_pictures_are_run_in_batches_and_errors_cost_the_others_nothing(picture, tmp_path):
    predictor = detector()
    (tmp_path / "bad.png").write_bytes(b"no image")
    picture.save(tmp_path / "good.png")
    raws = [picture] * 20 + [tmp_path / "bad.png", tmp_path / "none.png", tmp_path / "good.png"]
    answers = predictor.each(raws)
    assert predictor.model.batches == [16, 5]
    assert [type(answers[i]) for i in (20, 21)] == [BadFile, Missing]
    assert boxes(answers[22]) == boxes(answers[0])
    with pytest.raises(BadFile, match="bad.png"):
        predictor(raws)
    assert predictor([]) == []


def test_the_answer_of_a_picture_does_not_depend_on_the_batch():
    torch.manual_seed(1)
    model = YOLOv3Tiny(3, widths=(4, 4, 8, 8, 8, 8, 16))
    predictor = ObjectDetector(model, BoxFrontEnd((64, 96)), CLASSES, threshold=0.004, limit=20)
    draw = np.random.default_rng(0)
    pictures = [draw.integers(0, 256, (30 + 9 * n, 50, 3), np.uint8) for n in range(5)]
    together = predictor(pictures)
    assert min(map(len, together)) >= 3
    for one, alone in zip(together, map(predictor, pictures), strict=True):
        assert one.labels == alone.labels
        torch.testing.assert_close(one.boxes, alone.boxes, rtol=1e-4, atol=1e-3)
        torch.testing.assert_close(one.scores, alone.scores, rtol=1e-4, atol=1e-6)


# ---- options ------------------------------------------------------------------------------------


def test_threshold_and_limit(picture):
    half = scene(red=(0, 0, 40, 40))
    half.paste(0, (0, 0, 40, 20))
    half.putpixel((0, 0), (255, 0, 0))  # the rectangle is half empty
    predictor = detector((60, 100))
    assert len(predictor(half)) == 1
    assert len(detector((60, 100), threshold=0.9)(half)) == 0
    assert len(detector(limit=1)(picture)) == 1
    assert detector(threshold=0.0).threshold == 0.0


@pytest.mark.parametrize(
    "options",
    [{"threshold": -0.1}, {"threshold": 1.1}, {"overlap": 2.0}, {"overlap": -1.0}, {"limit": 0}],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(BadInput, match=next(iter(options))):
        detector(**options)


def test_soft_nms_lowers_what_overlaps_and_keeps_the_rest():
    class Two(ColourDetector):
        def detect(self, images, *, threshold, overlap, limit):
            assert (overlap, limit) == (1.0, 1000)
            rows = [[0.0, 0, 40, 40], [0, 0, 40, 36], [50, 50, 60, 60], [0, 0, 40, 38]]
            ids, scores = torch.tensor([0, 0, 0, 1]), torch.tensor([0.9, 0.8, 0.7, 0.6])
            return [Detections(torch.tensor(rows), ids, scores)] * len(images)

    front_end = BoxFrontEnd((64, 64))
    answer = ObjectDetector(Two(), front_end, CLASSES, threshold=0.1, soft_nms=True)(
        scene((64, 64))
    )
    assert answer.labels == ("red", "red", "green", "red")
    lowered = 0.8 * np.exp(-(0.9**2) / 0.5)
    assert answer.scores.tolist() == pytest.approx([0.9, 0.7, 0.6, lowered])
    few = ObjectDetector(Two(), front_end, CLASSES, threshold=0.1, soft_nms=True, limit=2)
    assert few(scene((64, 64))).scores.tolist() == pytest.approx([0.9, 0.7])


def test_soft_nms_of_nothing_is_nothing():
    assert len(detector(soft_nms=True)(scene())) == 0


def test_values_that_are_not_finite_are_refused():
    class Odd(ColourDetector):
        def detect(self, images, **options):
            nan = torch.tensor([float("nan")])
            return [Detections(torch.zeros(1, 4), torch.zeros(1).long(), nan)] * len(images)

    predictor = ObjectDetector(Odd(), BoxFrontEnd((64, 64)), CLASSES)
    with pytest.raises(BadInput, match="not finite for this image"):
        predictor(scene())


# ---- cards --------------------------------------------------------------------------------------


@pytest.fixture
def weights(tmp_path, monkeypatch):
    with registered(monkeypatch):
        write_detector(tmp_path / "weights", threshold=0.7)
        only_from(tmp_path / "weights", monkeypatch)
        yield tmp_path / "weights"


def test_zoo_load_and_the_threshold_of_the_card(weights, picture):
    predictor = zoo.load("colour_detector.tiny", device="cpu")
    assert predictor.threshold == 0.7
    assert set(predictor(picture).labels) == {"red", "green"}
    assert zoo.load("colour_detector.tiny", threshold=0.2).threshold == 0.2
    assert json.loads(json.dumps(predictor(picture).to_json()))["width"] == 100


def test_zoo_transform_is_what_load_does(weights, picture):
    transform = zoo.transform("colour_detector.tiny")
    predictor = zoo.load("colour_detector.tiny")
    assert torch.equal(transform(picture), predictor.front_end(picture).image)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("front_end", {"kind": "images"}),
        ("front_end", {"kind": "boxes", "size": [64, 64], "threshold": "x"}),
        ("front_end", {"kind": "boxes", "size": [9**9, 64]}),
        ("classes", ["one"]),
    ],
)
def test_a_card_that_does_not_fit_is_refused(weights, field, value):
    change_card(weights / "colour_detector.tiny.json", **{field: value})
    with pytest.raises(BadFile):
        zoo.load("colour_detector.tiny")


def test_another_test_vector_is_refused(weights):
    vector = zoo.card("colour_detector.tiny").test_vector
    assert len(vector["output"]) == 64
    change = {**vector, "output": [x + 1 for x in vector["output"]]}
    change_card(weights / "colour_detector.tiny.json", test_vector=change)
    with pytest.raises(BadFile, match="does not give its card's test vector"):
        zoo.load("colour_detector.tiny")


def test_the_test_vector_is_64_numbers_from_first_to_last():
    predictor = detector((8, 8))
    assert torch.equal(predictor.output_of(predictor.vector_input()), predictor.output_of(
        as_text(probe())))  # fmt: skip
    whole = predictor.model.outputs(predictor.front_end(probe()).image[None])[0]
    some = predictor.output_of(predictor.vector_input())
    assert len(some) == 64
    assert (some[0], some[-1]) == (whole[0], whole[-1])
    assert len(detector((4, 5)).output_of(as_text(probe()))) == 60  # all there are


def test_shapes_for_export_and_of_a_transform_without_a_card():
    record = BoxFrontEnd((96, 64)).to_card()
    assert ObjectDetector.export_shape((3, 416, 416), None) == (3, 416, 416)
    assert ObjectDetector.export_shape((3, 416, 416), {**record, "threshold": 0.3}) == (3, 96, 64)
    transform = ObjectDetector.transform((3, 32, 64), None, {})
    assert transform(probe()).shape == (3, 32, 64)
    assert Options().threshold is None
