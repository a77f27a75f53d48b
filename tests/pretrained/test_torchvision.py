"""Others' weights, from the address on the card to the answer: nothing half-done, nothing run."""

import hashlib
import io
import os
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import zoo
from tests.data import server as http
from tests.helpers.small_weights import only_from, plain_card
from tests.helpers.toy import same, weights
from zoo import download, registry
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.download import digest_file
from zoo.errors import BadFile, Missing, UnknownName
from zoo.pretrained.find import SLACK, find
from zoo.pretrained.load import convert_tensors, load_into, read_tensors
from zoo.pretrained.pth import read, state_dict
from zoo.pretrained.torchvision import convert

NAME = "tiny_tv.tv_in1k_v1"
CLASSES = ("cat", "dog", "owl", "tench", "zebra", "axolotl")


class Head(nn.Module):
    """An auxiliary head."""

    def __init__(self, num_classes):
        super().__init__()
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(4, num_classes)


class TinyTV(nn.Module):
    """With torchvision's names: a stem, batch norm, a head, and auxiliary heads of both kinds."""

    def __init__(self, num_classes=6, in_chans=3, auxiliary=False):
        super().__init__()
        self.conv1 = nn.Conv2d(in_chans, 4, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.aux1 = Head(num_classes) if auxiliary else None  # as GoogLeNet's
        self.AuxLogits = Head(num_classes) if auxiliary else None  # as Inception's
        self.fc = nn.Linear(4, num_classes)

    def forward(self, x):
        return self.fc(self.bn1(self.conv1(x)).relu().mean((2, 3)))


def theirs(auxiliary=True, seed=1):
    """A state dict as published: every number is another one."""
    torch.manual_seed(seed)
    state = TinyTV(auxiliary=auxiliary).state_dict()
    return {
        k: v + 3 if v.dtype == torch.int64 else v + torch.rand_like(v) for k, v in state.items()
    }


def pth(state, **options):
    """The bytes of a .pth file."""
    buffer = io.BytesIO()
    torch.save(state, buffer, **options)
    return buffer.getvalue()


def sha(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """An architecture, a shelf for its card, a cache of its own; no proxy; no second try."""
    head = "fc aux1.fc AuxLogits.fc"
    entry = registry.Entry(TinyTV, "none", "classification", (3, 20, 20), "conv1.weight", head)
    monkeypatch.setitem(registry._ENTRIES, "tiny_tv", entry)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "TRIES", 1)
    (tmp_path / "shelf").mkdir()
    only_from(tmp_path / "shelf", monkeypatch)
    return tmp_path


def publish(place, url, data, **fields):
    """A card of ``data`` at ``url`` as torchvision would have it told: 8 digits, about the size."""
    front_end = ImageFrontEnd((20, 20), mean=(0.5,) * 3, std=(0.25,) * 3, shorter=23)
    (place / "shelf" / "labels.txt").write_text("\n".join(CLASSES) + "\n")
    card = replace(
        plain_card(NAME, b""),
        classes=list(CLASSES),
        labels="labels.txt",
        front_end=front_end.to_card(),
        file=f"tiny-{sha(data)[:8]}.pth",
        sha256=sha(data)[:8],
        bytes=len(data) - 300,
        seeds=[],
        data="ImageNet-1k",
        test_vector={},
        url=f"{url}tiny.pth",
        converter="torchvision",
    )
    replace(card, **fields).save(place / "shelf")
    return zoo.card(NAME)


@pytest.fixture
def published(place):
    """A good server, and the card that points to it."""
    data = pth(theirs())
    with http.serving(http.whole(data)) as server:
        yield publish(place, server.url, data)


def cached(place):
    """Names of all that is in the cache, but locks."""
    files = (p.name for p in (place / "cache").rglob("*") if p.is_file())
    return sorted(name for name in files if not name.endswith(".lock"))


def refused(error, match, call, *args, **options):
    """The error, which is one line."""
    with pytest.raises(error, match=match) as caught:
        call(*args, **options)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


# ---- from the address to the answer -------------------------------------------------------------


@pytest.mark.parametrize("how", [{"pretrained": True}, {"pretrained": "tv_in1k_v1"}, {}])
def test_downloaded_checked_and_loaded(published, place, how):
    model = zoo.create_model("tiny_tv" if how else NAME, **how)
    expected = theirs()
    assert same(weights(model), {k: expected[k] for k in weights(model)})
    assert cached(place) == [published.file, f"{published.file}.sha256"]


def test_a_picture_gives_a_class_through_the_preset(published):
    picture = np.random.default_rng(0).integers(0, 256, (40, 31, 3), dtype=np.uint8)
    predictor = zoo.load(NAME, device="cpu")
    model = TinyTV().eval()
    model.load_state_dict({k: v for k, v in theirs().items() if k in model.state_dict()})
    with torch.no_grad():
        x = predictor.front_end.normalise(predictor.front_end.pixels(picture)[None])
        best = model(x).argmax().item()
    assert x.shape == (1, 3, 20, 20)
    assert predictor(picture).label == CLASSES[best]


def test_own_classes_and_a_grey_picture(published):
    three, one = zoo.create_model(NAME).eval(), zoo.create_model(NAME, in_chans=1).eval()
    grey = torch.randn(2, 1, 20, 20)
    with torch.no_grad():
        torch.testing.assert_close(one(grey), three(grey.repeat(1, 3, 1, 1)), atol=1e-5, rtol=1e-5)
    both = zoo.create_model("tiny_tv", pretrained=True, num_classes=5, in_chans=1)
    assert both.fc.weight.shape == (5, 4)
    assert torch.equal(both.conv1.weight, theirs()["conv1.weight"].sum(1, keepdim=True))
    assert torch.equal(both.bn1.running_var, theirs()["bn1.running_var"])


def test_four_channels_as_timm_has_them(published):
    weight = theirs()["conv1.weight"]
    right = torch.cat([weight, weight[:, :1]], dim=1) * 3 / 4
    torch.testing.assert_close(zoo.create_model(NAME, in_chans=4).conv1.weight.detach(), right)


# ---- auxiliary heads, old files -----------------------------------------------------------------


def test_trained_auxiliary_heads_are_kept_and_untrained_ones_never_loaded(published):
    torch.manual_seed(7)
    fresh = TinyTV(auxiliary=True).state_dict()
    torch.manual_seed(7)
    state = zoo.create_model(NAME, auxiliary=True).state_dict()
    for key, value in state.items():
        assert torch.equal(value, (fresh if key.startswith("aux1.") else theirs())[key]), key
    few = zoo.create_model(NAME, auxiliary=True, num_classes=3)
    assert few.AuxLogits.fc.weight.shape == few.fc.weight.shape == (3, 4)
    assert torch.equal(few.AuxLogits.bn.bias, theirs()["AuxLogits.bn.bias"])


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_older_than_the_counters(place, zipped):
    old = {k: v for k, v in theirs().items() if not k.endswith("num_batches_tracked")}
    data = pth(old, _use_new_zipfile_serialization=zipped)
    with http.serving(http.whole(data)) as server:
        publish(place, server.url, data)
        model = zoo.create_model(NAME, auxiliary=True)
    assert model.bn1.num_batches_tracked == model.AuxLogits.bn.num_batches_tracked == 0
    assert torch.equal(model.bn1.running_mean, old["bn1.running_mean"])


def test_one_counter_missing_is_no_old_file():
    model = TinyTV()
    state = theirs(auxiliary=True)
    del state["bn1.num_batches_tracked"]
    refused(BadFile, "missing bn1.num_batches_tracked", load, model, state)


# ---- what does not fit --------------------------------------------------------------------------


def load(model, state):
    load_into(model, convert(state, model.state_dict()), NAME)


def broken(change):
    state = theirs()
    change(state)
    return state


WRONG = {
    "missing bn1.bias": lambda s: s.pop("bn1.bias"),
    "missing fc.weight": lambda s: s.pop("fc.weight"),
    "too many: extra.weight": lambda s: s.update({"extra.weight": torch.zeros(2)}),
    "bn1.weight has values that are not finite": lambda s: s["bn1.weight"].fill_(float("nan")),
    "conv1.weight has shape": lambda s: s.update({"conv1.weight": s["conv1.weight"][:, :1]}),
    "fc.bias is torch.float64": lambda s: s.update({"fc.bias": s["fc.bias"].double()}),
}


@pytest.mark.parametrize("reason", WRONG)
def test_what_does_not_fit_is_refused_and_nothing_changes(place, reason):
    state = broken(WRONG[reason])
    model = TinyTV()
    before = weights(model)
    refused(BadFile, f"{reason}.*nothing was loaded", load, model, state)
    assert same(before, weights(model))
    data = pth(state)
    with http.serving(http.whole(data)) as server:
        publish(place, server.url, data)
        refused(BadFile, reason, zoo.create_model, NAME)


def test_an_auxiliary_head_that_the_file_lacks(place):
    model = TinyTV(auxiliary=True)
    refused(BadFile, "missing AuxLogits", load, model, theirs(auxiliary=False))


def test_a_converter_that_does_not_exist(published):
    card = replace(published, converter="os")
    refused(UnknownName, "no converter 'os'; .*torchvision", read_tensors, card)
    refused(UnknownName, "no converter 'os'", convert_tensors, card, {}, {})


# ---- what is no table of tensors ----------------------------------------------------------------


class Payload:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_pickle_is_not_run(place, zipped):
    data = pth({**theirs(), "x": Payload(place / "ran")}, _use_new_zipfile_serialization=zipped)
    with http.serving(http.whole(data)) as server:
        publish(place, server.url, data)
        refused(BadFile, "holds more than tensors", zoo.create_model, NAME)
        refused(BadFile, "holds more than tensors", zoo.load, NAME)
    assert not (place / "ran").exists()
    torch.load(io.BytesIO(data), weights_only=False)
    assert (place / "ran").exists()  # it would have run


@pytest.mark.parametrize(
    "content",
    [
        [torch.zeros(2)],
        torch.zeros(2),
        {"a": 3.0},
        {3: torch.zeros(2)},
        {"state_dict": {"a": torch.zeros(2)}},
        {"a": torch.eye(3).to_sparse()},
        {"a": torch.zeros(3, device="meta")},
    ],
    ids=lambda content: type(content).__name__,
)
def test_anything_but_dense_tensors_by_name(content):
    refused(BadFile, "table of names and dense|more than tensors", state_dict, pth(content), "x")


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04" + b"\0" * 99, b"<html>", b"\x80\x02]."])
def test_what_is_no_file_of_tensors(data):
    refused(BadFile, "x (is|holds)", state_dict, data, "x")


@pytest.mark.parametrize("zipped", [True, False])
def test_cut_short_at_any_place(zipped):
    data = pth(theirs(), _use_new_zipfile_serialization=zipped)
    for length in range(1, len(data), 397):
        refused(BadFile, "x (is|holds|would)", state_dict, data[:length], "x")


def test_bombs():
    wide = pth({"a": torch.zeros(1).expand(10**9)})
    refused(BadFile, "claims more numbers", state_dict, wide, "x")
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(pth({"a": torch.zeros(10**6)}))) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    refused(BadFile, r"would grow to 40\d{5} bytes", state_dict, packed.getvalue(), "x")


# ---- downloads ----------------------------------------------------------------------------------


def test_other_bytes(place):
    data = pth(theirs())
    with http.serving(http.whole(pth(theirs(seed=2)))) as server:
        publish(place, server.url, data)
        refused(BadFile, "gave other bytes than expected", zoo.create_model, NAME)
    assert cached(place) == []


def test_more_bytes_than_published(place):
    data = pth(theirs())
    with http.serving(http.whole(data + bytes(2 * SLACK))) as server:
        publish(place, server.url, data)
        refused(BadFile, "gives more than the", zoo.create_model, NAME)
    assert cached(place) == []


def test_cut_short_and_resumed(place):
    data = pth(theirs())
    with http.serving(http.half(data), http.whole(data)) as server:
        card = publish(place, server.url, data)
        refused(Missing, "connection ended after", zoo.create_model, NAME)
        (part,) = cached(place)
        assert part.endswith(".part")
        assert same(read_tensors(card), theirs())
        assert server.ranges == [None, f"bytes={len(data) // 2}-"]
    assert cached(place) == [card.file, f"{card.file}.sha256"]


def test_whole_already_but_not_yet_in_place(place):
    """Stopped between the last byte and the rename: nothing is downloaded twice."""
    data = pth(theirs())
    with http.serving(http.whole(data)) as server:
        card = publish(place, server.url, data)
        path = find(card)
        path.rename(path.with_name(f".{path.name}.{card.sha256}.part"))
        digest_file(path).write_text("f" * 64)  # of whatever was there before
        assert find(card).read_bytes() == data
    assert digest_file(path).read_text() == f"{sha(data)}\n"


def test_no_such_address(place):
    data = pth(theirs())
    with http.serving(http.status(404)) as server:
        card = publish(place, server.url, data)
        said = f"HTTP 404.*put that file at .*{card.file} .sha256 beginning with {card.sha256}"
        refused(Missing, said, zoo.create_model, NAME)
    assert cached(place) == []


def test_no_network(place):
    publish(place, "http://127.0.0.1:9/", pth(theirs()))
    for call in (zoo.create_model, zoo.load):
        refused(Missing, "without a network, put that file at", call, NAME)
    assert cached(place) == []


def test_put_there_by_hand(place):
    data = pth(theirs())
    card = publish(place, "http://127.0.0.1:9/", data)
    path = place / "cache" / "zoo" / "weights" / card.sha256 / card.file
    path.parent.mkdir(parents=True)
    path.write_bytes(data[:-1] + b"x")
    refused(BadFile, "is damaged .*remove it", zoo.create_model, NAME)
    assert cached(place) == [card.file]
    path.write_bytes(data)
    zoo.create_model(NAME)
    assert digest_file(path).read_text() == f"{sha(data)}\n"


# ---- trust on first use -------------------------------------------------------------------------


def test_what_came_first_must_stay(published, place):
    """A file of another sha256 that begins with the same 8 digits: here, the note is another."""
    path = find(published)
    digits = digest_file(path).read_text().strip()
    digest_file(path).write_text(digits[:-1] + ("0" if digits[-1] != "0" else "1"))
    refused(BadFile, "is damaged", find, published)
    refused(BadFile, "is damaged", zoo.create_model, NAME)
    refused(BadFile, "is altered", read, path, published)


@pytest.mark.parametrize("at", [0, 1000, -1])
def test_a_bit_flipped_later(published, at):
    path = find(published)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    refused(BadFile, "is damaged", zoo.create_model, NAME)
    path.unlink()
    zoo.create_model(NAME)  # removed as the message says: downloaded again


@pytest.mark.parametrize("text", ["", "x", "0" * 64, "\udcff"])
def test_a_note_that_is_damaged(published, text):
    path = find(published)
    digest_file(path).write_bytes(text.encode("utf-8", "surrogateescape"))
    refused(BadFile, r"\.sha256 is damaged .*remove it", zoo.create_model, NAME)
    digest_file(path).unlink()
    zoo.create_model(NAME)


def test_beside_the_card_it_is_taken_from_there(place):
    data = pth(theirs())
    card = publish(place, "http://127.0.0.1:9/", data)
    (place / "shelf" / card.file).write_bytes(data)
    zoo.create_model(NAME)
    (place / "shelf" / card.file).write_bytes(data[:-1] + b"x")
    refused(BadFile, "is altered", zoo.create_model, NAME)
    assert cached(place) == []


# ---- the test vector ----------------------------------------------------------------------------


def test_only_others_weights_may_lack_a_test_vector(published, place):
    zoo.load(NAME)
    publish(place, published.url.removesuffix("tiny.pth"), pth(theirs()), test_vector={"input": ""})
    refused(BadFile, "no test vector", zoo.load, NAME)


def test_the_older_names_of_faster_rcnn():
    older = {
        "backbone.fpn.inner_blocks.3.weight": "backbone.fpn.inner_blocks.3.0.weight",
        "backbone.fpn.layer_blocks.0.bias": "backbone.fpn.layer_blocks.0.0.bias",
        "rpn.head.conv.weight": "rpn.head.conv.0.0.weight",
        "rpn.head.cls_logits.bias": "rpn.head.cls_logits.bias",
    }
    tensors = {key: torch.full((2,), float(i)) for i, key in enumerate(older)}
    expected = {older[key]: tensor for key, tensor in tensors.items()}
    assert same(convert(tensors, expected), expected)
    assert same(convert(expected, expected), expected)
