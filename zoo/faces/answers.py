"""The result of looking for the faces of a photo in a book. Proof: tests/faces/test_answers.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image
from torch import Tensor

from zoo.errors import in_line
from zoo.predictors.answer import Answer
from zoo.predictors.verifying.answer import Embedding

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNKNOWN = "unknown"


@dataclass(frozen=True)
class NamedFace:
    """A face of a photo and whom it resembles.

    Attributes:
        name: of its identity; None if it is unknown.
        nearest: the identity that is least unlike.
        dissimilarity: to its nearest picture.
        second: the next identity; None if the book has a single one.
        margin: by how much that is less alike; None without.
        box: x1 y1 x2 y2 in pixels of the photo; None where the picture was taken whole.
        score: of what found the face.
    """

    name: str | None
    nearest: str
    dissimilarity: float
    second: str | None
    margin: float | None
    box: tuple[float, float, float, float] | None
    score: float

    def __str__(self) -> str:
        what = in_line(self.name) if self.name is not None else UNKNOWN
        near = f"{self.dissimilarity:.3f}"
        near = near if self.name is not None else f"nearest {in_line(self.nearest)} {near}"
        if self.margin is None or self.second is None:
            return f"{what} ({near})"
        return f"{what} ({near}, then {in_line(self.second)} +{self.margin:.3f})"

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        record: dict[str, Any] = {
            "name": self.name,
            "nearest": self.nearest,
            "dissimilarity": round(self.dissimilarity, 6),
            "second": self.second,
            "margin": None if self.margin is None else round(self.margin, 6),
        }
        if self.box is not None:
            record |= {"box": [round(x, 2) for x in self.box], "score": round(self.score, 6)}
        return record


def named_face(
    face: Embedding, nearest: Sequence[str], apart: Sequence[float], threshold: float
) -> NamedFace:
    """A face with the identities that are least unlike, the first one or two of them."""
    two = len(nearest) > 1
    return NamedFace(
        nearest[0] if apart[0] <= threshold else None,
        nearest[0],
        apart[0],
        nearest[1] if two else None,
        apart[1] - apart[0] if two else None,
        face.box,
        face.score,
    )


@dataclass(frozen=True, eq=False)
class Identification(Answer):
    """The faces of a photo, the largest first; there may be none.

    Attributes:
        faces: each with its name.
        threshold: the greatest dissimilarity of a face that gets a name.
        raw: the photo as it was given, read again where pixels are needed.
    """

    faces: tuple[NamedFace, ...]
    threshold: float
    raw: Any = field(repr=False)

    def __len__(self) -> int:
        return len(self.faces)

    @property
    def names(self) -> tuple[str | None, ...]:
        """Of each face; None of those that are unknown."""
        return tuple(face.name for face in self.faces)

    def __str__(self) -> str:
        if not self.faces:
            return "no face"
        listed = ", ".join(map(str, self.faces))
        if self.faces[0].box is None:
            return listed
        return f"{len(self.faces)} {'face' if len(self.faces) == 1 else 'faces'}: {listed}"

    def to_json(self) -> dict[str, Any]:
        """The faces and the threshold."""
        faces = [face.to_json() for face in self.faces]
        return {"faces": faces, "threshold": round(self.threshold, 6)}

    def image(self) -> Tensor:
        """The photo (3, H, W) uint8, upright, to be read only.

        Raises:
            Missing, BadFile: if the file has gone or changed.
        """
        from zoo.data.image.read import decoded  # late, as in the front end

        return decoded(self.raw, 3)

    def picture(self) -> Image.Image:
        """The photo with a frame and a name at each face, of its own size."""
        from zoo.viz.drawn_boxes import framed

        image = self.image()
        whole = (0.0, 0.0, float(image.shape[2]), float(image.shape[1]))
        colours = {name: number for number, name in enumerate(dict.fromkeys(self.names))}
        return framed(
            image,
            [face.box or whole for face in self.faces],
            [
                f"{in_line(UNKNOWN if face.name is None else face.name)} {face.dissimilarity:.2f}"
                for face in self.faces
            ],
            [colours[name] for name in self.names],
        )

    def plot(self) -> "Figure":
        """The same as a matplotlib figure."""
        from zoo.viz.drawn_boxes import figure_of

        figure: Figure = figure_of(self.picture())
        return figure
