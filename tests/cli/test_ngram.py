"""zoo ngram: what it says is what the written model gives; wrong use writes nothing."""

import json
import subprocess
import sys

import pytest

from zoo.cli.main import main
from zoo.decoding import arpa
from zoo.decoding.kneser_ney import learn

TEXT = "the cat sat\nthe dog sat on the cat\n\nThe cat ran\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "b.txt").write_text("a dog ran")
    (tmp_path / "test.txt").write_text("the zebra sat\nthe cat ran\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_told_is_what_is_written(folder, capsys):
    words = ["ngram", "a.txt", "b.txt", "--order", "2", "--out", "lm.arpa", "--test", "test.txt"]
    assert main([*words, "--tokens", "lower", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    sentences = [line.lower().split() for line in (*TEXT.split("\n"), "a dog ran") if line]
    test = [["the", "zebra", "sat"], ["the", "cat", "ran"]]
    learned, model = learn(sentences, 2), arpa.read("lm.arpa")
    assert model.words == learned.model.words
    assert told["order"] == model.order == 2
    assert told["ngrams"] == [len(level) for level in model.levels]
    assert told["train"]["perplexity"] == pytest.approx(model.perplexity(sentences), rel=1e-5)
    assert told["test"]["perplexity"] == pytest.approx(model.perplexity(test), rel=1e-5)
    assert (told["test"]["unknown"], told["test"]["words"], told["test"]["sentences"]) == (1, 8, 2)
    assert told["fallback"] == list(learned.fallback)
    assert told["discounts"] == [list(three) for three in learned.discounts]
    assert told["out"] == "lm.arpa"


def test_what_it_says(folder, capsys):
    assert main(["ngram", "a.txt", "--out", "lm.arpa.gz", "--test", "test.txt"]) == 0
    said = capsys.readouterr().out.split("\n")
    model = arpa.read("lm.arpa.gz")
    sizes = ", ".join(f"{len(level)} {n}-grams" for n, level in enumerate(model.levels, 1))
    assert said[0] == f"order 3: {sizes}"
    assert said[1] == "too little text for discounts of order 2, 3: 0.5, 1, 1.5 taken"
    assert said[2].startswith("perplexity ")
    assert said[2].endswith(" on the text itself: 15 words, 3 sentences, whose ends count as words")
    assert "on test.txt: 8 words, 1 unknown (" in said[3]
    assert said[4] == "written to lm.arpa.gz"


def test_words_paragraphs_and_rare_words(folder, capsys):
    options = ["--tokens", "words", "--paragraphs", "--min-count", "2", "--order", "1", "--json"]
    assert main(["ngram", ".", "--out", "lm.arpa", *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["train"]["sentences"] == 4  # a.txt has two paragraphs
    assert "zebra" not in arpa.read("lm.arpa")
    assert "cat" in arpa.read("lm.arpa")
    assert told["train"]["unknown"] == 3  # on, a, zebra


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.txt", "--out", "lm"], "no file nothing.txt"),
        (["a.txt", "--out", "no/lm"], "cannot write no/lm: there is no folder no"),
        (["a.txt", "--out", "."], "cannot write .: it is a folder"),
        (["a.txt", "--out", "lm", "--min-count", "0"], "min_count must be at least 1, got 0"),
        (["b.txt", "--out", "lm", "--order", "6"], "no sentence is long enough for order 6"),
        (["a.txt", "--out", "lm", "--test", "empty.txt"], "empty.txt holds no words"),
        (["bad.txt", "--out", "lm"], "bad.txt line 2: byte 3 (0xe9) is not UTF-8"),
        (["marks.txt", "--out", "lm"], "'<s>' stands in the text"),
    ],
)
def test_wrong_use_is_told(folder, capsys, words, said):
    (folder / "empty.txt").write_text("\n \n")
    (folder / "bad.txt").write_bytes(b"a\nb\xe9\n")
    (folder / "marks.txt").write_text("<s> a b </s>\n")
    before = sorted(folder.iterdir())
    assert main(["ngram", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert sorted(folder.iterdir()) == before


def test_an_order_that_is_none_is_wrong_use(folder, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["ngram", "a.txt", "--out", "lm", "--order", "9"])
    assert stop.value.code == 2
    assert "--order" in capsys.readouterr().err


def test_learning_needs_no_torch(folder):
    body = (
        "import sys\nfrom zoo.decoding import arpa\nfrom zoo.decoding.kneser_ney import train\n"
        "arpa.write('lm', train([['a', 'b']], 2))\narpa.read('lm')\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", body], check=True, env={"PYTHONPATH": ":".join(sys.path)})


def test_a_text_is_never_written_over(tmp_path):
    text = tmp_path / "t.txt"
    text.write_text("one two\n" * 5)
    (tmp_path / "same.txt").symlink_to(text)
    for out in (text, tmp_path / "same.txt"):
        assert main(["ngram", str(text), "--out", str(out)]) == 2
    other = tmp_path / "other.txt"
    other.write_text("two one\n")
    assert main(["ngram", str(text), "--test", str(other), "--out", str(other)]) == 2
    assert text.read_text() == "one two\n" * 5
    assert other.read_text() == "two one\n"
