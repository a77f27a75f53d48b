"""zoo predict with sound: files, standard input, the microphone; Ctrl-C and closed pipes."""

import io
import json
import os
import subprocess
import sys
import time
import types
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from PIL import Image

from tests.helpers.listening import sound, write_listener
from tests.helpers.small_weights import only_from
from zoo.cli.main import main
from zoo.data.audio import read as audio
from zoo.predictors import trigger_word_stream

WAVE = (sound(4) * 32768).round() / 32768  # as 16 bits hold it
NAME = "trigger_word.tiny"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shelf")
    write_listener(folder)
    audio.write(folder / "kitchen.wav", WAVE, 8000)
    return folder


@pytest.fixture(autouse=True)
def place(shelf, monkeypatch, tmp_path):
    only_from(shelf, monkeypatch)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def say(capsys):
    """A function: run zoo predict; exit code, lines of standard output, standard error."""

    def command(*words):
        code = main(["predict", NAME, *map(str, words)])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return command


def pcm(wave):
    return (wave * 32768).round().clamp(-32768, 32767).short().numpy().tobytes()


@pytest.fixture
def pipe(monkeypatch):
    """A function: these bytes come from standard input."""

    def give(data):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))

    return give


@pytest.fixture
def mic(monkeypatch):
    """A microphone that hears the wave, and then Ctrl-C; a dict of how it was opened."""
    asked = {}

    class InputStream:
        def __init__(self, **how):
            asked.update(how)
            if how["samplerate"] == 11025:
                raise module.PortAudioError("Invalid sample rate")
            self.left = WAVE

        def __enter__(self):
            return self

        def __exit__(self, *error):
            asked["closed"] = True

        def read(self, size):
            if not len(self.left):
                raise KeyboardInterrupt
            now, self.left = self.left[:size], self.left[size:]
            return now.numpy()[:, None], False

    module = types.ModuleType("sounddevice")
    module.InputStream, module.PortAudioError = InputStream, type("E", (Exception,), {})
    monkeypatch.setitem(sys.modules, "sounddevice", module)
    return asked


# ---- files --------------------------------------------------------------------------------------


def test_a_file_gives_one_line_with_all_times(shelf, say):
    code, lines, err = say(shelf / "kitchen.wav")
    assert (code, err, len(lines)) == (0, "", 1)
    assert lines[0].startswith(f"{shelf / 'kitchen.wav'}: alexa at 0:0")
    assert lines[0].count("%") > 2


def test_options_of_listening_are_the_predictors(shelf, say):
    file = shelf / "kitchen.wav"
    many = json.loads("".join(say(file, "--refractory", "0", "--json")[1]))
    few = json.loads("".join(say(file, "--refractory", "3", "--json")[1]))
    assert len(many[0]["detections"]) > len(few[0]["detections"]) > 0
    strict = json.loads("".join(say(file, "--refractory", "0", "--threshold", "0.9", "--json")[1]))
    assert len(many[0]["detections"]) > len(strict[0]["detections"])
    assert json.loads("".join(say(file, "--json", "--threshold", "0.3")[1]))[0]["threshold"] == 0.3


def test_a_picture_of_a_file(shelf, say, tmp_path):
    assert say(shelf / "kitchen.wav", "--plot", "x.png")[0] == 0
    with Image.open(tmp_path / "x.png") as picture:
        assert min(picture.size) > 300


def test_a_bad_file_is_one_line_and_spoils_no_other(shelf, say, tmp_path):
    (tmp_path / "bad.wav").write_text("no sound at all")
    code, lines, err = say("bad.wav", shelf / "kitchen.wav", "none.wav")
    assert (code, len(lines)) == (2, 1)
    assert err.splitlines()[0].startswith("zoo: bad.wav cannot be read as sound: ")
    assert err.splitlines()[1].startswith("zoo: there is no file none.wav; expected a sound file")
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x.wav", "--beam", "5"], "has no option beam; it has threshold, refractory, rate"),
        (["x.wav", "--hotword-weight", "5"], "has no option hotword_weight"),
        (["x.wav", "--threshold", "2"], "threshold must be above 0 and at most 1, got 2.0"),
        (["-", "--rate", "0"], "rate must be at least 1, in Hz, got 0"),
        (["-", "--rate", "fast"], "rate must be a whole number or none, got 'fast'"),
        (["-", "x.wav"], "live sound (- or mic) must be the only input, got - x.wav"),
    ],
)
def test_wrong_use_is_told(say, words, said):
    code, lines, err = say(*words)
    assert (code, lines) == (2, [])
    assert said in err
    assert err.count("\n") == 1


# ---- standard input -----------------------------------------------------------------------------


def test_raw_sound_gives_the_times_of_the_file(shelf, say, pipe):
    pipe(pcm(WAVE))
    code, lines, err = say("-")
    assert code == 0
    of_file = say(shelf / "kitchen.wav")[1][0]
    assert of_file.partition("alexa at ")[2].split(", ") == [
        line.removeprefix("alexa at ") for line in lines
    ]
    assert err.startswith(f"4.00 s of sound, {len(lines)} detections; computing takes ")


def test_lines_of_json_for_machines(say, pipe):
    pipe(pcm(WAVE))
    lines = [json.loads(line) for line in say("-", "--json")[1]]
    assert all(line.keys() == {"time", "probability"} for line in lines[:-1])
    assert lines[-1]["detections"] == len(lines) - 1 > 2
    assert lines[-1]["seconds"] == 4
    assert lines[-1]["latency_ms"] > 60  # what must be waited for; computing comes to it
    slower = lines[-1]["slowest_ms"] - lines[-1]["compute_ms"]
    assert lines[-1]["longest_ms"] - lines[-1]["latency_ms"] == pytest.approx(slower, abs=0.2)


def test_the_time_that_resampling_takes_counts(say, pipe, monkeypatch):
    plain = audio.resampled

    def slow(blocks, old, new):
        for block in plain(blocks, old, new):
            time.sleep(0.02)
            yield block

    monkeypatch.setattr(trigger_word_stream, "resampled", slow)
    pipe(pcm(WAVE[:4000]))
    assert json.loads(say("-", "--json")[1][-1])["compute_ms"] >= 20


def test_another_rate_is_resampled_as_it_comes(say, pipe):
    pipe(pcm(WAVE))
    plain = [json.loads(line) for line in say("-", "--json")[1]]
    pipe(pcm(audio.resample(WAVE, 8000, 16000)))
    other = [json.loads(line) for line in say("-", "--rate", "16000", "--json")[1]]
    assert other[-1]["seconds"] == pytest.approx(4, abs=0.01)
    near = [any(abs(a["time"] - b["time"]) < 0.1 for b in plain[:-1]) for a in other[:-1]]
    assert sum(near) >= 0.7 * len(near) > 2


@pytest.mark.parametrize("data", [b"", b"\0", b"\0" * 3, b"\0" * 401])
def test_hardly_any_sound_and_half_samples(say, pipe, data):
    pipe(data)
    code, lines, err = say("-", *([] if data else ["--plot", "x.png"]))
    assert (code, lines) == (0, [])
    assert err.startswith("0.0")


def test_the_picture_is_of_the_last_minute(say, pipe, tmp_path, monkeypatch):
    monkeypatch.setattr(trigger_word_stream, "SHOWN", 2.0)
    drawn = []
    monkeypatch.setattr("zoo.viz.curves.save", lambda figure, path: drawn.append(figure))
    pipe(pcm(WAVE))
    assert say("-", "--plot", "x.png")[0] == 0
    low, high = drawn[0].axes[1].get_xlim()
    assert high - low == pytest.approx(2, abs=0.1)
    assert high == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize("head", [b"RIFF\0\0\0\0WAVE", b"fLaC123", b"OggS123", b"ID3\x03456"])
def test_a_file_with_a_header_is_not_taken_for_raw_sound(say, pipe, head):
    pipe(head + bytes(1000))
    code, lines, err = say("-")
    assert (code, lines) == (2, [])
    assert "give the file's name instead of -" in err


def test_a_terminal_is_told_what_to_pipe_in(say, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    code, _, err = say("-")
    assert code == 2
    assert "no sound comes from standard input; expected arecord" in err
    assert "-r 8000" in err


# ---- microphone ---------------------------------------------------------------------------------


def test_the_microphone_is_heard_until_ctrl_c(say, mic, pipe):
    code, lines, err = say("mic")
    assert code == 0
    assert mic == {
        "samplerate": 8000,
        "blocksize": 160,
        "channels": 1,
        "dtype": "float32",
        "latency": "low",
        "closed": True,
    }
    pipe(pcm(WAVE))
    assert lines == say("-")[1]
    assert "4.00 s of sound" in err
    assert "Traceback" not in err


def test_a_microphone_of_another_rate(say, mic):
    assert say("mic", "--rate", "11025")[2].startswith(
        "zoo: the microphone cannot be used at 11025 Hz: Invalid sample rate; try another --rate"
    )
    assert say("mic", "--rate", "16000")[0] == 0
    assert mic["blocksize"] == 320


def test_without_sounddevice_it_is_said_what_to_install(say, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    code, lines, err = say("mic")
    assert (code, lines, err.count("\n")) == (2, [], 1)
    assert "the microphone needs sounddevice, which does not import" in err
    assert "pip install 'deep-zoo[mic]'" in err


# ---- as a program -------------------------------------------------------------------------------


def test_lines_come_at_once_and_a_closed_pipe_is_no_error(shelf):
    environment = {**os.environ, "ZOO_WEIGHTS": str(shelf), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "zoo", "predict", NAME, "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        process.stdin.write(pcm(WAVE))
        process.stdin.flush()  # and it stays open: the line comes although more sound may
        assert process.stdout.readline().startswith(b"alexa at 0:0")
        process.stdout.close()
        with suppress(BrokenPipeError):  # it has noticed already
            process.stdin.write(pcm(torch.cat([WAVE, WAVE])))
            process.stdin.close()
        err = process.stderr.read()
    assert process.returncode == 0
    assert b"Traceback" not in err
