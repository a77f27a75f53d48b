"""Crash-safe checkpoints, in a folder that one process owns.

A checkpoint is ``step-N.safetensors`` (all tensors, and the plain facts in its header) and its mark
``step-N.json`` (the file's sha256). The mark is written last and removed first, so a marked file is
complete; a file without a mark was left by a killed write and is removed. Nothing is overwritten,
and nothing is unpickled. The newest checkpoint that matches its mark is the one that counts.
What goes into one: zoo/engine/checkpoint_contents.py.
Proof: tests/engine/test_checkpoint.py, tests/engine/test_resume.py, ``make faults``.
"""

import hashlib
import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from zoo import files, reading
from zoo.errors import BadFile, NotFinite

Facts = dict[str, Any]
OURS = re.compile(r"step-[0-9]{9,15}\.(?:json|safetensors)")
DRAFT = re.compile(r"\.step-[0-9]{9,15}\.(?:json|safetensors)\.[0-9]+\.tmp")


class Checkpoints:
    """The checkpoints of one run, newest last. Use as a context manager: it holds the lock.

    Args:
        folder: made on entering if it is not there.
        keep: how many to keep.
    """

    def __init__(self, folder: Path, keep: int = 2) -> None:
        self.folder, self.keep = Path(folder), keep
        self._lock: int | None = None

    def __enter__(self) -> "Checkpoints":
        """Take the folder.

        The lock ends with the process that holds it (``zoo.files.take_lock``).

        Raises:
            Busy: if another process has it.
            CannotWrite: if the folder is read-only.
        """
        path = files.destination(files.make_folder(self.folder) / "lock")
        self._lock = files.take_lock(path, f"{self.folder} is in use")
        self._sweep()
        return self

    def __exit__(self, *error: object) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _marks(self) -> list[Path]:
        """The marks, by step (not by time: clocks go back)."""
        marks = (path for path in self.folder.glob("step-*.json") if OURS.fullmatch(path.name))
        files_only = (mark for mark in marks if mark.is_file())
        return sorted(files_only, key=lambda mark: int(mark.stem.removeprefix("step-")))

    def _sweep(self) -> None:
        """Remove the files of writes that were killed; what else there is stays."""
        marked = {mark.stem for mark in self._marks()}
        for path in [*self.folder.glob(".step-*.tmp"), *self.folder.glob("step-*.safetensors")]:
            ours = DRAFT.fullmatch(path.name) or OURS.fullmatch(path.name)
            if ours and path.stem not in marked and path.is_file():
                path.unlink()

    def save(
        self, step: int, tensors: dict[str, Tensor], facts: Facts, *, seconds: float = 0.0
    ) -> Path:
        """Write the checkpoint of ``step``, then drop the oldest beyond ``keep``.

        Args:
            seconds: of training so far. It is in the mark, not in the file, whose bytes depend on
                the seed only: two equal runs write the same.

        Raises:
            NotFinite: if a weight is not finite; the earlier checkpoints stay.
            CannotWrite: if the disk is full; the earlier checkpoints stay.
        """
        for name, tensor in tensors.items():
            if name.startswith("model.") and not torch.isfinite(tensor).all():
                raise NotFinite(
                    f"weight {name[6:]} is not finite at step {step}; the last checkpoint stays: "
                    "resume with a lower lr or with clip"
                )
        path = self.folder / f"step-{step:09d}.safetensors"
        if path.is_file() and path.with_suffix(".json").is_file():
            return path
        on_cpu = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
        try:
            data = save(on_cpu, metadata={"facts": json.dumps(facts)})
        except BaseException as error:  # safetensors panics where memory is short
            if type(error).__name__ != "PanicException":
                raise
            raise MemoryError from error
        files.write(path, data)
        mark = {
            "step": step,
            "seconds": round(seconds, 3),
            "bytes": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        files.write(path.with_suffix(".json"), json.dumps(mark))
        for old in self._marks()[: -self.keep]:
            old.unlink()
            if not (tensors_of := old.with_suffix(".safetensors")).is_dir():  # which is not ours
                tensors_of.unlink(missing_ok=True)
        return path

    def latest(self) -> tuple[dict[str, Tensor], Facts] | None:
        """Tensors and facts of the newest undamaged checkpoint; None if there are no checkpoints.

        Damaged ones that are newer are renamed ``*.damaged``, with a warning.

        Raises:
            BadFile: if there are checkpoints and all are damaged.
        """
        damaged: list[Path] = []
        for mark in reversed(self._marks()):
            path = mark.with_suffix(".safetensors")
            if (found := _read(path, mark)) is None:
                damaged.append(path)
                continue
            for newer in damaged:
                warnings.warn(f"{newer} is damaged; going back to {path.name}", stacklevel=2)
                newer.with_suffix(".json").unlink()
                if newer.exists():
                    newer.rename(f"{newer}.damaged")
            return found
        if damaged:
            raise BadFile(
                f"every checkpoint in {self.folder} is damaged; remove the folder to start again"
            )
        return None


def _read(path: Path, mark: Path) -> tuple[dict[str, Tensor], Facts] | None:
    """Tensors and facts of a checkpoint that matches its mark; None if it does not."""
    try:
        record = json.loads(reading.read_bytes(mark, "a mark", reading.SMALL))
        if files.sha256(path) != record["sha256"]:
            return None
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            facts = dict(json.loads(file.metadata()["facts"]))
        return tensors, {**facts, "seconds": float(record.get("seconds", 0.0))}
    except (OSError, ValueError, LookupError, TypeError, RecursionError, SafetensorError):
        return None
