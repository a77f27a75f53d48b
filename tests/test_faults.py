"""The long proofs, on the real command line: ``make faults``."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

import zoo
from tests.models import checks
from zoo import files, registry
from zoo.engine.checkpoint import Checkpoints
from zoo.errors import BadFile
from zoo.pretrained.find import find
from zoo.pretrained.verify import verified_bytes

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[1]
ENV = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
EVERYTHING = [  # shuffling, dropout, batch norm, augmentation, moving average, AdamW, clipping
    *("dropout=0.3", "batch_norm=true", "hidden_sizes=64,32", "image_size=16", "augment=affine"),
    *("ema=0.99", "clip=5", "save_every=2", "log_every=10", "evaluate_every=50"),
    *("batch_size=16", "steps=3000", "patience=none"),
]


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """Pictures of three kinds, in a folder with a space and an umlaut."""
    root = tmp_path_factory.mktemp("data") / "drei Körper"
    draw = random.Random(0)
    for kind in ("bar", "box", "ring"):
        (root / kind).mkdir(parents=True)
        for number in range(60):
            picture = Image.new("L", (24, 24), draw.randrange(40))
            pen, x, y = ImageDraw.Draw(picture), draw.randrange(3, 9), draw.randrange(3, 9)
            shape = (x, y, x + 11, y + 11)
            if kind == "bar":
                pen.line(shape, fill=200, width=3)
            elif kind == "box":
                pen.rectangle(shape, fill=200)
            else:
                pen.ellipse(shape, outline=230)
            picture.save(root / kind / f"{number}.png")
    return root


def train(shapes, out, *words, processes=1):
    """The command line, started in the background."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    start = [sys.executable, *(launch if processes > 1 else [])]
    command = [*start, "-m", "zoo", "train", "mlp", *EVERYTHING, *words]
    command += ["--data", str(shapes), "--out", str(out), "--json"]
    return subprocess.Popen(
        command, env=ENV, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process):
    """Wait for the end; (exit code, what it said on stdout, on stderr)."""
    out, err = process.communicate(timeout=600)
    return process.returncode, out, err


def newest(out):
    """Name of the last marked checkpoint."""
    return max((path.stem for path in out.glob("checkpoints/step-*.json")), default="")


def result(out):
    """Everything that must be the same: weights, log, last checkpoint."""
    card = next(out.glob("*.json"))
    last = sorted((out / "checkpoints").glob("*.safetensors"))[-1]
    return {
        "weights": files.sha256(card.with_suffix(".safetensors")),
        "log": files.sha256(out / "log.jsonl"),
        "checkpoint": (last.name, files.sha256(last)),
        "measured": json.loads(card.read_text())["measured"],
    }


@pytest.fixture(scope="module")
def straight(shapes, tmp_path_factory):
    out = tmp_path_factory.mktemp("straight")
    code, told, err = finish(train(shapes, out))
    assert code == 0, err
    return result(out), json.loads(told)["seconds"]


def test_forty_kills_and_the_same_bits(shapes, straight, tmp_path):
    """kill -9 at 40 random moments, some inside a checkpoint write, resumed each time."""
    draw, kills, inside, out = random.Random(1), 0, 0, tmp_path / "ein Lauf"
    longest = 1.2 * straight[1] / 40  # seconds of training: the 40 together leave some to do
    while kills < 40:
        before = newest(out)
        process = train(shapes, out)
        early = draw.random() < 0.2  # before, or while, the run comes to life
        while process.poll() is None and not early and newest(out) == before:
            time.sleep(0.002)
        time.sleep(draw.uniform(0.0, 4.0 if early else longest))
        process.kill()
        assert finish(process)[0] == -signal.SIGKILL, "finished before it was killed 40 times"
        kills += 1
        folder = out / "checkpoints"
        marked = {path.stem for path in folder.glob("step-*.json")}
        unmarked = [p for p in folder.glob("step-*.safetensors") if p.stem not in marked]
        inside += bool(list(folder.glob(".*.tmp")) or unmarked)
        Checkpoints(folder).latest()  # no kill leaves a checkpoint that does not load
    code, _, err = finish(train(shapes, out))
    assert code == 0, err
    print(f"\n{kills} kills, {inside} of them inside a checkpoint write")
    assert inside >= 1
    assert result(out) == straight[0]


def test_the_death_of_one_of_two_ranks_ends_the_job_and_it_resumes(shapes, tmp_path):
    whole = train(shapes, tmp_path / "a", "steps=1200", processes=2)
    code, _, err = finish(whole)
    assert code == 0, err
    job = train(shapes, tmp_path / "b", "steps=1200", processes=2)
    while len(list((tmp_path / "b").glob("checkpoints/step-*.json"))) < 2:
        time.sleep(0.05)
        assert job.poll() is None
    children = Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()
    os.kill(int(children[-1]), signal.SIGKILL)
    began = time.monotonic()
    assert finish(job)[0] != 0
    assert time.monotonic() - began < 60
    assert finish(train(shapes, tmp_path / "b", "steps=1200", processes=2))[0] == 0
    assert result(tmp_path / "b") == result(tmp_path / "a")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_to_the_command_line(shapes, straight, tmp_path, number, code):
    process = train(shapes, tmp_path)
    while not (tmp_path / "log.jsonl").exists():
        time.sleep(0.01)
    process.send_signal(number)
    got, _, said = finish(process)
    assert got == code
    assert "goes on from there" in said
    assert "Traceback" not in said
    assert finish(train(shapes, tmp_path))[0] == 0
    assert result(tmp_path) == straight[0]


@pytest.mark.parametrize("name", [n for n in zoo.list_weights() if not zoo.card(n).converter])
def test_ten_thousand_bit_flips_of_a_shipped_file(name, tmp_path):
    card = zoo.card(name)
    data = bytearray(find(card).read_bytes())
    copy = tmp_path / card.file
    draw = random.Random(name)
    copy.write_bytes(data)
    for _ in range(10_000):
        at, bit = draw.randrange(len(data)), 1 << draw.randrange(8)
        with copy.open("r+b") as file:
            file.seek(at)
            file.write(bytes([data[at] ^ bit]))
        with pytest.raises(BadFile, match="altered"):
            verified_bytes(copy, size=card.bytes, sha256=card.sha256)
        with copy.open("r+b") as file:
            file.seek(at)
            file.write(bytes([data[at]]))
    verified_bytes(copy, size=card.bytes, sha256=card.sha256)


def small(about):
    """Half a minute of compiling each, not half an hour."""
    picture = about["task"] == "classification"
    return picture and about["input_shape"][1] <= 32 and about["parameters"] < 300_000


@pytest.mark.parametrize("name", [n for n, m in registry.index()["models"].items() if small(m)])
def test_generated_code_agrees_with_eager(name):
    model = checks.built(name)
    compiled = torch.compile(model)
    with torch.no_grad():
        for count in (3, 5):
            pictures = checks.example(name, count)
            assert torch.allclose(compiled(pictures), model(pictures), atol=1e-4)
