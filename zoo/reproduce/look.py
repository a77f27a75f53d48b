"""What a trained classifier gets wrong on the test set: a matrix, a sheet of its worst mistakes."""

from pathlib import Path
from typing import Any

from zoo.viz.confusion import confusion_picture, confusion_text
from zoo.viz.mistakes import mistakes_sheet


def look(task: Any, folder: Path, title: str) -> str:
    """Write ``folder``/confusion.png and mistakes.png; the matrix as text.

    Args:
        task: a ``Classify`` after training.
    """
    counts, classes = task.confusion("test"), task.data.test.classes
    confusion_picture(counts, classes, folder / "confusion.png", title=title)
    mistakes_sheet(task.mistakes("test"), folder / "mistakes.png", title=title)
    return confusion_text(counts, classes)
