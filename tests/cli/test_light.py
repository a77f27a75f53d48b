"""What says something without computing anything is quick: no torch, no numpy, no traces left."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import zoo
from tests.helpers.small_weights import write_weights
from zoo.cli.main import VERBS

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "numpy", "matplotlib", "PIL", "safetensors", "sklearn", "torchvision")
HEAVY += ("torchaudio", "scipy", "tqdm")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Of every process below: one set of weights, nothing in the home folder."""
    folder = tmp_path_factory.mktemp("light")
    write_weights(folder / "weights ü")
    kept = {k: v for k, v in os.environ.items() if k.startswith(("PATH", "LD_", "VIRTUAL_ENV"))}
    kept |= {"PYTHONPATH": str(ROOT), "ZOO_WEIGHTS": str(folder / "weights ü"), "PYTHONUTF8": "0"}
    return {**kept, "HOME": str(folder / "home"), "PYTHONDONTWRITEBYTECODE": "1"}


def python(environment, *words, **more):
    """A process that has ended."""
    command = [sys.executable, *words]
    options = {"capture_output": True, "text": True, "timeout": 120, "check": False, **more}
    return subprocess.run(command, env=environment, encoding="utf-8", **options)


def zoo_says(environment, *words, **more):
    """``python -m zoo WORDS``."""
    return python(environment, "-m", "zoo", *words, **more)


WATCHED = """
import json, os, sys
seen = []

def watch(event, args):
    if event == "open":
        mode, flags = str(args[1] or ""), args[2] or 0
        writes = set(mode) & set("wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes:
            seen.append((event, str(args[0])))
    elif event.startswith(("socket.", "subprocess.", "os.system", "os.mkdir", "os.remove")):
        seen.append((event, str(args)))

sys.addaudithook(watch)
{body}
heavy = sorted({heavy} & set(sys.modules))
print("FOUND", json.dumps([heavy, seen]))
"""


def found(environment, body):
    """(heavy modules that were imported, what was written or asked of a network) by ``body``."""
    source = WATCHED.replace("{body}", body).replace("{heavy}", repr(set(HEAVY)))
    done = python(environment, "-X", "utf8", "-c", source)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.split("FOUND")[1])


def command(*words, code=0):
    """Python that runs a command and checks how it ends."""
    return f"""
from zoo.cli.main import main
try:
    code = main({list(words)!r})
except SystemExit as stop:
    code = stop.code
assert code == {code}, code
"""


def test_import_zoo_is_light_and_leaves_no_trace(environment):
    assert found(environment, "import zoo\nzoo.__version__, dir(zoo)") == [[], []]


def test_the_check_itself_sees_what_it_should(environment, tmp_path):
    body = (
        f"import numpy, socket\nopen({str(tmp_path / 'x')!r}, 'w').close()\nsocket.socket().close()"
    )
    heavy, seen = found(environment, body)
    assert "numpy" in heavy
    assert {event for event, _ in seen} >= {"open", "socket.__new__"}


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["list"],
        ["list", "--json"],
        ["list", "lenet*", "--task", "classification"],
        ["info", "lenet5"],
        ["info", "lenet5", "--json"],
        ["info", "lenet5.tiny"],
        ["info", "lenet5.tiny", "--json"],
        ["info", "lenet5.mnist"],
        ["data"],
        ["bench", "models", "--help"],
    ],
    ids=" ".join,
)
def test_what_only_looks_things_up_is_light(environment, words):
    assert found(environment, command(*words)) == [[], []]


@pytest.mark.parametrize(
    ("words", "code"), [(["info", "nothing"], 2), (["lst"], 2), ([], 2), (["list", "zz*"], 0)]
)
def test_what_fails_is_light_too(environment, words, code):
    assert found(environment, command(*words, code=code)) == [[], []]


def test_the_help_of_every_verb_is_light(environment):
    body = "".join(command(verb, "--help") for verb in VERBS)
    assert found(environment, body) == [[], []]


def test_shipped_weights_are_told_without_torch(environment):
    shipped = [name for name in zoo.list_weights() if zoo.card(name).folder == ROOT / "weights"]
    if not shipped:
        pytest.skip("no weights are shipped yet")
    assert found(environment, "".join(command("info", name) for name in shipped)) == [[], []]


# ---- what is said -------------------------------------------------------------------------------


def test_list_says_what_there_is(environment):
    told = json.loads(zoo_says(environment, "list", "--json").stdout)
    assert "lenet5" in told["models"]
    assert "lenet5.tiny" in told["weights"]
    assert "lenet5.mnist" in told["recipes"]
    said = zoo_says(environment, "list").stdout
    assert [line for line in said.split("\n") if line and line[0] != " "] == [
        "architectures",
        "weights",
        "recipes",
    ]
    assert "lenet5.tiny" in said


def test_info_says_what_is_known(environment):
    told = json.loads(zoo_says(environment, "info", "lenet5", "--json").stdout)
    assert told["parameters"] == 61_706
    assert told["input shape"] == [1, 32, 32]
    assert "lenet5.tiny" in told["weights"]
    assert (ROOT / told["file"]).is_file()
    told = json.loads(zoo_says(environment, "info", "lenet5.tiny", "--json").stdout)
    assert told["mean"] == 90.5
    assert told["sha256"] == zoo.card(Path(environment["ZOO_WEIGHTS"])).sha256
    said = zoo_says(environment, "info", "lenet5.tiny").stdout
    assert "90.50 ± 0.71 % on the test set, seeds 0, 1" in said
    assert "3.1 % (Table 1)" in said


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_names_the_verb(environment, verb):
    done = zoo_says(environment, verb, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith(f"usage: zoo {verb}")


# ---- terminals and pipes ------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["list"], ["--help"], ["info", "lenet5.tiny", "--json"]])
def test_a_pipe_that_nobody_reads(environment, words):
    reader, writer = os.pipe()
    os.close(reader)
    done = zoo_says(environment, *words, capture_output=False, stdout=writer, stderr=-1)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


def test_list_and_head(environment):
    line = f"{sys.executable} -m zoo list | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("architectures\n0\n", "")


@pytest.mark.parametrize(("words", "code"), [("list", 0), ("--help", 0), ("info nothing", 2)])
def test_stdout_that_is_closed(environment, words, code):
    line = f"{sys.executable} -m zoo {words} >&-"
    done = subprocess.run(
        ["bash", "-c", line], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    if words != "--help":  # argparse then helps on stderr
        assert done.stderr.count("\n") == (code > 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [["list"], ["--help"]])
def test_a_disk_that_is_full(environment, words):
    with open("/dev/full", "w") as full:
        done = zoo_says(environment, *words, capture_output=False, stdout=full, stderr=-1)
    assert done.returncode == 2
    assert done.stderr == "zoo: cannot write the output: No space left on device\n"


@pytest.mark.parametrize("locale", [{"LANG": "C"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX"}], ids=str)
def test_a_plain_locale(environment, locale):
    plain = {k: v for k, v in environment.items() if k != "PYTHONUTF8"} | locale
    done = zoo_says(plain, "info", "lenet5.tiny")
    assert (done.returncode, done.stderr) == (0, "")
    assert "90.50 ± 0.71 %" in done.stdout
    done = zoo_says(plain, "info", "nichts ü 中")
    assert done.returncode == 2
    assert done.stderr.startswith("zoo: no model, weights or recipe 'nichts ")
    assert done.stderr.count("\n") == 1


def test_an_encoding_that_has_no_plus_minus(environment):
    poor = {**environment, "PYTHONIOENCODING": "ascii"}
    for words in (["info", "lenet5.tiny"], ["list"]):
        done = zoo_says(poor, *words)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_name_that_is_no_text(environment):
    done = zoo_says(environment, "info", b"lenet\xff5")
    assert done.returncode == 2
    assert done.stderr.startswith("zoo: no model, weights or recipe 'lenet")
    done = zoo_says(environment, "list", b"\xff*")
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_home(environment, tmp_path):
    bare = {k: v for k, v in environment.items() if k != "HOME"}
    assert zoo_says(bare, "list").returncode == 0
    assert zoo_says(bare, "data").returncode == 0
