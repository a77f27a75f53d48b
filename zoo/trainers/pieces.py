"""Training in pieces: where a run of word vectors stands, and what is done between its pieces.

A trainer reads its text piece by piece, a few seconds of work each; between two of them all that
decides the rest of the run is in its tables and its ``Position``. What is drawn at random depends
on the seed, the epoch and the piece only, so that a run that goes on from there ends with the bits
of one that was left alone (with one thread on a CPU).
Proof: tests/recipes/common/test_vectors_run.py.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from zoo.errors import BadInput

Tables = Mapping[str, Tensor]  # by name, "model." before those of the model


@dataclass(frozen=True)
class Position:
    """Where a run stands: plain numbers, the rest is in the trainer's tables."""

    epoch: int = 1  # that is being read
    piece: int = 0  # the next one of it
    done: int = 0  # pieces and ends of epochs so far, in all epochs
    loss: float = 0.0  # of this epoch, summed
    predictions: int = 0  # that are in the sum
    losses: tuple[float, ...] = ()  # the mean of each epoch before


class PieceByPiece(Protocol):
    """What trains: compiled loops or batches."""

    def tables(self) -> Tables:
        """What it learns and keeps, to read and to write: no copies."""

    def pieces(self, epoch: int, start: int) -> Iterator[tuple[float, int]]:
        """Train on the pieces of an epoch from ``start`` on; of each the loss and predictions."""


class Watch(Protocol):
    """What happens between pieces: a log, checkpoints, a request to stop."""

    def begin(self) -> tuple[Position, Tables] | None:
        """Called when training begins; what to go on from, if anything."""

    def after_epoch(self, epoch: int, loss: float) -> None:
        """Called with the number of an epoch, from 1, and its mean loss."""

    def after_piece(self, position: Position, tables: Callable[[], Tables]) -> None:
        """Called after each piece and each epoch; may raise to end the run."""


class Unwatched:
    """A ``Watch`` that does nothing."""

    def begin(self) -> None:
        """From the beginning."""

    def after_epoch(self, epoch: int, loss: float) -> None:
        """Nothing."""

    def after_piece(self, position: Position, tables: Callable[[], Tables]) -> None:
        """Nothing."""


def train_in_pieces(
    trainer: PieceByPiece, epochs: int, watch: Watch, mean: Callable[[Position], float]
) -> list[float]:
    """All epochs, or those that are left.

    Args:
        mean: the mean loss of an epoch that has been read; raises if it cannot be used.

    Returns:
        the mean loss of each epoch.

    Raises:
        BadInput: if the tables to go on from are not the trainer's.
    """
    position = Position()
    if saved := watch.begin():
        position, tables = saved
        _copy(tables, trainer.tables())
    while position.epoch <= epochs:
        for loss, predictions in trainer.pieces(position.epoch, position.piece):
            position = replace(
                position,
                piece=position.piece + 1,
                done=position.done + 1,
                loss=position.loss + loss,
                predictions=position.predictions + predictions,
            )
            watch.after_piece(position, trainer.tables)
        losses = (*position.losses, mean(position))
        watch.after_epoch(position.epoch, losses[-1])
        position = Position(position.epoch + 1, done=position.done + 1, losses=losses)
        watch.after_piece(position, trainer.tables)
    return list(position.losses)


@torch.no_grad()
def _copy(saved: Tables, own: Tables) -> None:
    """Copy saved tables into a trainer's, all or none."""
    have, want = ({name: tuple(t.shape) for name, t in some.items()} for some in (saved, own))
    if have != want:
        raise BadInput(f"the checkpoint holds {have}, this run needs {want}; start with --fresh")
    for name, table in own.items():
        table.copy_(saved[name])
