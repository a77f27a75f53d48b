"""Soft labels: label smoothing, and losses that take probabilities.

Paper: Szegedy et al. 2015, arXiv:1512.00567, sec. 7: q'(k) = (1 - eps) q(k) + eps / K. Notes: none.
Proof: tests/losses/test_smoothing.py.
"""

import inspect
from collections.abc import Callable
from functools import partial

from torch import Tensor

from zoo.errors import BadInput

Objective = Callable[..., Tensor]


def smoothed(objective: Objective, eps: float) -> Objective:
    """The same cross-entropy with smoothed labels: integers (N,) or probabilities (N, K).

    Args:
        objective: ``F.cross_entropy``, with settings or not; or a loss over several outputs that
            takes its loss of one output as ``objective=``.
        eps: probability that is moved from the label to all K classes evenly; 0 for none.

    Raises:
        BadInput: unless 0 <= eps < 1; and if ``objective`` is no cross-entropy, which knows
            neither smoothing nor labels that are probabilities.
    """
    if not 0 <= eps < 1:
        raise BadInput(f"label_smoothing must be from 0 to below 1, got {eps}")
    takes = inspect.signature(objective).parameters
    if "label_smoothing" in takes:
        return partial(objective, label_smoothing=eps)
    if "objective" in takes and callable(takes["objective"].default):
        return partial(objective, objective=smoothed(takes["objective"].default, eps))
    raise BadInput("label_smoothing and mix need cross-entropy; this recipe has another loss")
