"""facenet-pytorch's cards: as the script writes them; from the address to the distance of faces."""

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import zoo
from tests.data import server as http
from tests.helpers import facenet_peer
from tests.helpers.small_weights import only_from
from tests.scripts.test_scripts import script
from zoo import cards, download
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.errors import BadFile, Missing
from zoo.pretrained.find import find

WEIGHTS = Path(__file__).parents[2] / "weights"
SCRIPT = script("write_facenet_cards")
NAMES = ["facenet.casia_webface", "facenet.vggface2"]
OVERHEAD = 192  # bytes of a published file for each tensor, beside its numbers


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A cache of its own; no proxy; no second try."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "TRIES", 1)


def test_the_files_are_what_the_script_writes(tmp_path):
    written = SCRIPT.write(tmp_path)
    assert [path.stem for path in written] == NAMES
    for path in written:
        assert path.read_bytes() == (WEIGHTS / path.name).read_bytes(), path.name


@pytest.mark.parametrize("name", NAMES)
def test_what_the_card_says(name, monkeypatch):
    only_from(WEIGHTS, monkeypatch)
    card = zoo.card(name)
    assert card.parameters == 23_482_624
    assert (len(card.sha256), card.converter) == (64, "facenet_pytorch")
    assert card.url.endswith(f"facenet-pytorch/releases/download/v2.2.9/{card.file}")
    assert "none by the publisher" in card.notes
    assert cards.default("facenet").name == "facenet.vggface2"  # the more accurate one


@pytest.mark.parametrize(("name", "people"), [*zip(NAMES, [10575, 8631], strict=True)])
def test_the_file_is_as_large_as_its_tensors(name, people):
    card = cards.read(WEIGHTS / f"{name}.json")
    with torch.device("meta"):
        tensors = [*zoo.create_model("facenet").state_dict().values()]
    tensors += [torch.empty(people, 512), torch.empty(people)]  # the classes, which are dropped
    numbers = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    assert numbers < card.bytes < numbers + (OVERHEAD + 1) * len(tensors)


def test_the_front_end_is_the_fixed_standardisation():
    """(value - 127.5) / 128, of 160 x 160 pixels."""
    front_end = ImageFrontEnd.from_card(cards.read(WEIGHTS / f"{NAMES[1]}.json").front_end)
    values = np.random.default_rng(0).integers(0, 256, (160, 160, 3), dtype=np.uint8)
    expected = (torch.from_numpy(values).permute(2, 0, 1).double() - 127.5) / 128
    assert (front_end(values) - expected).abs().max() <= 1e-6


def serve(card, data, folder, url):
    """The card of ``data`` at ``url``, before the shipped one."""
    near = replace(card, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    replace(near, url=f"{url}{card.file}").save(folder)


@pytest.fixture(scope="module")
def published():
    """Tensors and bytes of a file as published, but of seven people."""
    state, buffer = facenet_peer.published(), io.BytesIO()
    torch.save(state, buffer)
    return state, buffer.getvalue()


def test_from_the_address_to_the_distances_of_faces(published, tmp_path, monkeypatch):
    """Downloaded, verified, its classes dropped; embeddings as the forward by hand has them."""
    state, data = published
    only_from(tmp_path, monkeypatch)
    card = cards.read(WEIGHTS / "facenet.vggface2.json")
    with http.serving(http.whole(data)) as server:
        serve(card, data, tmp_path, server.url)
        predictor = zoo.load("facenet.vggface2", device="cpu")
    assert find(zoo.card("facenet.vggface2")).read_bytes() == data  # from the cache now
    faces = np.random.default_rng(1).integers(0, 256, (3, 170, 150, 3), dtype=np.uint8)
    pixels = torch.stack([predictor.front_end.pixels(face) for face in faces])
    with torch.no_grad():
        expected = facenet_peer.forward(state, (pixels.float() - 127.5) / 128)
        got = predictor.model(predictor.front_end.normalise(pixels))
    assert (got - expected).abs().max() <= 1e-5
    adapted = zoo.create_model("facenet", pretrained=True, in_chans=1)
    stem = state["conv2d_1a.conv.weight"].sum(1, keepdim=True)
    assert torch.equal(adapted.conv2d_1a.conv.weight, stem)  # for grey images
    apart = (expected[:, None] - expected).square().sum(2)
    assert torch.allclose(predictor.model.dissimilarity(got, got), apart, atol=1e-5)


def test_another_file_at_the_address_is_refused(tmp_path, monkeypatch):
    only_from(tmp_path, monkeypatch)
    card = cards.read(WEIGHTS / "facenet.vggface2.json")
    with http.serving(http.whole(b"another file")) as server:
        serve(card, b"the one file", tmp_path, server.url)
        with pytest.raises(BadFile, match="gave other bytes than expected"):
            zoo.create_model("facenet.vggface2")


@pytest.mark.parametrize("name", NAMES)
def test_without_a_network_the_card_says_where_to_put_the_file(name, tmp_path, monkeypatch):
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody listens: refused at once
    card = cards.read(WEIGHTS / f"{name}.json")
    with pytest.raises(Missing, match=f"put that file at {tmp_path}.*{card.file}"):
        find(replace(card, folder=None))


PEOPLE = ("angelina_jolie", "bradley_cooper", "kate_siegel", "paul_rudd", "shea_whigham")
DISTANCES = {  # Euclidean, of these people's faces, as facenet-pytorch's own test has them
    "facenet.vggface2": (
        1.482895, 0.886342, 1.438450, 1.437583, 1.345686, 1.029880, 1.061939, 1.363125, 1.338803,
        1.066040,
    ),
    "facenet.casia_webface": (
        1.430769, 0.992931, 1.414197, 1.329544, 1.253911, 1.144899, 1.079755, 1.358875, 1.337322,
        1.204118,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_acceptance_on_facenet_pytorchs_own_faces(name, zoo_data, monkeypatch):
    """With the published file in the cache, and data/test_images_aligned of its repository."""
    folder = zoo_data / "facenet_pytorch" / "test_images_aligned"
    faces = [folder / person / "1.png" for person in PEOPLE]
    if not all(face.is_file() for face in faces):
        pytest.skip(f"facenet-pytorch's aligned faces are not in {folder}")
    monkeypatch.delenv("XDG_CACHE_HOME")
    only_from(WEIGHTS, monkeypatch)
    with download.no_downloads():
        try:
            predictor = zoo.load(name, device="cpu")
        except Missing as error:
            pytest.skip(str(error))
    pixels = torch.stack([predictor.front_end.pixels(face) for face in faces])
    with torch.no_grad():
        vectors = predictor.model(predictor.front_end.normalise(pixels))
    assert (torch.pdist(vectors) - torch.tensor(DISTANCES[name])).abs().max() < 0.01
