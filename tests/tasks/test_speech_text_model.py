"""The language model of the training texts: made of few texts, tried on dev, used if better."""

import hashlib
import json

import pytest
import torch
from torch import nn

from tests.helpers.small_weights import plain_card
from zoo import cards
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.utterances import Utterances, character_vocabulary, utterance_splits
from zoo.decoding import arpa
from zoo.errors import BadFile, BadInput, Missing
from zoo.predictors.speech_decoder import CTCDecoder, Options
from zoo.predictors.speech_decoder import with_own as of_record
from zoo.tasks.speech_recognition import SpeechRecognitionTask
from zoo.tasks.speech_text_model import text_model

FRONT_END = LogMel(sample_rate=8000, win_length=200, hop_length=80, n_fft=256, n_mels=8)
LABELS = character_vocabulary(["abc"])


class Mumbles(nn.Module):
    """Says "ac", and is nearly as sure of "ab"."""

    def __init__(self):
        super().__init__()
        p = torch.full((9, len(LABELS)), 0.002)
        p[:, 0] = 0.95
        p[2, LABELS.index["a"]] = 9
        p[5, LABELS.index["c"]], p[5, LABELS.index["b"]] = 11, 9
        self.log_p = nn.Parameter((p / p.sum(1, keepdim=True)).log())

    def forward(self, features, frames):
        return self.log_p.expand(len(features), -1, -1), torch.full((len(features),), 9)


def made(text="ab", **settings):
    waves = [0.1 * torch.ones(2000)] * 6
    parts = {
        name: Utterances.from_waves(waves, [text] * 6, ["x"] * 6, 8000)
        for name in ("train", "dev", "test")
    }
    data = utterance_splits("mumbling", "mine", parts, FRONT_END, LABELS)
    return SpeechRecognitionTask(Mumbles(), data, **settings)


def test_what_is_better_on_dev_is_used_and_told():
    task = made(lm_order=3)
    assert task.evaluate("test")["wer"] == 100
    task.choose("dev")
    assert task.evaluate("test")["wer"] == 0
    facts = task.card_facts()
    assert facts["decoder"].keys() == {"lm_sha256", "alpha", "beta"}
    assert "100.00 % without, 0.00 % with it; it is used" in facts["notes"]
    assert list(task.extra_files()) == [".arpa"]


def test_what_is_not_better_is_written_and_not_used(tmp_path):
    task = made("ac", lm_order=3)
    task.choose("dev")
    assert task.decoder is None
    facts = task.card_facts()
    assert "decoder" not in facts
    assert "0.00 % without, 0.00 % with it; it is not used" in facts["notes"]
    (tmp_path / "x.arpa").write_bytes(task.extra_files()[".arpa"])
    assert "ac" in arpa.read(tmp_path / "x.arpa")


def test_without_an_order_there_is_none():
    task = made()
    task.choose("dev")
    assert not task.extra_files()
    assert "notes" not in task.card_facts()
    with pytest.raises(BadInput, match="lm_order must be 0 to 6"):
        made(lm_order=7)


@pytest.mark.parametrize(
    "texts", [["ab"], ["ab c"] * 20, ["a", "", "b c a"], ["a b c a b c a b c"]]
)
@pytest.mark.parametrize("order", [1, 3, 6])
def test_few_texts_are_enough(texts, order):
    assert text_model(texts, LABELS, order).arpa.startswith(b"\\data\\")


def test_texts_that_no_model_can_be_made_of_have_none():
    assert text_model(["", " "], LABELS, 3) is None
    assert text_model(["a <s> b"], LABELS, 3) is None


def with_own(options, card):
    return of_record(options, card.name, card.folder, card.decoder)


def card(folder, **decoder):
    made = text_model(["ab"] * 5, LABELS, 2)
    (folder / "deep_speech.toy.arpa").write_bytes(made.arpa)
    one = plain_card("deep_speech.toy", b"x")
    facts = {"lm_sha256": hashlib.sha256(made.arpa).hexdigest(), "alpha": 0.5, "beta": 1}
    record = {**json.loads(one.save(folder).read_text()), "decoder": {**facts, **decoder}}
    (folder / "deep_speech.toy.json").write_text(json.dumps(record))
    return cards.read(folder / "deep_speech.toy.json")


def test_a_card_names_the_model_beside_it(tmp_path):
    one = card(tmp_path)
    found = with_own(Options(), one)
    assert (found.lm, found.alpha, found.beta) == (tmp_path / "deep_speech.toy.arpa", 0.5, 1.0)
    assert CTCDecoder(LABELS, found).beam
    assert with_own(Options(alpha=0.25), one).alpha == 0.25
    assert with_own(Options(lm=None), one).lm is None
    assert with_own(Options(lm="other.arpa"), one).lm == "other.arpa"


def test_a_model_that_is_not_the_cards_is_refused(tmp_path):
    for wrong in ({"alpha": -1}, {"beta": "x"}, {"alpha": 1e300}, {"lm_sha256": None}):
        with pytest.raises(BadFile, match=r"has no|is not the language model|not in order"):
            with_own(Options(), card(tmp_path, **wrong))
    one = card(tmp_path)
    (tmp_path / "deep_speech.toy.arpa").write_text("other")
    with pytest.raises(BadFile, match="--lm none goes without"):
        with_own(Options(), one)
    (tmp_path / "deep_speech.toy.arpa").unlink()
    with pytest.raises(Missing, match="--lm none"):
        with_own(Options(), one)
