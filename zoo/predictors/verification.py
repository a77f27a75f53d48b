"""Verification: do two images show the same face or character (``Verification``)?

One image in, its vector out (``Embedding``).

>>> import zoo
>>> network = zoo.load("siamese_small.omniglot")  # doctest: +SKIP
>>> print(network.verify("a.png", "b.png"))  # doctest: +SKIP
the same (p(same) 97.1 %, dissimilarity -3.5113, threshold 0.4050)

Notes: course 4, week 4, "Face Verification and Binary Classification".
Proof: tests/predictors/test_verification.py.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.image.identities.decision import Decision
from zoo.data.image.preprocess import ImageFrontEnd, default_front_end
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput, ZooError, note
from zoo.options import option
from zoo.predictors.answer import Answer
from zoo.predictors.inputs import images
from zoo.predictors.predictor import Predictor, check_finite
from zoo.predictors.verifying.answer import Embedding, Verification
from zoo.predictors.verifying.faces import Cut, FaceCutter
from zoo.predictors.verifying.pairs import Pair, each_pair

BATCH = 64  # images in one forward pass


@dataclass(frozen=True)
class Options:
    """Options of a network that verifies."""

    threshold: float | None = option(
        None, "greatest dissimilarity of two images that show the same (default: the card's)"
    )
    aligned: bool = option(
        False, "pictures are cuts of faces already: no face is looked for in them first"
    )


class ImageVerifier(Predictor[Options]):
    """Images in, ``Embedding`` out; ``verify`` and its like compare two."""

    draws = True

    def __init__(
        self, model: Any, front_end: ImageFrontEnd, decision: Decision, name: str, sha256: str = ""
    ) -> None:
        if not isfinite(decision.threshold):
            raise BadInput(f"threshold must be a finite number, got {decision.threshold}")
        self.model, self.front_end = model.eval(), front_end
        self.decision, self.name, self.sha256 = decision, name, sha256
        self.device = next(model.parameters()).device
        self.scale: str = model.scale
        self._untold = decision.source
        self._cutter = FaceCutter(front_end)

    @classmethod
    def from_card(
        cls, card: Card, model: Any, vocabulary: Vocabulary | None, options: Options
    ) -> "ImageVerifier":
        """The verifier of a card and its network.

        Raises:
            BadFile: for a front end that is not that of an image, a decoder that is none.
            BadInput: for a threshold that is not finite.
        """
        decision = Decision.from_card(card.decoder, model.scale, card.name)
        if options.threshold is not None:
            decision = replace(decision, threshold=options.threshold, source="")
        if options.aligned:
            decision = replace(decision, faces="")
        front_end = ImageFrontEnd.from_card(card.front_end)
        return cls(model, front_end, decision, card.name, card.sha256)

    @classmethod
    def export_shape(
        cls, input_shape: tuple[int, ...], front_end: Mapping[str, Any] | None
    ) -> tuple[int, ...]:
        """(C, H, W): that of the architecture, or of a card's front end."""
        if front_end is None:
            return input_shape
        return ImageFrontEnd.from_card(front_end).input_shape

    @classmethod
    def transform(
        cls,
        input_shape: tuple[int, ...],
        front_end: Mapping[str, Any] | None,
        arguments: Mapping[str, Any],
    ) -> nn.Module:
        """``ImageTransform`` of the front end, or of the architecture's default."""
        from zoo.data.image.transform import ImageTransform  # late, as in the front end

        if front_end is None:
            return ImageTransform(default_front_end(input_shape))
        return ImageTransform(ImageFrontEnd.from_card(front_end))

    def vector_input(self) -> str:
        """The image of a test vector, as base64 of a PNG."""
        return images.as_text(images.probe())

    def output_of(self, text: str) -> Tensor:
        """The vector (D,) of the image in ``text``, as a test vector records it.

        Raises:
            BadFile: if ``text`` holds no image.
        """
        return self.vectors(self.front_end.pixels(images.from_text(text))[None])[0]

    def __call__(self, raw: Any) -> Any:
        """The vector of one image, or of several to a list; inputs/images.py says which.

        Raises:
            Missing, BadFile: for a file that is not there, or cannot be read as an image.
            BadInput: for an array whose shape or values can mean two things, or anything else.
        """
        several = images.several(raw, self.front_end.channels, self.front_end.flat)
        if several is None:
            return self.embeddings([raw])[0]
        return self.embeddings(several)

    def spread(self, inputs: Sequence[str]) -> list[str]:
        """The words, each folder replaced by the images in it."""
        return images.spread(inputs)

    def each(self, inputs: Sequence[Any]) -> list[Answer | ZooError]:
        """As ``Predictor.each``; every image is read once."""
        return self.embeddings(inputs, keep_errors=True)

    def asks_first(self) -> str:
        """The weights that find faces, if the card names some and ``aligned`` is not set."""
        return self.decision.faces

    def give(self, first: Callable[[], Predictor[Any]]) -> None:
        """As ``Predictor.give``."""
        self._cutter = FaceCutter(self.front_end, first)

    def faces(self, raw: Any) -> list[Embedding]:
        """The vectors of all faces in a photo, the largest first; of an image taken whole its own.

        Raises:
            ZooError: as ``__call__``, but not for a photo without a face.
        """
        found = self._cutter.all(raw)
        return [self._answer(*pair) for pair in zip(found, self._run(found), strict=True)]

    def with_threshold(self, threshold: float) -> "ImageVerifier":
        """The same, telling with another threshold."""
        made = copy(self)
        made.decision = replace(self.decision, threshold=threshold, source="")
        made._untold = ""
        return made

    def in_pairs(self) -> "PairVerifier":
        """As ``Predictor.in_pairs``."""
        return PairVerifier(self)

    def verify(self, a: Any, b: Any) -> Verification:
        """Whether two images show the same.

        Raises:
            ZooError: as ``__call__``.
        """
        return self.verify_pairs([(a, b)])[0]

    def verify_pairs(self, pairs: Sequence[Pair]) -> list[Verification]:
        """The same of many pairs; an image that is in several is read once.

        Raises:
            ZooError: as ``__call__``.
        """
        return self.verdicts(pairs, keep_errors=False)

    def distances(self, a: Sequence[Any], b: Sequence[Any]) -> Tensor:
        """How unlike each image of ``a`` is to each of ``b``, (N, M) float32.

        Raises:
            ZooError: as ``__call__``.
        """
        found = self.embeddings([*a, *b])
        return self.dissimilarity(self._stacked(found[: len(a)]), self._stacked(found[len(a) :]))

    @torch.inference_mode()
    def dissimilarity(self, a: Tensor, b: Tensor) -> Tensor:
        """How unlike each of the vectors (N, D) is to each of (M, D), (N, M), on the CPU."""
        apart: Tensor = self.model.dissimilarity(a.to(self.device), b.to(self.device))
        return apart.float().cpu()

    @torch.inference_mode()
    def vectors(self, pixels: Tensor) -> Tensor:
        """Images (N, C, H, W) uint8 to vectors (N, D), on the CPU."""
        found: Tensor = self.model(self.front_end.normalise(pixels.to(self.device)))
        return found.float().cpu()

    def _stacked(self, found: Sequence[Embedding]) -> Tensor:
        empty = torch.empty(0, self.model.embedding_dim)
        return torch.stack([one.vector for one in found]) if found else empty

    def embeddings(self, raws: Sequence[Any], *, keep_errors: bool = False) -> list[Any]:
        """The ``Embedding`` of each image, or its error if errors are kept."""
        return images.answers(
            raws, BATCH, self._cutter.one, self._run, self._answer, keep_errors=keep_errors
        )

    def _run(self, cuts: Sequence[Cut]) -> list[Tensor]:
        parts = (cuts[at : at + BATCH] for at in range(0, len(cuts), BATCH))
        return [v for some in parts for v in self.vectors(torch.stack([c.pixels for c in some]))]

    def _answer(self, cut: Cut, vector: Tensor) -> Embedding:
        check_finite(vector, "image")
        return Embedding(vector, cut.pixels, cut.box, cut.score, cut.remark)

    def verdicts(self, pairs: Sequence[Pair], *, keep_errors: bool) -> list[Any]:
        """The verdict on each pair, or the first error of its two images if errors are kept."""

        def embed(raws: Sequence[Any]) -> list[Any]:
            return self.embeddings(raws, keep_errors=keep_errors)

        return each_pair(pairs, embed, self._verdicts)

    @torch.inference_mode()
    def _verdicts(self, pairs: Sequence[Sequence[Embedding]]) -> list[Verification]:
        if not pairs:
            return []
        self.tell_usual()
        a, b = (torch.stack([pair[side].vector for pair in pairs]) for side in (0, 1))
        apart = self.model.pairwise(a.to(self.device), b.to(self.device)).float().cpu()
        check_finite(apart, "pair of images")
        threshold, logits = self.decision.threshold, self.scale == "-logit"
        return [
            Verification(
                value <= threshold,
                value,
                threshold,
                float(torch.tensor(-value).sigmoid()) if logits else None,
                self.scale,
                (first.image, second.image),
                "; ".join(filter(None, [first.chosen, second.chosen])),
            )
            for value, (first, second) in zip(apart.tolist(), pairs, strict=True)
        ]

    def tell_usual(self) -> None:
        """Say once that the threshold is not the card's own."""
        if self._untold:
            usual = f"{self.decision.threshold:g} is taken, {self._untold}"
            note(f"the card of {self.name} states no threshold: {usual}; --threshold sets another")
            self._untold = ""


class PairVerifier(Predictor[Options]):
    """Pairs of images in, ``Verification`` out."""

    draws = True

    def __init__(self, verifier: ImageVerifier) -> None:
        self.verifier, self.model, self.device = verifier, verifier.model, verifier.device

    @classmethod
    def from_card(
        cls, card: Card, model: Any, vocabulary: Vocabulary | None, options: Options
    ) -> "PairVerifier":
        """As ``ImageVerifier.from_card``."""
        return ImageVerifier.from_card(card, model, vocabulary, options).in_pairs()

    def vector_input(self) -> str:
        """As ``ImageVerifier.vector_input``."""
        return self.verifier.vector_input()

    def output_of(self, text: str) -> Tensor:
        """As ``ImageVerifier.output_of``."""
        return self.verifier.output_of(text)

    def __call__(self, raw: Any) -> Any:
        """The verdict on a pair (a tuple), or those on a list of pairs.

        Raises:
            ZooError: as ``ImageVerifier.__call__``.
        """
        several = isinstance(raw, list)
        found = self.verifier.verify_pairs(raw if several else [raw])
        return found if several else found[0]

    def each(self, inputs: Sequence[Any]) -> list[Answer | ZooError]:
        """As ``Predictor.each``; every image is read once."""
        return self.verifier.verdicts(inputs, keep_errors=True)


PREDICTOR = ImageVerifier
