"""ARPA files: what is written is read back, other tools' layouts, and every damage by its line."""

import gzip
import math

import numpy as np
import pytest

from tests.decoding.kenlm_peer import PEERS
from zoo.decoding import arpa
from zoo.decoding.kneser_ney import train
from zoo.errors import BadFile, CannotWrite, Missing

LN10 = math.log(10)
TEXT = r"""\data\
ngram 1=5
ngram 2=4
ngram 3=2

\1-grams:
-1.5	<unk>
-99	<s>	-0.3
-0.7	</s>
-0.5	the	-0.2
-0.6	cat	-0.1

\2-grams:
-0.4	<s> the	-0.25
-0.3	the cat	-0.15
-0.2	cat </s>
-0.8	cat cat	0.1

\3-grams:
-0.1	<s> the cat
-0.2	the cat </s>

\end\
"""
LINES = TEXT.split("\n")  # as SRILM writes: no weight where none is needed


def written(folder, lines):
    path = folder / "lm.arpa"
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines))
    return path


def changed(number, *instead):
    """The file with other lines instead of line ``number``."""
    return [*LINES[: number - 1], *instead, *LINES[number:]]


@pytest.mark.parametrize("peer", PEERS)
def test_the_layout_of_srilm(tmp_path, peer):
    path = written(tmp_path, LINES)
    model = arpa.read(path)
    for said in ("the cat", "cat cat cat", "", "the zebra the cat", "zebra"):
        sentence = said.split()
        theirs = PEERS[peer](path, sentence)
        assert model.sentence(sentence) / LN10 == pytest.approx(sum(theirs), abs=1e-4)
    assert model.sentence(["the", "cat"]) / LN10 == pytest.approx(-0.4 - 0.1 - 0.2)


def test_blanks_instead_of_tabs_a_preface_and_other_line_ends(tmp_path):
    expected = arpa.read(written(tmp_path, LINES)).sentence(["the", "cat", "cat"])
    loose = ["made by hand", *(line.replace("\t", "  ") + " \r" for line in LINES)]
    loose[2:4] = ["ngram  1= 5", "ngram 2 =4"]
    for lines in (loose, ["\ufeff" + LINES[0], *LINES[1:]]):
        assert arpa.read(written(tmp_path, lines)).sentence(["the", "cat", "cat"]) == expected


def test_orders_may_stand_in_any_order_of_words(tmp_path):
    turned = [*LINES[:6], *LINES[10:5:-1], *LINES[11:13], *LINES[16:12:-1], *LINES[17:]]
    model, other = (arpa.read(written(tmp_path, lines)) for lines in (LINES, turned))
    for sentence in (["the", "cat"], ["cat", "cat", "the"], []):
        assert model.sentence(sentence) == other.sentence(sentence)


@pytest.mark.parametrize("peer", PEERS)
def test_without_an_unknown_word_it_is_all_but_impossible(tmp_path, peer):
    lines = [line for line in LINES if "<unk>" not in line]
    lines[1] = "ngram 1=4"
    path = written(tmp_path, lines)
    model = arpa.read(path)
    log_p, _ = model.score((), "zebra")
    assert log_p == pytest.approx(-100 * LN10)
    sentence = ["the", "zebra", "cat"]
    theirs = sum(PEERS[peer](path, sentence))
    assert model.sentence(sentence) / LN10 == pytest.approx(theirs, abs=1e-3)


def test_an_unknown_word_in_capitals(tmp_path):
    lines = [line.replace("<unk>", "<UNK>") for line in changed(15, "-0.3\tthe cat\t-0.15")]
    model = arpa.read(written(tmp_path, lines))
    assert model.score((), "zebra")[0] == pytest.approx(-1.5 * LN10)


@pytest.mark.parametrize("name", ["lm.arpa", "lm.arpa.gz"])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_what_is_written_is_read_back(tmp_path, name, order):
    sentences = [["é", "naïve", "a"], ["a", "a", "b"], ["b", "中", "a"]]
    model = train(sentences, order)
    arpa.write(tmp_path / name, model)
    again = arpa.read(str(tmp_path / name))
    assert again.words == model.words
    for level, other in zip(model.levels, again.levels, strict=True):
        np.testing.assert_array_equal(level.keys, other.keys)
        np.testing.assert_allclose(level.log_p, other.log_p, atol=1e-6)
        np.testing.assert_allclose(level.backoff, other.backoff, atol=1e-6)
    once = (tmp_path / name).read_bytes()
    assert (once[:2] == b"\x1f\x8b") == name.endswith(".gz")
    arpa.write(tmp_path / name, model)
    assert (tmp_path / name).read_bytes() == once
    plain = (gzip.decompress(once) if name.endswith(".gz") else once).decode()
    assert plain.startswith(f"\\data\\\nngram 1={len(model.words)}\n")
    assert "-0\t" not in plain


def test_blocks_do_not_show(tmp_path, monkeypatch):
    model = train([list("abcabdab"), list("cab")], 3)
    arpa.write(tmp_path / "whole.arpa", model)
    monkeypatch.setattr(arpa, "BLOCK", 2)
    arpa.write(tmp_path / "parts.arpa", model)
    assert (tmp_path / "parts.arpa").read_bytes() == (tmp_path / "whole.arpa").read_bytes()


DAMAGES = {  # lines, what is said
    "no weight where it is used": (
        changed(10, "-0.5\tthe"), "line 10: no back-off weight, but line 15 begins so"),
    "fewer than announced": (
        changed(15), "line 18: 4 2-grams were announced, here end 3"),
    "more than announced": (
        changed(15, *["-0.3\tthe cat\t-0.15"] * 2), "line 18: more 2-grams than the 4 announced"),
    "an order is left out": (
        [*LINES[:12], *LINES[18:]], r"line 13: expected \\2-grams:, got '\\\\3-grams:'"),
    "an order is announced twice": (
        changed(3, "ngram 1=4"), "expected ngram 2=COUNT, of orders up to 6, got 'ngram 1=4'"),
    "an order is not announced": (
        changed(3), "line 3: expected ngram 2=COUNT, of orders up to 6, got 'ngram 3=2'"),
    "too long": (
        changed(4, "ngram 3=2", *(f"ngram {n}=0" for n in range(4, 8))), "line 8: expected ngram"),
    "no count": (changed(2, "ngram 1=-5"), "line 2: expected ngram 1=COUNT"),
    "nothing announced": ([LINES[0], *LINES[4:]], "line 3: expected ngram 1=COUNT after"),
    "no number": (changed(15, "x\tthe cat\t-0.15"), "line 15: 'x' is no number"),
    "NaN": (changed(15, "nan\tthe cat\t-0.15"), "line 15: 'nan' is not finite"),
    "infinite": (changed(15, "-0.3\tthe cat\tinf"), "line 15: 'inf' is not finite"),
    "above 1": (changed(15, "0.3\tthe cat\t-0.15"), "line 15: log10 p is 0.3, a probability above"),
    "a word less": (changed(15, "-0.3\tthe"), "line 15: expected log10 p, 2 words, weight; got"),
    "a word more": (changed(15, "-0.3\tthe cat cat\t0"), "line 15: expected log10 p, 2 words"),
    "a weight at the top": (
        changed(20, "-0.1\t<s> the cat\t-0.5"), "line 20: a back-off weight, -0.5, in the high"),
    "a word twice": (changed(10, "-0.5\tcat\t-0.2"), "line 11: the word 'cat' a second time"),
    "an n-gram twice": (
        changed(15, "-0.3\t<s> the\t-0.15"), "line 15: the n-gram of line 14 again"),
    "an unknown word": (changed(15, "-0.3\tthe dog\t-0.15"), "line 15: the word 'dog' is not amo"),
    "no context": (changed(20, "-0.1\tcat the cat"), "line 20: a 3-gram whose first 2 words are"),
    "no start": (changed(8, "-9\tdog"), "line 13: no <s> among the 1-grams"),
    "no end": (changed(9, "-9\tdog"), "line 13: no </s> among the 1-grams"),
    "Latin-1": (changed(10, b"-0.5\tth\xe9\t-0.2"), r"line 10: 'th\\\\xe9' is not UTF-8"),
    "a zero byte": (changed(10, b"-0.5\tth\0\t-0.2"), "line 10: a zero byte in a word"),
    "cut off in an order": (LINES[:15], "line 15: 4 2-grams were announced, here end 2"),
    "cut off between": (LINES[:17], r"line 17: expected \\3-grams:, but the file ends"),
    "cut off before the end": (LINES[:21], r"line 21: expected \\end\\, but the file ends"),
    "the end is cut": (changed(23, "\\en"), r"line 23: expected \\end\\, got '\\\\en'"),
    "no ARPA file": (["x"] * 2000, r"line 1001: no \\data\\ up to here; is lm.arpa an ARPA file"),
    "empty": ([], r"line 0: no \\data\\ up to here"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damage_is_named_by_its_line(tmp_path, damage):
    lines, said = DAMAGES[damage]
    path = written(tmp_path, lines)
    with pytest.raises(BadFile, match=said) as caught:
        arpa.read(path)
    assert str(caught.value).startswith(f"{path} line ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("number", ["-inf", "-99"])
def test_a_start_that_is_never_predicted(tmp_path, peer, number):
    path = written(tmp_path, changed(8, f"{number}\t<s>\t-0.3"))
    model = arpa.read(path)
    for said in ("the cat", "cat cat", ""):
        theirs = PEERS[peer](path, said.split())
        assert model.sentence(said.split()) / LN10 == pytest.approx(sum(theirs), abs=1e-4)


@pytest.mark.parametrize("number", ["-inf", "-INF", "-Infinity", "-1.#INF"])
def test_minus_infinity_is_read_as_never(tmp_path, number):
    lines = changed(8, f"{number}\t<s>\t-0.3")
    lines[13 - 1 + 4 - 1] = f"-0.2\tcat </s>\t{number}"  # of a weight
    lines[11 - 1] = f"{number}\tcat\t-0.1"
    path = written(tmp_path, lines)
    model = arpa.read(path)
    assert model.levels[0].log_p.min() / LN10 == pytest.approx(-100)
    assert np.isfinite(model.sentence(["cat", "cat", "zebra", "the"]))
    arpa.write(tmp_path / "again.arpa", model)
    again = arpa.read(tmp_path / "again.arpa")
    assert again.sentence(["the", "cat"]) == pytest.approx(model.sentence(["the", "cat"]), abs=1e-5)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"mmap lm http://kheafield.com/code format version 5\n\0\0", "a binary file of KenLM"),
        (b"SRILM_BINARY_NGRAM_002\n", "a binary file of SRILM; write it as ARPA"),
        (b"blmt 3 10 20 30\n", "a binary file of IRSTLM"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "packed by zstd; unpack it"),
    ],
)
def test_other_files_of_n_grams_are_named(tmp_path, start, said):
    (tmp_path / "lm.bin").write_bytes(start + bytes(range(256)) * 9)
    with pytest.raises(BadFile, match=f"lm.bin is {said}") as caught:
        arpa.read(tmp_path / "lm.bin")
    assert "\n" not in str(caught.value)


def test_an_order_of_nothing_is_left_out(tmp_path):
    lines = [*changed(4, "ngram 3=0")[:19], *LINES[21:]]
    assert arpa.read(written(tmp_path, lines)).order == 2


def test_a_weight_of_zero_at_the_top_is_none(tmp_path):
    assert arpa.read(written(tmp_path, changed(20, "-0.1\t<s> the cat\t0"))).order == 3


def test_n_grams_after_an_order_of_nothing_have_no_context(tmp_path):
    lines = changed(3, "ngram 2=0")
    with pytest.raises(BadFile, match="line 16: a 3-gram whose first 2 words are no n-gram"):
        arpa.read(written(tmp_path, [*lines[:13], *lines[17:]]))


def test_a_damaged_gzip_file(tmp_path):
    arpa.write(tmp_path / "lm.gz", train([["a", "b"]] * 3, 2))
    whole = (tmp_path / "lm.gz").read_bytes()
    (tmp_path / "lm.gz").write_bytes(whole[:-20])
    with pytest.raises(BadFile, match="is a damaged gzip file"):
        arpa.read(tmp_path / "lm.gz")


def test_no_file(tmp_path):
    with pytest.raises(Missing, match="no file .*nothing.arpa; expected an ARPA file"):
        arpa.read(tmp_path / "nothing.arpa")


def test_what_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = written(tmp_path, LINES)
    before = path.read_bytes()

    def stops(model, order):
        yield "-1\ta\n"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(arpa, "_lines", stops)
    with pytest.raises(CannotWrite, match="No space left on device"):
        arpa.write(path, train([["a", "b"]], 2))
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["lm.arpa"]
