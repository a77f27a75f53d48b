"""zoo.transform: the reading of zoo.load, for names and models; without weights the default."""

import copy
import pickle

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

import zoo
from tests.helpers.small_weights import write_weights
from zoo import cards
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.errors import BadInput, UnknownName
from zoo.ops.letterbox import placement
from zoo.predictors.classification import ImageClassifier, Options
from zoo.predictors.inputs.images import probe

IMAGES = zoo.list_weights(task="classification")
NOISE = np.random.default_rng(0).integers(0, 256, (300, 260, 3), dtype=np.uint8)


def equal(a, b):
    return a.dtype == b.dtype and torch.equal(a, b)


@pytest.mark.parametrize("name", IMAGES)
def test_it_is_the_reading_of_zoo_load_bit_for_bit(name, tmp_path):
    card, module = zoo.card(name), zoo.transform(name)
    front_end = ImageFrontEnd.from_card(card.front_end)
    model = torch.nn.Linear(1, 1)
    predictor = ImageClassifier.from_card(card, model, None, Options())
    Image.fromarray(NOISE).save(tmp_path / "a.png")
    for raw in (Image.fromarray(NOISE), tmp_path / "a.png", torch.from_numpy(NOISE) / 255):
        got = module(raw)
        assert got.shape == front_end.input_shape
        assert equal(got, predictor.front_end(raw))
    assert list(module.parameters()) == []


@pytest.mark.parametrize("name", [name for name in IMAGES if "tv_in1k" in name])
def test_it_is_the_preset_of_torchvision(name):
    from torchvision.models import get_model_weights

    arch, _, tag = name.partition(".")
    arch = arch.removesuffix("_owt").removesuffix("_tv")
    weights = get_model_weights(arch)[f"IMAGENET1K_V{tag[-1]}"]
    preset, module = weights.transforms(), zoo.transform(name)
    image = Image.fromarray(NOISE)
    got, right = module(image), preset(image)
    if arch in ("googlenet", "inception_v3"):  # their transform_input, which our cards hold
        mean, std = (torch.tensor(x)[:, None, None] for x in (preset.mean, preset.std))
        right = (right * std + mean - 0.5) / 0.5
    assert got.shape == right.shape
    assert (got - right).abs().max() < 1.0001 / 255 / 0.224  # one grey level


def test_batches_lists_and_float_tensors_are_the_single_images():
    module = zoo.transform("resnet18")
    planes = torch.from_numpy(NOISE).permute(2, 0, 1)
    batch = torch.stack([planes, 255 - planes])
    right = torch.stack([module(one) for one in batch])
    for raw in (batch, list(batch), batch / 255, batch.numpy()):
        assert equal(module(raw), right)
    assert module(batch[:0]).shape == (0, 3, 224, 224)
    with pytest.raises(BadInput, match="three grey ones"):
        zoo.transform("lenet5.mnist")(planes)


def test_it_is_for_an_architecture_that_of_its_default_weights():
    for name in ("resnet50", "lenet5", "vgg11"):
        default = ImageFrontEnd.from_card(cards.default(name).front_end)
        assert zoo.transform(name).front_end == default
        assert (
            zoo.transform(zoo.create_model("lenet5")).front_end == zoo.transform("lenet5").front_end
        )
    plain = zoo.transform("resnet32").front_end
    assert plain == ImageFrontEnd((32, 32), (0.5,) * 3, (0.5,) * 3)


def test_it_follows_the_model(tmp_path):
    write_weights(tmp_path)
    grey = zoo.transform(zoo.create_model("resnet20.cifar10_jpeg", in_chans=1)).front_end
    assert grey.channels == 1
    card = ImageFrontEnd.from_card(zoo.card("resnet20.cifar10_jpeg").front_end)
    assert grey.mean[0] == pytest.approx(sum(card.mean) / 3)
    assert zoo.transform(zoo.create_model("mlp", image_size=20)).front_end.size == (20, 20)
    for model in (
        zoo.create_model("lenet5.mnist", num_classes=3),
        zoo.create_model("lenet5", pretrained="mnist", num_classes=0),
        zoo.create_model("lenet5.mnist", features_only=True),
        zoo.load("lenet5.mnist").model,
        copy.deepcopy(zoo.create_model("lenet5.mnist")),
        pickle.loads(pickle.dumps(zoo.create_model("lenet5.mnist"))),
        zoo.optimize(zoo.create_model("lenet5.mnist")),
    ):
        assert zoo.transform(model).front_end == zoo.transform("lenet5.mnist").front_end
    own = zoo.card(tmp_path)
    assert zoo.transform(str(tmp_path)).front_end == ImageFrontEnd.from_card(own.front_end)
    assert zoo.transform(zoo.load(tmp_path).model).front_end.pad == own.front_end["pad"]


class Pixels(Dataset):
    def __init__(self, transform):
        self.transform = transform

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return self.transform(np.roll(NOISE, index, axis=0))


def test_it_works_in_the_workers_of_a_loader():
    module = zoo.transform("resnet20.cifar10_jpeg")
    loader = DataLoader(
        Pixels(module), 2, num_workers=1, multiprocessing_context="spawn",
        generator=torch.Generator(),
    )  # fmt: skip
    here = torch.stack([module(np.roll(NOISE, i, axis=0)) for i in range(4)])
    assert torch.equal(torch.cat(list(loader)), here)


def test_what_has_no_image_before_it_is_refused():
    with pytest.raises(BadInput, match="zoo.transform is for images; lstm is for the task"):
        zoo.transform("lstm.tinyshakespeare")
    with pytest.raises(BadInput, match="this Linear was not made by zoo.create_model"):
        zoo.transform(torch.nn.Linear(2, 2))
    with pytest.raises(BadInput, match="weights are given by their name .*, got ImageClassifier"):
        zoo.transform(zoo.load("lenet5.digits"))
    with pytest.raises(UnknownName, match="did you mean"):
        zoo.transform("resnet19")


def test_a_detectors_image_is_letterboxed_and_its_place_is_known():
    model = zoo.create_model("yolov2_tiny", num_classes=3)
    for module in (zoo.transform("yolov2_tiny"), zoo.transform(model)):
        image, place = module.placed(NOISE)
        assert image.shape == (3, 416, 416)
        assert equal(module(NOISE), image)
        assert place == placement((300, 260), (416, 416))
        assert equal(module([NOISE, NOISE])[1], image)
        assert (image[:, :, 0] == 128 / 255).all()  # grey beside it


def test_features_without_a_head():
    for name in ("lenet5.mnist", "resnet20", "vgg_small", "shallow_net", "shallow_net.digits"):
        model = zoo.create_model(name, num_classes=0).eval()
        x = zoo.transform(model)([probe()] * 2)
        assert model(x).shape == (2, model.num_features)
    with pytest.raises(BadInput, match="num_classes must be at least 1, got 0; tagger is no class"):
        zoo.create_model("tagger", num_classes=0)
    with pytest.raises(BadInput, match="the last layer of lenet5_1998 cannot be taken off: feat"):
        zoo.create_model("lenet5_1998", num_classes=0)
    with pytest.raises(BadInput, match="num_classes must be at least 1, got -1"):
        zoo.create_model("lenet5", num_classes=-1)


def test_an_architecture_takes_its_size_and_its_weights_theirs():
    sizes = {"shallow_net": 28, "shallow_net.digits": 8}
    for name, size in sizes.items():
        assert zoo.transform(name)(probe()).shape == (1, size, size)
    model = zoo.create_model("shallow_net", image_size=8)
    assert equal(zoo.transform(model)(probe()), zoo.transform("shallow_net.digits")(probe()))


def test_of_a_localizer_and_of_a_network_of_photographs():
    planes = torch.from_numpy(NOISE).permute(2, 0, 1).contiguous()
    placed = zoo.transform("localizer.bccd")
    front_end = zoo.load("localizer.bccd").front_end
    assert equal(placed(planes), front_end(planes).image)
    assert zoo.transform(zoo.create_model("landmark", image_size=64))(planes).shape == (3, 64, 64)
    photographs = zoo.transform("vgg_perceptual")
    assert torch.allclose(photographs(planes), planes / 255)
    assert photographs(torch.stack([planes] * 2)).shape == (2, 3, 300, 260)
    assert photographs([]).shape == (0, 3, 1, 1)
    with pytest.raises(BadInput, match="one by one"):
        photographs([planes, planes[:, :200]])


@pytest.mark.parametrize("name", ["localizer.bccd", "yolov3_tiny.bccd", "vgg_perceptual", "lenet5"])
def test_what_a_front_end_has_made_can_be_restored(name):
    front_end = zoo.transform(name).front_end
    channels = getattr(front_end, "channels", 3)
    pixels = torch.randint(0, 256, (2, channels, 5, 7), dtype=torch.uint8)
    made = front_end.scaled(pixels) if name == "vgg_perceptual" else front_end.normalise(pixels)
    assert torch.equal(front_end.restored(made), pixels)
