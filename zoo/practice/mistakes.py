"""Mistakes as lines of text, the worst first. Notes: course 3, week 2, "Error analysis".

Mistakes on images are a figure: zoo/viz/mistakes.py. Proof: tests/practice/test_mistakes.py.
"""

from dataclasses import dataclass
from pathlib import Path

from zoo import files


@dataclass(frozen=True)
class TextMistakes:
    """Mistakes that print as one line each, perhaps with indented lines below.

    >>> print(TextMistakes(("good, predicted as bad (93.0 %): not bad at all",)))
    good, predicted as bad (93.0 %): not bad at all
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
