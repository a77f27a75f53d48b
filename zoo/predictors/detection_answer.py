"""The result of object detection: boxes, classes and scores in one image.

Proof: tests/predictors/test_detection_answer.py.
"""

import io
import re
from collections import Counter
from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING, Any, ClassVar

from PIL import Image
from torch import Tensor

from zoo.errors import BadInput
from zoo.ops.boxes.formats import xyxy_to_cxcywh
from zoo.predictors.answer import Answer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("json", "txt", "crops")
LONGEST = 40  # characters of a class in the name of a file


@dataclass(frozen=True, eq=False)
class DetectedObjects(Answer):
    """The objects that were found in an image, the highest score first; there may be none.

    Attributes:
        boxes: (n, 4) float32, x1 y1 x2 y2 in pixels of the image as it was given (upright).
        scores: (n,) float32 in [0, 1].
        class_ids: (n,) int64, the row of each in ``classes``.
        classes: all that the detector knows.
        width, height: of the image, in pixels.
        threshold: the lowest score of a box.
        raw: the image as it was given; it is read again where pixels are needed, so that answers
            for a thousand photos do not hold them.
        points: (n, p, 2) float32, x y in pixels of the image, of a detector that finds some: of a
            face the eyes from left to right, the nose, the corners of the mouth; None of others.
    """

    boxes: Tensor
    scores: Tensor
    class_ids: Tensor
    classes: tuple[str, ...] = field(repr=False)
    width: int
    height: int
    threshold: float
    raw: Any = field(repr=False)
    points: Tensor | None = None

    kinds: ClassVar[tuple[str, ...]] = KINDS

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def labels(self) -> tuple[str, ...]:
        """The class of each object."""
        return tuple(self.classes[i] for i in self.class_ids.tolist())

    def __str__(self) -> str:
        labels = self.labels
        if not labels:
            return f"nothing found (scores from {self.threshold:g})"
        counts = ", ".join(f"{n} {label}" for label, n in Counter(labels).most_common())
        best = f"{labels[0]} {100 * float(self.scores[0]):.1f} %"
        return f"{counts} (best: {best})" if len(labels) > 1 else f"1 {best}"

    def to_json(self) -> dict[str, Any]:
        """The objects with box, class, score and points, and the size of the image."""
        rows = zip(self.labels, self.scores.tolist(), self.boxes.tolist(), strict=True)
        objects: list[dict[str, Any]] = [
            {"label": label, "score": round(score, 6), "box": [round(x, 2) for x in box]}
            for label, score, box in rows
        ]
        if self.points is not None:
            for one, own in zip(objects, self.points.tolist(), strict=True):
                one["points"] = [[round(x, 2), round(y, 2)] for x, y in own]
        return {
            "objects": objects,
            "width": self.width,
            "height": self.height,
        }

    def image(self) -> Tensor:
        """The image (3, H, W) uint8, upright, to be read only.

        Raises:
            Missing, BadFile: if the file has gone or changed.
        """
        from zoo.data.image.read import decoded  # late, as in the front end

        return decoded(self.raw, 3)

    def crops(self) -> list[Image.Image]:
        """The image in each box, of whole pixels; one at least."""
        picture = self._as_pillow()
        return [picture.crop(_whole(box, picture.size)) for box in self.boxes.tolist()]

    def faces(
        self, size: int = 160, *, margin: float = 0, aligned: bool = True
    ) -> list[Image.Image]:
        """Each object as a square of ``size`` pixels, for a network that embeds faces.

        Args:
            margin: pixels of the result around the box, half on each side.
            aligned: by the five points, so that all eyes are at the same place; otherwise by the
                box, as facenet-pytorch cuts out the faces that its networks learned.

        Raises:
            BadInput: for objects without five points that are to be aligned, and for a size or
                margin that cannot be.
            Missing, BadFile: as ``image``.
        """
        from zoo.data.image.faces import face_by_box, face_by_points

        if not aligned:
            boxes = self.boxes.tolist()
            picture = self._as_pillow()
            return [face_by_box(picture, box, size, margin) for box in boxes]
        if self.points is None or self.points.shape[1:] != (5, 2):
            raise BadInput("only faces with five points can be aligned, as mtcnn finds them")
        picture = self._as_pillow()
        return [face_by_points(picture, five, size, margin) for five in self.points]

    def _as_pillow(self) -> Image.Image:
        return Image.fromarray(self.image().permute(1, 2, 0).numpy())

    def files(self, kind: str) -> dict[str, bytes]:
        """As ``Answer.files``: "json", "txt" or "crops".

        txt has a line for each object, as YOLO's labels with the score behind: number of the class,
        centre x and y, width and height in parts of the image, x and y of each point if there are
        some, score. Without objects it is empty. Crops are PNGs whose names have number and class
        of the object; of objects with points each is there once more, ``aligned``.
        """
        if kind == "txt":
            return {".txt": "".join(map(self._line, range(len(self)))).encode()}
        if kind == "crops":
            names = [f"_{i}_{_plain(label)}" for i, label in enumerate(self.labels)]
            made = {f"{n}.png": _png(one) for n, one in zip(names, self.crops(), strict=True)}
            if self.points is not None:
                pairs = zip(names, self.faces(), strict=True)
                made |= {f"{name}_aligned.png": _png(face) for name, face in pairs}
            return made
        return super().files(kind)

    def _line(self, at: int) -> str:
        size = self.boxes.new_tensor([self.width, self.height] * 2).double()
        points = self.boxes.new_zeros(0, 2) if self.points is None else self.points[at]
        five = (points.double() / size[:2]).flatten()
        numbers = (*(xyxy_to_cxcywh(self.boxes[at].double()) / size), *five, self.scores[at])
        return " ".join([str(int(self.class_ids[at])), *(f"{x:.6f}" for x in numbers)]) + "\n"

    def picture(self) -> Image.Image:
        """The image with its boxes and points, of its own size."""
        from zoo.viz.drawn_boxes import drawn_boxes

        labels, points = self.labels, self.points
        return drawn_boxes(self.image(), self.boxes, labels, self.scores, self.class_ids, points)

    def plot(self) -> "Figure":
        """The image with its boxes, as a matplotlib figure."""
        from zoo.viz.drawn_boxes import figure_of

        figure: Figure = figure_of(self.picture())
        return figure


def _whole(box: list[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The whole pixels that a box touches, one at least, inside an image of this size."""
    spans = []
    for first, last, most in zip(box[:2], box[2:], size, strict=True):
        start = min(max(floor(first), 0), most - 1)
        spans.append((start, min(max(ceil(last), start + 1), most)))
    (left, right), (top, bottom) = spans
    return left, top, right, bottom


def _plain(label: str) -> str:
    """A class as a part of the name of a file: "traffic light" is "traffic_light"."""
    return re.sub(r"[^\w-]+", "_", label)[:LONGEST].strip("_") or "object"


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
