"""Sampling a sequence token by token: greedy, temperature, top-k, nucleus.

Source: notes, course 5, week 1, "Sampling novel sequences"; Fan et al. 2018, arXiv:1805.04833,
sec. 5.4 (top k); Holtzman et al. 2020, arXiv:1904.09751, sec. 3.1 (nucleus).
The order is temperature, top k, nucleus; after each the rest is renormalised.
Proof: tests/decoding/test_sample.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.errors import BadInput

Step = Callable[[Tensor, Any], tuple[Tensor, Any]]  # tokens (N, T), state -> log_p (N, V), state


@dataclass(frozen=True)
class Sampler:
    """How to choose a token from log-probabilities.

    Attributes:
        temperature: divides the log-probabilities; 0 takes the likeliest (greedy).
        top_k: only the k likeliest.
        top_p: only the nucleus: the fewest tokens, likeliest first, that hold this probability.

    Raises:
        BadInput: for a number out of range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise BadInput(f"temperature must be 0 (greedy) or more, got {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise BadInput(f"top_k must be at least 1, got {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise BadInput(f"top_p must be above 0 and at most 1, got {self.top_p}")

    def narrowed(self, log_p: Tensor) -> Tensor:
        """The distribution to draw from: (V,) to (V,), float64; -inf for what is cut off.

        Of equally likely tokens those with the lower id stay.
        """
        log_p = log_p.double()
        if self.temperature == 0:
            return _only(log_p, log_p.argmax()[None])
        log_p = (log_p / self.temperature).log_softmax(0)
        if self.top_k is not None and self.top_k < len(log_p):
            log_p = _only(log_p, log_p.argsort(descending=True, stable=True)[: self.top_k])
        if self.top_p is not None and self.top_p < 1:
            order = log_p.argsort(descending=True, stable=True)
            p = log_p[order].exp()
            before = p.cumsum(0) - p  # how much the likelier ones hold
            log_p = _only(log_p, order[before < self.top_p - 1e-12])
        return log_p

    def draw(self, log_p: Tensor, generator: torch.Generator) -> int:
        """A token id, from log-probabilities (V,) and a CPU generator."""
        p = self.narrowed(log_p.cpu()).exp()
        return int(torch.multinomial(p, 1, generator=generator))


def _only(log_p: Tensor, kept: Tensor) -> Tensor:
    """``log_p`` renormalised over the tokens ``kept``."""
    narrow = torch.full_like(log_p, -torch.inf)
    narrow[kept] = log_p[kept].log_softmax(0)
    return narrow


def sample(
    step: Step, tokens: Tensor, state: Any, sampler: Sampler, generator: torch.Generator
) -> Iterator[tuple[int, float]]:
    """Continue ``tokens`` (1, T) without end: (id, log-probability) of each new token.

    The log-probability is the model's, before temperature and truncation. The state is passed on:
    each token costs one step, however long the text is.

    Raises:
        BadInput: if the model gives values that are not finite.
    """
    while True:
        log_p, state = step(tokens, state)
        if log_p.isnan().any():
            raise BadInput("the network's log-probabilities are NaN; nothing can be drawn")
        chosen = sampler.draw(log_p[0], generator)
        yield chosen, float(log_p[0, chosen])
        tokens = torch.tensor([[chosen]], device=tokens.device)
