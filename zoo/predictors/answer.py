"""The contract of an answer: what a predictor gives for one raw input.

Proof: tests/predictors/test_answer.py.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from zoo.errors import BadInput
from zoo.files import make_folder, write

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image


class Answer(Protocol):
    """The result for one raw input: it can be printed, converted to JSON and perhaps plotted."""

    kinds: ClassVar[tuple[str, ...]] = ("json",)
    """The kinds of files that it can be saved as."""

    @property
    def remark(self) -> str:
        """One line about how the input was read or what the result is worth; often empty."""
        return ""

    def to_json(self) -> dict[str, Any]:
        """The result as plain JSON values."""

    def plot(self) -> "Figure":
        """The result as a matplotlib figure.

        Raises:
            BadInput: if results of this type cannot be plotted.
        """
        raise BadInput(f"a {type(self).__name__} cannot be drawn; it can be printed, or go to JSON")

    def picture(self) -> "Image":
        """The result as a Pillow image in RGB: of ``plot``, if there is nothing quicker.

        Raises:
            BadInput: as ``plot``.
        """
        from zoo.viz.curves import image_of_figure

        return image_of_figure(self.plot())

    def files(self, kind: str) -> dict[str, bytes]:
        """The result as files: the end of each name (".json") and its bytes.

        Args:
            kind: one of the predictor's ``saves``.

        Raises:
            BadInput: for another kind.
        """
        if kind != "json":
            kinds = " or ".join(self.kinds)
            raise BadInput(f"a {type(self).__name__} is not saved as {kind}; it can be as {kinds}")
        return {".json": (json.dumps(self.to_json(), indent=1) + "\n").encode()}

    def save(self, folder: str | Path, kind: str = "json", name: str = "answer") -> list[Path]:
        """Write ``files`` into a folder, which is made if it is not there; each atomically.

        Args:
            name: how the names of the files begin.

        Returns:
            the files; one of the same name is replaced.

        Raises:
            BadInput: for a kind of which there is none.
            CannotWrite: if the folder cannot be written to.
        """
        place = make_folder(Path(folder))
        made = [(place / f"{name}{end}", data) for end, data in self.files(kind).items()]
        for path, data in made:
            write(path, data)
        return [path for path, _ in made]
