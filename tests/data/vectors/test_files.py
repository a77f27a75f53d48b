"""Every format there and back, theirs read here and ours read by gensim, and damaged files."""

import gzip
import importlib
import pickle
import struct
import subprocess
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from zoo.data.text.vocabulary import Vocabulary
from zoo.data.vectors import binary_format, text_format
from zoo.data.vectors import files as vector_files
from zoo.data.vectors.vectors import Vectors
from zoo.errors import BadFile, BadInput, Missing, ZooError

FORMATS = ["v.txt", "v.vec", "v.bin", "v.safetensors", "v.txt.gz", "v.vec.gz", "v.bin.gz"]
WORDS = ["the", "3", "a\u00a0b", "naïve", "一", "word2vec", "1e5", "\x85", "-", "<unk>"]

# gensim opens a file without a header twice and closes it once
LEAVES_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def vectors():
    matrix = np.random.default_rng(1).standard_normal((len(WORDS), 5)).astype(np.float32)
    matrix[0] = [0.0, -0.0, 1e-42, 3.4e38, 1 / 3]  # of all sizes
    matrix[1] = np.frombuffer(b"\n \n  \n\n \n 0.5 123456", np.float32)  # bytes like separators
    return Vectors(WORDS, matrix)


def same(left, right):
    assert left.words == right.words
    assert left.matrix.tobytes() == right.matrix.tobytes()  # to the bit


@pytest.mark.parametrize("name", FORMATS)
def test_there_and_back(vectors, tmp_path, name):
    vectors.save(tmp_path / name)
    same(Vectors.load(tmp_path / name), vectors)
    (tmp_path / name).rename(tmp_path / "any.name")  # the bytes tell, not the name
    same(Vectors.load(tmp_path / "any.name"), vectors)


def test_text_without_a_header_is_glove(vectors, tmp_path):
    vectors.save(tmp_path / "v.txt", header=False)
    assert (tmp_path / "v.txt").read_text(encoding="utf8").startswith("the 0 -0 ")
    same(Vectors.load(tmp_path / "v.txt"), vectors)


@pytest.mark.parametrize("block", [64, 200])
def test_the_size_of_the_blocks_changes_nothing(vectors, tmp_path, monkeypatch, block):
    for name in ("v.txt", "v.bin"):
        vectors.save(tmp_path / name)
    monkeypatch.setattr(binary_format, "BLOCK", block)
    monkeypatch.setattr(text_format, "BLOCK", block)
    for name in ("v.txt", "v.bin"):
        same(Vectors.load(tmp_path / name), vectors)


@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.bin", "v.txt.gz", "v.bin.gz"])
def test_gensim_reads_ours_and_we_read_gensims(vectors, tmp_path, name):
    peer = pytest.importorskip("gensim.models").KeyedVectors
    vectors.save(tmp_path / name)
    binary = ".bin" in name
    theirs = peer.load_word2vec_format(str(tmp_path / name), binary=binary)
    assert theirs.index_to_key == WORDS
    assert theirs.vectors.tobytes() == vectors.matrix.tobytes()
    theirs.save_word2vec_format(str(tmp_path / f"theirs.{name}"), binary=binary)
    same(Vectors.load(tmp_path / f"theirs.{name}"), vectors)


@LEAVES_OPEN
def test_gensim_reads_our_glove(vectors, tmp_path):
    peer = pytest.importorskip("gensim.models").KeyedVectors
    vectors.save(tmp_path / "v.txt", header=False)
    theirs = peer.load_word2vec_format(str(tmp_path / "v.txt"), no_header=True)
    assert theirs.index_to_key == WORDS
    assert theirs.vectors.tobytes() == vectors.matrix.tobytes()


@LEAVES_OPEN
def test_numbers_as_others_write_them_are_gensims_floats(tmp_path):
    peer = pytest.importorskip("gensim.models").KeyedVectors
    draw = np.random.default_rng(2)
    forms = ["%.6f", "%.17g", "%.5g", "%e", "%+.3f"]
    rows = [" ".join(form % x for x in draw.standard_normal(40)) for form in forms]
    text = "".join(f"{w} {row}\n" for w, row in zip("abcde", rows, strict=True))
    (tmp_path / "v.txt").write_text(text)
    theirs = peer.load_word2vec_format(str(tmp_path / "v.txt"), no_header=True)
    assert theirs.vectors.tobytes() == Vectors.load(tmp_path / "v.txt").matrix.tobytes()


def test_the_c_programs_text_and_binary(tmp_path):
    """word2vec.c ends each number with a space; debiaswe no binary row with an end of line."""
    (tmp_path / "c.txt").write_bytes(b"2 3\r\n</s> 0.5 -1.0 2.0 \r\nin 1 2 3 \r\n\r\n")
    rows = [struct.pack("<3f", 0.5, -1, 2), struct.pack("<3f", 1, 2, 3)]
    for end in (b"", b"\n"):
        binary = b"2 3\n" + b"".join(w + b" " + r + end for w, r in zip([b"</s>", b"in"], rows))  # noqa: B905
        (tmp_path / "c.bin").write_bytes(binary)
        for name in ("c.txt", "c.bin"):
            found = Vectors.load(tmp_path / name)
            assert found.words == ("</s>", "in")
            assert found.matrix.tolist() == [[0.5, -1, 2], [1, 2, 3]]


def test_words_with_spaces_are_read_from_the_right(tmp_path):
    """As in the published glove.840B.300d.txt."""
    lines = [f"w{i} {i} 0.5" for i in range(9)]
    lines[4] = ". . . 4 0.5"
    (tmp_path / "v.txt").write_text("\n".join(lines))
    found = Vectors.load(tmp_path / "v.txt")
    assert found.words[4] == ". . ."
    assert found.matrix.tolist() == [[i, 0.5] for i in range(9)]
    found.save(tmp_path / "v.safetensors")
    same(Vectors.load(tmp_path / "v.safetensors"), found)
    for name in ("v.vec", "v.bin"):
        with pytest.raises(BadInput, match=r"cannot hold the word '. . .'; write a .safetensors"):
            found.save(tmp_path / name)
        assert not (tmp_path / name).exists()


def test_of_a_word_that_stands_twice_the_first_row_counts(tmp_path):
    (tmp_path / "v.txt").write_text("4 1\na 1\nb 2\na 3\nc 4\n")
    found = Vectors.load(tmp_path / "v.txt")
    assert found.words == ("a", "b", "c")
    assert found.matrix.tolist() == [[1], [2], [4]]


def test_words_that_are_no_utf8_are_kept_apart(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"3 1\nna\xc3 1\nna\xc4 2\nna 3\n")
    assert Vectors.load(tmp_path / "v.txt").words == ("na\\xc3", "na\\xc4", "na")
    (tmp_path / "v.bin").write_bytes(b"1 1\nna\xc3 " + struct.pack("<f", 0.1))
    assert Vectors.load(tmp_path / "v.bin").words == ("na\\xc3",)


def test_half_precision_and_a_table_of_another_name(vectors, tmp_path):
    small = Vectors(WORDS, vectors.matrix.clip(-9, 9))
    small.save(tmp_path / "v.safetensors", half=True)
    same(Vectors.load(tmp_path / "v.safetensors"), Vectors(WORDS, small.matrix.astype(np.float16)))
    packed = {"table.weight": torch.eye(3), "words": Vocabulary("abc").pack()}
    save_file(packed, tmp_path / "w.safetensors")
    assert Vectors.load(tmp_path / "w.safetensors").matrix.tolist() == np.eye(3).tolist()
    with pytest.raises(BadInput, match="too large for half"):
        vectors.save(tmp_path / "w.safetensors", half=True)


@pytest.mark.parametrize(("says", "end"), [(1, ""), (9, "; is it cut off?")])
def test_a_wrong_number_of_words_is_told(tmp_path, capsys, says, end):
    (tmp_path / "v.txt").write_text(f"{says} 2\na 1 2\nb 3 4\n")
    rows = [b"a " + struct.pack("<2f", 1, 2), b"b " + struct.pack("<2f", 3, 4)]
    for gap in (b"", b"\n"):
        (tmp_path / "v.bin").write_bytes(f"{says} 2\n".encode() + gap.join(rows) + gap)
        for name in ("v.txt", "v.bin"):
            found = Vectors.load(tmp_path / name)
            assert found.words == ("a", "b")
            assert found.matrix.tolist() == [[1, 2], [3, 4]]
            told = f"{name}: the header says {says} words, the file holds 2, which are read{end}"
            assert found.notices == (told,)
            assert capsys.readouterr().err == f"note: {told}\n"


@pytest.mark.parametrize("head", [b"", b"2 2\n"])
def test_a_byte_order_mark_is_no_part_of_the_first_word(tmp_path, head):
    (tmp_path / "v.txt").write_bytes(b"\xef\xbb\xbf" + head + "naïve 1 2\nb 3 4\n".encode())
    assert Vectors.load(tmp_path / "v.txt").words == ("naïve", "b")


@pytest.mark.parametrize("name", FORMATS)
def test_a_limit_reads_the_first_rows(vectors, tmp_path, name):
    vectors.save(tmp_path / name)
    for limit in (1, 4, 10, 99):
        found = Vectors.load(tmp_path / name, limit=limit)
        assert found.words == vectors.words[:limit]
        assert found.matrix.tobytes() == vectors.matrix[:limit].tobytes()
        assert found.notices == ()
    with pytest.raises(BadInput, match="limit must be at least 1, got 0"):
        Vectors.load(tmp_path / name, limit=0)


def test_what_lies_behind_the_limit_is_not_read(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"a 1 2\nb 3 4\nc broken\n")
    assert Vectors.load(tmp_path / "v.txt", limit=2).words == ("a", "b")


@pytest.mark.parametrize("packing", ["bz2", "lzma", "zip"])
def test_packed_files(vectors, tmp_path, packing):
    vectors.save(tmp_path / "v.txt", header=False)
    data = (tmp_path / "v.txt").read_bytes()
    if packing == "zip":
        with zipfile.ZipFile(tmp_path / "p", "w") as file:
            file.writestr("glove.6B.5d.txt", data)
    else:
        (tmp_path / "p").write_bytes(importlib.import_module(packing).compress(data))
    same(Vectors.load(tmp_path / "p"), vectors)
    if packing == "zip":
        with zipfile.ZipFile(tmp_path / "p", "a") as file:
            file.writestr("glove.6B.50d.txt", data)
        with pytest.raises(BadFile, match="is a zip of 2 files; unpack it and name one"):
            Vectors.load(tmp_path / "p")


def test_words_that_are_not_utf_8_are_told(tmp_path, capsys):
    (tmp_path / "v.txt").write_bytes("caf\xe9 1\nk\xf6nig 2\nking 3\n".encode("latin-1"))
    assert Vectors.load(tmp_path / "v.txt").words == (r"caf\xe9", r"k\xf6nig", "king")
    assert r"v.txt: 2 words are not UTF-8 (the first is caf\xe9)" in capsys.readouterr().err


@pytest.mark.parametrize("header", [True, False])
def test_tabs_between_the_columns(vectors, tmp_path, header):
    path = tmp_path / "v.tsv.txt"
    vectors.save(path, header=header)
    path.write_bytes(path.read_bytes().replace(b" ", b"\t").replace(b"10\t5\n", b"10 5\n"))
    same(Vectors.load(path), vectors)


OTHERS = {
    "kv": (pickle.dumps({"vectors": 1}, 4), r"a pickle.*gensim.*save_word2vec_format"),
    "model": (pickle.dumps([1], 2), "a pickle"),
    "fasttext": (struct.pack("<ii", 793712314, 12) + bytes(60), r"fastText \(.bin\).*\.vec file"),
    "npy": (b"\x93NUMPY\x01\0v\0{'descr'", r"an array of NumPy.*zoo.Vectors\(words"),
    "hdf": (b"\x89HDF\r\n\x1a\n\0", "an HDF5 file"),
    "magnitude": (b"SQLite format 3\0\x10", "a database"),
    "utf16": ("a 1 2\n".encode("utf-16"), "UTF-16 text"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_other_files_of_vectors_are_named(tmp_path, kind):
    data, said = OTHERS[kind]
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(BadFile, match=said) as caught:
        Vectors.load(tmp_path / "v")
    assert "\n" not in str(caught.value)


def test_a_mapped_matrix_stays_in_its_file(vectors, tmp_path):
    path = tmp_path / "v.safetensors"
    Vectors(WORDS, vectors.matrix, counts=range(10, 0, -1)).save(path)
    for limit in (None, 3):
        found = Vectors.load(path, limit=limit, mmap=True)
        assert not found.matrix.flags.writeable
        assert found.words == vectors.words[:limit]
        assert found.matrix.tobytes() == vectors.matrix[:limit].tobytes()
        assert found.get_count("the") == 10
        assert Vectors.load(path, limit=limit).get_count("3") == 9
    tame = Vectors(WORDS[3:], vectors.matrix[3:])
    tame.save(path)
    found = Vectors.load(path, mmap=True)
    assert found.most_similar("一", topn=3) == tame.most_similar("一", topn=3)
    found.add("new", np.ones(5))
    assert found.most_similar("new", topn=1)
    tame.save(path, half=True)
    with pytest.raises(BadInput, match="holds F16 numbers, which cannot be mapped"):
        Vectors.load(path, mmap=True)
    tame.save(tmp_path / "v.bin")
    with pytest.raises(BadInput, match="only these can be mapped"):
        Vectors.load(tmp_path / "v.bin", mmap=True)


def test_a_mapped_file_is_looked_through_by_the_first_search(tmp_path):
    table = torch.tensor([[1.0], [torch.nan]])
    save_file({"vectors": table, "words": Vocabulary("ab").pack()}, tmp_path / "v.safetensors")
    found = Vectors.load(tmp_path / "v.safetensors", mmap=True)
    with pytest.raises(BadFile, match="the vectors hold NaN"):
        found.most_similar("a")


PEAK = """
import tracemalloc
{imports}
tracemalloc.start()
{load}
print(tracemalloc.get_traced_memory()[1])
"""


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.txt.gz"])
def test_reading_needs_the_memory_of_the_vectors_and_a_block(tmp_path, name):
    matrix = np.random.default_rng(0).standard_normal((2_000, 500)).astype(np.float32)
    Vectors([f"word{n}" for n in range(2_000)], matrix).save(tmp_path / name)
    tracemalloc.start()
    try:
        Vectors.load(tmp_path / name)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < matrix.nbytes + 3_000_000  # 4,000,000 bytes are the vectors


@pytest.mark.long
@pytest.mark.parametrize("name", ["v.bin", "v.txt"])
def test_reading_needs_no_more_memory_than_gensims(tmp_path, name):
    pytest.importorskip("gensim.models")
    matrix = np.random.default_rng(0).standard_normal((50_000, 100)).astype(np.float32)
    Vectors([f"word{n}" for n in range(50_000)], matrix).save(tmp_path / name)
    path, binary = str(tmp_path / name), name == "v.bin"
    sides = {
        "ours": ("from zoo.data.vectors.vectors import Vectors", f"v = Vectors.load({path!r})"),
        "theirs": (
            "from gensim.models import KeyedVectors",
            f"v = KeyedVectors.load_word2vec_format({path!r}, binary={binary})",
        ),
    }
    peaks = {}
    for side, (imports, load) in sides.items():
        code = PEAK.format(imports=imports, load=load)
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        peaks[side] = int(done.stdout)
    assert peaks["ours"] < 1.03 * peaks["theirs"]


BAD_TEXT = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n", "is empty"),
    "header only": (b"2 3\n", "holds no vectors"),
    "no numbers": (b"one two three\n", "line 1: expected a word and its numbers"),
    "other header": (b"2 3\na 1 2\nb 3 4\n", "line 2: expected a word and 3 numbers, got 2 after"),
    "zero": (b"0 0\n", "header says 0 words of 0"),
    "wide": (b"2 99999999999\na 1", "header says 2 words of 99999999999"),
    "short row": (b"a 1 2\nb 3\nc 4 5\n", "line 2: expected a word and 2 numbers"),
    "long row": (b"a 1 2\nb 3 4 5\nc 4 5\n", "line 2: expected a word and 2 numbers"),
    "empty row": (b"a 1 2\n\nc 4 5\n", "line 2: expected a word and 2 numbers"),
    "no number": (b"2 2\na 1 2\nb 3 x\n", "line 3: expected a word and 2 numbers, got 2 after"),
    "nan": (b"a 1 2\nb 3 nan\n", "line 2: a number is not finite"),
    "infinite": (b"2 2\na 1 2\nb inf 3\n", "line 3: a number is not finite"),
    "too large": (b"a 1 2\nb 3 1e39\n", "line 2: a number is not finite"),
    "too large, odd": (b"a 1 2\nb c 3 1e39\n", "line 2: a number is not finite"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", "line 1: expected"),
}
ROW = b"a " + struct.pack("<2f", 0.1, 0.2)
BAD_BINARY = {
    "cut number": (b"2 2\n" + ROW + b"\n" + ROW[:-1], "header says 2 words, it holds 1"),
    "cut word": (b"2 2\n" + ROW + b"\nwor", "header says 2 words, it holds 1"),
    "nothing": (b"3 2\n\0", "header says 3 words, it holds 0"),
    "more": (b"1 2\n" + ROW + b"\n" + ROW + b"\nb", "holds more than the 1 words of 2"),
    "nan": (b"1 2\na " + struct.pack("<2f", 1, np.nan), "vector of 'a', row 1, is not finite"),
    "no space": (b"1 2\n" + b"\0" * 70_000, "no word ends in 65536 bytes"),
    "gzip": (gzip.compress(b"1 1\na 1\n")[:-9], "damaged gzip"),
    "gzip of nothing": (b"\x1f\x8b\x08", "damaged gzip"),
    "safetensors": (struct.pack("<Q", 90) + b'{"a', "no safetensors file that can be read"),
}


@pytest.mark.parametrize("name", [*BAD_TEXT, *(f"binary {k}" for k in BAD_BINARY)])
def test_a_damaged_file_is_told_in_one_line(tmp_path, name):
    data, said = {**BAD_TEXT, **{f"binary {k}": v for k, v in BAD_BINARY.items()}}[name]
    (tmp_path / "v").write_bytes(data)
    with pytest.raises(BadFile, match=said) as caught:
        Vectors.load(tmp_path / "v")
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "v") in str(caught.value)


@pytest.mark.parametrize("name", FORMATS)
def test_no_cut_file_is_read_as_a_whole_one(vectors, tmp_path, name):
    vectors.save(tmp_path / name)
    data = (tmp_path / name).read_bytes()
    plain = name in ("v.txt", "v.vec")  # of a shorter last number nobody can tell that it was cut
    end = data.rindex(b" ") if plain else len(data) - 1
    for length in range(0, end, 1 + len(data) // 60):
        (tmp_path / name).write_bytes(data[:length])
        try:
            found = Vectors.load(tmp_path / name)
        except ZooError:
            continue
        assert ".gz" not in name  # between two rows: only the header says that some are missing
        assert f"the file holds {len(found)}, which are read; is it cut off?" in found.notices[0]


def test_safetensors_without_words(tmp_path):
    save_file({"vectors": torch.eye(2)}, tmp_path / "v.safetensors")
    with pytest.raises(BadFile, match="needs the tensors"):
        Vectors.load(tmp_path / "v.safetensors")
    save_file({"vectors": torch.eye(2), "words": Vocabulary("abc").pack()}, tmp_path / "v")
    with pytest.raises(BadFile, match="3 words but 2 vectors"):
        Vectors.load(tmp_path / "v")
    bad = {"vectors": torch.full((1, 2), torch.inf), "words": Vocabulary("a").pack()}
    save_file(bad, tmp_path / "v")
    with pytest.raises(BadFile, match="vector of 'a' is not finite"):
        Vectors.load(tmp_path / "v")


def test_names_that_say_nothing(vectors, tmp_path):
    with pytest.raises(Missing, match="there is no file .*expected a file of word vectors"):
        Vectors.load(tmp_path / "none.txt")
    for name in ("v", "v.csv", "v.safetensors.gz", "v.gz"):
        with pytest.raises(BadInput, match=r"expected a name that ends in .txt"):
            vectors.save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_old_file(vectors, tmp_path, monkeypatch):
    vectors.save(tmp_path / "v.txt")
    before = (tmp_path / "v.txt").read_bytes()

    def broken(words, matrix):
        yield b"the 1 2"
        raise KeyboardInterrupt

    monkeypatch.setattr(vector_files.text_format, "lines", broken)
    with pytest.raises(KeyboardInterrupt):
        vectors.save(tmp_path / "v.txt")
    assert (tmp_path / "v.txt").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
