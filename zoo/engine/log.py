"""The log of a run: a JSONL file, and a progress bar or plain lines on stderr.

``log.jsonl`` depends on the seed only (no times), so that a run that was killed and resumed leaves
the same bytes as one that was not.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from zoo import files, reading

Row = dict[str, Any]
LONGEST = 1 << 20  # bytes of a line


class Log:
    """Rows of a run, in memory, in ``path`` if given, and shown on ``stderr`` if asked for."""

    def __init__(self, path: Path | None = None, *, show: bool = False, title: str = "") -> None:
        self.path, self.show, self.title = path, show, title
        self.rows: list[Row] = []
        self.also: Callable[[Row], None] = lambda row: None  # a second reader, such as TensorBoard
        self._bar: Any = None

    def begin(self, step: int, steps: int) -> None:
        """Start at ``step``: rows that a resumed run will write again are dropped."""
        if self.path and self.path.exists():
            self.rows = [row for row in read(self.path) if row["step"] <= step]
            lines = "".join(json.dumps(row) + "\n" for row in self.rows)
            files.write(self.path, lines)
        if self.show and sys.stderr.isatty():
            self._bar = tqdm(total=steps, initial=step, desc=self.title, unit="step", leave=True)

    def advance(self, step: int) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(step - self._bar.n)

    def write(self, step: int, **values: float) -> None:
        """Add a row."""
        row: Row = {"step": step, **values}
        self.rows.append(row)
        self.also(row)
        if self.path:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        shown = {k: f"{v:.4g}" for k, v in values.items() if k != "lr"}
        if self._bar is not None:
            self._bar.set_postfix(shown, refresh=False)
        elif self.show and len(values) > 2:  # a plain line at each evaluation, not at each loss
            line = "  ".join(f"{k} {v}" for k, v in shown.items())
            print(f"{self.title}  step {step}  {line}".strip(), file=sys.stderr)

    def end(self) -> None:
        """Close the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def read(path: Path) -> list[Row]:
    """The rows of a ``log.jsonl``; the first line that is no row of ours ends it.

    A kill may cut the last line short, and a crash of the system may leave zeros.

    Raises:
        Missing, BadFile: if there is no such file, or it is no regular one.
    """
    rows: list[Row] = []
    with reading.opened(path, "a log", files.EVERY) as file:
        while line := file.readline(LONGEST):
            row = _row(line)
            if row is None or (rows and row["step"] <= rows[-1]["step"]):
                break
            rows.append(row)
    return rows


def _row(line: bytes) -> Row | None:
    """The row in a line: numbers by name, of a step; None for anything else."""
    try:
        row = json.loads(line)
        numbers = all((type(value) in (int, float) and float(value) < 1e308) or value != value
                      for value in row.values())  # fmt: skip
        return row if numbers and type(row["step"]) is int and row["step"] >= 0 else None
    except (ValueError, RecursionError, AttributeError, KeyError, OverflowError):
        return None
