"""zoo.load: from a name to something that answers, the same however it is asked."""

import base64
import io
import json

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from tests.helpers.small_weights import change_card, only_from, write_weights
from zoo.errors import BadFile, BadInput, Missing, UnknownName
from zoo.loading import choose_device
from zoo.practice.crops import crops
from zoo.predictors.inputs.images import probe


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """lenet5.tiny, which answers with grey pictures, and lenet5.rgb."""
    place = tmp_path_factory.mktemp("weights")
    write_weights(place)
    write_weights(place / "rgb", tag="rgb", in_chans=3, num_classes=4, seed=3)
    return place


@pytest.fixture
def predictor(folder, monkeypatch):
    only_from(folder, monkeypatch)
    return zoo.load("lenet5.tiny", device="cpu")


@pytest.fixture
def own(tmp_path):
    """Weights of which a test may change the card."""
    write_weights(tmp_path / "own")
    return tmp_path / "own"


def pictures(count=7):
    """Grey pictures of odd sizes, all different."""
    draw = np.random.default_rng(0)
    return [draw.integers(0, 256, (20 + 5 * n, 33 + n), np.uint8) for n in range(count)]


def numbers(answer):
    """The probabilities, by class."""
    return dict(answer.top)


# ---- loading ------------------------------------------------------------------------------------


def test_by_name_by_folder_and_by_card(predictor, folder):
    expected = predictor(probe())
    for name in (folder, str(folder), folder / "lenet5.tiny.json"):
        assert numbers(zoo.load(name, device="cpu")(probe())) == numbers(expected)


def test_an_unknown_name(predictor):
    with pytest.raises(UnknownName, match=r"did you mean .*lenet5\.tiny"):
        zoo.load("lenet5.tin")
    with pytest.raises(Missing):
        zoo.load("no/such/folder")


def test_the_model_is_ready_for_use(predictor):
    assert not predictor.model.training
    assert predictor.classes == tuple("0123456789")


def test_an_optimized_network_answers_alike(predictor, folder):
    fast = zoo.load(folder / "lenet5.tiny.json", device="cpu", optimize=True)
    assert fast.model.form in fast.model.seconds
    assert numbers(fast(probe())) == pytest.approx(numbers(predictor(probe())), abs=1e-5)


def test_what_is_no_network_of_images_is_not_optimized(tmp_path):
    (tmp_path / "mine.vec").write_text("2 2\na 1 0\nb 0 1\n")
    with pytest.raises(BadInput, match=r"mine.vec holds no network to optimize$"):
        zoo.load(tmp_path / "mine.vec", optimize=True)
    with pytest.raises(BadInput, match=r"^sentiment.polarity cannot be optimized: .* of images$"):
        zoo.load("sentiment.polarity", device="cpu", optimize=True)


def test_another_output_than_the_test_vectors_is_refused(own):
    output = zoo.card(own).test_vector["output"]
    zoo.load(own)
    vector = zoo.card(own).test_vector
    change_card(own / "lenet5.tiny.json", test_vector={**vector, "output": output[::-1]})
    with pytest.raises(BadFile, match="does not give its card's test vector"):
        zoo.load(own)
    output[3] += 0.02
    change_card(own / "lenet5.tiny.json", test_vector={**vector, "output": output})
    with pytest.raises(BadFile, match="largest difference 0.02"):
        zoo.load(own)


def test_another_front_end_than_in_training_is_refused(own):
    front_end = zoo.card(own).front_end
    change_card(own / "lenet5.tiny.json", front_end={**front_end, "mean": [0.35]})
    with pytest.raises(BadFile, match="test vector"):
        zoo.load(own)


def picture_text(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


PNG = picture_text(probe())


@pytest.mark.parametrize(
    "vector",
    [
        {},
        {"input": PNG},
        {"output": [0.0] * 10},
        {"input": PNG, "output": []},
        {"input": PNG, "output": [0.0] * 9},
        {"input": PNG, "output": [[0.0] * 10]},
        {"input": PNG, "output": None},
        {"input": PNG, "output": "x"},
        {"input": PNG, "output": ["x"] * 10},
        {"input": PNG, "output": [float("nan")] * 10},
        {"input": "", "output": [0.0] * 10},
        {"input": "%%%", "output": [0.0] * 10},
        {"input": 7, "output": [0.0] * 10},
        {"input": PNG[: len(PNG) // 8 * 4], "output": [0.0] * 10},
        {"input": base64.b64encode(b"GIF89a").decode(), "output": [0.0] * 10},
    ],
    ids=lambda vector: str({k: str(v)[:12] for k, v in vector.items()}),
)
def test_a_test_vector_that_is_none(own, vector):
    change_card(own / "lenet5.tiny.json", test_vector=vector)
    with pytest.raises(BadFile, match="test.vector") as error:
        zoo.load(own)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("classes", [list("012345678"), list("0123456789a")])
def test_another_number_of_classes_than_outputs(own, classes):
    change_card(own / "lenet5.tiny.json", classes=classes)
    with pytest.raises(BadFile, match=f"has {len(classes)} classes"):
        zoo.load(own)


@pytest.mark.parametrize(
    "front_end",
    [{}, {"kind": "sound"}, {"kind": "picture"}, {"kind": "picture", "run": "os.system"}],
    ids=str,
)
def test_a_front_end_that_is_none(own, front_end):
    change_card(own / "lenet5.tiny.json", front_end=front_end)
    with pytest.raises(BadFile, match="front end"):
        zoo.load(own)


@pytest.mark.parametrize(
    "fields",
    [
        {"task": "os"},
        {"arch": "os"},
        {"arguments": {"code": 1}},
        {"arguments": {"num_classes": -1}},
    ],
    ids=str,
)
def test_a_card_can_only_choose_from_what_there_is(own, fields):
    change_card(own / "lenet5.tiny.json", **fields)
    with pytest.raises((UnknownName, BadInput)):
        zoo.load(own)


# ---- devices ------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["gpu", "", "cuda:-1", "cuda:999", "cpu cpu", "meta", "hpu"])
def test_a_device_that_cannot_be_used(predictor, device):
    with pytest.raises(BadInput, match="device") as error:
        zoo.load("lenet5.tiny", device=device)
    assert "\n" not in str(error.value)


def test_the_device_is_chosen():
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_same_answer(predictor):
    answer = zoo.load("lenet5.tiny", device="cuda")(probe())
    assert numbers(answer) == pytest.approx(numbers(predictor(probe())), abs=1e-3)


# ---- answers ------------------------------------------------------------------------------------


def test_a_path_an_image_an_array_and_a_tensor_give_the_same(predictor, tmp_path):
    array = pictures(1)[0]
    path = tmp_path / "ein Bild ü.png"
    Image.fromarray(array).save(path)
    expected = numbers(predictor(path))
    same = [str(path), Image.fromarray(array), array, torch.from_numpy(array), array / 255]
    same += [array[:, :, None], array[None], np.stack([array] * 3, 2)]
    for raw in same:
        assert numbers(predictor(raw)) == expected


def test_the_file_is_only_read(predictor, tmp_path):
    path = tmp_path / "x.png"
    Image.fromarray(pictures(1)[0]).save(path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    predictor(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_list_gives_a_list(predictor):
    raw = pictures(3)
    assert [a.label for a in predictor(raw)] == [predictor(one).label for one in raw]
    assert len(predictor(tuple(raw))) == 3
    assert predictor([]) == []


def test_alone_and_in_a_batch(predictor):
    raw = pictures(7) * 10  # more than one forward pass holds
    together = predictor(raw)
    assert len(together) == 70
    for one, answer in zip(raw[:7], together[:7], strict=True):
        assert numbers(predictor(one)) == pytest.approx(numbers(answer), abs=1e-5)
    for first, last in zip(together[:7], together[-7:], strict=True):
        assert numbers(first) == pytest.approx(numbers(last), abs=1e-5)


def test_the_order_of_a_batch_does_not_matter(predictor):
    raw = pictures(5)
    there, back = predictor(raw), predictor(raw[::-1])[::-1]
    for a, b in zip(there, back, strict=True):
        assert numbers(a) == pytest.approx(numbers(b), abs=1e-5)


def test_asking_changes_nothing(predictor):
    before = {k: v.clone() for k, v in predictor.model.state_dict().items()}
    random = torch.get_rng_state()
    predictor(pictures(2))
    assert all(torch.equal(v, before[k]) for k, v in predictor.model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


def test_probabilities_are_those_of_the_model(predictor):
    raw = pictures(1)[0]
    pixels = predictor.front_end.pixels(raw)[None]
    with torch.no_grad():
        expected = predictor.model(predictor.front_end.normalise(pixels)).softmax(1)[0]
    answer = predictor(raw)
    assert answer.label == str(int(expected.argmax()))
    assert answer.probability == pytest.approx(float(expected.max()), abs=1e-6)
    for name, probability in answer.top:
        assert probability == pytest.approx(float(expected[int(name)]), abs=1e-6)
    assert [p for _, p in answer.top] == sorted((p for _, p in answer.top), reverse=True)
    assert len(answer.top) == 5


def test_fewer_than_five_classes(folder):
    answer = zoo.load(folder / "rgb")(probe())
    assert len(answer.top) == 4
    assert sum(p for _, p in answer.top) == pytest.approx(1, abs=1e-5)


def test_said_in_words_and_for_machines(predictor):
    answer = predictor(probe())
    assert str(answer) == f"{answer.label} ({100 * answer.probability:.1f} %)"
    told = json.loads(json.dumps(answer.to_json()))
    assert told["label"] == answer.label
    assert told["probability"] == answer.probability
    assert told["top"] == numbers(answer)


@pytest.mark.parametrize("name", ["", "rgb"])
def test_plot_gives_a_figure(folder, name, tmp_path):
    from matplotlib.figure import Figure

    figure = zoo.load(folder / name)(probe()).plot()
    assert isinstance(figure, Figure)
    assert len(figure.axes) == 2
    figure.savefig(tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert image.size[0] > 300


# ---- what is no picture -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        None,
        7,
        1.5,
        {"a": 1},
        object(),
        np.zeros(5, np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros((4, 4), np.int64),
        np.full((4, 4), 2.0),
        np.full((4, 4), np.nan),
        np.zeros((4, 4), complex),
        np.zeros((4, 4), bool),
        torch.zeros(2, 2, 4, 5),
    ],
    ids=lambda raw: f"{type(raw).__name__} {getattr(raw, 'shape', '')}",
)
def test_what_is_no_picture(predictor, raw):
    with pytest.raises(BadInput, match="image"):
        predictor(raw)


def test_a_file_that_is_no_picture(predictor, tmp_path):
    path = tmp_path / "x.png"
    path.write_text("hello")
    with pytest.raises(BadFile, match=r"x\.png is not an image"):
        predictor(path)
    with pytest.raises(Missing, match="there is no file .*expected an image"):
        predictor(tmp_path / "none.png")
    with pytest.raises(BadFile, match="is not an image"):
        predictor(b"bytes")
    with pytest.raises(BadFile, match="folder"):
        predictor([tmp_path])


def test_one_bad_picture_in_a_list_is_named(predictor, tmp_path):
    with pytest.raises(Missing, match=r"none\.png"):
        predictor([probe(), tmp_path / "none.png"])


# ---- crops --------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 10, 144])
def test_crops_are_cut_from_the_raw_picture_and_averaged(folder, count):
    predictor = zoo.load(folder / "rgb", device="cpu", crops=count)
    draw = np.random.default_rng(0)
    raw = [draw.integers(0, 256, (90 - 9 * n, 50 + 5 * n, 3), np.uint8) for n in range(3)]
    size = predictor.front_end.size[0]
    for one, answer in zip(raw, predictor(raw), strict=True):
        views = crops(torch.from_numpy(one).permute(2, 0, 1), size, count)
        mean = predictor.log_p(views).exp().mean(0)
        assert answer.probability == pytest.approx(mean.max().item(), abs=1e-5)
        assert numbers(answer) == pytest.approx(
            dict(zip(predictor.classes, mean.tolist(), strict=True)), abs=1e-5
        )
    assert numbers(predictor(raw[0])) != numbers(zoo.load(folder / "rgb", device="cpu")(raw[0]))
