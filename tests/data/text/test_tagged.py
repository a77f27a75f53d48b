"""Words to numbers: plain forms, shapes, spelling, padding."""

import pytest
import torch

from zoo.data.text.tagged import SHAPES, TagFrontEnd, Tagged, plain, shape
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.models import tagger

ITEMS = [
    Tagged(("The", "cat", "saw", "@anna"), ("O",) * 4),
    Tagged(("the", "cats", "42"), ("O",) * 3),
]


def front_end(**options):
    return TagFrontEnd.count(ITEMS, **options)


def test_the_network_has_a_vector_for_each_shape():
    assert len(SHAPES) == tagger.SHAPES


@pytest.mark.parametrize(
    ("word", "form", "kind"),
    [
        ("U.S.", "u.s.", "U.S.A."),
        ("WWW.x.com", "<url>", "url"),
        ("@", "@", "punctuation"),
        ("#Rome", "#rome", "#tag"),
        ("I", "i", "Title"),
        ("McDonald", "mcdonald", "camelCase"),
        ("n't", "n't", "lower"),
        ("\u6771\u4eac", "\u6771\u4eac", "other"),
        ("1\u00bd", "0\u00bd", "digits"),
        ("a\0b", "a b", "lower"),
    ],
)
def test_forms_and_shapes(word, form, kind):
    assert plain(word) == form
    assert SHAPES[shape(word)] == kind


def test_words_characters_and_padding():
    made = front_end(longest=4)
    batch = made.encode([("cat", "zebra"), ("Saw",)]).pick(torch.tensor([1, 0]))
    words = made.vocabulary.words
    assert [[words[n] for n in row] for row in batch.words.tolist()] == [
        ["saw", "<pad>"],
        ["cat", "<unk>"],
    ]
    letters = ("", "?", *made.characters)
    spelt = [["".join(letters[n] for n in w) for w in row] for row in batch.characters.tolist()]
    assert spelt == [["?a?", ""], ["cat", "?e?a"]]
    assert batch.lengths.tolist() == [1, 2]
    assert batch.shapes[0, 1] == 0


def test_a_batch_of_some_is_the_rows_of_the_batch_of_all():
    flat = front_end().encode([item.words for item in ITEMS])
    both, one = flat.pick(torch.tensor([0, 1])), flat.pick(torch.tensor([1]))
    for a, b in zip(both, one, strict=True):
        assert torch.equal(a[1:, :3] if a.dim() > 1 else a[1:], b)


def test_rare_words_can_be_left_out():
    assert front_end(least=2).vocabulary.words == ("<pad>", "<unk>", "the")


def test_through_a_card():
    made = front_end()
    assert TagFrontEnd.from_card(made.to_card(), made.vocabulary) == made
    for record in ({}, {"characters": "ab", "longest": "x"}):
        with pytest.raises(BadFile, match="not a tagger's"):
            TagFrontEnd.from_card(record, made.vocabulary)
    with pytest.raises(BadFile, match="must begin with <pad>"):
        TagFrontEnd(Vocabulary(["<unk>", "<pad>"]), "ab")


@pytest.mark.parametrize("sentences", [[], [()], [("a",), ()]])
def test_a_sentence_without_words(sentences):
    with pytest.raises(BadInput, match="no words"):
        front_end().encode(sentences)
