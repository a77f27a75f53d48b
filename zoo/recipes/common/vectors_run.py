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

    def check(self) -> tuple[Position, Tables, Facts] | None:
        """The newest checkpoint and where it stands, if it is of this run.

        Raises:
            BadInput: for other settings, another text or another machine; whatever is insisted on,
                for what is no checkpoint of word vectors, and for one of more epochs.
        """
        saved, folder = self.checkpoints.latest(), self.checkpoints.folder
        if saved is None:
            return None
        tables, facts = saved
        setting = facts.get("setting")
        if isinstance(setting, dict):
            same_setting(setting, self.identity, folder, insist=self.anyway)
        position = _position(facts)
        if position is None or not isinstance(setting, dict):
            raise BadInput(
                f"{folder} holds no checkpoint of word vectors; use another folder, or --fresh"
            )
        if (position.epoch, position.piece) > (self.steps + 1, 0):  # the card would say fewer
            raise BadInput(
                f"{folder} holds a run that has learned for longer than epochs={self.steps}; use "
                "the same settings, another folder, or --fresh to start again"
            )
        return position, tables, facts

    def begin(self) -> tuple[Position, Tables] | None:
        """From here on a signal is a request, read between pieces."""
        self._signals.enter_context(requests(self.request))
        self._began = self._saved = time.monotonic()
        position, tables, facts = self.check() or (Position(), None, {})
        self._before = float(facts.get("seconds", 0.0))
        self.log.begin(position.epoch - 1, self.steps)
        return None if tables is None else (position, tables)

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


def _position(facts: Facts) -> Position | None:
    """Where a checkpoint stands; None if it does not say so."""
    try:
        values = dict(facts["position"])
        position = Position(**{**values, "losses": tuple(values["losses"])})
    except (KeyError, TypeError, ValueError):
        return None
    kinds, expected = ([type(value) for value in vars(p).values()] for p in (position, Position()))
    whole = kinds == expected and all(type(loss) is float for loss in position.losses)
    whole = whole and position.epoch == len(position.losses) + 1
    return position if whole and min(position.piece, position.done) >= 0 else None
