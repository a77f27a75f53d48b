"""Every front end: back from its card with the same input; other cards are refused."""

import json

import pytest
import torch

from zoo.data.audio.log_mel import LogMel
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.text.sentences import SentenceFrontEnd
from zoo.data.text.tagged import TagFrontEnd, Tagged
from zoo.data.text.token_stream import TextFrontEnd
from zoo.data.text.vocabulary import PAD, UNKNOWN, Vocabulary
from zoo.data.text.word_front_end import WordFrontEnd
from zoo.engine.seed import generator
from zoo.errors import BadFile, BadInput, UnknownName

PICTURE = torch.randint(0, 256, (9, 7), generator=generator(0), dtype=torch.uint8)
WAVE = torch.rand(4000, generator=generator(1)) - 0.5
WORDS = Vocabulary([PAD, UNKNOWN, "paul", "sleeps", "."])
FRONT_ENDS = {  # name -> front end, raw input, shape of the network's
    "picture": (ImageFrontEnd((8, 6), (0.4,), (0.3,), pad=1), PICTURE.numpy(), [(1, 10, 8)]),
    "sound": (LogMel(8000, 200, 80, 256, 20), WAVE, [(48, 20)]),
    "characters": (TextFrontEnd("characters", Vocabulary("ab\n")), "abba\n", [(5,)]),
    "words": (TextFrontEnd("words", Vocabulary(["<eos>", "to", "be"])), "to be\nbe", [(5,)]),
    "sentences": (SentenceFrontEnd(WORDS), ["Paul sleeps.", "Who?"], [(2, 3)]),
    "tags": (
        TagFrontEnd.count([Tagged(("Paul", "sleeps"), ("B-per", "O"))] * 2, longest=9),
        [["Paul", "sleeps", "!"], ["who"]],
        [(2, 3), (2, 3, 9), (2, 3), (2,)],
    ),
    "word vectors": (WordFrontEnd(WORDS), ["sleeps", "paul"], [(2,)]),
}
OF_TEXT = ["characters", "words", "sentences", "tags", "word vectors"]


def tensors(made):
    return [made] if isinstance(made, torch.Tensor) else list(made)


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_it_comes_back_from_its_card_and_makes_the_same_input(name):
    front_end, raw, shapes = FRONT_ENDS[name]
    vocabulary = front_end.vocabulary if name in OF_TEXT else None
    record = json.loads(json.dumps(front_end.to_card()))
    again = type(front_end).from_card(record, vocabulary)
    assert again == front_end
    assert again.to_card() == front_end.to_card()
    ours, theirs = tensors(front_end(raw)), tensors(again(raw))
    assert [tuple(t.shape) for t in ours] == shapes
    assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", OF_TEXT)
def test_a_weights_file_without_its_vocabulary_is_refused(name):
    front_end = FRONT_ENDS[name][0]
    with pytest.raises(BadFile, match="hold no vocabulary; do not use them"):
        type(front_end).from_card(front_end.to_card(), None)


@pytest.mark.parametrize("name", FRONT_ENDS)
def test_the_record_of_another_front_end_is_refused(name):
    front_end = FRONT_ENDS[name][0]
    for record in ({"odd": 1}, {"level": "syllables"}):
        with pytest.raises(BadFile, match="front end"):
            type(front_end).from_card(record, WORDS)


def test_raw_input_that_cannot_be_used_is_refused():
    for name, raw, kind in (
        ("characters", "abc", BadInput),
        ("sentences", [" "], BadInput),
        ("tags", [[]], BadInput),
        ("word vectors", ["who"], UnknownName),
    ):
        with pytest.raises(kind):
            FRONT_ENDS[name][0](raw)


def test_values_of_an_input():
    assert FRONT_ENDS["sentences"][0](["Paul sleeps.", "Who?"]).tolist() == [[2, 3, 4], [1, 1, 0]]
    assert FRONT_ENDS["words"][0]("to be\nbe").tolist() == [1, 2, 0, 2, 0]
    assert FRONT_ENDS["word vectors"][0](["sleeps", "paul"]).tolist() == [3, 2]
    made = FRONT_ENDS["picture"][0](PICTURE.numpy())
    assert torch.allclose(made[0, 0], torch.tensor(-0.4 / 0.3))  # the black frame
