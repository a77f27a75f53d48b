"""The task: order, batches, scores, what a run learns, utterances that teach nothing."""

from dataclasses import replace

import pytest
import torch

from tests.helpers.speech import PITCHES, say, texts
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.utterances import Utterances, utterance_splits
from zoo.engine.fit import fit
from zoo.errors import BadInput
from zoo.models.deep_speech import DeepSpeech
from zoo.tasks.speech_recognition import SpeechRecognitionTask

FRONT_END = LogMel(sample_rate=8000, win_length=200, hop_length=80, n_fft=256, n_mels=16)


def part(count, seed=0):
    said = texts(count, seed)
    waves = [say(text, 1 + 0.02 * (n % 3), seed + n) for n, text in enumerate(said)]
    return Utterances.from_waves(waves, said, [f"s{n % 3}" for n in range(count)], 8000)


def splits(count=24):
    parts = {"train": part(count), "dev": part(8, 1), "test": part(7, 2)}
    return utterance_splits("chords", "none", parts, FRONT_END)


def network(labels=6, seed=0, **options):
    torch.manual_seed(seed)
    small = {"channels": 4, "kernel_sizes": ((5, 5), (3, 3)), "hidden_size": 24, "num_layers": 1}
    rest = {"bidirectional": True, "dropout": 0.0}
    return DeepSpeech(num_classes=labels, n_mels=16, **{**small, **rest, **options})


def made(count=24, **fields):
    return SpeechRecognitionTask(network(), splits(count), **{"batch_size": 4, **fields})


def same(a, b):
    return torch.equal(a.features, b.features) and (a.labels, a.names) == (b.labels, b.names)


def test_batches_depend_on_seed_epoch_and_number_only():
    changes = {"concatenate": 3, "speed": 10, "gain": 6.0, "min_snr": 10.0, "freq_mask": 3}
    task = made(**changes)
    once = list(task.batches(1))
    assert all(same(a, b) for a, b in zip(once, task.batches(1), strict=True))
    later = list(made(**changes).batches(1, start=2))
    assert all(same(a, b) for a, b in zip(once[2:], later, strict=True))
    assert not same(once[0], next(iter(task.batches(2))))
    assert not same(once[0], next(iter(made(**changes, seed=1).batches(1))))


def test_weights_are_measured_with_the_front_end_of_their_card():
    task, levelled = made(), made()
    levelled.data = replace(task.data, front_end=replace(FRONT_END, levelling="utterance"))
    wave = task.data.test.wave(0)
    before = levelled.data.front_end(wave)
    record = task.data.front_end.to_card()
    del record["levelling"]  # as cards were
    levelled.read_as(record)
    assert levelled.data.front_end == task.data.front_end
    assert torch.equal(levelled.data.front_end(wave), task.data.front_end(wave))
    assert not torch.allclose(before, task.data.front_end(wave), atol=0.1)
    assert levelled.evaluate("test") == task.evaluate("test")


def test_a_batch_holds_what_was_said_and_as_many_frames():
    task = made(concatenate=2)
    for batch in task.batches(0):
        assert batch.features.shape[0] == len(batch.labels) == 4
        assert batch.features.shape[1] >= int(batch.frames.max())
        for labels in batch.labels:
            words = "".join(task.vocabulary.decode(labels)).split()
            assert set(words) <= set(PITCHES)
            assert 1 <= len(words) <= 6


def test_a_batch_may_have_utterances_in_which_nobody_speaks():
    task = made(concatenate=2, pad_silence=0.3, silent_utterances=2, min_snr=10.0)
    for batch in task.batches(0):
        assert batch.labels[4:] == [[], []]
        assert batch.names[4:] == ["silence", "silence"]
        assert all(batch.labels[:4])
        assert len(batch.features) == len(batch.frames) == 6
    loss = task.loss(batch)
    loss.backward()
    assert loss.isfinite()


def test_a_few_steps_teach_it_to_hear_words():
    task = made(batch_size=8)
    before = task.evaluate("dev")
    optimizer = torch.optim.AdamW(task.model.parameters(), lr=0.0)
    fit(task, optimizer, lambda step: 0.015, 80)
    after = task.evaluate("dev")
    assert before["wer"] > 90
    assert after["wer"] < 20
    assert after["cer"] < 10
    assert task.model.training


def test_what_it_hears_does_not_depend_on_what_else_is_heard():
    task = made()
    test = task.data.test
    together = task.transcripts(test)
    assert together == [task.transcripts(test.pick([i]))[0] for i in range(len(test))]


def test_utterances_shorter_than_their_text_teach_nothing_and_are_named():
    data = splits()
    short = Utterances.from_waves([say("ab")[:700]], ["cd cd cd"], ["s0"], 8000)
    both = Utterances.from_waves([short.wave(0), *(data.train.wave(i) for i in range(4))],
                         ["cd cd cd", *data.train.texts[:4]], ["s0"] * 5, 8000)  # fmt: skip
    task = SpeechRecognitionTask(
        network(), utterance_splits("x", "", {**data.parts(), "train": both}, FRONT_END), 5
    )
    [line] = task.without_path()
    assert line == "utterance 0 ('cd cd cd'): 4 frames, its 8 labels need 8"
    assert task.notices() == [f"1 of 5 utterances teach nothing: {line}"]
    assert task.notices("dev") == []
    [batch] = task.batches(0)
    loss = task.loss(batch)
    loss.backward()
    assert loss.isfinite()
    assert all(p.grad.isfinite().all() for p in task.model.parameters())


def test_silence_shorter_than_a_window_says_nothing():
    task = made()
    nothing = Utterances.from_waves([torch.zeros(0), torch.zeros(1)], ["", ""], ["a", "a"], 8000)
    assert task.transcripts(nothing) == ["", ""]


def test_the_card_and_the_folder_say_what_was_learnt(tmp_path):
    task = made()
    facts = task.card_facts()
    assert facts["task"] == "speech_recognition"
    assert facts["classes"] == ["<blank>", " ", "a", "b", "c", "d"]
    assert LogMel.from_card(facts["front_end"]) == task.data.front_end
    said = task.report(tmp_path, "title")
    assert "7 utterances" in said
    assert (tmp_path / "errors.csv").read_text().count("\n") == 8
    assert said in (tmp_path / "errors.txt").read_text()
    assert task.example(tmp_path) == str(tmp_path / "example.wav")
    assert (tmp_path / "example.wav").stat().st_size > 1000


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch_size": 0},
        {"concatenate": 0},
        {"speed": 99},
        {"silent_utterances": -1},
        {"pad_silence": -1.0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(BadInput, match="got"):
        made(**wrong)
