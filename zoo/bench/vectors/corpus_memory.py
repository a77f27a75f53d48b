"""Peak memory of preparing and reading a text for a language model, per byte of the text.

Each row is a process of its own that reads a text of random words, by characters or by words, and
goes through an epoch's first batches and the digest of the data: zoo/data/own/language_model.py,
and the usual way beside it, all of the text in memory and a list of token ids made a tensor. What
grows is measured from after the imports on, pages of mapped files included (VmHWM, Linux).
Proof: tests/bench/vectors/test_corpus_memory.py.
"""

import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 1
HEAD = ("tokens", "text, MB", "zoo, bytes a byte", "in memory, bytes a byte", "ratio")
PROGRAM = """
import sys
from itertools import islice
from pathlib import Path
import torch
from zoo.data.own.language_model import own_data
from zoo.data.text.token_stream import Text, chunks
from zoo.data.text.tokenizers import level_tokens
from zoo.data.text.vocabulary import Vocabulary

def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024

side, level, path = sys.argv[1], sys.argv[2], Path(sys.argv[3])
before = peak()
if side == "zoo":
    data = own_data(path, level)
    data.digest()
    train = data.train
else:
    tokens = level_tokens(path.read_text(encoding="utf-8"), level)
    vocabulary = Vocabulary.count(tokens)
    train = Text(torch.tensor(vocabulary.encode(tokens)))
for _ in islice(chunks(train, 32, 100), 200):
    pass
print(peak() - before)
"""


@dataclass(frozen=True)
class Row:
    """Bytes of memory for each byte of the text."""

    what: str
    size: float  # of the text, in MB
    ours: float
    theirs: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        ratio = self.theirs / self.ours if self.ours else float("inf")
        numbers = (f"{self.ours:.2f}", f"{self.theirs:.2f}", f"{ratio:.1f}")
        return (self.what, f"{self.size:.0f}", *numbers)


def run(rounds: int, *, megabytes: int = 150) -> Iterator[Row]:
    """Measure both sides, each in a process of its own.

    Args:
        rounds: the largest of so many runs counts.
        megabytes: size of the text.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.txt"
        _write(path, megabytes * 1_000_000)
        size = path.stat().st_size
        for level in ("characters", "words"):
            sides = {
                side: max(_growth(side, level, path) for _ in range(rounds)) / size
                for side in ("zoo", "plain")
            }
            yield Row(level, size / 1e6, sides["zoo"], sides["plain"])


def _write(path: Path, size: int) -> None:
    """Lines of ten words of 5,000 different ones, the first the most frequent."""
    draw = random.Random(0)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(draw.choices(letters, k=draw.randint(1, 9))) for _ in range(5_000)]
    frequency = [1 / rank for rank in range(1, len(words) + 1)]
    many = draw.choices(words, frequency, k=100_000)
    block = "\n".join(" ".join(many[at : at + 10]) for at in range(0, len(many), 10)) + "\n"
    with path.open("w", encoding="ascii") as file:
        for _ in range(max(1, size // len(block))):
            file.write(block)


def _growth(side: str, level: str, path: Path) -> int:
    command = [sys.executable, "-c", PROGRAM, side, level, str(path)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
