"""A corpus says the same words whatever its files look like, and names what is wrong with one."""

import gzip
import itertools

import numpy as np
import pytest

from zoo.data.text import lines
from zoo.data.text.corpus import LONGEST, Corpus
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, Missing, UnknownName

TEXT = "the cat sat on the mat\nthe dog sat\n\nÄpfel und Birnen\n"


def write(folder, text, name="c.txt", pack=False):
    data = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(gzip.compress(data) if pack else data)
    return folder / name


def decode(encoded, vocabulary):
    cuts = itertools.pairwise(encoded.offsets)
    return [vocabulary.decode(encoded.tokens[a:b]) for a, b in cuts]


def test_sentences_are_lines_and_words_stand_between_blanks(tmp_path):
    found = list(Corpus(write(tmp_path, TEXT)).sentences())
    assert found == [line.split() for line in TEXT.split("\n") if line]


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize(
    "change", [("\n", "\r\n"), ("\n", " \n"), (" ", "\t "), ("the", "\ufeffthe")]
)
def test_crlf_gzip_blanks_and_byte_order_mark_change_nothing(tmp_path, pack, change):
    text = TEXT.replace(*change, 1 if "\ufeff" in change[1] else -1)
    assert list(Corpus(write(tmp_path, text, "odd.name", pack)).sentences()) == list(
        Corpus(write(tmp_path, TEXT)).sentences()
    )


def test_a_last_line_without_an_end_counts(tmp_path):
    assert list(Corpus(write(tmp_path, "a b\nc d")).sentences()) == [["a", "b"], ["c", "d"]]


def test_counts_are_ranked_and_cut(tmp_path):
    corpus = Corpus(write(tmp_path, "b a a c\nb a d\n"))
    vocabulary, counts = corpus.frequent(1)
    assert vocabulary.words == ("a", "b", "c", "d")
    assert counts.tolist() == [3, 2, 1, 1]
    assert corpus.frequent(2)[0].words == ("a", "b")
    assert corpus.frequent(1, 3)[0].words == ("a", "b", "c")


def test_encoding_drops_unknown_words_and_empty_sentences(tmp_path):
    corpus = Corpus(write(tmp_path, "a x b\nx x\nb a\n"))
    vocabulary = Vocabulary(["a", "b"])
    encoded = corpus.encode(vocabulary)
    assert decode(encoded, vocabulary) == [["a", "b"], ["b", "a"]]
    assert (encoded.tokens.dtype, encoded.offsets.dtype) == (np.int32, np.int64)


def test_a_line_of_a_million_tokens_is_cut_and_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "CHUNK", 1 << 16)
    text = " ".join(str(i % 977) for i in range(1_000_000))
    corpus = Corpus(write(tmp_path, text))
    vocabulary, counts = corpus.frequent(1)
    encoded = corpus.encode(vocabulary)
    assert (counts.sum(), len(encoded.tokens)) == (1_000_000, 1_000_000)
    assert set(np.diff(encoded.offsets)) == {LONGEST}
    number = vocabulary.index
    want = np.array([number[str(i)] for i in range(977)])[np.arange(1_000_000) % 977]
    assert (encoded.tokens == want).all()


def test_a_character_across_two_chunks_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "CHUNK", 7)
    path = write(tmp_path, "aé bö\ncé dü\n")
    assert list(Corpus(path).sentences()) == [["aé", "bö"], ["cé", "dü"]]


def test_paragraphs_join_wrapped_lines(tmp_path):
    path = write(tmp_path, "The Cat\nsat.\n \nDon\u2019t,\r\nsaid 2 dogs\n")
    corpus = Corpus(path, tokens="words", paragraphs=True)
    assert list(corpus.sentences()) == [["the", "cat", "sat"], ["don't", "said", "dogs"]]
    assert corpus.digest() != Corpus(path).digest()
    assert corpus.digest() == Corpus([path], tokens="words", paragraphs=True).digest()


def test_a_folder_is_read_by_name(tmp_path):
    write(tmp_path, "b b\n", "2.txt")
    write(tmp_path, "a a\n", "1.txt.gz", pack=True)
    write(tmp_path, "no", "notes.md")
    assert list(Corpus(tmp_path).sentences()) == [["a", "a"], ["b", "b"]]


def test_shares_are_sentences_of_about_as_many_words(tmp_path):
    corpus = Corpus(write(tmp_path, "a b\n" * 90 + "a b a b a b\n" * 10))
    encoded = corpus.encode(corpus.frequent()[0])
    shares = encoded.shares(3)
    assert [first for first, _ in shares] == [0, *[end for _, end in shares[:-1]]]
    assert shares[-1][1] == 100
    sizes = [int(encoded.offsets[b] - encoded.offsets[a]) for a, b in shares]
    assert max(sizes) - min(sizes) <= 12
    assert sum(b - a for a, b in encoded.shares(250)) == 100


def test_bad_text_is_said_in_one_line(tmp_path):
    with pytest.raises(BadFile, match=r"bad.txt line 3: byte 9 \(0xff\) is not UTF-8"):
        list(Corpus(write(tmp_path, b"ab cd\nx\n \xff", "bad.txt")).sentences())
    with pytest.raises(BadFile, match=r"line 1: byte 3 .* is not UTF-8"):
        list(Corpus(write(tmp_path, b"ab \xc3", "bad.txt")).sentences())
    with pytest.raises(BadFile, match="damaged gzip"):
        list(Corpus(write(tmp_path, gzip.compress(b"ab " * 99)[:-9], "cut.gz")).sentences())
    with pytest.raises(BadFile, match="is it text"):
        list(Corpus(write(tmp_path, b"a" * (3 << 20))).sentences())
    for text, found in [
        ("", "no words"),
        ("\n \n", "no words"),
        ("so so\n", "one word only, 'so'"),
    ]:
        with pytest.raises(BadInput, match=f"c.txt holds {found}"):
            Corpus(write(tmp_path, text)).frequent()
    with pytest.raises(BadInput, match=r"1 of 2 words occur 5 times.*occurs 5 times"):
        Corpus(write(tmp_path, "a a a a a b")).frequent()
    with pytest.raises(BadInput, match="no word of the vocabulary"):
        Corpus(write(tmp_path, TEXT)).encode(Vocabulary(["x"]))
    with pytest.raises(BadInput, match="at least 1"):
        Corpus(write(tmp_path, TEXT)).frequent(0)
    (tmp_path / "none").mkdir()
    for place in (tmp_path / "nothing", tmp_path / "none"):
        with pytest.raises(Missing, match="expected"):
            Corpus(place)
    with pytest.raises(BadInput, match="at least one file"):
        Corpus([])
    with pytest.raises(UnknownName, match="words"):
        Corpus(write(tmp_path, TEXT), tokens="word")
