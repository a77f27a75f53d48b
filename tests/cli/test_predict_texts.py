"""zoo predict with texts: arguments, files, standard input, texts while they are written."""

import io
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

import zoo
from tests.helpers.small_texts import write_classifier, write_generator
from tests.helpers.small_weights import only_from, write_weights
from zoo.cli import predict_inputs
from zoo.cli.main import main
from zoo.cli.predict_inputs import LONGEST, Input, TextLines
from zoo.errors import ZooError
from zoo.models.language_model import LanguageModel

ROOT = Path(__file__).parents[2]
CLASSIFIER, GENERATOR = "sentiment_average.tiny", "lstm.tiny"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shelf")
    write_classifier(folder)
    write_generator(folder)
    write_weights(folder)
    return folder


@pytest.fixture(autouse=True)
def place(shelf, monkeypatch, tmp_path):
    only_from(shelf, monkeypatch)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def say(capsys, monkeypatch):
    """A function: run zoo predict; exit code, lines of standard output and standard error."""

    def command(*words, stdin=b""):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        code = main(["predict", *map(str, words), "--device", "cpu"])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err.splitlines()

    return command


def labels(lines):
    return [(line.split(": ")[0], line.split(": ")[1].split(" ")[0]) for line in lines]


# ---- standard input and files -------------------------------------------------------------------


def test_a_hyphen_is_standard_input_a_text_a_line(say):
    code, out, err = say(CLASSIFIER, "-", stdin=b"good\nbad bad\n")
    assert (code, err) == (0, [])
    predictor = zoo.load(CLASSIFIER, device="cpu")
    assert labels(out) == [(t, predictor(t).label) for t in ("good", "bad bad")]
    assert say(CLASSIFIER, "-", "--text")[1][0].startswith("-: ")  # the text "-"


def test_arguments_streams_and_files_come_in_their_order(say, tmp_path):
    Path("one.txt").write_text("bad\n")
    Path("two.txt").write_bytes(b"good bad")
    words = ["good", "-", "bad bad", "--file", "one.txt", "--file", "two.txt"]
    code, out, _ = say(CLASSIFIER, *words, stdin=b"good good")
    assert code == 0
    texts = ["good", "good good", "bad bad", "bad", "good bad"]
    assert [text for text, _ in labels(out)] == texts
    code, out, _ = say(CLASSIFIER, "--json", *words, stdin=b"good good")
    records = json.loads("\n".join(out))
    assert [record["input"] for record in records] == texts
    assert all(line[0] in "[," for line in out[:-1])  # each record is complete in its line
    assert [record["label"] for record in records][:1] == [zoo.load(CLASSIFIER)("good").label]


def test_lines_of_any_system_and_blank_ones(say):
    code, out, err = say(CLASSIFIER, "-", stdin=b"\xef\xbb\xbfgood\r\n\r\nbad\rbad bad\n \n\ngood")
    assert code == 0
    assert [text for text, _ in labels(out)] == ["good", "bad", "bad bad", "good"]
    assert err == ["note: standard input: blank lines left out: 3 (2, 5, 6)"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "zoo: standard input is empty; expected a text a line"),
        (b"\xef\xbb\xbf", "zoo: standard input is empty; expected a text a line"),
        (b"\n \r\n", "zoo: standard input has 2 blank lines only; expected a text a line"),
        ("good".encode("utf-16"), "zoo: standard input is UTF-16; save it as UTF-8"),
        (b"x" * (LONGEST + 70_000), "zoo: standard input line 1 has more than 1,048,576 bytes"),
    ],
)
def test_a_stream_without_texts_is_told_in_one_line(say, data, said):
    code, out, err = say(CLASSIFIER, "-", stdin=data)
    assert (code, out) == (2, [])
    assert len(err) == 1
    assert err[0].startswith(said)
    code, out, err = say(CLASSIFIER, "--json", "-", stdin=data)
    assert (code, out, len(err)) == (2, ["[]"], 1)


def test_a_line_that_cannot_be_read_or_used_is_named_and_the_others_are_answered(say):
    Path("s.txt").write_bytes(b"good\nba\xffd\n\xe4\xb8\nbad\n")
    code, out, err = say(CLASSIFIER, "--file", "s.txt")
    assert code == 2
    assert [text for text, _ in labels(out)] == ["good", "bad"]
    assert err == [
        "zoo: s.txt line 2: byte 0xff at 3 is not UTF-8; save it as UTF-8",
        "zoo: s.txt line 3: byte 0xe4 at 1 is not UTF-8; save it as UTF-8",
    ]
    code, out, err = say(GENERATOR, "-", "--length", "3", stdin=b"ab\nxyz\ncd\n")
    assert code == 2
    assert [line[:2] for line in out if line[:2] in ("ab", "cd")] == ["ab", "cd"]
    [line] = err
    assert line.startswith("zoo: standard input line 2: the prompt has 'x', 'y', 'z'")


def test_files_that_are_not_there_and_no_input_at_all(say):
    code, _, err = say(CLASSIFIER, "good", "--file", "none.txt")
    assert (code, err) == (
        2,
        ["zoo: there is no file none.txt; expected a text file, a text a line"],
    )
    os.mkfifo("pipe")
    assert say(CLASSIFIER, "--file", "pipe")[0] == 2  # and does not wait
    code, out, err = say(CLASSIFIER)
    assert (code, out) == (2, [])
    assert err == [
        f"zoo: {CLASSIFIER} needs an input: a text, - (standard input) or --file F, a text a line"
    ]
    assert say("lenet5.tiny")[2] == ["zoo: lenet5.tiny needs an input: a file"]


def test_an_argument_that_names_a_file_is_asked_about(say):
    Path("note.md").write_text("good\n")
    Path("good").mkdir()
    code, out, err = say(CLASSIFIER, "bad", "note.md")
    assert (code, out) == (2, [])  # before anything is answered
    assert err == [
        "zoo: note.md is a file: --file note.md reads it, a text a line; --text takes the name as "
        "text"
    ]
    assert labels(say(CLASSIFIER, "--file", "note.md")[1])[0][0] == "good"
    assert say(CLASSIFIER, "--text", "note.md")[1][0].startswith("note.md: ")
    assert say(CLASSIFIER, "good")[0] == 0  # a folder of that name is a coincidence,
    assert say(CLASSIFIER, "./good")[0] == 2  # but not here
    assert say(CLASSIFIER, "good " * 2_000)[0] == 0  # too long for a name
    code, _, err = say(GENERATOR, "note.md")
    assert (code, err[0][:25]) == (2, "zoo: note.md is a file: -")


def test_files_of_texts_are_not_for_pictures(say):
    Image.new("L", (40, 40)).save("x.png")
    code, out, err = say("lenet5.tiny", "x.png", "--file", "x.png")
    assert (code, out) == (2, [])
    assert err == ["zoo: --file is for weights that read texts; give lenet5.tiny file names"]
    assert say("lenet5.tiny", "--json", "x.png")[0] == 0  # inputs may follow an option


def test_unknown_words_only_say_so(say):
    _, out, err = say(CLASSIFIER, "zyzzyva qux")
    assert out[0].endswith("; nothing in it is known: zyzzyva qux")
    assert err == []


def test_lines_in_batches_keep_their_order_and_number(monkeypatch):
    monkeypatch.setattr(predict_inputs, "BATCH", 3)
    monkeypatch.setattr(predict_inputs, "CHUNK", 7)
    lines = [f"text {n}" for n in range(20)]
    batches = list(TextLines("f", io.BytesIO("\r\n".join(lines).encode())))
    assert max(map(len, batches)) <= 3
    found = [one for batch in batches for one in batch]
    assert found == [Input(text, f"f line {n}") for n, text in enumerate(lines, 1)]


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 64])
def test_where_a_stream_is_cut_does_not_matter(chunk, monkeypatch):
    data = "\ufeffgrün\r\nx\ry\n\r\n東京\n".encode()
    monkeypatch.setattr(predict_inputs, "CHUNK", chunk)
    found = [one for batch in TextLines("f", io.BytesIO(data)) for one in batch]
    assert not any(isinstance(one, ZooError) for one in found)
    assert [(one.raw, one.place) for one in found] == [
        ("grün", "f line 1"), ("x", "f line 2"), ("y", "f line 3"), ("東京", "f line 5"),
    ]  # fmt: skip


def test_a_pipe_is_answered_line_by_line_and_a_closed_one_is_quiet(shelf):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ZOO_WEIGHTS": str(shelf)}
    words = [sys.executable, "-m", "zoo", "predict", str(shelf / f"{CLASSIFIER}.json"), "-"]
    with subprocess.Popen(
        words, env=environment, stdin=-1, stdout=-1, stderr=-1, bufsize=0
    ) as process:
        for text in (b"good\n", b"bad\n"):  # the second is sent when the first is answered
            process.stdin.write(text)
            assert process.stdout.readline().startswith(text.strip() + b": ")
        process.stdout.close()
        with suppress(BrokenPipeError):  # it ends when it finds that nobody reads
            while process.poll() is None:
                process.stdin.write(b"good\n" * 100)
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


# ---- plots and texts while they are written -----------------------------------------------------


@pytest.mark.parametrize("name", [CLASSIFIER, GENERATOR])
def test_answers_about_texts_are_drawn(say, name):
    code, out, err = say(name, "bad", "--plot", "x.png")
    assert (code, err) == (0, [])
    assert out[0].startswith("bad")
    with Image.open("x.png") as image:
        assert image.width > 500


def stepped(monkeypatch, wrap):
    """Every step of one token goes through ``wrap(step)``."""
    stepper = LanguageModel.stepper

    def wrapped(*arguments):
        step, states = stepper(*arguments)
        return wrap(step), states

    monkeypatch.setattr(LanguageModel, "stepper", wrapped)


def test_texts_are_printed_while_they_are_written(say, monkeypatch):
    seen, moments = [], []
    stepped(monkeypatch, lambda step: lambda *a: moments.append("".join(seen)) or step(*a))
    printed = sys.stdout.write
    monkeypatch.setattr(sys.stdout, "write", lambda text: seen.append(text) or printed(text))
    code, out, _ = say(GENERATOR, "ab", "cd", "--length", "60", "--seed", "4")
    assert code == 0
    assert moments[0] == "ab"  # the prompt alone before the first step
    assert len(moments[-1]) > 40  # most of the text before the last
    write = zoo.load(GENERATOR, device="cpu", length=60, seed=4)
    assert "\n".join(out) == f"{write('ab')}\n{write('cd')}".rstrip("\n")
    records = json.loads("\n".join(say(GENERATOR, "ab", "--json", "--length", "5")[1]))
    assert records[0]["prompt"] == "ab"


def test_a_network_gone_wrong_ends_the_text_with_one_line(say, monkeypatch):
    count = []

    def broken(step):
        def late(tokens, state):
            log_p, state = step(tokens, state)
            count.append(1)
            return (log_p if len(count) < 30 else log_p * float("nan")), state

        return late

    stepped(monkeypatch, broken)
    code, out, err = say(GENERATOR, "ab", "--length", "60")
    assert code == 2
    assert len("\n".join(out)) >= 16  # what was written before
    assert err == ["zoo: the network's log-probabilities are NaN; nothing can be drawn"]


def test_bar_reaches_the_generator_from_the_command_line(say):
    code, out, _ = say(GENERATOR, "a", "--bar", "b,c", "--length", "60")
    assert code == 0
    assert not set("".join(out)) & {"b", "c"}
    code, out, err = say(GENERATOR, "a", "--bar", "Z")
    assert (code, out) == (2, [])
    assert err == ["zoo: bar has 'Z', which is not in the vocabulary of 9"]


def test_what_a_terminal_would_obey_is_printed_as_escapes(capsys):
    assert main(["predict", CLASSIFIER, "a \x1b[31mgood film"]) == 0
    assert r"a \x1b[31mgood film: " in capsys.readouterr().out
