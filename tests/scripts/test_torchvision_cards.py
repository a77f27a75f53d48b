"""torchvision's cards are what torchvision says, and fit our networks; nothing is downloaded."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

import zoo
from tests.data import server as http
from tests.pretrained.test_torchvision import pth, sha
from tests.scripts.test_scripts import script
from zoo import cards, download, registry
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.errors import Missing
from zoo.pretrained.torchvision import convert

WEIGHTS = Path(__file__).parents[2] / "weights"
SCRIPT = script("write_torchvision_cards")
EVERY = [cards.read(path) for path in sorted(WEIGHTS.glob("*.json"))]
ALL = [one for one in EVERY if one.converter == "torchvision"]
CARDS = [one for one in ALL if one.task == "classification"]
DETECTOR = "faster_rcnn_resnet50_fpn.tv_coco_v1"
NAMES = [one.name for one in CARDS]


def built(name):
    """Whether the architecture of a card is there; a card may come before its network."""
    return name.partition(".")[0] in registry.index()["models"]


def theirs(arch, **arguments):
    """torchvision's network, with fresh weights."""
    name = SCRIPT.THEIRS.get(arch, arch)
    return torchvision.models.get_model(name, weights=None, **arguments)


def with_auxiliary(arch):
    """What the network of the published file is built with."""
    both = {"aux_logits": True, "init_weights": False}
    return both if arch in ("googlenet_tv", "inception_v3") else {}


def test_the_files_are_what_the_script_writes(tmp_path):
    written = SCRIPT.write(tmp_path)
    assert sorted(path.stem for path in written) == sorted(
        ["imagenet_1k", "coco_90", DETECTOR, *NAMES]
    )
    for path in written:
        assert path.read_bytes() == (WEIGHTS / path.name).read_bytes(), path.name


def test_all_that_was_asked_for_is_there():
    vgg = [f"vgg{depth}{bn}" for depth in (11, 13, 16, 19) for bn in ("", "_bn")]
    ones = ["alexnet_owt", *vgg, *(f"resnet{depth}" for depth in (18, 34, 50, 101, 152))]
    expected = {f"{arch}.tv_in1k_v1" for arch in [*ones, "googlenet_tv", "inception_v3"]}
    expected |= {f"resnet{depth}.tv_in1k_v2" for depth in (50, 101, 152)}
    assert set(NAMES) == expected
    assert [one.name for one in ALL if one not in CARDS] == [DETECTOR]


def test_the_detector_is_torchvisions():
    card = cards.card(DETECTOR)
    meta = torchvision.models.get_model_weights("fasterrcnn_resnet50_fpn").COCO_V1.meta
    names = ["N/A" if name.startswith("not used") else name for name in card.classes]
    assert ["__background__", *names] == meta["categories"]
    assert card.parameters == meta["num_params"] == 41_755_286
    assert registry.build(card.arch).num_classes == len(card.classes) == 90


FACTS = {  # ../shared: parameters without auxiliary heads, published top-1 accuracy, hash
    "alexnet_owt.tv_in1k_v1": (61_100_840, 56.522, "7be5be79"),
    "vgg16.tv_in1k_v1": (138_357_544, 71.592, "397923af"),
    "vgg19_bn.tv_in1k_v1": (143_678_248, 74.218, None),
    "resnet18.tv_in1k_v1": (11_689_512, 69.758, "f37072fd"),
    "resnet50.tv_in1k_v2": (25_557_032, 80.858, "11ad3fa6"),
    "resnet152.tv_in1k_v1": (60_192_808, 78.312, "394f9c45"),
    "googlenet_tv.tv_in1k_v1": (6_624_904, 69.778, "1378be20"),
    "inception_v3.tv_in1k_v1": (23_834_568, 77.294, "0cc3c7bd"),
}


@pytest.mark.parametrize("name", FACTS)
def test_known_numbers(name):
    card, (parameters, accuracy, digits) = zoo.card(name), FACTS[name]
    assert card.parameters == parameters
    assert card.measured == [pytest.approx(100 - accuracy)]
    assert digits in (None, card.sha256)
    assert abs(card.bytes - 4 * parameters) < 0.01 * card.bytes or "auxiliary" in card.notes


@pytest.mark.parametrize("card", CARDS, ids=NAMES)
def test_a_card_of_others(card):
    assert card.url == f"https://download.pytorch.org/models/{card.file}"
    assert card.file.endswith(f"-{card.sha256}.pth")
    assert card.seeds == []
    assert card.test_vector == {}
    assert "measured by torchvision" in card.notes
    assert "none stated" in card.weights_licence
    assert len(card.classes) == len(set(card.classes)) == 1000
    assert (card.classes[0], card.classes[999]) == ("tench", "toilet tissue")
    assert card.labels == "imagenet_1k.txt"


@pytest.mark.parametrize("card", CARDS, ids=NAMES)
def test_the_front_end_is_the_preset(card):
    """To one grey level, and almost everywhere to the bit: RGB is resized by torch."""
    arch = SCRIPT.THEIRS.get(card.arch, card.arch)
    enum = torchvision.models.get_model_weights(arch)
    preset = enum[card.name.partition(".tv_")[2].upper().replace("IN1K", "IMAGENET1K")].transforms()
    noise = np.random.default_rng(3).integers(0, 256, (301, 415, 3), dtype=np.uint8)
    picture, front_end = Image.fromarray(noise), ImageFrontEnd.from_card(card.front_end)
    got = front_end.normalise(front_end.pixels(picture)[None])[0]
    right = preset(picture)
    level = 1 / 255 / torch.tensor(preset.std).view(3, 1, 1)
    if card.arch in ("googlenet_tv", "inception_v3"):  # their transform_input
        mean, std = (torch.tensor(v).view(3, 1, 1) for v in (preset.mean, preset.std))
        right = right * (std / 0.5) + (mean - 0.5) / 0.5
        level = level * std / 0.5
    off = (got - right).abs()
    assert (off <= 1.001 * level).all()
    assert (off > 1e-6).float().mean() < 0.005


BOTH = [
    (one, more) for one in CARDS for more in (False, True)[: 1 + bool(with_auxiliary(one.arch))]
]


@pytest.mark.parametrize(("card", "auxiliary"), BOTH, ids=lambda v: getattr(v, "name", str(v)))
def test_the_published_names_shapes_and_dtypes_are_our_networks(card, auxiliary):
    if not built(card.name):
        pytest.skip(f"{card.arch} is not built yet")
    with torch.device("meta"):
        ours = registry.build(card.arch, **({"auxiliary": True} if auxiliary else {}))
        published = theirs(card.arch, **with_auxiliary(card.arch)).state_dict()
    if not auxiliary:
        assert sum(p.numel() for p in ours.parameters()) == card.parameters
    fresh = ours.state_dict()
    got = convert(published, fresh)
    assert {k: (v.shape, v.dtype) for k, v in got.items()} == {
        k: (v.shape, v.dtype) for k, v in fresh.items()
    }
    head = registry.entry(card.arch).head.split()[0]
    assert len(fresh[f"{head}.weight"]) == len(card.classes)


@pytest.mark.parametrize(
    "name",
    [
        "resnet18.tv_in1k_v1",
        pytest.param("googlenet_tv.tv_in1k_v1", marks=pytest.mark.long),
        pytest.param("inception_v3.tv_in1k_v1", marks=pytest.mark.long),
    ],
)
def test_from_the_address_to_torchvisions_answer(name, tmp_path, monkeypatch):
    """The whole way with random weights of full size: the same probabilities as torchvision's."""
    if not built(name):
        pytest.skip(f"{name.partition('.')[0]} is not built yet")
    card = zoo.card(name)
    torch.manual_seed(0)
    network = theirs(card.arch, **with_auxiliary(card.arch)).eval()
    data = pth(network.state_dict())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    with http.serving(http.whole(data)) as server:
        near = replace(card, sha256=sha(data)[:8], bytes=len(data), url=f"{server.url}w.pth")
        replace(near, file=f"w-{sha(data)[:8]}.pth").save(tmp_path)
        monkeypatch.setenv("ZOO_WEIGHTS", str(tmp_path))  # this card comes before the shipped one
        predictor = zoo.load(name, device="cpu")
        adapted = zoo.create_model(card.arch, pretrained=True, num_classes=5, in_chans=1).eval()
    pixels = predictor.front_end.pixels(
        np.random.default_rng(1).integers(0, 256, (400, 360, 3), dtype=np.uint8)
    )[None]
    x = predictor.front_end.normalise(pixels)
    with torch.inference_mode():
        torch.testing.assert_close(predictor.model(x), network(x), atol=1e-4, rtol=1e-4)
        grey = x[:, :1]
        last, wide = predictor.model.forward_features(grey.repeat(1, 3, 1, 1)), adapted(grey)
        torch.testing.assert_close(adapted.forward_features(grey), last, atol=1e-4, rtol=1e-4)
    assert wide.shape == (1, 5)


def test_the_default_of_resnet50_is_its_newest(monkeypatch):
    monkeypatch.setenv("ZOO_WEIGHTS", str(WEIGHTS))
    assert cards.default("resnet50").name == "resnet50.tv_in1k_v2"
    assert cards.default("resnet18").name == "resnet18.tv_in1k_v1"
    assert cards.default("lenet5").name == "lenet5.digits"


def test_without_a_network_every_card_says_where_to_put_its_file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(download, "TRIES", 1)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens: refused at once
    for card in CARDS:
        with pytest.raises(Missing, match=f"put that file at {tmp_path}.*{card.file}"):
            zoo.pretrained.find.find(card)
