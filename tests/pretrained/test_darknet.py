"""Darknet's files, written here byte by byte from the documented layout."""

import hashlib
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import zoo
from tests.data import server as http
from tests.helpers.darknet_cfg import interpret
from tests.helpers.small_weights import only_from, plain_card
from zoo import download, registry
from zoo.cli.main import main
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.errors import BadFile, BadInput, Missing
from zoo.models.darknet53 import Darknet53
from zoo.models.yolov1 import YOLOv1
from zoo.models.yolov3 import YOLOv3
from zoo.models.yolov3_tiny import YOLOv3Tiny
from zoo.pretrained import darknet
from zoo.pretrained.darknet import Header

CFG = (
    "c4-3 m2/2 c8-3 m2/2 c16-3 m2/2 c32-3 m2/2 c64-3 m2/2 c128-3 m2/1 c256-3 "
    "c64-1 c128-3 l21 y r-4 c32-1 u r-1,8 c64-3 l21 y"
)
WIDTHS = (4, 8, 16, 32, 64, 128, 256)
HEADERS = {  # major, minor, revision, seen as they stand in a file
    Header(0, 1, 0, 77): struct.pack("<4i", 0, 1, 0, 77),  # 16 bytes
    Header(0, 2, 0, 32_013_312): struct.pack("<3iq", 0, 2, 0, 32_013_312),  # 20 bytes
    Header(0, 2, 5, 1 << 40): struct.pack("<3iq", 0, 2, 5, 1 << 40),
    Header(1, 0, 0, 5): struct.pack("<3iq", 1, 0, 0, 5),
    Header(0, 1000, 0, 9): struct.pack("<4i", 0, 1000, 0, 9),  # 16 bytes, but not transposed
    Header(0, 1001, 0, 9): struct.pack("<4i", 0, 1001, 0, 9),  # transposed, and 16 bytes again
}


def small():
    """YOLOv3-tiny with a quarter of the channels and 2 classes."""
    return YOLOv3Tiny(2, widths=WIDTHS)


def numbers(model, seed=0):
    """As many random float32 as the network takes; variances above 0 do no harm elsewhere."""
    count = sum(int(np.prod(part.shape)) for part in darknet.layout(model))
    return np.random.default_rng(seed).uniform(0.1, 0.6, count).astype("<f4")


def on_disk(folder, data, name="mine.weights"):
    path = folder / name
    path.write_bytes(data)
    return path


def state_of(model):
    return {key: value.clone() for key, value in model.state_dict().items()}


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


# ---- what stands in a file ----------------------------------------------------------------------


@pytest.mark.parametrize("header", HEADERS, ids=str)
def test_a_file_loads_with_every_byte_used_and_is_written_again_bit_for_bit(header, tmp_path):
    model, flat = small(), numbers(small())
    data = HEADERS[header] + flat.tobytes()
    assert darknet.load(model, on_disk(tmp_path, data)) == header
    assert header.size == len(HEADERS[header])
    assert darknet.to_bytes(model, header) == data
    darknet.write(model, tmp_path / "again.weights", header)
    assert (tmp_path / "again.weights").read_bytes() == data


def test_the_loaded_network_is_that_of_the_numbers(tmp_path):
    """The interpreter of cfg files reads the same numbers by itself."""
    model, flat = small().eval(), numbers(small())
    darknet.load(model, on_disk(tmp_path, HEADERS[Header(0, 1, 0, 77)] + flat.tobytes()))
    images = torch.rand(1, 3, 64, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = model.double()(images.double())
    for theirs, ours in zip(interpret(CFG, flat, images), found, strict=True):
        assert (ours - theirs).abs().max() <= 1e-10 * theirs.abs().max()


def test_a_new_file_is_as_darknet_writes_it_today():
    data = darknet.to_bytes(small())
    assert data[:20] == struct.pack("<3iq", 0, 2, 0, 0)
    assert len(data) == 20 + numbers(small()).nbytes


def test_batch_norm_is_beta_gamma_mean_variance_then_the_kernels(tmp_path):
    model = small()
    flat = numbers(model)
    darknet.load(model, on_disk(tmp_path, HEADERS[Header(0, 2, 0, 32_013_312)] + flat.tobytes()))
    first = model.convs[0]
    for at, tensor in enumerate(
        (first.bn.bias, first.bn.weight, first.bn.running_mean, first.bn.running_var)
    ):
        assert np.array_equal(tensor.detach().numpy(), flat[4 * at : 4 * at + 4])
    kernels = flat[16 : 16 + 4 * 3 * 9].reshape(4, 3, 3, 3)
    assert np.array_equal(first.conv.weight.detach().numpy(), kernels)
    assert not any(bn.num_batches_tracked for bn in model.modules() if hasattr(bn, "running_var"))


@pytest.mark.parametrize("turned", [False, True])
def test_fully_connected_layers_are_transposed_where_the_version_says_so(turned, tmp_path):
    model = YOLOv1(2, grid=1, hidden_size=8, figure="3-4/2 | | | | |")
    header = Header(0, 1001 if turned else 2, 0, 0)
    flat = numbers(model)
    data = header.to_bytes() + flat.tobytes()
    darknet.load(model, on_disk(tmp_path, data))
    start = 4 + 4 * 27 + 8  # after the convolution and the bias
    weights = flat[start : start + 8 * 4]
    expected = weights.reshape(4, 8).T if turned else weights.reshape(8, 4)
    assert np.array_equal(model.hidden[0].weight.detach().numpy(), expected)
    assert darknet.to_bytes(model, header) == data


# ---- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("change", [-4, -1, 1, 4])
def test_a_byte_more_or_less_is_refused_and_nothing_changes(change, tmp_path):
    model = small()
    data = HEADERS[Header(0, 2, 0, 32_013_312)] + numbers(model).tobytes()
    before = state_of(model)
    with pytest.raises(BadFile, match=f"has {len(data) + change:,} bytes.*takes {len(data):,}"):
        darknet.load(model, on_disk(tmp_path, (data + bytes(4))[: len(data) + change]))
    assert same(before, model.state_dict())


def test_the_other_header_is_four_bytes_too_many_or_too_few(tmp_path):
    model, flat = small(), numbers(small()).tobytes()
    for version in ((0, 1), (0, 2)):
        wrong = Header(0, 3 - version[1], 0, 0)
        data = struct.pack("<2i", *version) + wrong.to_bytes()[8:] + flat
        with pytest.raises(BadFile, match="is it another network's"):
            darknet.load(model, on_disk(tmp_path, data))


@pytest.mark.parametrize("data", [b"", b"\0" * 11, b"\0" * 15, b"\0\0\0\0\2" + b"\0" * 14])
def test_what_is_shorter_than_a_header(data, tmp_path):
    with pytest.raises(BadFile, match="is no Darknet weights"):
        darknet.load(small(), on_disk(tmp_path, data))


def test_a_page_of_html_is_no_file_of_weights(tmp_path):
    with pytest.raises(BadFile) as caught:
        darknet.load(small(), on_disk(tmp_path, b"<!DOCTYPE html>\n" * 9000))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("at", [0, -1])
def test_numbers_that_are_not_finite(value, at, tmp_path):
    model = small()
    flat = numbers(model)
    flat[at] = value
    before = state_of(model)
    with pytest.raises(BadFile, match="not finite.*nothing was loaded"):
        darknet.load(model, on_disk(tmp_path, Header().to_bytes() + flat.tobytes()))
    assert same(before, model.state_dict())


def test_a_network_of_others_and_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadInput, match="Linear is no Darknet network; those are darknet19"):
        darknet.to_bytes(nn.Linear(2, 2))
    with pytest.raises(Missing):
        darknet.load(small(), tmp_path / "none.weights")


# ---- the first layers ---------------------------------------------------------------------------


def test_a_part_loads_the_body_and_leaves_the_heads(tmp_path):
    """As darknet53.conv.74 does for YOLOv3: 52 convolutions."""
    body, model = Darknet53(3, width=4), YOLOv3(2, width=4)
    flat = numbers(body)[: -(3 + 3 * 128)]  # without the classifier's last layer
    path = on_disk(tmp_path, Header(0, 1, 0, 4).to_bytes() + flat.tobytes(), "darknet53.conv.74")
    before = state_of(model)
    with pytest.raises(BadFile, match="is it another network's"):
        darknet.load(model, path)
    assert same(before, model.state_dict())
    assert darknet.load(model, path, partial=True).seen == 4
    after = darknet.to_bytes(model)[20:]
    assert after[: flat.nbytes] == flat.tobytes()
    changed = {key for key in before if not torch.equal(before[key], model.state_dict()[key])}
    assert changed
    assert all(key.startswith("stages.") for key in changed)


def test_a_part_ends_after_a_layer(tmp_path):
    model, flat = small(), numbers(small())
    first, second = 16 + 4 * 27, 32 + 8 * 4 * 9  # numbers of the first two layers
    for count in (first, first + second, len(flat)):
        path = on_disk(tmp_path, Header().to_bytes() + flat[:count].tobytes())
        darknet.load(model, path, partial=True)
        assert darknet.to_bytes(model)[20:][: count * 4] == flat[:count].tobytes()
    for count in (0, 4, first - 1, first + 1, first + 32):
        before = state_of(model)
        path = on_disk(tmp_path, Header().to_bytes() + flat[::-1][:count].tobytes())
        with pytest.raises(BadFile, match="takes whole layers, at most"):
            darknet.load(model, path, partial=True)
        assert same(before, model.state_dict())


# ---- from the address to the answer -------------------------------------------------------------

NAME = "small_darknet.mine"


def small_darknet(num_classes: int = 2, in_chans: int = 3) -> YOLOv3Tiny:
    """The small network, registered."""
    return YOLOv3Tiny(num_classes, in_chans, widths=WIDTHS)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An architecture, a shelf for its card, a cache of its own; no proxy; no second try."""
    about = ("none", "detection", (3, 64, 64), "convs.0.conv.weight", "heads")
    monkeypatch.setitem(registry._ENTRIES, "small_darknet", registry.Entry(small_darknet, *about))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "TRIES", 1)
    (tmp_path / "shelf").mkdir()
    only_from(tmp_path / "shelf", monkeypatch)
    return tmp_path


def publish(place, url, data, **fields):
    card = replace(
        plain_card(NAME, data),
        task="detection",
        front_end=BoxFrontEnd((64, 64), "darknet").to_card(),
        classes=["a", "b"],
        file="small.weights",
        test_vector={},
        seeds=[],
        url=f"{url}small.weights",
        converter="darknet",
    )
    replace(card, **fields).save(place / "shelf")


def test_downloaded_checked_loaded_and_used(place):
    flat = numbers(small()) - 0.3
    data = Header(0, 1, 0, 3).to_bytes() + flat.astype("<f4").tobytes()
    for part, at in zip(darknet.layout(small()), offsets(small()), strict=True):
        if part.name.endswith("running_var"):
            flat[at : at + part.shape[0]] += 1
    data = Header(0, 1, 0, 3).to_bytes() + flat.astype("<f4").tobytes()
    with http.serving(http.whole(data)) as server:
        publish(place, server.url, data)
        model = zoo.create_model("small_darknet", pretrained="mine")
        assert darknet.to_bytes(model, Header(0, 1, 0, 3)) == data
        predictor = zoo.load(NAME, device="cpu", threshold=0.0)
        exported = zoo.export(NAME, place / "again.weights")
    assert (exported.same, exported.differences) == (True, {})
    assert exported.file.read_bytes() == data  # its old header, too
    picture = np.random.default_rng(0).integers(0, 256, (40, 61, 3), dtype=np.uint8)
    answer = predictor(picture)
    placed = BoxFrontEnd((64, 64), "darknet")(picture)
    (expected,) = model.eval().detect(placed.image[None], threshold=0.0)
    assert len(answer) > 0
    torch.testing.assert_close(answer.scores, expected.scores, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(answer.boxes, placed.place.to_image(expected.boxes))
    other = zoo.create_model(NAME, num_classes=5, in_chans=1)
    assert other.heads[0].out_channels == 30
    assert torch.equal(other.fine.conv.weight, model.fine.conv.weight)


def offsets(model):
    """Where each tensor begins among the numbers."""
    counts = [int(np.prod(part.shape)) for part in darknet.layout(model)]
    return [sum(counts[:i]) for i in range(len(counts))]


def test_other_bytes_than_the_card_says(place):
    good = Header().to_bytes() + numbers(small()).tobytes()
    bad = good[:-1] + bytes([good[-1] ^ 1])
    with http.serving(http.whole(bad)) as server:
        publish(place, server.url, good)
        with pytest.raises(BadFile, match="other bytes than expected"):
            zoo.create_model(NAME)
    with http.serving(http.whole(good + b"\0\0\0\0")) as server:
        more = good + b"\0\0\0\0"
        publish(place, server.url, more, sha256=hashlib.sha256(more).hexdigest())
        with pytest.raises(BadFile, match="but the network takes"):
            zoo.create_model(NAME)


def test_networks_of_the_zoo_are_exported_with_the_header_of_today(place, capsys):
    to = str(place / "a.weights")
    assert main(["export", "small_darknet", "--format", "darknet", "--to", to]) == 0
    said = capsys.readouterr().out
    data = (place / "a.weights").read_bytes()
    assert f"{len(data):,} bytes, read back bit for bit" in said
    assert data[:20] == struct.pack("<3iq", 0, 2, 0, 0)
    model = small()
    darknet.load(model, place / "a.weights")
    assert darknet.to_bytes(model) == data


def test_a_network_of_others_has_no_such_file(tmp_path):
    for name, kind in (("lenet5", "LeNet5"), ("mlp", "MLP")):  # the layers of an MLP are ``layers``
        with pytest.raises(BadInput, match=f"{kind} is no Darknet network"):
            zoo.export(name, tmp_path / "a.weights")
    assert not list(tmp_path.iterdir())
    with pytest.raises(BadInput, match="the format darknet is for .weights files"):
        zoo.export("lenet5", tmp_path / "a.onnx", format="darknet")
