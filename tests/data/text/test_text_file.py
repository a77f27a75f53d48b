"""A text in blocks is the text: the same characters, words and ids, wherever a block ends."""

import gzip
import hashlib
import random
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
import torch

from zoo.data.examples import digest
from zoo.data.own.language_model import own_data
from zoo.data.text import lines, text_file
from zoo.data.text.text_file import TextFile, encode, pieces, smallest, words
from zoo.data.text.token_stream import TextFrontEnd, chunks, cut, text_splits, vocabulary_of
from zoo.data.text.tokenizers import level_tokens
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, CannotWrite, Missing

TEXT = "to be,\r\nor not  to be\r\r\nthät is\t the 問\n\n \n question 🙂\rwhether" * 7
PLAIN = TEXT.replace("\r\n", "\n").replace("\r", "\n")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "own.txt"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    return path


@pytest.fixture(params=[1, 2, 3, 7, 64, 1 << 20])
def block(request, monkeypatch):
    monkeypatch.setattr(lines, "CHUNK", request.param)
    monkeypatch.setattr(text_file, "BLOCK", request.param)
    return request.param


def test_the_characters_wherever_a_block_ends(path, block):
    text = TextFile(path)
    assert "".join(text.blocks()) == PLAIN
    assert text.length == len(PLAIN)
    assert text.characters() == sorted(set(PLAIN))
    draw = random.Random(block)
    for _ in range(30):
        start, end = sorted(draw.choices(range(len(PLAIN) + 3), k=2))
        assert "".join(text.blocks(start, end)) == PLAIN[start:end]
        for character in "\n q?":
            assert text.find(character, start, end) == PLAIN.find(character, start, end)


@pytest.mark.parametrize("text", [PLAIN, "a", " ", "\n", "a\n", "a \n ", "\n\n a", "a b", "a\n\n"])
def test_the_words_wherever_a_block_ends(text, block):
    found = [word for part in words(pieces(text)) for word in part]
    assert found == level_tokens(text, "words")
    assert list(words([])) == []


@pytest.mark.parametrize("level", ["characters", "words"])
def test_ids_are_those_of_the_front_end(level, block):
    vocabulary = vocabulary_of(PLAIN, level)
    ids = encode(pieces(PLAIN), level, vocabulary)
    assert ids.dtype == torch.uint8
    assert torch.equal(ids.long(), TextFrontEnd(level, vocabulary)(PLAIN))


@pytest.mark.parametrize(
    ("size", "kind"),
    [(1, np.uint8), (256, np.uint8), (257, np.int16), (32768, np.int16), (32769, np.int32)],
)
def test_an_id_has_as_few_bytes_as_the_vocabulary_needs(size, kind):
    assert smallest(size) is kind
    vocabulary = Vocabulary(map(chr, range(0x20000, 0x20000 + size)))
    ids = encode([vocabulary.words[-1] + vocabulary.words[0]], "characters", vocabulary)
    assert ids.tolist() == [size - 1, 0]


def test_what_a_vocabulary_lacks():
    with pytest.raises(BadInput, match="'c' is not in the vocabulary of 2, which has no <unk>"):
        encode(["abc"], "characters", Vocabulary("ab"))
    assert encode(["abc"], "characters", Vocabulary(["<unk>", "a", "b"])).tolist() == [1, 2, 0]
    assert encode([], "characters", Vocabulary("ab")).tolist() == []


def by_hand(level):
    """What own_data did when it held the text: lists of tokens, ids of 8 bytes."""
    train, dev, test = cut(PLAIN, level=level)
    source, least = (PLAIN, 1) if level == "characters" else (train, 2)
    vocabulary = vocabulary_of(source, level, least=least, most=30_000)
    ids = [torch.tensor(vocabulary.encode(level_tokens(t, level))) for t in (train, dev, test)]
    return vocabulary, ids


@pytest.mark.parametrize("level", ["characters", "words"])
def test_own_data_are_the_same_bits_as_of_a_text_in_memory(path, level, block):
    data = own_data(path, level)
    vocabulary, ids = by_hand(level)
    assert data.vocabulary.words == vocabulary.words
    for part, expected in zip(data.parts().values(), ids, strict=True):
        assert torch.equal(part.token_ids.long(), expected)
        assert part.token_ids.dtype == torch.uint8
    wide = text_splits("x", "none", cut(PLAIN, level=level), TextFrontEnd(level, vocabulary))
    assert data.digest() == wide.digest()
    sha = hashlib.sha256(bytes(vocabulary.pack().tolist()))
    for part in ids[:2]:
        sha.update(part.numpy().tobytes())
    assert data.digest() == sha.hexdigest()  # that of earlier runs, which can be resumed


def test_batches_are_those_of_ids_of_8_bytes(path):
    part = own_data(path, "characters").train
    wide = type(part)(part.token_ids.long())
    for epoch in range(3):
        pairs = zip(chunks(part, 3, 7, 5, epoch), chunks(wide, 3, 7, 5, epoch), strict=True)
        for (one, inputs, targets), (other, u, v) in pairs:
            assert one == other
            assert torch.equal(inputs, u)
            assert torch.equal(targets, v)
            assert inputs.dtype == torch.int64


def test_digests_of_lines_are_computed_one_by_one(path):
    part = own_data(path, "characters").train
    end = sorted(set(PLAIN)).index("\n")
    digests = part.digests(end, 12)
    ids = part.token_ids.numpy().astype(np.int32)
    cuts = [0, *(np.flatnonzero(ids == end) + 1), len(ids)]
    expected = [ids[a:b] for a, b in pairwise(cuts) if b - a > 12]
    assert list(digests) == [(digest(line.tobytes()),) for line in expected]
    assert len(digests) == len(expected) > 3
    assert digests[1:3] == list(digests)[1:3]
    assert list(part.digests(end, 10_000)) == [(digest(ids.tobytes()),)]


@pytest.mark.parametrize("packed", [False, True])
def test_memory_does_not_grow_with_the_text(tmp_path, packed):
    path = tmp_path / "long.txt"
    text = b"Whatever one line says, the next says it too.\n" * 200_000  # 9.2 MB
    path.write_bytes(gzip.compress(text, 1) if packed else text)
    tracemalloc.start()
    try:
        data = own_data(path, "characters")
        data.digest()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(map(len, data.parts().values())) == len(text)
    assert peak < 25_000_000  # some blocks, and a table of all characters; it was 180,000,000


def test_files_that_are_no_text(tmp_path, monkeypatch):
    with pytest.raises(Missing, match="none.txt"):
        _ = TextFile(tmp_path / "none.txt").length
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises(BadFile, match="is empty"):
        _ = TextFile(tmp_path / "empty.txt").length
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with pytest.raises(CannotWrite, match="set TMPDIR"):
        encode(["ab"], "characters", Vocabulary("ab"))
