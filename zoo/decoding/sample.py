"""Sampling sequences token by token: greedy, temperature, top-k, nucleus; many side by side.

Source: notes, course 5, week 1, "Sampling novel sequences"; Fan et al. 2018, arXiv:1805.04833,
sec. 5.4 (top k); Holtzman et al. 2020, arXiv:1904.09751, sec. 3.1 (nucleus).
The order is barred tokens, temperature, top k, nucleus; after each the rest is renormalised.

Each sequence has a random generator of its own. A token is drawn as torch.multinomial draws it: the
largest p / q, with q from the standard exponential distribution (a race of exponential clocks). So
a sequence is the same alone and among others, even if rounding moves p a little: only a race as
close as the rounding itself could end otherwise.
Proof: tests/decoding/test_sample.py.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from zoo.errors import BadInput

NAN = "the network's log-probabilities are NaN; nothing can be drawn"
Step = Callable[[Tensor, Any], tuple[Tensor, Any]]  # tokens (N, T), state -> log_p (N, V), state


@dataclass(frozen=True)
class Sampler:
    """How to choose a token from log-probabilities.

    Attributes:
        temperature: divides the log-probabilities; 0 takes the likeliest (greedy).
        top_k: only the k likeliest.
        top_p: only the nucleus: the fewest tokens, likeliest first, that hold this probability.
        barred: ids of tokens that are never chosen.

    Raises:
        BadInput: for a number out of range.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    barred: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise BadInput(f"temperature must be 0 (greedy) or more, got {self.temperature}")
        if self.top_k is not None and self.top_k < 1:
            raise BadInput(f"top_k must be at least 1, got {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise BadInput(f"top_p must be above 0 and at most 1, got {self.top_p}")

    def narrowed(self, log_p: Tensor) -> Tensor:
        """The distribution to draw from: (..., V) to (..., V), float64; -inf for what is cut off.

        Of equally likely tokens those with the lower id stay.

        Raises:
            BadInput: if the tokens that are not barred have no probability.
        """
        narrow = self._cut(log_p)
        if self.temperature == 0:
            return _only(narrow, narrow.argmax(-1, keepdim=True))
        return narrow.log_softmax(-1)

    def draw(self, log_p: Tensor, generators: Sequence[torch.Generator]) -> Tensor:
        """Token ids (N, 1), from log-probabilities (N, V) and N CPU generators; on the CPU.

        Raises:
            BadInput: as ``narrowed``.
        """
        narrow = self._cut(log_p.cpu())
        if self.temperature == 0:
            return narrow.argmax(-1, keepdim=True)
        q = torch.empty_like(narrow)
        for row, generator in zip(q.unbind(0), generators, strict=True):
            row.exponential_(generator=generator)
        return narrow.exp_().div_(q).argmax(-1, keepdim=True)

    def _cut(self, log_p: Tensor) -> Tensor:
        """As ``narrowed``, but greedy choice is left to do, and the sum is one up to rounding."""
        log_p = log_p.double()
        if self.barred:
            log_p = log_p.index_fill(-1, torch.tensor(self.barred), -torch.inf)
            if (log_p.amax(-1) == -torch.inf).any():
                raise BadInput("only barred tokens have a probability; bar fewer")
        if self.temperature == 0:
            return log_p
        if self.barred or self.temperature != 1:
            log_p = (log_p / self.temperature).log_softmax(-1)
        if self.top_k is not None and self.top_k < log_p.shape[-1]:
            order = log_p.argsort(dim=-1, descending=True, stable=True)
            log_p = _only(log_p, order[..., : self.top_k])
        if self.top_p is not None and self.top_p < 1:
            order = log_p.argsort(dim=-1, descending=True, stable=True)
            p = log_p.gather(-1, order).exp()
            before = p.cumsum(-1) - p  # how much the likelier ones hold
            log_p = _only(log_p, order, before < self.top_p - 1e-12)
        return log_p


def _only(log_p: Tensor, kept: Tensor, chosen: Tensor | None = None) -> Tensor:
    """``log_p`` renormalised over the tokens ``kept`` (..., k), or those of them ``chosen``."""
    marks = torch.ones_like(kept, dtype=torch.bool) if chosen is None else chosen
    mask = torch.zeros_like(log_p, dtype=torch.bool).scatter(-1, kept, marks)
    return log_p.masked_fill(~mask, -torch.inf).log_softmax(-1)


def sample(
    step: Step, log_p: Tensor, state: Any, sampler: Sampler, generators: Sequence[torch.Generator]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Continue N sequences without end: ids and log-probabilities of the new tokens, both (N, 1).

    The log-probabilities are the model's, before temperature and truncation. The state is passed
    on: each token costs one step, however long the sequences are.

    Args:
        log_p: (N, V), of the first new tokens: what ``step`` gave for the sequences so far.
        state: what it gave with them.
        generators: one for each sequence, on the CPU.

    Raises:
        BadInput: if ``log_p`` has NaN. Later ones are seen among the log-probabilities.
    """
    if log_p.isnan().any():
        raise BadInput(NAN)
    while True:
        tokens = sampler.draw(log_p, generators).to(log_p.device)
        yield tokens, log_p.gather(1, tokens)
        log_p, state = step(tokens, state)
