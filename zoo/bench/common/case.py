"""What ``zoo bench predict`` times: a predictor on a list, beside the plain network in batches.

The plain sides are in zoo/bench/plain, one file for each task, named by the task's word: it has
``cases()``, which yields cases. A new task is timed when it has such a file.
Proof: tests/bench/test_predict.py.
"""

import io
import wave
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, cast

import torch
from torch import Tensor

from zoo.loading import tasks
from zoo.ops.chirp import chirp, description

BATCH = 64  # inputs in a forward pass of the plain side


@dataclass(frozen=True)
class Case:
    """A predictor and its peer.

    Attributes:
        what: name of the row.
        predict: a list of raw inputs to their answers.
        raws: the list.
        plain: the peer: the same list to what ``key`` gives for its answers.
        key: what both sides must agree on: a label, a text.
    """

    what: str
    predict: Callable[[list[Any]], Sequence[Any]]
    raws: list[Any]
    plain: Callable[[list[Any]], Sequence[Any]]
    key: Callable[[Any], Any]


class PlainFile(Protocol):
    """A module zoo/bench/plain/TASK.py."""

    cases: Callable[[], Iterable[Case]]


def all_cases(words: Sequence[str] = ()) -> Iterator[Case]:
    """The cases of every task that has some, or of the tasks ``words``."""
    for task in words or tasks():
        name = f"zoo.bench.plain.{task}"
        if find_spec(name):
            yield from cast(PlainFile, import_module(name)).cases()


def batches(raws: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The list in batches, in its order."""
    for at in range(0, len(raws), BATCH):
        yield raws[at : at + BATCH]


def sentences(words: Sequence[str], count: int, least: int, most: int) -> list[str]:
    """Sentences of ``least`` to ``most`` of the words, chosen at random, always the same."""
    draw = torch.Generator().manual_seed(0)
    lengths = torch.randint(least, most + 1, (count,), generator=draw).tolist()
    chosen = torch.randint(len(words), (sum(lengths),), generator=draw).tolist()
    texts, at = [], 0
    for length in lengths:
        texts.append(" ".join(words[i] for i in chosen[at : at + length]))
        at += length
    return texts


def sounds(rate: int, count: int) -> list[bytes]:
    """Wav files in memory, 1 to 3 s long: rising tones in a little noise."""
    files = []
    for n in range(count):
        seconds = 1 + 2 * ((7 * n) % count) / count
        samples = chirp(description(100 + 20 * n, rate // (3 + n % 3), round(seconds, 2)), rate)
        draw = torch.Generator().manual_seed(n)
        samples = samples + 0.01 * torch.randn(len(samples), generator=draw)
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes((samples.clamp(-1, 1) * 32767).short().numpy().tobytes())
        files.append(buffer.getvalue())
    return files


def padded(features: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Features (T, D) of several sounds as one batch (N, T, D), and their lengths (N,)."""
    lengths = torch.tensor([len(one) for one in features])
    return torch.nn.utils.rnn.pad_sequence(list(features), batch_first=True), lengths
