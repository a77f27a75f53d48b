"""Reading strictly, cutting, numbering, and the streams of truncated backpropagation."""

import gzip

import pytest
import torch

from zoo.data.text.token_stream import (
    Text,
    TextFrontEnd,
    chunks,
    cut,
    read_text,
    text_splits,
    vocabulary_of,
)
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, Missing


def written(tmp_path, data, name="a.txt"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_crlf_cr_and_a_byte_order_mark_read_like_lf(tmp_path):
    data = b"\xef\xbb\xbfto be\r\nor not\rto be\n"
    assert read_text(written(tmp_path, data)) == "to be\nor not\nto be\n"


def test_gzip_is_known_by_its_bytes(tmp_path):
    assert read_text(written(tmp_path, gzip.compress("käse".encode()))) == "käse"


def test_a_cut_gzip_is_an_error(tmp_path):
    with pytest.raises(BadFile, match="damaged gzip"):
        read_text(written(tmp_path, gzip.compress(b"text" * 99)[:-9]))


def test_bytes_that_are_not_utf8_are_named(tmp_path):
    with pytest.raises(BadFile, match=r"a\.txt line 2: byte 8 \(0xe9\) is not UTF-8"):
        read_text(written(tmp_path, b"to be\nca\xe9"))


def test_an_empty_file_and_none_are_errors(tmp_path):
    with pytest.raises(BadFile, match="is empty"):
        read_text(written(tmp_path, b""))
    with pytest.raises(Missing, match="there is no file"):
        read_text(tmp_path / "none.txt")
    with pytest.raises(BadFile, match="is a folder"):
        read_text(tmp_path)


def test_the_parts_of_a_text_are_its_beginning_middle_and_end():
    text = "".join(map(chr, range(100, 300)))
    train, dev, test = cut(text)
    assert train + dev + test == text
    assert (len(train), len(dev), len(test)) == (170, 10, 20)


def test_by_words_no_line_is_cut():
    text = "one two three four\n" * 50
    parts = cut(text, level="words")
    assert "".join(parts) == text
    assert all(part.endswith("\n") for part in parts)


def test_by_words_no_word_of_a_single_line_is_cut():
    parts = cut("word " * 100, level="words")
    assert {word for part in parts for word in part.split()} == {"word"}


def test_a_part_with_nothing_to_predict_is_refused():
    letters = Vocabulary("ab")
    with pytest.raises(BadInput, match="dev part has 1 characters, which is too short"):
        text_splits("x", "none", ("aab", "a", "ab"), TextFrontEnd("characters", letters))
    with pytest.raises(BadInput, match="train part has 0"):
        text_splits("x", "none", cut("a"), TextFrontEnd("characters", letters))


def test_unknown_words_are_unk_and_unknown_characters_an_error():
    words = vocabulary_of("to be or to be", "words", least=2)
    assert words.words == ("<unk>", "<eos>", "be", "to")
    found = text_splits("x", "none", ("to be", "not to", "be it"), TextFrontEnd("words", words))
    assert found.dev.token_ids.tolist() == [0, 3, 1]
    with pytest.raises(BadInput, match="not in the vocabulary"):
        text_splits("x", "none", ("ab", "ac", "aa"), TextFrontEnd("characters", Vocabulary("ab")))


def test_chunks_go_on_where_the_streams_stopped():
    part = Text(torch.arange(103))
    found = list(chunks(part, 4, 5))
    assert [number for number, _, _ in found] == [0, 1, 2, 3, 4]
    whole = torch.cat([inputs for _, inputs, _ in found], 1)
    assert torch.equal(whole, torch.arange(102)[: 4 * 25].view(4, 25))
    for _, inputs, targets in found:
        assert torch.equal(targets, inputs + 1)


def test_chunks_from_the_middle_are_those_of_the_whole():
    part = Text(torch.arange(200))
    whole = list(chunks(part, 3, 7, seed=1, epoch=2))
    rest = list(chunks(part, 3, 7, seed=1, epoch=2, start=4))
    assert len(rest) == len(whole) - 4
    for (a, x, y), (b, u, v) in zip(whole[4:], rest, strict=True):
        assert a == b
        assert torch.equal(x, u)
        assert torch.equal(y, v)


def test_with_a_seed_every_epoch_cuts_elsewhere_into_as_many_chunks():
    part = Text(torch.arange(1000))
    epochs = [list(chunks(part, 4, 20, seed=0, epoch=n)) for n in range(8)]
    starts = {int(found[0][1][0, 0]) for found in epochs}
    assert len(starts) > 3
    assert max(starts) < 20
    assert len({len(found) for found in epochs}) == 1


@pytest.mark.parametrize("count", [2, 3, 5, 11, 40])
def test_a_short_text_has_fewer_streams_or_shorter_chunks(count):
    part = Text(torch.arange(count))
    for seed in (None, 0):
        found = list(chunks(part, 8, 10, seed=seed))
        assert found
        assert all(torch.equal(targets, inputs + 1) for _, inputs, targets in found)


def test_a_text_of_one_token_has_no_chunks():
    assert list(chunks(Text(torch.arange(1)), 8, 10)) == []


def test_the_digest_depends_on_words_and_numbers():
    def digest(text, letters="ab"):
        vocabulary = Vocabulary(letters)
        return text_splits(
            "x", "none", (text, "ab", "ab"), TextFrontEnd("characters", vocabulary)
        ).digest()

    assert len({digest("ab"), digest("ba"), digest("ab", "ba"), digest("ab", "abc")}) == 4
