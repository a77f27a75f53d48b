"""Fault matrix B8: weights are found beside the card, in the cache, or at their address."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save

from tests.data.server import serving
from tests.helpers.small_weights import plain_card
from zoo import download
from zoo.errors import BadFile, Missing
from zoo.files import cache_folder
from zoo.pretrained.find import find
from zoo.pretrained.load import read_tensors


def served(files):
    """A server on this machine with these files, by their paths."""

    def answer(request):
        body = files.get(request.path)
        request.head(200 if body is not None else 404, Content_Length=len(body or b""))
        request.body(body or b"")

    return serving(answer)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """A cache of its own; no proxy; no second try."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "TRIES", 1)
    return tmp_path / "cache" / "zoo" / "weights"


def weights_file(value):
    """A small file of weights."""
    return save({"w": torch.full((5,), float(value))})


def there(folder):
    """All files below ``folder``, hidden ones left out."""
    return [p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")]


def test_beside_the_card_first(lenet):
    card = replace(lenet, url="http://127.0.0.1:1/never-asked")
    assert find(card) == lenet.folder / "lenet5.tiny.safetensors"
    assert read_tensors(card)["c1.weight"].shape == (6, 1, 5, 5)


def test_the_cache_is_where_the_environment_says(cache, monkeypatch):
    assert cache_folder("weights") == cache
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert str(cache_folder("weights")) == "/home/somebody/.cache/zoo/weights"


def test_a_missing_file_says_what_to_do(lenet):
    (lenet.folder / lenet.file).unlink()
    with pytest.raises(Missing) as error:
        find(lenet)
    said = str(error.value)
    assert "lenet5.tiny.safetensors" in said
    assert str(lenet.folder) in said
    assert "zoo reproduce lenet5.digits" in said


def test_downloaded_once_into_the_cache_under_its_hash(cache, tmp_path):
    data = weights_file(1)
    with served({"/w": data}) as server:
        card = replace(plain_card("lenet5.web", data), url=f"{server.url}w", folder=tmp_path)
        first = find(card)
        assert find(card) == first
        assert [request.path for request in server.asked] == ["/w"]
    assert first == cache / card.sha256[:16] / card.file
    assert first.read_bytes() == data
    assert read_tensors(card)["w"].tolist() == [1.0] * 5  # now without the server


def test_two_files_of_one_name_do_not_collide(cache):
    one, two = weights_file(1), weights_file(2)
    assert len(one) == len(two)
    with served({"/one/w": one, "/two/w": two}) as server:
        first = replace(plain_card("lenet5.web", one), url=f"{server.url}one/w")
        second = replace(plain_card("lenet5.web", two), url=f"{server.url}two/w")
        assert first.file == second.file
        for _ in range(2):
            assert read_tensors(first)["w"].tolist() == [1.0] * 5
            assert read_tensors(second)["w"].tolist() == [2.0] * 5
    assert len(there(cache)) == 2


def test_two_cached_files_that_were_swapped_are_noticed(cache):
    one, two = weights_file(1), weights_file(2)
    with served({"/one": one, "/two": two}) as server:
        pair = [
            replace(plain_card("lenet5.web", data), url=f"{server.url}{name}")
            for name, data in (("one", one), ("two", two))
        ]
        paths = [find(card) for card in pair]
    paths[0].write_bytes(two)
    paths[1].write_bytes(one)
    for card in pair:
        with pytest.raises(BadFile):
            read_tensors(card)


@pytest.mark.parametrize("at", [3, 40, -1])
def test_a_bit_flipped_in_the_cache_later_is_detected(at):
    data = weights_file(1)
    with served({"/w": data}) as server:
        card = replace(plain_card("lenet5.web", data), url=f"{server.url}w")
        path = find(card)
        damaged = bytearray(data)
        damaged[at] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(BadFile, match="lenet5.web.safetensors"):
            read_tensors(card)


def test_other_bytes_than_the_card_says_never_get_into_the_cache(cache):
    with served({"/w": weights_file(2)}) as server:
        card = replace(plain_card("lenet5.web", weights_file(1)), url=f"{server.url}w")
        with pytest.raises(BadFile, match="other bytes than expected"):
            find(card)
    assert there(cache) == []


def test_more_bytes_than_the_card_says_are_refused(cache):
    with served({"/w": weights_file(1) + b"\0" * 999}) as server:
        card = replace(plain_card("lenet5.web", weights_file(1)), url=f"{server.url}w")
        with pytest.raises(BadFile, match="more than"):
            find(card)
    assert there(cache) == []


def test_no_such_address_says_where_to_put_the_file(cache):
    with served({}) as server:
        card = replace(plain_card("lenet5.web", b"x"), url=f"{server.url}gone")
        with pytest.raises(Missing, match="HTTP 404") as error:
            find(card)
    assert str(cache / card.sha256[:16] / card.file) in str(error.value)


def test_no_network_says_where_to_put_the_file():
    card = replace(plain_card("lenet5.web", b"x"), url="http://127.0.0.1:1/w")
    with pytest.raises(Missing, match=f"put that file at .*{card.sha256}"):
        find(card)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/w", "/etc/passwd", ""])
def test_only_http_addresses_are_opened(url):
    with pytest.raises(BadFile, match="only https"):
        find(replace(plain_card("lenet5.web", b"x"), url=url))
