"""What ``zoo predict`` prints: a line or a record for each answer, texts while they are written.

Proof: tests/cli/test_predict.py, tests/cli/test_predict_texts.py.
"""

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zoo.cli.predict_inputs import Batch, Input
from zoo.errors import BadFile, Missing, ZooError, note, printable

if TYPE_CHECKING:
    from zoo.predictors.answer import Answer
    from zoo.predictors.live import Writer
    from zoo.predictors.predictor import Predictor

Keep = Callable[[Input, "Answer"], None]
LABEL = 40  # characters of an input that name it in a note


class Printer:
    """Prints answers as they come; with ``as_json`` as one list, a record a line.

    Args:
        keep: takes each answer that is printed.
        lines: with ``as_json`` records alone, without the list around them.
    """

    def __init__(
        self, predictor: "Predictor[Any]", as_json: bool, keep: Keep, *, lines: bool = False
    ) -> None:
        self.predictor, self.as_json, self.keep, self.lines = predictor, as_json, keep, lines
        self.writer = None if as_json else predictor.as_writer()
        self.live = False  # whether what comes now is from a camera
        self.failed = False
        self.count = 0

    def batch(self, batch: Batch) -> None:
        """Answer the inputs of a batch; errors and notes go to standard error."""
        usable = []
        for one in batch:
            if isinstance(one, ZooError):
                self._error(one)
            else:
                usable.append(one)
                self.live = one.live
        if self.writer is not None:
            self._write(self.writer, usable)
        elif usable:
            results = self.predictor.each([one.raw for one in usable])
            for one, result in zip(usable, results, strict=True):
                if isinstance(result, ZooError):
                    self._error(one.named(result))
                else:
                    self._answer(one, result)
        sys.stdout.flush()

    def close(self) -> None:
        """End the list."""
        if self.as_json and not self.lines:
            print("]" if self.count else "[]")

    def _answer(self, one: Input, answer: "Answer") -> None:
        if self.as_json:
            given = list(one.pair) or one.label
            record = json.dumps({"input": given, **one.frame, **answer.to_json()})
            begin = "" if self.lines else "," if self.count else "["
            print(begin, record, sep="")  # its line is complete at once
        else:
            text = str(answer)
            name = one.place if one.frame else one.label
            own = name and text.startswith(name)
            print(printable(text if own else f"{name}: {text}"))
        self._done(one, answer)

    def _done(self, one: Input, answer: "Answer") -> None:
        self.count += 1
        try:
            self.keep(one, answer)
        except (Missing, BadFile) as error:  # the input has gone since
            self._error(one.named(error))
        if answer.remark:
            sys.stdout.flush()
            name = one.place or " ".join(one.label[:LABEL].split())
            note(f"{name}: {answer.remark}")

    def _error(self, error: ZooError) -> None:
        self.failed = True
        sys.stdout.flush()
        print(f"zoo: {error}", file=sys.stderr)

    def _write(self, writer: "Writer", found: Sequence[Input]) -> None:
        """Print texts while they are written: the first as it grows, the others after it."""
        usable = []
        for one in found:
            try:
                writer.write([one.raw])  # checks the input; nothing is computed yet
                usable.append(one)
            except ZooError as error:
                self._error(one.named(error))
        if not usable:
            return
        writing = writer.write([one.raw for one in usable])
        waiting = [printable(one.raw) for one in usable]
        print(waiting[0], end="", flush=True)
        try:
            for number, written in writing:
                piece = printable(written)
                if number:
                    waiting[number] += piece
                else:
                    print(piece, end="", flush=True)
        except ZooError as error:
            print()
            self._error(error)
            return
        print("", *waiting[1:], sep="\n")
        for one, answer in zip(usable, writing.answers, strict=True):
            self._done(one, answer)
