"""A run of word vectors in its folder: log, checkpoints, resuming, a request to stop.

The promises of ``fit``: killed at any moment, the same command goes on from the last checkpoint
and, with one thread on a CPU, ends with the same bits; Ctrl-C and SIGTERM write a checkpoint first;
other settings or another text are refused; one process at a time.
Proof: tests/recipes/common/test_vectors_run.py.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from zoo.engine.checkpoint import Checkpoints, Facts
from zoo.engine.checkpoint_contents import same_setting
from zoo.engine.interrupt import Request, requests
from zoo.engine.log import Log
from zoo.errors import BadInput, Interrupted
from zoo.trainers.pieces import Position, Tables

EVERY = 120.0  # seconds between checkpoints within an epoch; the end of each has one too


class VectorsRun:
    """Between the pieces of a run: a ``Watch`` with a log and checkpoints."""

    def __init__(
        self, checkpoints: Checkpoints, log: Log, identity: Facts, steps: int, *, anyway: bool
    ) -> None:
        """Args are those of ``watched``; nothing is read yet."""
        self.checkpoints, self.log, self.identity = checkpoints, log, identity
        self.steps, self.anyway = steps, anyway
        self.request, self._signals = Request(), ExitStack()
        self._began = self._saved = time.monotonic()
        self._before = 0.0  # seconds of training in earlier processes

    def check(self) -> tuple[Tables, Facts] | None:
        """The newest checkpoint, if it is of this run.

        Raises:
            BadInput: for other settings, another text or another machine.
        """
        saved = self.checkpoints.latest()
        if saved:
            folder = self.checkpoints.folder
            same_setting(saved[1]["setting"], self.identity, folder, insist=self.anyway)
        return saved

    def begin(self) -> tuple[Position, Tables] | None:
        """From here on a signal is a request, read between pieces."""
        self._signals.enter_context(requests(self.request))
        self._began = self._saved = time.monotonic()
        saved = self.check()
        position = _position(saved[1], self.checkpoints.folder) if saved else Position()
        self._before = float(saved[1].get("seconds", 0.0)) if saved else 0.0
        self.log.begin(position.epoch - 1, self.steps)
        return (position, saved[0]) if saved else None

    def after_epoch(self, epoch: int, loss: float) -> None:
        """A row of the log."""
        self.log.advance(epoch)
        self.log.write(epoch, loss=loss)

    def after_piece(self, position: Position, tables: Callable[[], Tables]) -> None:
        """Save at the end of an epoch, once in a while within it, and when asked to stop.

        Raises:
            Interrupted: after a signal, once the checkpoint is written.
            NotFinite, CannotWrite: as ``Checkpoints.save``.
        """
        number, now = self.request.number, time.monotonic()
        if position.piece and not number and now - self._saved < EVERY:
            return
        facts = {"position": asdict(position), "setting": self.identity}
        self.checkpoints.save(position.done, dict(tables()), facts, seconds=self.seconds())
        self._saved = now
        if number and position.epoch <= self.steps:
            raise Interrupted(
                f"stopped by signal {number} in epoch {position.epoch} of {self.steps}, after "
                f"writing a checkpoint to {self.checkpoints.folder}; the same command (without "
                "--fresh) goes on from there",
                number,
            )

    def seconds(self) -> float:
        """Of training, that of earlier processes included."""
        return self._before + time.monotonic() - self._began

    def end(self) -> None:
        """Signals do again what they did before."""
        self._signals.close()
        self.log.end()


@contextmanager
def watched(
    folder: Path, log: Log, identity: Facts, steps: int, *, anyway: bool = False
) -> Iterator[VectorsRun]:
    """A run in ``folder``, which is this process's own meanwhile.

    Args:
        identity: what decides the bits of the result; with other values it is not resumed.
        steps: epochs.
        anyway: resume nevertheless.

    Raises:
        Busy: if another process is training there.
        BadInput: if it holds another run.
    """
    with Checkpoints(folder / "checkpoints") as checkpoints:
        run = VectorsRun(checkpoints, log, identity, steps, anyway=anyway)
        run.check()  # before the text is read
        try:
            yield run
        finally:
            run.end()


def _position(facts: Facts, folder: Path) -> Position:
    try:
        values = dict(facts["position"])
        return Position(**{**values, "losses": tuple(values["losses"])})
    except (KeyError, TypeError) as error:
        raise BadInput(
            f"{folder} holds no checkpoint of word vectors; use another folder, or --fresh"
        ) from error
