"""Mistakes as lines of text, the worst first. Notes: course 3, week 2, "Error analysis".

Mistakes on pictures are a sheet: zoo/viz/mistakes.py. Proof: tests/practice/test_mistakes.py.
"""

from dataclasses import dataclass
from pathlib import Path

from zoo import files


@dataclass(frozen=True)
class TextMistakes:
    """Anything that prints as a line each, or as a line and indented ones below it.

    >>> print(TextMistakes(("good, taken for bad (93.0 %): not bad at all",)))
    good, taken for bad (93.0 %): not bad at all
    """

    items: tuple[object, ...]
    title: str = ""

    def __len__(self) -> int:
        return len(self.items)

    def __str__(self) -> str:
        return "\n".join(map(str, self.items))

    def save(self, path: Path) -> None:
        """Write the title and the lines as UTF-8 text.

        Raises:
            CannotWrite: if the disk is full or the folder read-only.
        """
        head = [self.title, ""] if self.title else []
        files.write(path, "".join(f"{line}\n" for line in [*head, *self.items]))
