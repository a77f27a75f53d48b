"""Images as a predictor is given them: one, several, a folder; read, run in batches, answered.

An image is a path, an http or https address, a PIL image, an array or tensor, the bytes of a file
or an open file. Several are a list or tuple of those, a batch (N, C, H, W) or (N, H, W, C), or a
folder (the images below it by name; their number is told). Which axis of an array is which:
zoo/data/image/arrays.py. Proof: tests/predictors/inputs/test_images.py.
"""

import base64
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from PIL import Image, ImageDraw

from zoo.data.image.sniff import is_meant_as_image
from zoo.errors import BadFile, ZooError
from zoo.predictors.answer import Answer
from zoo.predictors.inputs.files_in import files_in, folder
from zoo.predictors.inputs.files_in import spread as spread_folders

KIND = "images"
Read = TypeVar("Read")  # what reading an image gives
Out = TypeVar("Out")  # what the network gives for it


def several(raw: Any, channels: int, flat: Collection[int] = ()) -> list[Any] | None:
    """The images in what holds several; None for what is one image.

    Args:
        channels, flat: as of ``zoo.data.image.arrays.batch_of``.
    """
    if isinstance(raw, list | tuple):
        return list(raw)
    place = folder(raw)
    if place is not None:
        return list(files_in(place, is_meant_as_image, KIND))
    from zoo.data.image.arrays import batch_of  # late: a file needs no numpy here

    return batch_of(raw, channels, flat)


def spread(inputs: Sequence[str]) -> list[str]:
    """The words of a command line, each folder replaced by the images in it."""
    return spread_folders(inputs, is_meant_as_image, KIND)


def answers(
    raws: Sequence[Any],
    size: int,
    read: Callable[[Any], Read],
    run: Callable[[Sequence[Read]], Sequence[Out]],
    answer: Callable[[Read, Out], Answer],
    *,
    keep_errors: bool,
) -> list[Any]:
    """The answer for each image, or its error if errors are kept; each image is read once.

    Args:
        size: images in one forward pass; no more are held at once.
        read: one image to what the network sees.
        run: what was read of several to the network's outputs for them.
        answer: both, of one image, to its answer.
    """
    results: list[Any] = []
    for at in range(0, len(raws), size):
        results += _batch(raws[at : at + size], read, run, answer, keep_errors)
    return results


def _batch(
    raws: Sequence[Any],
    read: Callable[[Any], Read],
    run: Callable[[Sequence[Read]], Sequence[Out]],
    answer: Callable[[Read, Out], Answer],
    keep_errors: bool,
) -> list[Any]:
    errors: dict[int, ZooError] = {}

    def attempted(step: Callable[[Any], Any], given: Mapping[int, Any]) -> dict[int, Any]:
        done = {}
        for i, one in given.items():
            try:
                done[i] = step(one)
            except ZooError as error:
                if not keep_errors:
                    raise
                errors[i] = error
        return done

    images = attempted(read, dict(enumerate(raws)))
    outputs = run(list(images.values())) if images else []
    pairs = {i: (images[i], out) for i, out in zip(images, outputs, strict=True)}
    made = attempted(lambda pair: answer(*pair), pairs)
    return [made[i] if i in made else errors[i] for i in range(len(raws))]


# ---- the image of a test vector -----------------------------------------------------------------


def probe() -> Image.Image:
    """The image of the test vectors: a stroke like a seven and a dot, from no data set."""
    image = Image.new("L", (40, 48), 0)
    draw = ImageDraw.Draw(image)
    draw.line([(8, 10), (31, 9), (17, 39)], fill=255, width=4)
    draw.ellipse((27, 30, 32, 36), fill=140)
    return image


def as_text(image: Image.Image) -> str:
    """An image as base64 of a PNG, as a card holds it."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def from_text(text: str) -> Image.Image:
    """The reverse of ``as_text``.

    Raises:
        BadFile: if ``text`` holds no image.
    """
    try:
        image = Image.open(io.BytesIO(base64.b64decode(text)))
        image.load()
    except (OSError, ValueError, TypeError, SyntaxError) as error:
        raise BadFile(f"the card's test vector holds no image: {error}") from error
    return image
