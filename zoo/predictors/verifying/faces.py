"""The faces in a photo, cut out as a network for faces takes them.

A detector finds them first (the weights that the card of the network names, such as mtcnn); each is
cut out along its box and resized to what the network sees. A picture that is such a cut already is
taken whole. Proof: tests/predictors/verifying/test_faces.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from torch import Tensor

from zoo.data.image.faces import face_by_box
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.errors import BadFile, BadInput
from zoo.predictors.detection_answer import DetectedObjects
from zoo.predictors.inputs.at_hand import at_hand, named
from zoo.predictors.predictor import Predictor

CENTRE = 2.0  # what a squared pixel of distance from the centre takes from the pixels of a face
Box = tuple[float, float, float, float]


class Cut(NamedTuple):
    """A face as the network sees it.

    Attributes:
        pixels: (C, H, W) uint8.
        box: x1 y1 x2 y2 in pixels of the photo; None where the picture was taken whole.
        score: of the detector; 1 where none was asked.
        remark: what was chosen, "" if there was no choice.
    """

    pixels: Tensor
    box: Box | None = None
    score: float = 1.0
    remark: str = ""


class FaceCutter:
    """Photos to faces.

    Args:
        front_end: of the network that takes them.
        load: gives the detector; None: pictures are taken whole.
    """

    def __init__(
        self, front_end: ImageFrontEnd, load: Callable[[], Predictor[Any]] | None = None
    ) -> None:
        self.front_end, self._load = front_end, load
        self._detector: Predictor[Any] | None = None

    def one(self, raw: Any) -> Cut:
        """The face of a picture: of several the largest, where one in the middle counts for more.

        Raises:
            Missing, BadFile, BadInput: for what is no image; if there is no face.
        """
        found = self.all(raw)
        if not found:
            raise BadInput(
                f"{_name(raw)} shows no face that is found; a picture that is a cut of a face "
                "already is taken whole with --aligned"
            )
        if len(found) == 1:
            return found[0]
        return found[0]._replace(remark=f"{len(found)} faces, the largest is taken")

    def all(self, raw: Any) -> list[Cut]:
        """All faces, the one that ``one`` takes first; there may be none.

        Raises:
            Missing, BadFile, BadInput: for what is no image.
        """
        given = at_hand(raw, "an image")
        with named(raw):
            if self._load is None:
                return [Cut(self.front_end.pixels(given))]
            from zoo.data.image.read import decoded  # late, as in the front end

            image = decoded(given, 3)
        found = self._found(image)
        size = (image.shape[2], image.shape[1])
        photo, side = Image.fromarray(image.permute(1, 2, 0).numpy()), max(self.front_end.size)
        cuts = [
            Cut(self.front_end.pixels(face_by_box(photo, box, side)), _box(box), score)
            for box, score in zip(found.boxes.tolist(), found.scores.tolist(), strict=True)
            if _has_pixels(box, size)
        ]
        return sorted(cuts, key=lambda cut: _weight(cut, size), reverse=True)

    def _found(self, image: Tensor) -> DetectedObjects:
        if self._detector is None and self._load is not None:
            self._detector = self._load()
        answer = self._detector(image) if self._detector is not None else None
        if not isinstance(answer, DetectedObjects):
            raise BadFile("the card names weights to find faces that find no boxes; do not use it")
        return answer


def _box(box: list[float]) -> Box:
    x1, y1, x2, y2 = box
    return x1, y1, x2, y2


def _weight(cut: Cut, size: tuple[int, int]) -> float:
    """Pixels of the face, less for its distance from the centre of the photo."""
    if cut.box is None:
        return 0.0
    x1, y1, x2, y2 = cut.box
    aside, above = (x1 + x2 - size[0]) / 2, (y1 + y2 - size[1]) / 2
    return (x2 - x1) * (y2 - y1) - CENTRE * (aside**2 + above**2)


def _has_pixels(box: list[float], size: tuple[int, int]) -> bool:
    """Whether whole pixels of the photo lie in a box."""
    x1, y1, x2, y2 = box
    return max(int(x1), 0) < min(int(x2), size[0]) and max(int(y1), 0) < min(int(y2), size[1])


def _name(raw: Any) -> str:
    return str(raw) if isinstance(raw, str | Path) else "the image"
