"""A network as ``zoo see`` asks it: images to scores, and what these are called.

Proof: tests/nn/test_scored_form.py.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from zoo.errors import BadInput


class ScoredForm(NamedTuple):
    """Scores of images, which have a gradient.

    Attributes:
        run: images (N, C, H, W) to scores (N, K), not squashed where the network does not.
        names: of the K scores; () where they have none but numbers.
        shown: scores (K,) to what is told of them, probabilities where there are some.
        unit: of what is told: "%" of probabilities; "".
    """

    run: Callable[[Tensor], Tensor]
    names: tuple[str, ...]
    shown: Callable[[Tensor], Tensor]
    unit: str

    def text(self, scores: Tensor, index: int) -> str:
        """A score with its name: ``seven (99.1 %)``."""
        value = float(self.shown(scores)[index])
        name = self.names[index] if self.names else f"output {index}"
        told = f"{100 * value:.1f} %" if self.unit == "%" else f"{value:.3g}"
        return f"{name} ({told})"

    def number_of(self, target: str | int) -> int:
        """The number of a score by its name, or by the number itself.

        Raises:
            BadInput: if there is none.
        """
        if str(target) in self.names:
            return self.names.index(str(target))
        if str(target).isdecimal() and (not self.names or int(target) < len(self.names)):
            return int(target)
        few = ", ".join(self.names[:12]) + (", ..." if len(self.names) > 12 else "")
        raise BadInput(
            f"target must be one of {few or 'the numbers of the outputs'}, got {target!r}"
        )


def of_classes(model: Callable[[Tensor], Any], classes: Sequence[str]) -> ScoredForm:
    """Of a network that gives logits (N, K)."""
    return ScoredForm(plain(model), tuple(classes), lambda scores: scores.softmax(0), "%")


def of_detector(model: Any, classes: Sequence[str]) -> ScoredForm:
    """Of a detector, the highest score of each class.

    Raises:
        BadInput: for one without ``class_scores`` (``zoo.nn.detector.Scoring``).
    """
    try:
        return ScoredForm(model.class_scores, tuple(classes), lambda scores: scores, "%")
    except AttributeError:
        raise BadInput(f"a {type(model).__name__} tells no scores of its classes") from None


def of_outputs(model: Callable[[Tensor], Any]) -> ScoredForm:
    """Of a network whose outputs are no classes: numbers (N, D), or maps, which are averaged."""
    return ScoredForm(plain(model), (), lambda scores: scores, "")


def plain(model: Callable[[Tensor], Any]) -> Callable[[Tensor], Tensor]:
    """A network with one tensor (N, K) as output; maps (N, K, h, w) become their means.

    Raises:
        BadInput: when it is called, if its output is anything else.
    """

    def run(images: Tensor) -> Tensor:
        output = model(images)
        if isinstance(output, Tensor) and output.dim() == 4:
            return output.mean((2, 3))
        if not isinstance(output, Tensor) or output.dim() != 2:
            got = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
            raise BadInput(f"a network that is seen gives scores (N, K) or maps, got {got}")
        return output

    return run


def best_of(scores: Tensor, images: Sequence[int]) -> Tensor:
    """The highest score of each class in each image, (N, K); 0 where an image has none.

    Args:
        scores: (R, K) of the boxes of all images.
        images: how many boxes each image has, R together.
    """
    zero = scores.new_zeros(1, scores.shape[1])
    return torch.stack([torch.cat([one, zero]).amax(0) for one in scores.split(list(images))])
