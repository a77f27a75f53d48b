"""The weights that a book belongs to. Proof: tests/faces/test_weights.py."""

from pathlib import Path

from zoo import cards
from zoo.errors import BadInput, UnknownName, note
from zoo.loading import load, predictor_file
from zoo.predictors.verification import ImageVerifier

MODEL = "facenet.vggface2"


def weights(model: str | Path | ImageVerifier, device: str, aligned: bool) -> ImageVerifier:
    """The predictor of some weights.

    Args:
        model: their name or folder, or the predictor itself.
        aligned: pictures are cuts of faces already.

    Raises:
        BadInput: if they do not compare images.
        UnknownName, Missing, BadFile: as ``zoo.load``.
    """
    if isinstance(model, ImageVerifier):
        return model
    if predictor_file(cards.card(model).task).PREDICTOR is not ImageVerifier:
        raise BadInput(f"{model} does not compare images; expected weights such as {MODEL}")
    found = load(model, device=device, aligned=aligned)
    if not isinstance(found, ImageVerifier):
        raise TypeError(f"{model} is no ImageVerifier")
    if not aligned and not found.asks_first():
        note(f"{found.name} takes pictures as they are: no face is looked for in them")
    return found


def weights_of(
    name: str,
    sha256: str,
    model: str | Path | ImageVerifier | None = None,
    *,
    device: str = "auto",
    aligned: bool = False,
) -> ImageVerifier:
    """The predictor of the weights that a book belongs to.

    Args:
        name, sha256: of the book's weights.
        model: where they are, if not at their name.

    Raises:
        BadInput: if they are not found, or are others.
        Missing, BadFile: as ``zoo.load``.
    """
    try:
        found = weights(model or name, device, aligned)
    except UnknownName as error:
        raise BadInput(f"the book's weights are missing, give them by --model: {error}") from error
    if found.sha256 != sha256:
        raise BadInput(
            f"the book belongs to {name} (sha256 {sha256[:12]}...), not to {found.name} "
            f"({found.sha256[:12]}...): vectors of two networks cannot be compared; enroll again"
        )
    return found
