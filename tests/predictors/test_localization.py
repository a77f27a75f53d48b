"""Images in, the object or its points out, in pixels of the image that was given."""

import pytest
import torch
from PIL import Image

from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.errors import BadFile, BadInput
from zoo.models.localizer import Landmark
from zoo.models.localizer import Localizer as Network
from zoo.predictors.localization import Localizer

FRONT_END = BoxFrontEnd((32, 32), "letterbox", (0.5,) * 3, (0.25,) * 3)


def saying(network, y):
    """A network that gives y (n,) whatever it sees."""
    head = network.box if network.finds == "box" else network.points
    with torch.no_grad():
        for layer in (head, *([network.classes] if network.finds == "box" else [])):
            layer.weight.zero_()
        head.bias.copy_(torch.tensor(y[: len(head.bias)]))
        if network.finds == "box":
            network.classes.bias.copy_(torch.tensor(y[5:]))
    return network


def logit(p):
    return float(torch.tensor(p).logit())


def localizer(p=0.9, threshold=0.5):
    """It always says: the second class, in the box 8,12 to 24,20 of its 32 x 32."""
    y = [logit(p), *map(logit, (0.5, 0.5, 0.25, 0.5)), 0.0, 4.0]
    network = saying(Network(2, image_size=32, hidden_size=8), y)
    return Localizer(network, FRONT_END, ["cat", "dog"], threshold)


def test_the_box_is_in_pixels_of_the_image():
    """64 x 32 pixels are 32 x 16 in the input, 8 rows of grey above: y 12..20 are 4..12 there."""
    answer = localizer()(Image.new("RGB", (64, 32)))
    assert answer.label == "dog"
    assert answer.box == pytest.approx((16, 8, 48, 24), abs=1e-3)
    assert answer.probability == pytest.approx(0.9, abs=1e-5)
    assert str(answer) == "dog (90.0 %) at 16,8 to 48,24"
    assert answer.to_json()["label"] == "dog"
    assert answer.image.shape == (3, 32, 64)
    assert answer.plot().axes[0].patches


def test_below_the_threshold_there_is_nothing():
    answer = localizer(p=0.4)(Image.new("RGB", (20, 20)))
    assert (answer.there, answer.label, answer.box) == (False, "", None)
    assert str(answer) == "nothing (40.0 %)"
    assert list(answer.to_json()) == ["probability"]
    assert localizer(p=0.4, threshold=0.3)(Image.new("RGB", (20, 20))).label == "dog"
    assert not answer.plot().axes[0].patches


def test_points_have_names():
    y = [logit(0.8), *map(logit, (0.25, 0.5, 0.5, 0.75))]
    network = saying(Landmark(2, image_size=32, hidden_size=8), y)
    predictor = Localizer(network, FRONT_END, ["eye", "nose"])
    answer = predictor(Image.new("RGB", (64, 64)))
    assert str(answer) == "eye 16,32, nose 32,48 (80.0 %)"
    assert answer.to_json()["points"]["nose"] == pytest.approx([32, 48], abs=1e-3)
    assert answer.plot().axes[0].lines


def test_an_answer_does_not_depend_on_the_batch(tmp_path):
    torch.manual_seed(0)
    predictor = Localizer(Network(2, image_size=32, hidden_size=8), FRONT_END, ["cat", "dog"], 0.0)
    pictures = [torch.randint(0, 255, (3, 20 + i, 30), dtype=torch.uint8) for i in range(3)]
    together = predictor(pictures)
    for one, picture in zip(together, pictures, strict=True):
        alone = predictor(picture)
        assert alone.box == pytest.approx(one.box, abs=1e-3)
        assert alone.probability == pytest.approx(one.probability, abs=1e-6)
    thin = predictor(torch.zeros(3, 1, 5000, dtype=torch.uint8))
    assert thin.box is not None


def test_what_cannot_be_used_is_refused(tmp_path):
    with pytest.raises(BadInput, match="threshold must lie between 0 and 1, got 2"):
        localizer(threshold=2.0)
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(BadFile, match=r"a\.png"):
        localizer()(tmp_path / "a.png")
    mixed = localizer().each([str(tmp_path / "a.png"), Image.new("RGB", (9, 9))])
    assert isinstance(mixed[0], BadFile)
    assert mixed[1].label == "dog"
    predictor = localizer()
    predictor.names = ("cat",)
    with pytest.raises(BadFile, match="1 classes but 2 outputs"):
        predictor.output_of(predictor.vector_input())


def test_the_test_vector_is_y():
    predictor = localizer()
    output = predictor.output_of(predictor.vector_input())
    assert output.shape == (7,)
    assert output[0].sigmoid() == pytest.approx(0.9, abs=1e-5)
