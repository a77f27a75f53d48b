"""A predictor on a list of raw inputs beside the plain network in batches, for every task.

The peer does what a script would: tokenize or read, pad, one forward pass for each batch of 64 (or
a loop of an LSTMCell), the label; it makes no typed answers. The inputs are made up and are the
same on both sides, and both sides must agree on every label before anything is timed. The rows are
found by the tasks' words: zoo/bench/common/case.py.
Proof: tests/bench/test_predict.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from zoo.bench.common.case import Case, all_cases
from zoo.engine.timing import interleaved
from zoo.errors import BadInput

ROUNDS = 9
HEAD = ("task", "inputs", "predictor, inputs/s", "plain, inputs/s", "of plain", "by CPU")
MOST = 60.0  # seconds a row: slow machines run fewer rounds


@dataclass(frozen=True)
class Row:
    """Median speeds; ``share``: the predictor's speed in parts of the plain network's.

    Both shares are medians over the rounds, ``share_cpu`` of the speeds by process time.
    """

    what: str
    inputs: int
    ours: float
    plain: float
    share: float
    share_cpu: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        speeds = [f"{speed:,.1f}" for speed in (self.ours, self.plain)]
        shares = [f"{share:.2f}" for share in (self.share, self.share_cpu)]
        return (self.what, str(self.inputs), *speeds, *shares)


def run(rounds: int, *, tasks: tuple[str, ...] = (), inputs: int | None = None) -> Iterator[Row]:
    """Measure all rows, with one thread.

    Args:
        rounds: how often each side runs.
        tasks: the tasks to measure, all by default.
        inputs: largest number of inputs in a list.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for case in all_cases(tasks):
            yield _row(case, rounds, inputs)
    finally:
        torch.set_num_threads(threads)


def _row(case: Case, rounds: int, most: int | None) -> Row:
    raws = case.raws[:most]
    ours, plain = [case.key(answer) for answer in case.predict(raws)], list(case.plain(raws))
    if ours != plain:
        at = next(n for n, pair in enumerate(zip(ours, plain, strict=True)) if pair[0] != pair[1])
        raise BadInput(f"{case.what}: input {at} gives {ours[at]!r}, plain {plain[at]!r}")
    times = interleaved(
        {"ours": lambda: lambda: case.predict(raws), "plain": lambda: lambda: case.plain(raws)},
        rounds,
        most=MOST,
    )
    one, other = times["ours"], times["plain"]
    return Row(case.what, len(raws), len(raws) / one.median, len(raws) / other.median,
               other.ratio(one), other.cpu_ratio(one))  # fmt: skip
