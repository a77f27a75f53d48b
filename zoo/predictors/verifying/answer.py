"""The results of verification: the vector of an image, and whether two images show the same.

Proof: tests/predictors/test_verification.py.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor

from zoo.predictors.answer import Answer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 4  # numbers of a vector that are printed


@dataclass(frozen=True, eq=False)
class Embedding(Answer):
    """The vector of an image: near that of another image of the same identity.

    Attributes:
        vector: (D,) float32.
        image: (C, H, W) uint8, what the network saw.
        box: of the face, x1 y1 x2 y2 in pixels of the photo; None where the image was taken whole.
        score: of what found the face; 1 where nothing was asked.
        chosen: what was taken of several, "3 faces, the largest is taken"; else "".
    """

    vector: Tensor
    image: Tensor = field(repr=False)
    box: tuple[float, float, float, float] | None = None
    score: float = 1.0
    chosen: str = ""

    @property
    def remark(self) -> str:
        """What was chosen of the photo."""
        return self.chosen

    def __str__(self) -> str:
        first = " ".join(f"{x:.3f}" for x in self.vector[:SHOWN].tolist())
        more = " ..." if len(self.vector) > SHOWN else ""
        return f"{len(self.vector)} numbers: {first}{more} (length {self.vector.norm():.3f})"

    def to_json(self) -> dict[str, Any]:
        """The vector, and where the face is if one was looked for."""
        record: dict[str, Any] = {"vector": [round(x, 7) for x in self.vector.tolist()]}
        if self.box is not None:
            record["face"] = {"box": [round(x, 2) for x in self.box], "score": round(self.score, 6)}
        return record

    def plot(self) -> "Figure":
        """What the network saw beside its vector, as a matplotlib figure."""
        from zoo.viz.verification import vector_figure

        figure: Figure = vector_figure(self.image, self.vector)
        return figure


@dataclass(frozen=True, eq=False)
class Verification(Answer):
    """Whether two images show the same face or character.

    Attributes:
        same: whether their dissimilarity is at most the threshold.
        dissimilarity: of their vectors; lower is more alike.
        threshold: the greatest that counts as the same.
        probability: that they show the same, of networks that state it (Siamese ones); else None.
        scale: what the dissimilarity is: "squared L2" or "-logit".
        images: of both (C, H, W) uint8, what the network saw.
        chosen: what was taken of a photo with several faces; else "".
    """

    same: bool
    dissimilarity: float
    threshold: float
    probability: float | None
    scale: str
    images: tuple[Tensor, Tensor] = field(repr=False)
    chosen: str = ""

    @property
    def remark(self) -> str:
        """What was chosen of a photo."""
        return self.chosen

    @property
    def verdict(self) -> str:
        """In words, without numbers."""
        return "the same" if self.same else "not the same"

    def __str__(self) -> str:
        sure = "" if self.probability is None else f"p(same) {100 * self.probability:.1f} %, "
        return (
            f"{self.verdict} ({sure}dissimilarity {self.dissimilarity:.4f}, "
            f"threshold {self.threshold:.4f})"
        )

    def to_json(self) -> dict[str, Any]:
        """The verdict and its numbers."""
        record: dict[str, Any] = {
            "same": self.same,
            "dissimilarity": round(self.dissimilarity, 6),
            "threshold": round(self.threshold, 6),
            "scale": self.scale,
        }
        return record if self.probability is None else record | {"probability": self.probability}

    def plot(self) -> "Figure":
        """Both images and the verdict, as a matplotlib figure."""
        from zoo.viz.verification import verification_figure

        figure: Figure = verification_figure(self.images, str(self))
        return figure
