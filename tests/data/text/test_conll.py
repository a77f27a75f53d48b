"""CoNLL files: read to the word, told what was understood, refused with the number of the line."""

import pytest

from zoo.data.text.conll import read_conll
from zoo.data.text.tagged import Tagged
from zoo.errors import BadFile, BadInput, Missing

PAUL = Tagged(("Paul", "sleeps"), ("B-per", "O"))
ROME = Tagged(("New", "York"), ("B-loc", "I-loc"))


@pytest.mark.parametrize(
    "text",
    [
        "Paul\tB-per\nsleeps\tO\n\nNew\tB-loc\nYork\tI-loc\n",
        "Paul B-per\nsleeps O\n\nNew B-loc\nYork I-loc",  # no line end
        "Paul\tB-per\r\nsleeps\tO\r\n\r\nNew\tB-loc\r\nYork\tI-loc\r\n",
        "Paul\tB-per\rsleeps\tO\r\rNew\tB-loc\rYork\tI-loc\r",
        "\ufeffPaul\tB-per\nsleeps\tO\n\t\n\n \nNew\tB-loc\nYork\tI-loc\n\n\n",  # WNUT's blank line
        "-DOCSTART- -X- O O\n\nPaul NNP B I-per\nsleeps VB B O\n\nNew N B I-loc\nYork N I I-loc",
        "Paul\tS-per\nsleeps\tO\n\nNew\tB-loc\nYork\tE-loc\n",
    ],
)
def test_layouts(tmp_path, text):
    path = tmp_path / "a.conll"
    path.write_bytes(text.encode())
    assert read_conll(path).sentences == [PAUL, ROME]


def test_a_word_may_hold_anything_but_a_tab(tmp_path):
    path = tmp_path / "a.conll"
    path.write_bytes("a b\tO\nDubbz\ufeff\tB-x\n\u00a0é🙂\tO\n".encode())
    assert read_conll(path).sentences[0].words == ("a b", "Dubbz\ufeff", "é🙂")


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (b"Paul\tO\nsleeps\n", BadInput, "line 2 has no tag or no word: 'sleeps'"),
        (b"Paul O\n\n\tO\n", BadInput, "line 3 has no tag or no word"),
        (b"Paul\t\n", BadInput, "line 1 has no tag"),
        (b"Paul O\n\xff\xfe O\n", BadFile, "line 2 is not UTF-8"),
        (b"", BadInput, "has no sentences"),
        (b"\r\n\n-DOCSTART- O\n", BadInput, "has no sentences"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, data, kind, said):
    path = tmp_path / "a.conll"
    path.write_bytes(data)
    with pytest.raises(kind, match=said) as caught:
        read_conll(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(Missing, match=r"no file .*none\.conll"):
        read_conll(tmp_path / "none.conll")
    with pytest.raises(BadFile, match="is a folder"):
        read_conll(tmp_path)


SENTENCES = [  # as a person would mark them
    (
        ("Ada", "Lovelace", "met", "Charles", "Babbage", "in", "London", "."),
        {(0, 2): "PER", (3, 5): "PER", (6, 7): "LOC"},
    ),
    (("Zürich", "Basel", "Bern"), {(0, 1): "LOC", (1, 2): "LOC", (2, 3): "LOC"}),
    (("#", "Royal", "Society", "of", "London", "1660"), {(1, 5): "ORG"}),
]


def tagged(first, inside, last, single, outside="O", join="{letter}-{type}"):
    """Rows of (word, tag) with the given letters; ``first`` None: IOB1."""
    for words, marked in SENTENCES:
        tags = [outside] * len(words)
        for (start, end), kind in marked.items():
            letters = [first or inside] + [inside] * (end - start - 2) + [last] * (end - start > 1)
            if end - start == 1:
                letters = [single]
            if first is None and start and tags[start - 1][2:] == kind:
                letters[0] = "B"
            tags[start:end] = [join.format(letter=letter, type=kind) for letter in letters]
        yield list(zip(words, tags, strict=True))


def text_of(rows, line="{word}\t{tag}", begin=""):
    blocks = (
        begin
        + "".join(
            line.format(at=at, word=word, tag=tag) + "\n" for at, (word, tag) in enumerate(block, 1)
        )
        for block in rows
    )
    return "\n".join(blocks)


EXPECTED = [
    Tagged(tuple(w for w, _ in rows), tuple(t for _, t in rows)) for rows in tagged(*"BIIB")
]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("IOB2", [*tagged(*"BIIB")]),
        ("IOB1", [*tagged(None, "I", "I", "I")]),
        ("BIOES", [*tagged(*"BIES")]),
        ("BILOU", [*tagged(*"BILU")]),
        ("BMEWO", [*tagged(*"BMEW")]),
        ("BMES", [*tagged(*"BMES")]),
        ("BILOU", [*tagged(*"bilu", outside="o")]),
        ("BIOES", [*tagged(*"BIES", outside="_", join="{letter}_{type}")]),
        ("BILOU", [*tagged(*"BILU", outside="0", join="{type}-{letter}")]),
    ],
)
@pytest.mark.parametrize(
    ("line", "begin"),
    [
        ("{word} {tag}", ""),
        ("{word}\t{tag}\t", "# id = 1\n"),
        ("{at}\t{word}\t{tag}\t-\tannotator", "# text = Ada met\n"),
        ("{word} NN I-NP {tag}", "-DOCSTART- -X- -X- O\n\n"),
        ("{at}\t{word}\t{tag}\tO", "#\thttp://x.org\t[2026]\n"),
    ],
)
def test_every_scheme_in_every_layout_gives_the_same_spans(tmp_path, name, rows, line, begin):
    path = tmp_path / "a.conll"
    path.write_text(text_of(rows, line, begin), encoding="utf-8")
    found = read_conll(path)
    assert found.sentences == EXPECTED
    assert f"{name} of LOC, ORG, PER" in found.note
    assert "3 sentences, 17 words" in found.note


def test_labels_without_prefixes(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Ada PER\nLovelace PER\nmet O\nher O\nin O\nLondon LOC\n")
    found = read_conll(path)
    assert found.sentences[0].tags == ("B-PER", "I-PER", "O", "O", "O", "B-LOC")
    assert "plain labels (neighbours with the same label are one span) of LOC, PER" in found.note
    path.write_text("the DET\nold ADJ\nblue ADJ\nsea NOUN\n")
    found = read_conll(path)
    assert found.sentences[0].tags == ("B-DET", "B-ADJ", "B-ADJ", "B-NOUN")
    assert "plain labels (one a word)" in found.note


CONLL_U = """# newdoc id = x
# sent_id = 1
# text = vámonos al mar
1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\t_
1\tvamos\tir\tVERB\t_\tMood=Imp\t0\troot\t_\t_
2\tnos\tnosotros\tPRON\t_\tCase=Acc\t1\tobj\t_\t_
3-4\tal\t_\t_\t_\t_\t_\t_\t_\t_
3\ta\ta\tADP\t_\t_\t5\tcase\t_\t_
4\tel\tel\tDET\t_\t_\t5\tdet\t_\t_
5\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\tSpaceAfter=No
5.1\tvamos\tir\tVERB\t_\t_\t_\t_\t_\t_

# sent_id = 2
1\tSí\tsí\tINTJ\t_\t_\t0\troot\t_\t_
"""


def test_conll_u(tmp_path):
    path = tmp_path / "a.conllu"
    path.write_text(CONLL_U, encoding="utf-8")
    found = read_conll(path)
    assert [item.words for item in found.sentences] == [("vamos", "nos", "a", "el", "mar"), ("Sí",)]
    assert found.sentences[0].tags[:3] == ("B-VERB", "B-PRON", "B-ADP")
    assert "CoNLL-U, 10 columns with tabs between them: words in column 2, tags in" in found.note
    assert "left out: 4 comments, 3 ranges or empty words" in found.note


def test_tags_that_break_their_own_scheme_are_counted(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Ada B-PER\nLovelace E-PER\nin O\nLondon I-LOC\nAda S-PER\nruns O\n")
    found = read_conll(path)
    assert found.sentences[0].tags == ("B-PER", "I-PER", "O", "B-LOC", "B-PER", "O")
    assert "2 tags do not follow BIOES" in found.note
    path.write_text(text_of(tagged(*"BILU")), encoding="utf-8")
    assert "do not follow" not in read_conll(path).note


def test_a_line_with_other_columns_is_named(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("a X B-x\nb X O\nc O\n")
    with pytest.raises(BadInput, match=r"line 3 has 2 columns, 'c O'; most lines have 3"):
        read_conll(path)
    path.write_text("San Diego\tB-LOC\nis\tO\n is nice\n")
    with pytest.raises(BadInput, match=r"line 3 has no tag or no word: 'is nice'"):
        read_conll(path)
    path.write_text("1\ta\tB-x\n2\t\tO\n3\tc\tO\n")
    with pytest.raises(BadInput, match=r"line 2 has no tag or no word"):
        read_conll(path)


def test_a_header_is_left_out_and_commas_are_named(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Token\tPOS\tNER\nAda\tNNP\tB-PER\nran\tVBD\tO\n")
    found = read_conll(path)
    assert found.sentences == [Tagged(("Ada", "ran"), ("B-PER", "O"))]
    assert found.note.endswith("left out: 1 header")
    path.write_text("Ada,B-PER\nran,O\n")
    with pytest.raises(BadInput, match="expected WORD, tab or space instead of commas, TAG"):
        read_conll(path)


def test_a_line_of_thousands_of_words_is_no_table(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a " * 300_000)
    with pytest.raises(BadInput, match=r"has 300,000 columns; expected a word and its tag"):
        read_conll(tmp_path / "a.txt")
