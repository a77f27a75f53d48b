"""Hotwords: words and phrases that a decoder should prefer to others.

Source: Aho and Corasick 1975 (one automaton for many words); the reward while a word is being
spelled is that of contextual biasing, e.g. Zhao et al. 2019, Interspeech, sec. 3 ("shallow
fusion", prefixes rewarded, taken back when they fail). Notes: none.

A labelling gets ``weight`` for each label of a hotword in it, and of an unfinished hotword at its
end. When the spelling breaks off, or the word goes on ("cat" in "cats"), the reward is taken back.
Hotwords begin and end at word boundaries; from the left, the longest first, they do not overlap.
Weights are natural logarithms: 2 makes each label e^2 times as likely.
Proof: tests/decoding/test_hotwords.py.
"""

from collections.abc import Iterable, Sequence

import torch

from zoo.errors import BadInput

State = tuple[int, ...] | None  # the labels of a hotword so far; None: in another word
OTHER: State = None


class Hotwords:
    """The automaton: a state and a label give the next state and the gain of the label.

    Attributes:
        states: all of them; () at the start of a word comes first.
        gain: (S, V) of each label in each state.
        next: (S, V) the state after it.

    Args:
        phrases: each hotword as labels, with the label ``space`` between its words.
        classes: V.
        space: the label between words; None if each label is a word.
    """

    def __init__(
        self, phrases: Iterable[Sequence[int]], weight: float, classes: int, space: int | None
    ) -> None:
        self.phrases = {tuple(p) for p in phrases}
        self.weight, self.space = weight, space
        self.prefixes = {p[:n] for p in self.phrases for n in range(len(p) + 1)} | {()}
        self.states: list[State] = [*sorted(self.prefixes), OTHER]  # () sorts first
        at: dict[State, int] = {state: n for n, state in enumerate(self.states)}
        steps = [[self.step(s, c) for c in range(classes)] for s in self.states]
        self.gain = torch.tensor([[gain for _, gain in row] for row in steps])
        self.next = torch.tensor([[at[state] for state, _ in row] for row in steps])

    @property
    def start(self) -> int:
        """The index of the state at the beginning."""
        return 0

    def step(self, state: State, label: int) -> tuple[State, float]:
        """The state after ``label``, and its gain, which may be negative."""
        if state is OTHER:
            return ((), 0.0) if label == self.space else (OTHER, 0.0)
        text = (*(state or ()), label)
        if text in self.prefixes:
            return text, self.weight
        kept, after = self._settle(text)
        return after, kept + self._reward(after) - self._reward(state)

    def end(self, state: State) -> float:
        """The gain at the end: the reward of an unfinished hotword is taken back."""
        kept, text = 0.0, state
        while text:
            word, text = self._first(text, at_end=True)
            kept += self._reward(word)
        return kept - self._reward(state)

    def score(self, labels: Iterable[int], done: bool = True) -> float:
        """The reward of a labelling; if not ``done``, an unfinished hotword counts too."""
        state: State = ()
        total = 0.0
        for label in labels:
            state, gain = self.step(state, label)
            total += gain
        return total + (self.end(state) if done else 0.0)

    def _reward(self, state: State) -> float:
        return self.weight * len(state or ())

    def _settle(self, text: tuple[int, ...]) -> tuple[float, State]:
        """A spelling that broke off: the reward that stays, and the state after reading on.

        The first word, or the hotword that the text begins with, is complete; the rest is read
        anew, since the middle of one phrase may be the beginning of another.
        """
        if self.space is not None and self.space not in text:
            return 0.0, OTHER
        word, rest = self._first(text, at_end=False)
        kept, state = self._reward(word), ()
        after: State = state
        for label in rest:
            after, gain = self.step(after, label)
            kept += gain
        return kept - self._reward(after), after

    def _first(
        self, text: tuple[int, ...], at_end: bool
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The hotword at the beginning of ``text``, () for none, and what follows that word."""
        if self.space is None:
            ends = list(range(len(text), 0, -1))
        else:
            ends = [n for n in range(len(text) - 1, -1, -1) if text[n] == self.space]
            ends = [len(text), *ends] if at_end else ends
        skip = 0 if self.space is None else 1
        for n in ends:
            if text[:n] in self.phrases:
                return text[:n], text[n + skip :]
        return (), text[ends[-1] + skip :]


def spell(phrase: str, texts: Sequence[str], space: int | None, blank: int = 0) -> list[int]:
    """A word or phrase as labels: the longest that fits, from the left.

    >>> spell("no  one", ["", " ", "n", "o", "e", "ne"], 1)
    [2, 3, 1, 3, 5]

    Raises:
        BadInput: if the labels cannot spell it.
    """
    words = phrase.split()
    pieces = {t: c for c, t in enumerate(texts) if t and c not in (blank, space)}
    if space is None:
        labels = [pieces.get(word, -1) for word in words]
    else:
        spelled = [_spell_word(word, pieces) for word in words]
        labels = [c for word in spelled for c in (space, *word)][1:]
    if not labels or -1 in labels:
        raise BadInput(f"the labels cannot spell the hotword {phrase!r}")
    return labels


def _spell_word(word: str, pieces: dict[str, int]) -> list[int]:
    """Labels of one word; -1 at a character that no label begins with."""
    labels, longest = [], max(map(len, pieces), default=1)
    while word:
        fits = [n for n in range(longest, 0, -1) if word[:n] in pieces and n <= len(word)]
        labels.append(pieces[word[: fits[0]]] if fits else -1)
        word = word[fits[0] if fits else 1 :]
    return labels
