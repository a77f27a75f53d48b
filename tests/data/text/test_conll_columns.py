"""Columns that are taken for what they are; files that are refused because they might not be."""

import pytest

from zoo.data.text.conll_columns import Asked, columns_of
from zoo.errors import BadInput

ROWS = """the DT O, old JJ O, man NN O, and CC O, the DT O, sea NN O, near IN O, Havana NNP B-LOC,
Cuba NNP I-LOC, said VBD O, Ernest NNP B-PER, Hemingway NNP I-PER, in IN O, Paris NNP B-LOC,
France NNP B-LOC"""
TEXT, POS, SPANS = zip(*(row.split() for row in ROWS.split(",")), strict=True)
CHUNKS = [f"B-{kind}" for kind in ("NP", "NP", "NP", "O", "NP", "NP", "PP", *["NP"] * 8)]
IDS = [str(n) for n in range(1, len(TEXT) + 1)]
CAPITALS = [word.upper() for word in TEXT]


def table(*columns, sentences=2):
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    return [rows] * sentences


@pytest.mark.parametrize(
    ("columns", "word", "tag", "name"),
    [
        ((TEXT, SPANS), 0, 1, "IOB2"),
        ((IDS, TEXT, SPANS), 1, 2, "IOB2"),
        ((TEXT, POS, CHUNKS, SPANS), 0, 3, "IOB2"),
        ((TEXT, POS, SPANS, CHUNKS), 0, 2, "IOB2"),  # whichever comes last
        ((TEXT, POS, CHUNKS), 0, 2, "IOB2"),  # CoNLL-2000: the chunks are the tags
        ((TEXT, SPANS, ["O"] * 15), 0, 1, "IOB2"),
        ((IDS, TEXT, SPANS, ["B-ORG", *["O"] * 14]), 1, 2, "IOB2"),  # GermEval: outer, inner
        ((TEXT, SPANS, ["B-PER", *["O"] * 14]), 0, 1, "IOB2"),  # the same types within others
        ((TEXT, POS), 0, 1, "plain labels"),
        ((TEXT, CAPITALS, POS), 0, 2, "plain labels"),
    ],
)
def test_found(columns, word, tag, name):
    found = columns_of("f", table(*columns), Asked())
    assert found.scheme is not None
    assert (found.word, found.tag, found.scheme.name) == (word, tag, name)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ((SPANS, TEXT), r"column 1 holds tags .*word_column=2 tag_column=1"),
        ((SPANS, POS, TEXT), r"column 1 holds tags"),
        ((POS, TEXT), r"tags and words look exchanged.*word_column=2 tag_column=1"),
        ((POS, TEXT, SPANS), r"column 2 looks more like words than column 1.*word_column=2 tag_co"),
        ((TEXT, ["O"] * 15), r"all 30 tags of column 2 are 'O'"),
        ((TEXT, ["_"] * 15), r"all 30 tags of column 2 are '_'"),
        ((TEXT, ["NN"] * 15), r"all 30 tags of column 2 are 'NN'"),
        ((TEXT, POS, CAPITALS), r"column 3 repeats the words of column 1: lemmas.*tag_column=2"),
        ((TEXT, [str(len(word)) for word in TEXT]), r"column 2 holds numbers"),
        ((TEXT, [*POS[:-1], "_"]), r"some words have no tag in column 2"),
        ((["7", "3"] * 7 + ["5"], SPANS), r"column 1, where the words should be, holds numbers"),
        ((TEXT, [*SPANS[:-1], "LOC"]), r"tags of column 2 are of two kinds, 'B-LOC' and 'LOC'"),
        ((TEXT, [*SPANS[:-2], "L-LOC", "E-LOC"]), r"are of two kinds"),
        ((TEXT, SPANS, [tag.replace("LOC", "FOOD") for tag in SPANS]), r"columns 2 and 3 all hold"),
        ((["doc"] * 15, TEXT, SPANS), r"look exchanged.*word_column=2 tag_column=3"),
        ((TEXT, [tag.replace("-", "") for tag in SPANS]), r"'BLOC' and 'ILOC', seem to mark spans"),
        ((TEXT, [tag.replace("-", "nner-") for tag in SPANS]), r"seem to mark spans"),
        ((TEXT, ["*"] * 7 + ["(LOC*", "*)"] + ["*"] * 6), r"seem to mark spans"),
        ((IDS, TEXT), r"there are no tags beside the words"),
        ((IDS, IDS), r"every column counts"),
    ],
)
def test_refused(columns, said):
    with pytest.raises(BadInput, match=said) as caught:
        columns_of("mine.txt", table(*columns), Asked())
    message = str(caught.value)
    assert message.startswith("mine.txt: ")
    assert "\n" not in message


def test_what_is_asked_is_taken():
    found = columns_of("f", table(SPANS, TEXT), Asked(2, 1))
    assert (found.word, found.tag) == (1, 0)
    found = columns_of("f", table(TEXT, SPANS, POS), Asked(tag_column=3))
    assert (found.word, found.tag) == (0, 2)
    found = columns_of("f", table(IDS, POS, TEXT), Asked(word_column=3))
    assert (found.word, found.tag) == (2, 1)
    for asked in (Asked(3, 1), Asked(1, 0), Asked(2, 2)):
        with pytest.raises(BadInput, match=r"has 2 columns, got|are both 2"):
            columns_of("f", table(TEXT, SPANS), asked)


def test_a_part_of_a_set_may_hold_no_span():
    found = columns_of("f", table(TEXT, ["O"] * 15), Asked(1, 2), may_be_empty=True)
    assert found.scheme is None
