"""CTC beam search with a language model and hotwords: what a labelling is worth besides CTC.

Paper: Hannun et al. 2014, arXiv:1412.5567 (Deep Speech), sec. 2.2:
Q(words) = ln P(labels | x) + alpha ln P_lm(words) + beta words. Notes: course 5, week 3, "Speech
recognition". All logarithms are natural; a model in log10 is worth 2.303 times its alpha.

A word counts when the label ``space`` ends it or the utterance does; spaces that follow another
count nothing. ``Fusion.bonus`` says it for a whole labelling, word by word;
zoo/decoding/ctc_ranking.py says the same to the vectorised search.
Proof: tests/decoding/test_ctc_fusion.py (all labellings of small problems).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple, Protocol

from zoo.decoding.hotwords import Hotwords, spell
from zoo.errors import BadInput


class LanguageModel(Protocol):
    """What is asked of a model of words; its log-probabilities are natural and at most 0."""

    def start(self) -> Hashable:
        """The state before the first word."""

    def score(self, state: Any, word: str) -> tuple[float, Any]:
        """Ln P(word | state) and the state after it; for an unknown word that of <unk>."""

    def end(self, state: Any) -> float:
        """Ln P(</s> | state)."""

    def __contains__(self, word: str) -> bool:
        """Whether the model knows the word."""


class Context(NamedTuple):
    """What the next label may depend on: the language model's state, the word so far."""

    state: Any
    text: str


@dataclass(frozen=True)
class Fusion:
    """What is added to ln P(labels | x).

    Args:
        texts: what each label is written as, V of them; the blank's is not looked at.
        space: the label that separates words; None if each label is a word.
        lm: of words.
        alpha: how much the language model counts, at least 0.
        beta: for each word, if there is a language model: it likes few words.
        end: whether the model's </s> counts too.
        hotwords: words or phrases; see ``zoo.decoding.hotwords``.
        hotword_weight: ln of how many times as likely each label of a hotword becomes.

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
        _ = self.hot  # says now what cannot be spelled

    @cached_property
    def hot(self) -> Hotwords | None:
        """The automaton of the hotwords, if there are any."""
        if not self.hotwords:
            return None
        phrases = [spell(p, self.texts, self.space, self.blank) for p in self.hotwords]
        return Hotwords(phrases, self.hotword_weight, len(self.texts), self.space)

    @cached_property
    def _said(self) -> dict[tuple[Any, str], tuple[float, Any]]:
        """What the language model has said before."""
        return {}

    def start(self) -> Context:
        """The context before the first label."""
        return Context(self.lm.start() if self.lm else None, "")

    def follow(self, context: Context, label: int) -> tuple[Context, float]:
        """The context after ``label`` and what the word is worth that it ends, if any."""
        if self.space is None:
            state, worth = self.word(context.state, self.texts[label])
            return Context(state, ""), worth
        if label != self.space:
            return Context(context.state, context.text + self.texts[label]), 0.0
        state, worth = self.word(*context)
        return Context(state, ""), worth

    def word(self, state: Any, text: str) -> tuple[Any, float]:
        """The state after a word, and alpha ln P(word | state) + beta; "" is no word."""
        if self.lm is None or not text:
            return state, 0.0
        found = self._said.get((state, text))
        if found is None:
            found = self._said[state, text] = self.lm.score(state, text)
        log_p, state = found
        return state, self.alpha * log_p + self.beta

    def bonus(self, labels: Sequence[int], done: bool = True) -> float:
        """What a labelling is worth besides its ln p; if not ``done``, what its prefix is."""
        context, total = self.start(), 0.0
        for label in labels:
            context, worth = self.follow(context, label)
            total += worth
        if self.hot:
            total += self.hot.score(labels, done)
        return total + (self._at_end(context) if done else 0.0)

    def _at_end(self, context: Context) -> float:
        """The last word, which no space ends, and </s>."""
        state, worth = self.word(*context)
        return worth + (self.alpha * self.lm.end(state) if self.lm and self.end else 0.0)
