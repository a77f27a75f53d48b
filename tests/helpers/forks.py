"""Processes of a test's own, forked from a server that has imported what most of them need.

A process that starts from nothing imports torch, its compiler, scikit-learn and matplotlib again:
six seconds each.
"""

import multiprocessing
import os
import socket
import sys
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import torch

from zoo.cli.main import main

FORKS = multiprocessing.get_context("forkserver")  # a server, for this process has threads
FORKS.set_forkserver_preload(
    [
        "pytest",
        "torch._dynamo",
        "sklearn.datasets",
        "matplotlib.backends.backend_agg",
        "tests.helpers.toy",
    ]
)


def one_thread(work: Callable[..., None], *args: Any) -> None:
    torch.set_num_threads(1)
    work(*args)


def started(work: Callable[..., None], *args: Any) -> ForkServerProcess:
    """``work``, a function of a module, in a process of its own."""
    process = FORKS.Process(target=one_thread, args=(work, *args))
    process.start()
    return process


def modules_after(file: Path, words: Sequence[str]) -> None:
    """Run ``zoo WORDS`` and write which modules the process has then, one a line."""
    assert main(words) == 0
    file.write_text("\n".join(sys.modules))


def rank_of_two(rank: int, port: int, words: Sequence[str], folder: Path) -> None:
    """``zoo WORDS`` as one of two ranks, with the environment that torchrun would give it."""
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2"}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    for name, stream in (("out", sys.stdout), ("err", sys.stderr)):
        os.dup2(os.open(folder / f"{name}{rank}", os.O_CREAT | os.O_WRONLY), stream.fileno())
    sys.exit(main(words))


def zoo_on_two_ranks(folder: Path, *words: str) -> list[tuple[int | None, str, str]]:
    """(exit code, stdout, stderr) of each rank of ``zoo WORDS``; ``folder`` takes what they say."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ranks = [started(rank_of_two, rank, port, words, folder) for rank in (0, 1)]
    for process in ranks:
        process.join(120)
        process.kill()  # nothing, unless it hangs
        process.join()
    return [
        (p.exitcode, (folder / f"out{rank}").read_text(), (folder / f"err{rank}").read_text())
        for rank, p in enumerate(ranks)
    ]
