"""Shallow fusion: what a language model and hotwords add to the CTC score of a labelling.

Paper: Hannun et al. 2014, arXiv:1412.5567 (Deep Speech), sec. 2.2:
Q(words) = ln P(labels | x) + alpha ln P_lm(words) + beta words. Notes: course 5, week 3, "Speech
recognition". All logarithms are natural: alpha for a model in log10 is to be divided by 2.303.

A word counts when the label ``space`` or the end of the utterance ends it; a space that follows
another counts nothing. ``Fusion.bonus`` is for a whole labelling, word by word;
zoo/decoding/ctc_beam_ranking.py is the same for the vectorised search.
Proof: tests/decoding/test_ctc_lm_score.py (all labellings of small problems).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple, Protocol

from zoo.decoding.hotwords import Hotwords, spell
from zoo.errors import BadInput


class LanguageModel(Protocol):
    """A language model of words; its log-probabilities are natural and at most 0."""

    def start(self) -> Hashable:
        """The state before the first word."""

    def score(self, state: Any, word: str) -> tuple[float, Any]:
        """Ln P(word | state), of <unk> for an unknown word, and the state after it."""

    def end(self, state: Any) -> float:
        """Ln P(</s> | state)."""

    def __contains__(self, word: str) -> bool:
        """Whether the word is in the vocabulary."""


class Context(NamedTuple):
    """What the bonus of the next label depends on: language model state and unfinished word."""

    state: Any
    text: str


@dataclass(frozen=True)
class Fusion:
    """What is added to ln P(labels | x).

    Args:
        texts: the text of each label, V of them; the blank's is ignored.
        space: the label that separates words; None if each label is a word.
        lm: a language model of words.
        alpha: weight of the language model, at least 0.
        beta: bonus of each word, if there is a language model, which prefers few words.
        end: whether the model's </s> counts too.
        hotwords: words or phrases; see ``zoo.decoding.hotwords``.
        hotword_weight: bonus of each label of a hotword, a natural logarithm.

    Raises:
        BadInput: for numbers that do not fit, and hotwords that the labels cannot spell.
    """

    texts: Sequence[str]
    space: int | None = None
    lm: LanguageModel | None = None
    alpha: float = 0.5
    beta: float = 0.0
    end: bool = False
    hotwords: Sequence[str] = ()
    hotword_weight: float = 2.0
    blank: int = 0

    def __post_init__(self) -> None:
        if self.space is not None and not 0 <= self.space < len(self.texts):
            raise BadInput(f"space must be one of {len(self.texts)} labels, got {self.space}")
        if not 0 <= self.alpha < float("inf"):
            raise BadInput(f"alpha must be 0 or more, got {self.alpha}")
        if not (isfinite(self.beta) and isfinite(self.hotword_weight)):
            got = f"beta {self.beta}, hotword_weight {self.hotword_weight}"
            raise BadInput(f"beta and hotword_weight must be finite, got {got}")
        if isinstance(self.hotwords, str):
            raise BadInput(f"hotwords must be a list of words, got {self.hotwords!r}")
        _ = self.hot  # refuses now what cannot be spelled

    @cached_property
    def hot(self) -> Hotwords | None:
        """The automaton of the hotwords, if there are any."""
        if not self.hotwords:
            return None
        phrases = [spell(p, self.texts, self.space, self.blank) for p in self.hotwords]
        return Hotwords(phrases, self.hotword_weight, len(self.texts), self.space)

    @cached_property
    def _cache(self) -> dict[tuple[Any, str], tuple[float, Any]]:
        """Scores and states by state and word."""
        return {}

    def start(self) -> Context:
        """The context before the first label."""
        return Context(self.lm.start() if self.lm else None, "")

    def follow(self, context: Context, label: int) -> tuple[Context, float]:
        """The context after ``label``, and the bonus of the word that it ends, if any."""
        if self.space is None:
            state, bonus = self.word(context.state, self.texts[label])
            return Context(state, ""), bonus
        if label != self.space:
            return Context(context.state, context.text + self.texts[label]), 0.0
        state, bonus = self.word(*context)
        return Context(state, ""), bonus

    def word(self, state: Any, text: str) -> tuple[Any, float]:
        """The state after a word, and alpha ln P(word | state) + beta; "" is no word."""
        if self.lm is None or not text:
            return state, 0.0
        scored = self._cache.get((state, text))
        if scored is None:
            scored = self._cache[state, text] = self.lm.score(state, text)
        log_p, state = scored
        return state, self.alpha * log_p + self.beta

    def bonus(self, labels: Sequence[int], done: bool = True) -> float:
        """The bonus of a whole labelling; if not ``done``, of a prefix."""
        context, total = self.start(), 0.0
        for label in labels:
            context, bonus = self.follow(context, label)
            total += bonus
        if self.hot:
            total += self.hot.score(labels, done)
        return total + (self._at_end(context) if done else 0.0)

    def _at_end(self, context: Context) -> float:
        """The bonus of the last word, which no space ends, and of </s>."""
        state, bonus = self.word(*context)
        return bonus + (self.alpha * self.lm.end(state) if self.lm and self.end else 0.0)
