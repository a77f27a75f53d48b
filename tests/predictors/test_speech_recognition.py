"""From sound to text: words, times, long recordings; by a network that knows tones."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from tests.helpers.speech import PITCHES, say
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.read import write
from zoo.data.audio.utterances import character_vocabulary
from zoo.errors import BadFile, BadInput
from zoo.models.deep_speech import DeepSpeech
from zoo.predictors import speech_recognition as module
from zoo.predictors.speech_answer import Alternative, Transcript, Word
from zoo.predictors.speech_decoder import CTCDecoder, Options
from zoo.predictors.speech_recognition import TOO_SHORT, SpeechRecognizer, quietest

FRONT_END = LogMel(
    sample_rate=8000, win_length=200, hop_length=80, n_fft=256, n_mels=24, f_min=100.0
)
LABELS = character_vocabulary(["abcd"])


class Tones(nn.Module):
    """Two frames are one of answers: the letter whose pitch is loudest, a space where it is quiet.

    ``unsure`` is the share of probability that all labels have alike.
    """

    stride, bands = 2, 24

    def __init__(self, unsure=0.05):
        super().__init__()
        self.unsure = nn.Parameter(torch.tensor(unsure))
        t = torch.arange(800) / 8000
        letters = {c: p for word, pair in PITCHES.items() for c, p in zip(word, pair, strict=True)}
        tones = [torch.sin(2 * torch.pi * letters[c] * t) for c in "abcd"]
        self.loudest = [int(FRONT_END(tone).mean(0).argmax()) for tone in tones]

    def forward(self, features, lengths=None):
        x = features[:, ::2]
        level, band = x.max(2)
        said = torch.full_like(band, LABELS.index[" "])
        for n, loudest in enumerate(self.loudest):
            near = ((band - loudest).abs() <= 1) & (level > 0)
            said = torch.where(near, LABELS.index["abcd"[n]], said)
        sure = nn.functional.one_hot(said, len(LABELS)).float()
        p = sure * (1 - self.unsure) + self.unsure / len(LABELS)
        return p.log(), torch.full((len(x),), x.shape[1])


def made(unsure=0.05, **options):
    return SpeechRecognizer(
        Tones(unsure), LABELS, FRONT_END, CTCDecoder(LABELS, Options(**options))
    )


@pytest.mark.parametrize("options", [{}, {"beam": 8}, {"nbest": 3}])
def test_words_are_heard_where_they_are(options):
    heard = made(**options)(say("ab cd ba"), rate=8000)
    assert heard.text == "ab cd ba"
    assert heard.seconds == 0.8
    for n, word in enumerate(heard.words):  # 0.05 s of silence, then 0.2 s
        assert abs(word.start - (0.05 + 0.25 * n)) < 0.03
        assert abs(word.end - 0.25 * (n + 1)) < 0.03
        assert abs(word.confidence - (0.95 + 0.05 / 6)) < 1e-4


def test_files_of_any_rate_and_several_at_once_answer_as_each_alone(tmp_path):
    write(tmp_path / "a.wav", say("cd ab"), 8000)
    write(tmp_path / "b.wav", say("ba", rate=16000), 16000)
    predictor = made()
    paths = [tmp_path / "a.wav", str(tmp_path / "b.wav")]
    both = predictor(paths)
    assert [one.text for one in both] == ["cd ab", "ba"]
    assert [str(predictor(path)) for path in paths] == [str(one) for one in both]
    assert predictor((tmp_path / "a.wav").read_bytes()).text == "cd ab"


@pytest.mark.parametrize("options", [{}, {"beam": 8, "nbest": 2}, {"beam": 4, "hotwords": ("ab",)}])
def test_a_list_is_heard_as_each_alone(options, monkeypatch):
    """Of any lengths in any order, through a real network, in several batches."""
    monkeypatch.setattr(module, "WAITING", 400)
    monkeypatch.setattr(module, "AT_ONCE", 250)
    torch.manual_seed(0)
    kernels = ((5, 3), (5, 3))
    model = DeepSpeech(len(LABELS), 24, 4, kernels, 16, 2, bidirectional=True, dropout=0.0)
    predictor = SpeechRecognizer(model, LABELS, FRONT_END, CTCDecoder(LABELS, Options(**options)))
    texts = ["ab cd ba", "ab", "cd", "ab cd ba ab"] * 3
    waves = [say(text, seed=n) for n, text in enumerate(texts)]
    waves[2:2] = [torch.zeros(0), torch.zeros(900), torch.zeros(150)]
    together = predictor([(wave, 8000) for wave in waves])
    assert any(one.text for one in together)
    for wave, heard in zip(waves, together, strict=True):
        alone = predictor(wave, rate=8000)
        assert (heard.text, heard.seconds, heard.notice) == (
            alone.text,
            alone.seconds,
            alone.notice,
        )
        assert [one.text for one in heard.alternatives] == [one.text for one in alone.alternatives]
        for some, others in zip(heard.words, alone.words, strict=True):
            assert (some.text, some.start, some.end) == (others.text, others.start, others.end)
            assert some.confidence == pytest.approx(others.confidence, abs=1e-5)
        assert torch.equal(heard.spectrogram, alone.spectrogram)


def test_of_a_list_each_is_heard_or_has_its_error(tmp_path):
    write(tmp_path / "a.wav", say("cd ab"), 8000)
    (tmp_path / "no.wav").write_bytes(b"no sound")
    predictor = made()
    found = predictor.each([tmp_path / n for n in ("no.wav", "a.wav", "gone.wav", "a.wav")])
    assert [one.text for one in found[1::2]] == ["cd ab"] * 2
    assert [type(error).__name__ for error in found[::2]] == ["BadFile", "Missing"]
    with pytest.raises(BadFile, match=r"no\.wav"):
        predictor([tmp_path / "a.wav", tmp_path / "no.wav"])


def test_a_long_recording_is_cut_where_it_is_quiet_and_keeps_its_times():
    texts = ["ab cd", "ba", "cd cd ab"] * 9
    parts, starts, at = [], [], 0
    for n, text in enumerate(texts):
        wave = torch.cat([say(text, seed=n), 0.001 * torch.randn(12_000)])
        starts.append(at / 8000)
        at += len(wave)
        parts.append(wave)
    heard = made()(torch.cat(parts), rate=8000)
    assert heard.seconds > 50
    assert heard.text == " ".join(texts)
    words = iter(heard.words)
    for text, start in zip(texts, starts, strict=True):
        for n, said in enumerate(text.split()):
            word = next(words)
            assert word.text == said
            assert abs(word.start - (start + 0.05 + 0.25 * n)) < 0.03
    assert not heard.alternatives


def test_pieces_that_are_read_do_not_grow_with_the_recording():
    predictor = made()
    longest = 0

    def sound():
        for n in range(200):
            yield 0.01 * torch.randn(8000, generator=torch.Generator().manual_seed(n))

    count = 0
    for piece in predictor._pieces(sound()):
        longest = max(longest, len(piece.features))
        count += len(piece.features)
    assert longest <= 3000
    assert count == FRONT_END.frames(200 * 8000)


@pytest.mark.parametrize("samples", [0, 1, 199])
def test_less_than_a_frame_says_nothing(samples):
    heard = made(beam=4)(torch.zeros(samples), rate=8000)
    assert (heard.text, heard.words) == ("", ())
    assert str(heard) == f"(nothing: {TOO_SHORT})"
    assert heard.seconds == samples / 8000


@pytest.mark.parametrize("loudness", [0.0, 1e-6])
def test_silence_says_nothing(loudness):
    """Whatever the network makes of it: this one is sure of a letter."""

    class Sure(Tones):
        def forward(self, features, lengths=None):
            log_p, frames = super().forward(features, lengths)
            return log_p.roll(1, 2), frames

    predictor = SpeechRecognizer(Sure(), LABELS, FRONT_END, CTCDecoder(LABELS, Options()))
    assert predictor(0.1 * torch.randn(8000), rate=8000).text
    assert predictor(loudness * torch.randn(8000), rate=8000).text == ""


@pytest.mark.parametrize("levelling", ["utterance", "none"])
def test_a_sound_too_quiet_to_hear_says_so(levelling):
    front_end = replace(FRONT_END, levelling=levelling)
    predictor = SpeechRecognizer(Tones(), LABELS, front_end, CTCDecoder(LABELS, Options()))
    for scale, told in ((1e-6, "too quiet to hear"), (0.0, "digital silence")):
        heard = predictor(say("ab") * scale, rate=8000)
        assert heard.text == ""
        assert told in heard.notice
        assert str(heard) == f"(nothing: {heard.notice})"
        assert heard.to_json()["notice"] == heard.notice
    assert predictor(say("ab"), rate=8000).notice == ""
    soft = predictor(say("ab") * 10**-4.2, rate=8000)
    assert soft.notice.startswith("very quiet")
    assert soft.text == "" or str(soft).endswith(f"note: {soft.notice}")


def test_every_block_size_gives_the_same_levelled_features():
    front_end = replace(FRONT_END, levelling="utterance")
    predictor = SpeechRecognizer(Tones(), LABELS, front_end, CTCDecoder(LABELS, Options()))
    wave = torch.cat([say("ab cd", seed=n) * 10.0**-n for n in range(4)] * 20)
    whole = list(predictor._pieces([wave]))
    assert len(whole) > 1
    for size in (333, 5000):
        blocked = list(predictor._pieces(wave.split(size)))
        assert [one.start for one in blocked] == [one.start for one in whole]
        for one, other in zip(blocked, whole, strict=True):
            assert torch.allclose(one.features, other.features, atol=1e-5)


def test_alternatives_come_best_first():
    heard = made(unsure=0.2, beam=20, nbest=3)(say("ab"), rate=8000)
    scores = [one.score for one in heard.alternatives]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    assert heard.alternatives[0].text == heard.text == "ab"
    assert len({one.text for one in heard.alternatives}) > 1
    assert "  or: " in str(heard)


def test_the_picture_shows_the_words():
    figure = made()(say("ab cd"), rate=8000).plot()
    said = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert said == ["ab", "cd"]


def test_answers_read_well_and_go_to_json():
    answer = Transcript(
        "no one",
        (Word("no", 0.5, 0.71, 0.98), Word("one", 1.0, 1.25, 0.5)),
        2.0,
        (Alternative("no one", -1.0, -1.5), Alternative("none", -3.0, -2.0)),
    )
    assert str(answer).splitlines() == [
        "no one",
        "     0.50     0.71  no  (98 %)",
        "     1.00     1.25  one  (50 %)",
        "  or: none  (score -3.00)",
    ]
    record = answer.to_json()
    assert record["words"][1] == {"text": "one", "start": 1.0, "end": 1.25, "confidence": 0.5}
    assert record["alternatives"][1] == {"text": "none", "score": -3.0, "log_p": -2.0}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (torch.zeros(2, 5), "samples must be"),
        (torch.tensor([0.0, float("nan")]), "sample 1 is nan"),
        (torch.zeros(5, dtype=torch.int64), "int64 samples"),
        (torch.zeros(5), "do not tell how many"),
        (3, "expected a sound file, .*got int"),
    ],
)
def test_what_is_no_sound_is_refused(raw, message):
    with pytest.raises(BadInput, match=message):
        made()(raw)


def test_a_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "x.wav").write_text("text")
    with pytest.raises(BadFile, match=r"x\.wav"):
        made()(tmp_path / "x.wav")


def test_test_vectors_are_numbers_of_a_chirp():
    predictor = made()
    text = predictor.vector_input()
    assert text == "a chirp from 100 to 2000 Hz in 1.0 seconds"
    numbers = predictor.output_of(text)
    assert numbers.dim() == 1
    assert torch.equal(numbers, predictor.output_of(text))


def test_the_quietest_place_is_found():
    features = torch.tensor([5.0, 4, 1, 1, 1, 6, 0, 7])[:, None]
    assert quietest(features, 3) == 3
    assert quietest(features, 1) == 6
    assert 0 <= quietest(features, 50) <= len(features)
