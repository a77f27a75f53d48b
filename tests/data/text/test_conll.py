"""CoNLL files: read to the word, refused with the number of the line."""

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
    assert read_conll(path) == [PAUL, ROME]


def test_a_word_may_hold_anything_but_a_tab(tmp_path):
    path = tmp_path / "a.conll"
    path.write_bytes("a b\tO\nDubbz\ufeff\tB-x\n\u00a0é🙂\tO\n".encode())
    assert read_conll(path)[0].words == ("a b", "Dubbz\ufeff", "é🙂")


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
    with pytest.raises(BadFile, match="cannot be read"):
        read_conll(tmp_path)
