"""Sound in, times out: the same from a file, from chunks of any size, and as the metric counts."""

import io
import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.listening import FRONT_END, echo, listener, sound
from tests.helpers.small_weights import plain_card
from zoo.data.audio import read as audio
from zoo.data.audio.log_mel import LogMel
from zoo.errors import BadFile, BadInput, Missing
from zoo.metrics.trigger_word_events import REFRACTORY, events
from zoo.ops.chirp import chirp
from zoo.options import make_options
from zoo.predictors import trigger_word as module
from zoo.predictors.trigger_word import Options, TriggerWordDetector
from zoo.predictors.trigger_word_answer import Detection, clock
from zoo.predictors.trigger_word_stream import DetectionStream, latency
from zoo.viz.curves import save

WAVE = sound(8)


@torch.inference_mode()
def offline(one, wave):
    return one.model(one.front_end(wave)[None])[0].sigmoid()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("sound") / "kitchen.wav"
    audio.write(path, WAVE, 8000)
    return path


# ---- streams ------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None, derandomize=True)  # a step at 0.6 +- 1e-7 may differ
@given(st.lists(st.integers(0, 9000), min_size=1, max_size=30), st.sampled_from([0.2, 1.0]))
def test_sound_in_any_pieces_gives_what_the_whole_gives(sizes, refractory):
    one = listener(0.6, refractory)
    whole = WAVE[: sum(sizes)]
    stream = DetectionStream(one)
    parts = [stream.push(block) for block in whole.split([*sizes, max(len(whole) - sum(sizes), 0)])]
    probabilities = torch.cat([each.probabilities for each in parts])
    expected = offline(one, whole)
    assert torch.allclose(probabilities, expected, atol=1e-5)
    found = [d for each in parts for d in each.detections]
    times = events(expected, one.step, 0.6, refractory).tolist()
    assert [d.time for d in found] == pytest.approx(times)
    for detection in found:
        step = round(detection.time / one.step) - 1
        assert detection.probability == pytest.approx(expected[step].item(), abs=1e-5)


@pytest.mark.parametrize("size", [37, 160, 5000])
def test_levelled_sound_in_any_pieces_gives_what_the_whole_gives(size):
    front_end = replace(FRONT_END, levelling="running")
    one = TriggerWordDetector(echo(), front_end, "alexa", threshold=0.6, refractory=0.3)
    expected = offline(one, WAVE)
    for scale in (1.0, 1e-3):
        stream = DetectionStream(one)
        parts = [stream.push(block) for block in (scale * WAVE).split(size)]
        found = torch.cat([part.probabilities for part in parts])
        assert torch.allclose(found, expected, atol=1e-4)  # and however loud it is
        assert stream.heard.recent.untyped_storage().nbytes() < 200


def test_a_detection_comes_with_the_block_that_completes_it():
    one, given_out = listener(), 0

    def microphone():
        nonlocal given_out
        for block in WAVE.split(160):
            given_out += len(block)
            yield block

    found = list(one.listen(microphone()))
    assert len(found) > 4
    given_out = 0
    for detection in one.listen(microphone()):
        late = given_out / 8000 - detection.time
        assert 0 <= late < 0.05  # the front end's window beyond the step's end, and the block
    assert [d.time for d in one(audio_bytes(WAVE)).detections] == [d.time for d in found]


def audio_bytes(wave):
    """A float wav in memory: the samples as they are."""
    file = io.BytesIO()
    soundfile.write(file, wave.numpy(), 8000, "FLOAT", format="WAV")
    return file.getvalue()


def test_what_is_kept_of_the_past_does_not_grow():
    stream = DetectionStream(listener())
    sizes = []
    for block in WAVE.split(480):
        stream.push(block)
        cache, hidden = stream.state or (torch.zeros(0), torch.zeros(0))
        tail = stream.heard.samples.untyped_storage().nbytes()
        sizes.append(tail + 4 * (cache.numel() + (0 if hidden is None else hidden.numel())))
    assert max(sizes[2:]) < 2_500


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (torch.zeros(2, 80), r"\(m,\) samples, got \(2, 80\)"),
        (torch.zeros(80, dtype=torch.int64), "int64 samples"),
        (torch.full((80,), float("nan")), "sample 0 is nan"),
        ("kitchen.wav", "got str"),
    ],
)
def test_what_is_no_sound_is_refused(block, said):
    with pytest.raises(BadInput, match=said):
        list(listener().listen([block]))


# ---- files --------------------------------------------------------------------------------------


def same_detections(some, others):
    """Pieces of other sizes are added up in another order."""
    some, others = list(some), list(others)
    assert [one.time for one in some] == [one.time for one in others]
    p = [one.probability for one in others]
    assert [one.probability for one in some] == pytest.approx(p, abs=1e-5)


@pytest.mark.parametrize("block", [30.0, 2.0])
def test_a_list_is_heard_as_each_alone(block, monkeypatch):
    """Of any lengths in any order, some too short for a frame, some longer than a block."""
    monkeypatch.setattr(module, "BLOCK", block)
    monkeypatch.setattr(module, "WAITING", 500)  # several times in the list
    monkeypatch.setattr(module, "AT_ONCE", 400)
    one = listener(0.6)
    waves = [WAVE[at : at + n] for at, n in ((0, 31_000), (9_000, 0), (500, 7_001), (0, 199))]
    waves += [WAVE[at : at + 5_000] for at in range(0, 40_000, 3_000)]
    for wave, heard in zip(waves, one([(wave, 8000) for wave in waves]), strict=True):
        alone = one(wave, rate=8000)
        same_detections(heard.detections, alone.detections)
        assert torch.allclose(heard.probabilities, alone.probabilities, atol=1e-5)
        assert len(heard.probabilities) == one.front_end.frames(len(wave)) // one.model.stride
        assert (heard.seconds, heard.start) == (len(wave) / 8000, 0.0)
        assert torch.allclose(heard.spectrogram, alone.spectrogram)


def test_of_a_list_each_is_heard_or_has_its_error(file, tmp_path):
    one = listener(0.6)
    (tmp_path / "no.wav").write_bytes(b"no sound")
    found = one.each([file, tmp_path / "gone.wav", file, tmp_path / "no.wav"])
    assert [str(one(file))] * 2 == [str(found[0]), str(found[2])]
    assert [type(error).__name__ for error in found[1::2]] == ["Missing", "BadFile"]
    with pytest.raises(Missing, match=r"gone\.wav"):
        one([file, tmp_path / "gone.wav"])


def test_a_file_is_heard_as_a_stream_is(file):
    one = listener(0.6)
    wave, _ = audio.read(file)
    found = one(file)
    assert torch.allclose(found.probabilities, offline(one, wave), atol=1e-5)
    same_detections(found.detections, one.listen([wave]))
    assert found.times == tuple(d.time for d in found.detections)
    assert found.seconds == pytest.approx(8)
    together = one([file, str(file), file.read_bytes()])
    assert [each.times for each in together] == [found.times] * 3
    assert one(()) == []


def test_samples_in_memory_are_heard_as_the_file_that_holds_them(file):
    one = listener(0.6)
    wave, _ = audio.read(file)
    integers = (wave * 32768).short().numpy()
    plain = one(file)
    for raw in ((wave, 8000), (8000, integers), {"array": wave.numpy(), "sampling_rate": 8000}):
        assert torch.allclose(one(raw).probabilities, plain.probabilities, atol=1e-5)
    assert one(integers, rate=8000).detections == plain.detections
    same_detections(one.listen([integers]), plain.detections)
    with pytest.raises(BadInput, match="do not tell how many"):
        one(integers)


def test_a_sound_too_quiet_to_hear_says_so_alone_and_in_a_list():
    one = listener(0.6)
    faint, loud = one([(WAVE * 1e-6, 8000), (WAVE, 8000)])
    assert faint.notice.startswith("too quiet to hear")
    assert str(faint).endswith(f"({faint.notice})")
    assert faint.to_json()["notice"] == faint.notice
    assert loud.notice == ""
    assert "notice" not in loud.to_json()
    assert one(WAVE * 10**-3.8, rate=8000).notice.startswith("very quiet")


def test_another_rate_is_resampled(file, tmp_path):
    wave = audio.resample(WAVE, 8000, 22050)
    audio.write(tmp_path / "x.wav", wave.clamp(-1, 1), 22050)
    one = listener(0.6)
    found, plain = one(tmp_path / "x.wav"), one(file)
    assert found.seconds == pytest.approx(8, abs=0.01)
    steps = len(found.probabilities) - 1
    differs = (found.probabilities[:steps] - plain.probabilities[:steps]).abs()
    assert differs.mean() < 0.1


def test_a_file_is_told_in_words_numbers_and_a_picture(file, tmp_path):
    found = listener(0.6)(file)
    first = found.detections[0]
    assert str(found).startswith(f"alexa at {clock(first.time)} ({100 * first.probability:.0f} %)")
    assert str(found).count(" %)") == len(found.detections)
    told = json.loads(json.dumps(found.to_json()))
    assert told["seconds"] == 8
    assert [d["time"] for d in told["detections"]] == pytest.approx(list(found.times), abs=1e-4)
    figure = found.plot()
    assert figure.axes[0].get_xlim()[1] == pytest.approx(8, abs=0.05)
    assert len(figure.axes[0].texts) == len(found.detections)
    save(figure, tmp_path / "x.png")


@pytest.mark.parametrize("samples", [0, 1, 199, 200, 1000])
def test_hardly_any_sound_has_an_answer(tmp_path, samples):
    audio.write(tmp_path / "x.wav", torch.zeros(samples), 8000)
    found = listener(0.99)(tmp_path / "x.wav")
    why = "nothing to hear: all of it is digital silence (of several channels, their mean)"
    silent = f" ({why})" if samples else ""
    assert str(found) == f"no alexa in {clock(samples / 8000)}{silent}"
    if samples in (0, 200):
        save(found.plot(), tmp_path / "x.png")


def test_what_cannot_be_read_is_told(tmp_path):
    one = listener()
    (tmp_path / "x.wav").write_text("no sound")
    with pytest.raises(BadFile, match=r"x.wav cannot be read as sound"):
        one(tmp_path / "x.wav")
    with pytest.raises(Missing, match="no file"):
        one(str(tmp_path / "none.wav"))
    with pytest.raises(BadInput, match=r"expected a sound file, .*; got int"):
        one(7)


@pytest.mark.parametrize(
    ("time", "said"), [(0, "0:00.00"), (59.999, "1:00.00"), (3600, "1:00:00.00")]
)
def test_times_are_told_as_on_a_clock(time, said):
    assert clock(time) == said
    assert str(Detection("alexa", time, 0.5)) == f"alexa at {said} (50 %)"


# ---- cards --------------------------------------------------------------------------------------


def card(**front_end):
    record = {**FRONT_END.to_card(), "threshold": 0.7, "refractory": 2.0, **front_end}
    return replace(
        plain_card("trigger_word.toy", b""),
        task="trigger_word",
        classes=["alexa"],
        front_end=record,
    )


def loaded(card, model=None, **options):
    chosen = make_options("trigger_word.toy", Options, options)
    return TriggerWordDetector.from_card(card, model or echo(), None, chosen)


def test_from_card_takes_what_is_chosen_and_else_the_cards():
    one = loaded(card(), echo().train())
    assert not one.model.training
    assert not one.model.norm.num_batches_tracked  # it was not looked at in training mode either
    assert (one.word, one.threshold, one.refractory) == ("alexa", 0.7, 2.0)
    assert one.front_end == FRONT_END
    other = loaded(card(), threshold=0.2, refractory=0.0)
    assert (other.threshold, other.refractory) == (0.2, 0.0)
    plain = card()
    del plain.front_end["refractory"]
    assert loaded(plain).refractory == REFRACTORY


@pytest.mark.parametrize(
    ("front_end", "said"),
    [
        ({"threshold": None}, "has no threshold that can be used: None"),
        ({"refractory": -1}, "has no refractory that can be used: -1"),
        ({"n_mels": 9}, "does not fit its network"),
        ({"hop_length": 0}, "not a LogMel"),
        ({"odd": 0}, "not a LogMel"),
    ],
)
def test_a_damaged_card_is_refused(front_end, said):
    with pytest.raises(BadFile, match=said):
        loaded(card(**front_end))


@pytest.mark.parametrize("chosen", [{"threshold": 1.1}, {"threshold": 0.0}, {"refractory": -1.0}])
def test_a_choice_that_makes_no_sense_is_refused(chosen):
    with pytest.raises(
        BadInput, match=r"threshold must be above 0|refractory must be 0 seconds or more"
    ):
        loaded(card(), **chosen)


def test_the_test_vector_is_a_chirp_that_is_told_in_words():
    one = listener()
    text = one.vector_input()
    assert text == "a chirp from 100 to 2000 Hz in 1.5 seconds"
    expected = one.model(one.front_end(chirp(text, 8000))[None])[0]
    assert torch.allclose(one.output_of(text), expected, atol=1e-6)
    with pytest.raises(BadFile, match="must be like 'a chirp from 100"):
        one.output_of("a chirp")


# ---- latency ------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 7, 160, 320, 400, 480, 640, 1000])
def test_the_latency_is_that_of_the_unluckiest_sample(block):
    front_end, stride = LogMel(), 4
    frames = np.arange(3, 2000, stride) * front_end.hop_length  # of outputs' last frames
    worst = 0
    for sample in range(1, 40_000, 3):
        due = frames[np.searchsorted(frames, sample)] + front_end.win_length
        worst = max(worst, -(-due // block) * block - sample)
    exact = latency(front_end, stride, block) * front_end.sample_rate
    assert worst <= exact <= worst + 3


@pytest.mark.parametrize("milliseconds", [20, 25, 30, 40])
def test_blocks_of_a_microphone_are_answered_within_a_tenth_of_a_second(milliseconds):
    assert latency(LogMel(), stride=4, block=16 * milliseconds) < 0.1


def test_a_sound_changes_the_output_by_the_time_that_is_promised():
    one, block = listener(), 160
    promised = one.latency(block / 8000)
    for sample in (4_000, 4_333):
        louder = WAVE.clone()
        louder[sample] = 1.0
        plain, other = DetectionStream(one), DetectionStream(one)
        pairs = zip(WAVE[:5600].split(block), louder[:5600].split(block), strict=True)
        differs = [
            not torch.equal(plain.push(a).probabilities, other.push(b).probabilities)
            for a, b in pairs
        ]
        first = differs.index(True)
        assert (first + 1) * block > sample
        assert ((first + 1) * block - sample) / 8000 <= promised
