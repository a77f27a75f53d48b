"""Images: the network that is measured, and the answer. The rest is in tests/test_loading.py."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from tests.helpers.small_weights import write_weights
from zoo.data.image import read
from zoo.errors import BadFile, BadInput, ZooError
from zoo.loading import load
from zoo.predictors.classification import ImageClassifier, Options
from zoo.predictors.inputs.images import probe
from zoo.pretrained.create import from_card


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    place = tmp_path_factory.mktemp("weights")
    return [write_weights(place / str(seed), seed=seed) for seed in (0, 1)]


@pytest.fixture
def images():
    return torch.randn(3, 1, 32, 32, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_several_networks_give_the_mean_of_their_probabilities(cards, images):
    models = [from_card(card).eval() for card in cards]
    votes = ImageClassifier.network(models, Options(), cards[0])(images)
    mean = (models[0](images).softmax(1) + models[1](images).softmax(1)) / 2
    torch.testing.assert_close(votes.exp(), mean)


def test_another_number_of_crops_is_refused(cards):
    with pytest.raises(BadInput, match="crops must be 1 or 10 or 144 or none, got 3"):
        load(cards[0].folder, crops=3)


def test_the_answer_holds_what_the_network_saw(cards):
    answer = load(cards[0].folder, device="cpu")(probe())
    assert answer.image.shape == (1, 32, 32)
    assert answer.image.dtype == torch.uint8
    assert repr(answer).startswith("Classification(label=")


@pytest.mark.parametrize("crops", [None, 10])
def test_images_that_cannot_be_used_cost_the_others_nothing(cards, tmp_path, monkeypatch, crops):
    """One pass: every image is read once and the good ones are batched, bad ones or not."""
    options = {} if crops is None else {"crops": crops}
    classifier = load(cards[0].folder, device="cpu", **options)
    for number in range(5):
        probe().rotate(30 * number).resize((60, 60)).save(tmp_path / f"{number}.png")
    (tmp_path / "bad.png").write_bytes(b"<html>")
    names = ["0", "bad", "1", "none", "2", "3", "bad", "4"]
    given = [tmp_path / f"{name}.png" for name in names]
    good = [path for path in given if path.stem.isdigit()]
    expected, runs = classifier(good), []
    whole = type(classifier).log_p
    monkeypatch.setattr(
        type(classifier), "log_p", lambda self, x: runs.append(len(x)) or whole(self, x)
    )
    results = classifier.each(given)
    assert runs == ([10] * 5 if crops else [5])
    errors = [i for i, one in enumerate(results) if isinstance(one, ZooError)]
    assert errors == [1, 3, 6]
    answers = [one for one in results if not isinstance(one, ZooError)]
    assert [a.top for a in answers] == [a.top for a in expected]
    with pytest.raises(BadFile, match=r"bad\.png"):
        classifier(given)


# several images


@pytest.fixture(scope="module")
def predictor(cards):
    return load(cards[0].folder, device="cpu")


def noise(*shape):
    return np.random.default_rng(shape).integers(0, 256, shape, dtype=np.uint8)


def same(answers, others):
    pairs = zip(answers, others, strict=True)
    return all(torch.equal(a.image, b.image) and a.label == b.label for a, b in pairs)


def test_a_batch_is_its_images_in_a_list(predictor):
    batch = noise(3, 28, 28)
    answers = predictor(list(batch))
    assert len(answers) == 3
    for raw in (batch[:, None], batch[..., None], torch.from_numpy(batch)[:, None]):
        assert same(predictor(raw), answers)
    floats = torch.from_numpy(batch)[:, None] / 255
    assert same(predictor(floats), answers)
    assert predictor(batch[:0, None]) == []


def test_a_stack_of_three_grey_images_is_not_one_in_colour(predictor):
    for raw in (noise(3, 28, 28), torch.from_numpy(noise(3, 28, 28))):
        with pytest.raises(BadInput, match="can be one colour image or three grey ones; give a l"):
            predictor(raw)
        assert predictor([raw])[0].image.shape == (1, 32, 32)  # a list says: one image
        assert len(predictor(list(raw))) == 3
    with pytest.raises(BadInput, match=r"\(3, 3, 9\) can be one colour image or three"):
        predictor(noise(3, 3, 9))
    with pytest.raises(BadInput, match="channels first or last"):
        predictor(noise(3, 9, 3))
    with pytest.raises(BadInput, match=r"\(4, 28, 28\) has no axis of 1, 3 or 4"):
        predictor(noise(4, 28, 28))
    with pytest.raises(BadInput, match="5 flattened images or one grey one"):
        predictor(noise(5, 32 * 32))


def test_a_folder_is_its_images_by_name(predictor, tmp_path, capsys):
    pixels = {"b.png": noise(9, 9), "a.jpg": noise(8, 9), "in/c.png": noise(7, 9)}
    (tmp_path / "in").mkdir()
    for name, one in pixels.items():
        Image.fromarray(one).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("x")
    answers = predictor(tmp_path)
    assert "3 images; 1 other files are left out" in capsys.readouterr().err
    assert same(answers, predictor([tmp_path / name for name in sorted(pixels)]))
    assert same(answers, predictor(str(tmp_path)))
    words = predictor.spread([str(tmp_path), "x.png"])
    assert words == [*(str(tmp_path / name) for name in sorted(pixels)), "x.png"]


@pytest.mark.parametrize("crops", [None, 10])
def test_bytes_and_open_files_are_read_once(cards, tmp_path, crops):
    predictor = load(cards[0].folder, device="cpu", crops=crops)
    Image.fromarray(noise(40, 30)).save(tmp_path / "a.png")
    right = [predictor(tmp_path / "a.png")]
    data = (tmp_path / "a.png").read_bytes()
    with (tmp_path / "a.png").open("rb") as file:
        assert same([predictor(file)], right)
    assert same([predictor(data)], right)
    assert same(predictor([io.BytesIO(data), data]), right * 2)


@pytest.mark.parametrize("crops", [None, 10])
def test_an_image_is_decoded_once(cards, monkeypatch, crops):
    decoded, given = read.decoded, []

    def counted(raw, *more, **named):
        given.append(raw)
        return decoded(raw, *more, **named)

    monkeypatch.setattr(read, "decoded", counted)
    image = Image.new("L", (40, 50), 60)
    predictor = load(cards[0].folder, device="cpu", crops=crops)
    given.clear()  # the test vector's
    answer = predictor(image)
    assert given == [image]
    assert answer.image.equal(predictor.front_end.pixels(image))
