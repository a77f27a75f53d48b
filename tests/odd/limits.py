"""Run command lines in a forked child with limits on time and memory, and judge how they end."""

import io
import os
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from zoo.cli.main import main

MEMORY = 2 << 30  # bytes beyond what the child has when it begins
SECONDS = 90.0  # a loaded machine, and numba compiles once
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Case:
    """One command line; ``about`` says in a word what is odd."""

    words: tuple[str, ...]
    about: str
    environment: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.about}: zoo {' '.join(map(repr, self.words))}"


@dataclass(frozen=True)
class End:
    """How a case ended; ``wrong`` is empty if it ended as it should."""

    case: Case
    wrong: str
    code: int | None
    seconds: float


def judged(code: int, out: str, err: str) -> str:
    """What is wrong with the end of a command, "" for nothing."""
    if "Traceback (most recent" in err:
        return err[-1500:]
    if code not in ((0, 2) if err else (0, 1, 2)):  # 1: another score than the card's
        return f"exit code {code}: {err[-300:]}"
    said = [line for line in err.splitlines() if line.startswith("zoo: ")]
    if code == 2 and not said and "usage:" not in err:
        return f"exit code 2 without a line: {err[-300:]!r}"
    for line in said:
        if len(line) > 1000 or "MemoryError" in line:
            return f"a line of {len(line)} characters: {line[:200]}"
    if match := CONTROL.search(err):
        return f"control character {match[0]!r} in {err[:300]!r}"
    return ""


def command(case: Case) -> str:
    """Run one in this process; what is wrong."""
    streams = sys.stdout, sys.stderr
    out, err = io.StringIO(), io.StringIO()
    sys.stdout, sys.stderr = out, err
    before = dict(os.environ)
    os.environ.update(case.environment)
    try:
        code = main(case.words)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 2
    except BaseException:
        code = 70
        err.write(traceback.format_exc())
    finally:
        sys.stdout, sys.stderr = streams
        os.environ.clear()
        os.environ.update(before)
    return judged(code, out.getvalue(), err.getvalue())


def in_child(cases: list[Case], begin: Callable[[], None] = lambda: None) -> list[End]:
    """Run the cases in forked children, one after the other in each, until one hangs or dies.

    The next child goes on behind that one.
    """
    ends: list[End] = []
    while len(ends) < len(cases):
        ends += _batch(cases[len(ends) :], begin)
    return ends


def _batch(cases: list[Case], begin: Callable[[], None]) -> list[End]:
    inside, outside = os.pipe()
    child = os.fork()
    if not child:
        os.close(inside)
        _work(cases, begin, outside)
    os.close(outside)
    ends: list[End] = []
    os.set_blocking(inside, False)
    with open(inside, "rb", buffering=0) as answers:
        began, text = time.monotonic(), b""
        while len(ends) < len(cases) and (part := answers.read(1 << 16)) != b"":
            *lines, text = (text + (part or b"")).split(b"\0")
            for line in lines:
                now = time.monotonic()
                ends.append(End(cases[len(ends)], line.decode(), 0, now - began))
                began = now
            if not part and time.monotonic() - began > SECONDS:
                os.kill(child, signal.SIGKILL)
                ends.append(End(cases[len(ends)], f"no end after {SECONDS:.0f} s", None, SECONDS))
                break
            time.sleep(0.005)
    _, status, usage = os.wait4(child, 0)
    return _with_the_death(ends, cases, status, usage.ru_maxrss << 10)


def _with_the_death(ends: list[End], cases: list[Case], status: int, memory: int) -> list[End]:
    """The ends of a child, and why there are no more, if it did not end of itself."""
    hung = bool(ends) and ends[-1].code is None
    if len(ends) < len(cases) and not hung:
        ends.append(End(cases[len(ends)], f"the child died: status {status}", None, 0.0))
    if memory > MEMORY + (1 << 30):
        ends[-1] = End(ends[-1].case, f"{memory >> 20} MB were needed", None, 0.0)
    return ends


def _work(cases: Iterable[Case], begin: Callable[[], None], answers: int) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    begin()
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    for case in cases:
        os.write(answers, command(case).replace("\0", "?").encode(errors="replace") + b"\0")
    os._exit(0)
