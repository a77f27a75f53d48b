"""``zoo predict NAME INPUT`` beside ``import torch``, in CPU seconds of a process.

Each round starts ``python -c "import torch"`` and then ``zoo predict`` for every weights file that
ships, on the input of the card's test vector. What the prediction itself takes is measured in this
process, where everything is loaded, and is not counted: what is left is the price of starting.
Proof: tests/bench/test_start.py.
"""

import base64
import binascii
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from zoo import cards
from zoo.data.audio.read import write
from zoo.engine.timing import Times
from zoo.errors import BadFile
from zoo.loading import load
from zoo.ops.chirp import chirp

ROUNDS = 3
HEAD = ("weights", "zoo predict, CPU s", "import torch", "the prediction", "ratio without it")
RATE = 16000  # Hz, of sound: weights of another rate resample it
PNG = b"\x89PNG"


@dataclass(frozen=True)
class Row:
    """Median CPU seconds; ``ratio``: of the start alone, the median over the rounds."""

    weights: str
    predict: float
    torch: float
    itself: float
    ratio: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        seconds = (f"{s:.2f}" for s in (self.predict, self.torch, self.itself))
        return (self.weights, *seconds, f"{self.ratio:.2f}")


def run(rounds: int, *, weights: tuple[str, ...] = ()) -> Iterator[Row]:
    """Measure the start of each prediction.

    Args:
        rounds: how often each process is started.
        weights: names of weights, with commas; default all that ship with their file.

    Raises:
        UnknownName: for weights that do not exist.
        BadFile: if a process fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name in weights or shipped():
            text = raw_input(name, Path(folder))
            torch, predict = Times(), Times()
            command = ("-m", "zoo", "predict", name, text, "--device", "cpu")
            for turn in range(rounds):
                both = [(torch, ("-c", "import torch")), (predict, command)]
                for times, words in reversed(both) if turn % 2 else both:
                    times.cpu.append(_cpu_of(words))
            itself = _prediction(name, text)
            ratio = Times(cpu=[seconds - itself for seconds in predict.cpu]).cpu_ratio(torch)
            yield Row(name, predict.cpu_median, torch.cpu_median, itself, ratio)


def shipped() -> list[str]:
    """The weights that need no download."""
    return [name for name in cards.list_weights() if not cards.card(name).converter]


def raw_input(name: str, folder: Path) -> str:
    """The input of the card's test vector for a command line: a file for an image or sound."""
    text = str(cards.card(name).test_vector["input"])
    if text.startswith("a chirp"):
        write(folder / "chirp.wav", chirp(text, RATE), RATE)
        return str(folder / "chirp.wav")
    try:
        image = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text
    if not image.startswith(PNG):
        return text
    (folder / "image.png").write_bytes(image)
    return str(folder / "image.png")


def _cpu_of(words: Sequence[str]) -> float:
    """CPU seconds of ``python WORDS``, from its first instruction to its last."""
    before = os.times()
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    after = os.times()
    if done.returncode:
        raise BadFile(f"python {' '.join(words)} failed: {done.stderr.strip()[:200]}")
    return (after.children_user + after.children_system
            - before.children_user - before.children_system)  # fmt: skip


def _prediction(name: str, text: str) -> float:
    """CPU seconds of a prediction by weights that are loaded and have predicted before."""
    predictor = load(name, device="cpu")
    predictor([text])
    before = process_time()
    predictor([text])
    return process_time() - before
