"""A classifier of digits on a sheet of digits: which windows, which labels, where."""

import json

import pytest
import torch
from PIL import Image

import zoo
from tests.cli.test_finetune import zoo_says
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.datasets.digits import digits
from zoo.errors import BadInput
from zoo.models.lenet import LeNet5
from zoo.models.vgg_small import vgg_small
from zoo.predictors.classification import ImageClassifier, Options
from zoo.predictors.sliding import SlidingClassifier

WEIGHTS = "lenet5.digits"
FRONT_END = ImageFrontEnd((32, 32), mean=(0.5,), std=(0.5,))
NAMES = [str(n) for n in range(10)]


@pytest.fixture(scope="module")
def sheet(tmp_path_factory):
    """Six digits of the test set on a black canvas, where windows lie, and what they are."""
    part = digits(size=28, pad=2).test
    canvas = torch.zeros(104, 168, dtype=torch.uint8)
    places = [(4, 8), (4, 64), (8, 120), (60, 16), (64, 76), (56, 128)]  # multiples of the stride
    for i, (y, x) in enumerate(places):
        canvas[y : y + 32, x : x + 32] = part.pixels[i, 0]
    path = tmp_path_factory.mktemp("sheet") / "sheet.png"
    Image.fromarray(canvas.numpy()).save(path)
    return path, places, [part.classes[int(label)] for label in part.labels[:6]]


def test_digits_on_a_sheet_are_found_where_they_lie(sheet):
    path, places, labels = sheet
    answer = zoo.load(WEIGHTS, slide=0.9)(path)
    assert answer.stride == (4, 4)
    assert not answer.cropped
    assert answer.labels.shape == (19, 35)
    at_places = [answer.classes[int(answer.labels[y // 4, x // 4])] for y, x in places]
    assert at_places == labels
    right = 0
    for (y, x), label in zip(places, labels, strict=True):
        near = [
            name for name, _, box in answer.found if abs(box[0] - x) <= 8 and abs(box[1] - y) <= 8
        ]
        right += label in near
    assert right >= 5
    record = answer.to_json()
    assert record["map"][places[0][0] // 4][places[0][1] // 4] == labels[0]
    assert record["windows"][0]["probability"] >= record["windows"][-1]["probability"] >= 0.9
    assert "19 x 35 windows, 4 pixels apart" in answer.remark
    assert len(answer.plot().axes[0].patches) == len(answer.found)


def test_windows_that_overlap_a_better_one_are_left_out(sheet):
    answer = zoo.load(WEIGHTS, slide=0.5)(sheet[0])
    from zoo.ops.boxes.iou import iou

    boxes = torch.tensor([box for _, _, box in answer.found])
    overlap = iou(boxes, boxes).fill_diagonal_(0)
    assert overlap.max() <= 0.1
    every = zoo.load(WEIGHTS, slide=1e-6)(sheet[0])
    assert len(every.found) >= len(answer.found)


def test_from_the_command_line(sheet, tmp_path):
    plot = tmp_path / "windows.png"
    words = ("predict", WEIGHTS, sheet[0], "--slide", "0.9", "--json", "--plot", plot)
    code, out, err = zoo_says(*words)
    assert code == 0, err
    assert json.loads(out)[0]["stride"] == [4, 4]
    assert plot.exists()
    for more, expected in [
        (("--slide", "2"), "slide must be above 0 and at most 1, got 2"),
        (("--slide", "0.9", "--crops", "10"), "give one"),
    ]:
        code, _, err = zoo_says("predict", WEIGHTS, sheet[0], *more)
        assert code == 2
        assert expected in err
        assert len(err.strip().splitlines()) == 1


def test_what_is_measured_does_not_slide():
    card = zoo.card(WEIGHTS)
    with pytest.raises(BadInput, match="measured without it"):
        ImageClassifier.network([LeNet5()], Options(slide=0.9), card)


def test_a_network_that_pads_answers_by_crops():
    torch.manual_seed(0)
    model, front_end = vgg_small().eval(), ImageFrontEnd((28, 28), mean=(0.5,), std=(0.5,))
    predictor = SlidingClassifier(model, front_end, NAMES, 0.01)
    image = torch.randint(0, 256, (1, 32, 40), dtype=torch.uint8)
    answer = predictor(image)
    assert answer.cropped
    assert "cropped one by one since the network pads" in answer.remark
    with torch.no_grad():
        crop = model(front_end.normalise(image[None, :, 4:32, 8:36])).softmax(1)[0]
    assert answer.probabilities[1, 2] == pytest.approx(float(crop.max()), abs=1e-5)
    assert answer.labels[1, 2] == crop.argmax()


def test_images_that_do_not_fit_are_refused_and_others_answered():
    predictor = SlidingClassifier(LeNet5(), FRONT_END, NAMES, 0.01)
    small, large = (
        torch.zeros(1, 20, 50, dtype=torch.uint8),
        torch.zeros(1, 40, 50, dtype=torch.uint8),
    )
    with pytest.raises(BadInput, match="20 x 50 pixels is smaller than the window of 32 x 32"):
        predictor(small)
    error, answer = predictor.each([small, large])
    assert isinstance(error, BadInput)
    assert answer.labels.shape == (3, 5)
    assert torch.equal(predictor([large, large])[1].labels, answer.labels)
    mean = ImageFrontEnd((32, 32), mean=(0.5,) * 32**2, std=(0.5,))
    with pytest.raises(BadInput, match="mean image"):
        SlidingClassifier(LeNet5(), mean, NAMES, 0.5)
