"""How a text is looked for: what each option changes, and what makes no sense."""

import pytest
import torch

from zoo.data.audio.utterances import character_vocabulary
from zoo.errors import BadInput, Missing
from zoo.options import make_options
from zoo.predictors.speech_decoder import BEAM, CTCDecoder, Options

LABELS = character_vocabulary(["ab ac"])
ARPA = """\\data\\
ngram 1=5

\\1-grams:
-1.0\t<unk>
-99\t<s>
-0.5\t</s>
-3.0\tab
-0.1\tac

\\end\\
"""


def frames(*said):
    """Log-probabilities (T, V); each of ``said`` is a label, or one and its probability over c."""
    p = torch.full((len(said), len(LABELS)), 0.002)
    for t, one in enumerate(said):
        if isinstance(one, tuple):
            letter, share = one
            p[t, LABELS.index[letter]], p[t, LABELS.index["c"]] = share, 0.99 - share
        else:
            p[t, 0 if one == "_" else LABELS.index[one]] = 0.99
    return (p / p.sum(1, keepdim=True)).log()


DOUBTFUL = frames("a", ("b", 0.6), "_", " ", "_")


def decoder(**options):
    return CTCDecoder(LABELS, make_options("deep_speech.toy", Options, options))


def text(search, log_p=DOUBTFUL):
    spans, _ = search(log_p)
    return "".join(LABELS.decode([span.label for span in spans])).strip()


@pytest.fixture
def lm(tmp_path):
    (tmp_path / "lm.arpa").write_text(ARPA)
    return tmp_path / "lm.arpa"


def test_without_options_the_best_path_is_read_off():
    spans, alternatives = decoder()(DOUBTFUL)
    assert [(LABELS.words[s.label], s.first, s.last) for s in spans] == [
        ("a", 0, 0), ("b", 1, 1), (" ", 3, 3)]  # fmt: skip
    assert alternatives == []


def test_a_beam_gives_alternatives_and_the_frames_of_the_best():
    spans, alternatives = decoder(beam=10, nbest=2)(DOUBTFUL)
    assert [one.labels for one in alternatives] == [
        tuple(LABELS.encode(list("ab "))), tuple(LABELS.encode(list("ac ")))]  # fmt: skip
    assert [(s.first, s.last) for s in spans] == [(0, 0), (1, 1), (3, 3)]


def test_alternatives_are_different_texts():
    _, found = decoder(beam=40, nbest=8)(DOUBTFUL)
    texts = ["".join(LABELS.decode(list(one.labels))).split() for one in found]
    assert len(found) == 8
    assert len({tuple(text) for text in texts}) == 8
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_a_language_model_decides_what_the_sound_leaves_open(lm):
    assert text(decoder(beam=10)) == "ab"
    assert text(decoder(lm=lm)) == "ac"
    assert text(decoder(lm=lm, alpha=0.01)) == "ab"


def test_beta_makes_more_words(lm):
    one_or_two = frames("a", ("b", 0.98), "_", "a", ("b", 0.98))
    one_or_two[2] = torch.log(torch.tensor([0.6, 0.3, 0.05, 0.025, 0.025]))
    few = text(decoder(lm=lm, alpha=0.0, beta=0.0), one_or_two)
    many = text(decoder(lm=lm, alpha=0.0, beta=3.0), one_or_two)
    assert (few, many) == ("abab", "ab ab")


@pytest.mark.parametrize("hotwords", ["ac", "AC , ab ab", ["ac"]])
def test_hotwords_are_heard_rather(hotwords):
    assert text(decoder(hotwords=hotwords)) == "ac"
    assert text(decoder(hotwords=hotwords, hotword_weight=0.01)) == "ab"


def test_an_option_that_needs_a_beam_brings_one(lm):
    assert decoder().beam is None
    assert decoder(lm=lm).beam == BEAM
    assert decoder(nbest=80).beam == 80
    assert decoder(beam=3, hotwords="ab").beam == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beam": 0}, "beam must be from 1 to 5000, got 0"),
        ({"beam": 10**6}, "beam must be from 1 to 5000, got 1000000"),
        ({"nbest": -1}, "nbest must be from 1 to"),
        ({"beam": 2, "nbest": 5}, "nbest must be at most the beam of 2, got 5"),
        ({"hotwords": ",,"}, "hotwords must be words with commas between"),
        ({"alpha": 0.5}, "add lm"),
        ({"hotword_weight": 2.0}, "add hotwords"),
        ({"hotwords": "xyz"}, "cannot spell the hotword 'xyz'"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(BadInput, match=message):
        decoder(**options)


def test_a_language_model_of_other_letters_is_refused(tmp_path):
    (tmp_path / "upper.arpa").write_text(ARPA.replace("ab", "AB").replace("ac", "AC"))
    with pytest.raises(
        BadInput, match=r"upper.arpa has words such as 'A[BC]', but .* ' abc'; zoo ng"
    ):
        decoder(lm=tmp_path / "upper.arpa")
    (tmp_path / "one.arpa").write_text(ARPA.replace("ab", "AB"))
    assert decoder(lm=tmp_path / "one.arpa").beam == BEAM


def test_a_language_model_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Missing, match="no.arpa"):
        decoder(lm=tmp_path / "no.arpa")
