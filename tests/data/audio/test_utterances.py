"""Speech in memory: what goes in comes out, runs of one speaker, digests, normalisation."""

import pytest
import torch

from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.utterances import (
    Utterances,
    character_vocabulary,
    normalised,
    normalised_text,
    runs_by_speaker,
    utterance_splits,
)
from zoo.engine.seed import generator
from zoo.errors import BadInput

FRONT_END = LogMel(sample_rate=8000, win_length=200, hop_length=80, n_fft=256, n_mels=10)


def some(count=6, speakers=("a", "b"), seed=0):
    draw = torch.Generator().manual_seed(seed)
    waves = [torch.rand(400 + 100 * n, generator=draw) - 0.5 for n in range(count)]
    names = [speakers[n % len(speakers)] for n in range(count)]
    return waves, Utterances.from_waves(waves, [f"w{n}" for n in range(count)], names, 8000)


def test_waves_come_out_as_they_went_in_to_16_bits():
    waves, part = some()
    assert len(part) == 6
    assert part.lengths.tolist() == [len(w) for w in waves]
    for n, wave in enumerate(waves):
        assert (part.wave(n) - wave).abs().max() <= 0.5 / 32768 + 1e-9
    assert part.seconds == sum(len(w) for w in waves) / 8000


def test_too_loud_is_cut_off_and_not_wrapped():
    part = Utterances.from_waves([torch.tensor([2.0, -2.0, 1.0])], ["x"], ["a"], 8000)
    assert part.wave(0).tolist() == [32767 / 32768, -1.0, 32767 / 32768]


def test_picking_keeps_texts_speakers_and_sound_together():
    _, part = some()
    chosen = part.pick([4, 1])
    assert chosen.texts == ("w4", "w1")
    assert chosen.speakers == ("a", "b")
    assert torch.equal(chosen.wave(1), part.wave(1))
    assert len(part.pick([])) == 0


def test_runs_deal_every_recording_once_to_its_speaker():
    speakers = ["a", "b", "a", "a", "b", "a"] * 5
    runs = runs_by_speaker(speakers, 3, 7, 1)
    assert sorted(i for run in runs for i in run) == list(range(30))
    assert {len(run) for run in runs} <= {1, 2, 3}
    assert all(len({speakers[i] for i in run}) == 1 for run in runs)
    assert runs == runs_by_speaker(speakers, 3, 7, 1)
    assert runs != runs_by_speaker(speakers, 3, 7, 2)


def test_joined_recordings_follow_each_other_with_silence_between():
    _, part = some()
    whole = part.concatenated([[0, 2, 4], [1]], 0.1, generator(0))
    assert whole.texts == ("w0 w2 w4", "w1")
    assert torch.equal(whole.wave(1), part.wave(1))
    joined = whole.wave(0)
    pauses = len(joined) - sum(int(part.lengths[i]) for i in (0, 2, 4))
    assert 0 <= pauses <= 2 * 800
    assert torch.equal(joined[: len(part.wave(0))], part.wave(0))
    assert torch.equal(joined[-len(part.wave(4)) :], part.wave(4))
    assert joined.count_nonzero() <= sum(part.wave(i).count_nonzero() for i in (0, 2, 4))


def test_joined_recordings_have_silence_around_them_and_an_empty_run_is_silence():
    _, part = some()
    whole = part.concatenated([[0], []] * 100, 0.1, generator(0), pad_silence=0.2)
    assert whole.texts == ("w0", "") * 100
    assert whole.speakers[1::2] == ("",) * 100
    assert not any(whole.wave(n).any() for n in range(1, 200, 2))
    silence = whole.lengths[1::2]
    assert 0 == silence.min() < silence.max() <= 2 * 1600
    loud = [whole.wave(n).nonzero()[:, 0] for n in range(0, 200, 2)]
    first = torch.tensor([int(where[0]) for where in loud])
    assert first.max() - first.min() > 1400
    assert 20 < (first == first.min()).sum() < 50  # without silence before
    assert len(part.concatenated([[]], 0.1, generator(0)).wave(0)) == 0


def test_labels_are_the_blank_and_the_characters_of_the_texts():
    assert character_vocabulary(["Two", "ONE  two"]).words == (
        "<blank>",
        " ",
        "e",
        "n",
        "o",
        "t",
        "w",
    )
    assert normalised_text(" One\ttwo ") == "one two"
    with pytest.raises(BadInput, match="no character"):
        character_vocabulary(["", "  "])


def test_features_are_normalised_by_the_numbers_of_the_training_part():
    _, part = some()
    front_end = normalised(part, FRONT_END)
    values = torch.cat([front_end(part.wave(i)) for i in range(len(part))])
    assert abs(values.mean()) < 1e-4
    assert abs(values.std(correction=0) - 1) < 1e-4
    other = utterance_splits("x", "l", dict.fromkeys(("train", "dev", "test"), part), FRONT_END)
    assert other.front_end == front_end
    assert other.train.classes == other.vocabulary.words
    with pytest.raises(BadInput, match="one window"):
        normalised(part.pick([]), FRONT_END)


def test_the_digest_depends_on_sound_text_and_speaker_of_train_and_dev():
    _, part = some()
    parts = dict.fromkeys(("train", "dev", "test"), part)
    first = utterance_splits("x", "l", parts, FRONT_END).digest()
    assert first == utterance_splits("x", "l", parts, FRONT_END).digest()
    _, other = some(seed=1)
    assert first == utterance_splits("x", "l", {**parts, "test": other}, FRONT_END).digest()
    assert first != utterance_splits("x", "l", {**parts, "dev": other}, FRONT_END).digest()


def test_numbers_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="2 texts but"):
        Utterances(torch.zeros(4), torch.tensor([0, 4]), ("a", "b"), ("x", "x"), 8000)
