"""Fault matrix B1 to B5: only exactly the right file is read, and nothing of a wrong one runs."""

import hashlib
import json
import os
import pickle
import random
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import SafetensorError, deserialize
from safetensors.torch import save

from tests.helpers.small_weights import plain_card, safetensors_bytes
from tests.helpers.toy import same, weights
from zoo import cards
from zoo.errors import BadFile, Missing
from zoo.pretrained.create import create_model
from zoo.pretrained.load import load_into, read_tensors
from zoo.pretrained.verify import MOST_HEADER, MOST_TENSORS, read_header, verified_bytes

SMALL = {
    "a": torch.arange(200.0).view(20, 10),
    "b": torch.arange(7, dtype=torch.int64),
    "c": torch.zeros(0, 3, dtype=torch.bfloat16),
    "d": torch.tensor([True, False]),
    "e": torch.ones(3, dtype=torch.float64),
}


def agrees_with_safetensors(data):
    """Names, dtypes and shapes are those that the safetensors package finds."""
    theirs = {name: (t["dtype"], tuple(t["shape"])) for name, t in deserialize(data)}
    return read_header(data, "x") == theirs


# ---- damage -------------------------------------------------------------------------------------


def test_two_thousand_single_bit_flips_are_all_refused(lenet):
    path, model = lenet.folder / lenet.file, create_model("lenet5")
    before, original = weights(model), path.read_bytes()
    draw, refused = random.Random(0), 0
    with path.open("r+b", buffering=0) as file:
        for _ in range(2000):
            at, bit = draw.randrange(len(original)), draw.randrange(8)
            os.pwrite(file.fileno(), bytes([original[at] ^ (1 << bit)]), at)
            with pytest.raises(BadFile, match="altered"):
                verified_bytes(path, size=lenet.bytes, sha256=lenet.sha256)
            with pytest.raises(BadFile, match="altered"):
                load_into(model, read_tensors(lenet), lenet.name)
            refused += 1
            os.pwrite(file.fileno(), original[at : at + 1], at)
    assert refused == 2000
    assert same(before, weights(model))
    load_into(model, read_tensors(lenet), lenet.name)  # what was put back loads, and does change it
    assert not same(before, weights(model))


def test_a_bit_flip_is_refused_by_zoo_load_and_the_error_names_the_file(lenet):
    import zoo

    path = lenet.folder / lenet.file
    zoo.load("lenet5.tiny")
    data = bytearray(path.read_bytes())
    data[-3] ^= 16
    path.write_bytes(data)
    with pytest.raises(BadFile, match=str(path)):
        zoo.load("lenet5.tiny")


def test_every_truncation_of_a_small_file_is_refused(tmp_path):
    data = save(SMALL)
    path, sha256 = tmp_path / "small.safetensors", hashlib.sha256(data).hexdigest()
    path.write_bytes(data)
    assert verified_bytes(path, size=len(data), sha256=sha256) == data
    for length in reversed(range(len(data))):
        os.truncate(path, length)
        with pytest.raises(BadFile, match=f"{length} bytes, expected {len(data)}"):
            verified_bytes(path, size=len(data), sha256=sha256)


def test_every_truncation_is_refused_by_the_header_alone():
    data = save(SMALL)
    for length in range(len(data)):
        with pytest.raises(BadFile):
            read_header(data[:length], "x")


def test_truncations_of_lenet_are_refused_and_change_nothing(lenet):
    path, model = lenet.folder / lenet.file, create_model("lenet5")
    before = weights(model)
    lengths = {0, 1, 7, 8, lenet.bytes - 1, *random.Random(1).sample(range(lenet.bytes), 300)}
    for length in sorted(lengths, reverse=True):
        os.truncate(path, length)
        with pytest.raises(BadFile, match="cut short"):
            load_into(model, read_tensors(lenet), lenet.name)
    assert same(before, weights(model))


def test_a_longer_file_is_refused(lenet):
    with (lenet.folder / lenet.file).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BadFile, match="altered"):
        read_tensors(lenet)


def test_no_file_is_missing_and_a_folder_is_refused(tmp_path):
    with pytest.raises(Missing, match="there is no file .*expected weights"):
        verified_bytes(tmp_path / "none", size=1, sha256="0" * 64)
    with pytest.raises((Missing, BadFile)):
        verified_bytes(tmp_path, size=tmp_path.stat().st_size, sha256="0" * 64)


# ---- pickles ------------------------------------------------------------------------------------


class Payload:
    """Unpickled, it makes the file ``canary``."""

    def __init__(self, canary):
        self.canary = canary

    def __reduce__(self):
        return os.system, (f"touch '{self.canary}'",)


def write_pickles(folder, canary):
    """The payload in every wrapping that torch and Python know."""
    bomb = {"c1.weight": Payload(canary)}
    torch.save(bomb, folder / "zip.safetensors")
    torch.save(bomb, folder / "legacy.safetensors", _use_new_zipfile_serialization=False)
    for protocol in range(6):
        path = folder / f"pickle{protocol}.safetensors"
        path.write_bytes(pickle.dumps(Payload(canary), protocol=protocol))
    inside = safetensors_bytes(pickle.dumps(Payload(canary)))  # a length, then a pickle
    (folder / "inside.safetensors").write_bytes(inside)
    with zipfile.ZipFile(folder / "nested.safetensors", "w") as archive:
        archive.write(folder / "zip.safetensors", "archive/data.pkl")
    return sorted(folder.glob("*.safetensors"))


def test_the_payload_would_run_if_it_were_unpickled(tmp_path):
    canary = tmp_path / "canary"
    path = write_pickles(tmp_path, canary)[1]
    pickle.loads(path.with_name("pickle2.safetensors").read_bytes())
    assert canary.exists()
    canary.unlink()
    torch.load(tmp_path / "zip.safetensors", weights_only=False)
    assert canary.exists()


WATCHED = """
import json, pathlib, pickle, sys
from zoo import cards
from zoo.errors import BadFile
from zoo.pretrained.load import read_tensors

folder, seen, said = pathlib.Path(sys.argv[1]), [], []
BAD = ("exec", "compile", "import", "ctypes.dlopen", "os.system", "os.exec", "os.posix_spawn",
       "os.fork", "subprocess.Popen", "pickle.find_class", "socket.connect")

def watch(event, args):
    writes = event == "open" and set(str(args[1] or "")) & set("wax+")
    if event in BAD or writes:
        seen.append(event)

def attempt(card):
    try:
        read_tensors(card)
    except BadFile as error:
        return str(folder / card.file) in str(error)
    return "accepted"

found = [cards.read(path) for path in sorted(folder.glob("*.json"))]
attempt(found[0])  # what is imported late is imported now
sys.addaudithook(watch)
said = [attempt(card) for card in found]
quiet, ran = list(seen), (folder / "canary").exists()
pickle.loads((folder / "pickle2.safetensors").read_bytes())  # would we have seen it?
print(json.dumps([said, quiet, ran, seen, (folder / "canary").exists()]))
"""


def test_pickles_of_the_right_size_and_sha256_are_refused_and_never_run(tmp_path):
    paths = write_pickles(tmp_path, tmp_path / "canary")
    for path in paths:
        plain_card(path.stem, path.read_bytes()).save(tmp_path)
    command = [sys.executable, "-B", "-c", WATCHED, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    refused, seen, ran, seen_of_pickle, ran_by_pickle = json.loads(done.stdout)
    assert refused == [True] * 10
    assert (seen, ran) == ([], False)
    assert {"pickle.find_class", "os.system"} <= set(seen_of_pickle)
    assert ran_by_pickle


def test_a_pickle_is_called_a_pickle(tmp_path):
    for path in write_pickles(tmp_path, tmp_path / "canary"):
        if path.stem in ("zip", "nested", "legacy", "pickle2", "pickle5"):
            with pytest.raises(BadFile, match="pickle or archive"):
                read_header(path.read_bytes(), path.name)


# ---- hostile headers ----------------------------------------------------------------------------


def tensor(dtype="F32", shape=(2,), at=(0, 8)):
    """One entry of a header."""
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(at)}


EIGHT = b"\0" * 8
DUPLICATE = b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},'
DUPLICATE += b'"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
INSIDE = b'{"a":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}}'
MANY = {f"{n:x}": tensor("U8", [0], (0, 0)) for n in range(MOST_TENSORS + 1)}

HOSTILE = {
    "empty": b"",
    "seven bytes": b"\0" * 7,
    "length 2**63": safetensors_bytes(b"{}", length=2**63),
    "length 2**64 - 1": safetensors_bytes(b"{}", length=2**64 - 1),
    "2 GB": safetensors_bytes(b"{}", length=2 * 10**9),
    "100 MB + 1": safetensors_bytes(b"{}", length=100_000_001),
    "99 MB": safetensors_bytes(b"{}", length=99_000_000),
    "one byte more than there is": safetensors_bytes(b"{}", length=3),
    "our own limit": safetensors_bytes(b"{}" + b" " * MOST_HEADER),
    "no header": safetensors_bytes(b""),
    "a list": safetensors_bytes([1, 2]),
    "a number": safetensors_bytes(7),
    "null": safetensors_bytes(None),
    "not UTF-8": safetensors_bytes(b'{"\xff\xfe": 1}'),
    "not JSON": safetensors_bytes(b"{'a': 1}"),
    "NaN": safetensors_bytes(b'{"a": NaN}'),
    "huge number": safetensors_bytes(b'{"a": ' + b"1" * 9000 + b"}"),
    "deep": safetensors_bytes(b'{"a":' * 100_000),
    "deep lists": safetensors_bytes(b"[" * 900_000),
    "overlap": safetensors_bytes({"a": tensor(), "b": tensor(at=(4, 12))}, b"\0" * 12),
    "the same bytes twice": safetensors_bytes({"a": tensor(), "b": tensor()}, EIGHT),
    "hole": safetensors_bytes({"a": tensor(), "b": tensor(at=(12, 20))}, b"\0" * 20),
    "hole at the start": safetensors_bytes({"a": tensor(at=(4, 12))}, b"\0" * 12),
    "trailing": safetensors_bytes({"a": tensor()}, EIGHT + b"\0"),
    "tensors cut short": safetensors_bytes({"a": tensor()}, b"\0" * 7),
    "duplicate tensor": safetensors_bytes(DUPLICATE, EIGHT),
    "duplicate dtype": safetensors_bytes(INSIDE, EIGHT),
    "offset overflow": safetensors_bytes({"a": tensor(at=(2**64 - 8, 2**64))}, EIGHT),
    "shape overflow": safetensors_bytes({"a": tensor(shape=(2**62, 4, 2))}, EIGHT),
    "shape wraps to the right size": safetensors_bytes({"a": tensor(shape=(2**62 + 2,))}, EIGHT),
    "backwards": safetensors_bytes({"a": tensor(at=(8, 0))}, EIGHT),
    "negative shape": safetensors_bytes({"a": tensor(shape=(-1, -2))}, EIGHT),
    "negative offset": safetensors_bytes({"a": tensor(at=(-8, 0))}, EIGHT),
    "bool as number": safetensors_bytes({"a": tensor("U8", [True], (0, 1))}, b"\0"),
    "bool as offset": safetensors_bytes({"a": tensor("U8", [1], (False, 1))}, b"\0"),
    "float as number": safetensors_bytes({"a": tensor(shape=(2.0,))}, EIGHT),
    "text as number": safetensors_bytes({"a": tensor(shape=("2",))}, EIGHT),
    "unknown dtype": safetensors_bytes({"a": tensor("F31")}, EIGHT),
    "complex dtype": safetensors_bytes({"a": tensor("C64", [1])}, EIGHT),
    "dtype a list": safetensors_bytes({"a": tensor(["F32"])}, EIGHT),
    "dtype a table": safetensors_bytes({"a": tensor({})}, EIGHT),
    "dtype null": safetensors_bytes({"a": tensor(None)}, EIGHT),
    "nine axes": safetensors_bytes({"a": tensor(shape=[1] * 8 + [2])}, EIGHT),
    "three offsets": safetensors_bytes({"a": tensor(at=(0, 8, 8))}, EIGHT),
    "entry a list": safetensors_bytes({"a": []}),
    "entry without shape": safetensors_bytes(
        {"a": {"dtype": "F32", "data_offsets": [0, 8]}}, EIGHT
    ),
    "entry with more": safetensors_bytes({"a": {**tensor(), "code": "x"}}, EIGHT),
    "metadata a number": safetensors_bytes({"__metadata__": 5}),
    "metadata not text": safetensors_bytes({"__metadata__": {"a": {}}}),
    "too many tensors": safetensors_bytes(MANY),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_with_the_right_sha256_are_refused_at_once(kind, tmp_path):
    data = HOSTILE[kind]
    path = tmp_path / "hostile.safetensors"
    path.write_bytes(data)
    began = time.process_time()
    with pytest.raises(BadFile, match=r"hostile\.safetensors") as refusal:
        verified_bytes(path, size=len(data), sha256=hashlib.sha256(data).hexdigest())
    assert time.process_time() - began < 5  # seconds; to believe the claim would take minutes
    assert len(str(refusal.value)) < 600
    assert "\n" not in str(refusal.value)


def test_huge_headers_are_refused_without_reading_them():
    entry = b'"%x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},'
    crowd = b"{" + b"".join(entry % n for n in range(1_200_000)) + b'"z":1}'
    book = b'{"__metadata__":{"a":"' + b"a" * 90_000_000 + b'"}}'
    for raw in (crowd, book):
        assert peak_of_refusal(safetensors_bytes(raw)) < 1_000_000


@pytest.mark.parametrize("kind", ["length 2**63", "2 GB", "100 MB + 1", "99 MB", "our own limit"])
def test_nothing_is_allocated_for_what_a_header_claims(kind):
    assert peak_of_refusal(HOSTILE[kind]) < 1_000_000


@pytest.mark.parametrize("kind", ["too many tensors", "deep", "deep lists"])
def test_what_has_to_be_parsed_stays_small(kind):
    assert peak_of_refusal(HOSTILE[kind]) < 40_000_000


def peak_of_refusal(data):
    """Bytes that were allocated at most, while ``data`` was refused, within a second."""
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(BadFile):
            read_header(data, "x")
        assert time.process_time() - began < 3  # tracemalloc itself takes most of it
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# ---- files that are in order --------------------------------------------------------------------


def test_files_in_order_agree_with_safetensors():
    assert agrees_with_safetensors(save(SMALL))
    assert agrees_with_safetensors(save(SMALL, metadata={"note": "text"}))
    assert agrees_with_safetensors(save({}))
    assert agrees_with_safetensors(save({"s": torch.tensor(1.5), "ü 中": torch.ones(1, 1)}))


@pytest.mark.parametrize("length", [640, 896, 1152, 1408, 0x4B50])
def test_a_header_whose_length_looks_like_a_pickle_is_no_pickle(length):
    raw = json.dumps({"a": tensor()}).encode()
    data = safetensors_bytes(raw + b" " * (length - len(raw)), EIGHT)
    assert data[:2] in (b"PK", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
    assert agrees_with_safetensors(data)


def test_what_only_safetensors_refuses_is_a_bad_file_too(tmp_path):
    data = safetensors_bytes(
        json.dumps({"a": tensor()}).replace("[0, 8]", "[-0, 8]").encode(), EIGHT
    )
    (tmp_path / "a.safetensors").write_bytes(data)
    card = plain_card("a", data)
    card.save(tmp_path)
    with pytest.raises(SafetensorError):
        deserialize(data)
    with pytest.raises(BadFile, match="not safetensors"):
        read_tensors(cards.card(tmp_path))


# ---- fuzz ---------------------------------------------------------------------------------------

numbers = st.one_of(st.integers(-2, 9), st.integers(), st.booleans(), st.floats())
anything = st.recursive(
    st.one_of(st.none(), numbers, st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
dtypes = st.one_of(st.sampled_from(["F32", "F16", "I64", "U8", "BOOL", "C64"]), anything)
counts = st.one_of(st.lists(st.one_of(st.integers(0, 4), numbers), max_size=3), anything)
entries = st.one_of(
    st.fixed_dictionaries({"dtype": dtypes, "shape": counts, "data_offsets": counts}),
    st.fixed_dictionaries({"dtype": dtypes, "shape": counts}, optional={"x": anything}),
    anything,
)
names = st.one_of(st.text(max_size=3), st.just("__metadata__"))
fuzz = settings(max_examples=300, deadline=None, derandomize=True, database=None)


def refused_or_agrees(data):
    """The only two ends there are: BadFile, or what safetensors finds too (or refuses)."""
    try:
        found = read_header(data, "x")
    except BadFile:
        return "refused"
    try:
        theirs = {name: (t["dtype"], tuple(t["shape"])) for name, t in deserialize(data)}
    except SafetensorError:
        return "refused by safetensors"
    assert found == theirs
    return "accepted"


@given(st.binary(max_size=200))
@fuzz
def test_fuzz_any_bytes(data):
    refused_or_agrees(data)


@given(st.binary(max_size=120), st.binary(max_size=20))
@fuzz
def test_fuzz_any_bytes_as_header(raw, tensors):
    refused_or_agrees(safetensors_bytes(raw, tensors))


@given(st.dictionaries(names, entries, max_size=3), st.integers(0, 40))
@fuzz
def test_fuzz_odd_headers(table, size):
    refused_or_agrees(safetensors_bytes(table, b"\1" * size))


@given(st.data())
@fuzz
def test_fuzz_a_good_file_with_some_bytes_changed(data):
    whole = bytearray(save(SMALL, metadata={"note": "text"}))
    top = 8 + struct.unpack("<Q", whole[:8])[0]
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, top - 1))] = data.draw(st.integers(0, 255))
    refused_or_agrees(bytes(whole))


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=5).filter(lambda name: name != "__metadata__"),
        st.tuples(
            st.sampled_from([torch.float32, torch.float16, torch.int64, torch.uint8, torch.bool]),
            st.lists(st.integers(0, 4), max_size=4),
        ),
        max_size=5,
    )
)
@fuzz
def test_fuzz_whatever_safetensors_writes_is_accepted(kinds):
    data = save({name: torch.zeros(shape, dtype=dtype) for name, (dtype, shape) in kinds.items()})
    assert refused_or_agrees(data) == "accepted"
