"""An n-gram language model with back-off: log-probabilities of words and sentences.

    p(w | c) = p(c w)              if the model lists the n-gram c w
             = b(c) p(w | c')      else; c' is c without its first word, b(c) 1 if c is not listed

Katz 1987; Stolcke 2002, sec. 2 (the ARPA model). Natural logarithms throughout. The beam search for
transcripts (zoo/decoding/ctc_beam.py) uses ``start``, ``score``, ``end`` and ``in``.
Notes: course 5, week 1, "Language model and sequence generation"; week 3, "Beam search".

The n-grams of an order lie in one sorted array of keys: row of the first n - 1 words in the order
below, times the number of words, plus the last word. An n-gram takes 24 bytes and no object, and a
whole text is looked up by a few sorted searches.

Deviations from KenLM: the marks <s>, </s> and <unk> are not words: inside a sentence they count
as an unknown word (KenLM scores the marks that it knows).
Proof: tests/decoding/test_ngram.py (KenLM, word by word).
"""

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.errors import BadInput

UNKNOWN, START, END = "<unk>", "<s>", "</s>"
MARKS = (UNKNOWN, START, END)
BLANKS = frozenset(" \t\n\r\v\f\0")  # field separators of some tool
HIGHEST = 6  # the longest n-gram; KenLM's own default limit
State = tuple[int, ...]  # rows of the last word, of the last two, ...; -1 where they are not listed
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Level:
    """All n-grams of one order.

    Attributes:
        keys: (R,) sorted, each once; see the top of the file. Of single words: 0 to V - 1.
        log_p: (R,) log-probability of the last word after the others.
        backoff: (R,) log of the back-off weight; 0 in the highest order.
    """

    keys: Rows
    log_p: Floats
    backoff: Floats

    def __len__(self) -> int:
        return len(self.keys)

    def rows(self, keys: Rows) -> Rows:
        """The rows (N,) of keys (N,); -1 for those that are missing."""
        if not len(self.keys):
            return np.full(len(keys), -1)
        at = np.searchsorted(self.keys, keys)
        at[at == len(self.keys)] = 0
        return np.where(self.keys[at] == keys, at, -1)


@dataclass(frozen=True)
class Fit:
    """How well a model predicts a text; each sentence's end counts as a word, its start does not.

    Attributes:
        log_p: of the whole text. unknown_log_p: of its unknown words.
        words, unknown, sentences: counts; the ends of sentences are among the words.
    """

    log_p: float
    unknown_log_p: float
    words: int
    unknown: int
    sentences: int

    @property
    def perplexity(self) -> float:
        """The exponential of the mean negative log-probability of a word; unknown ones as <unk>."""
        return _exp(-self.log_p / self.words)

    @property
    def perplexity_known(self) -> float:
        """The same over the known words (and ends); the unknown ones stay in the contexts."""
        return _exp((self.unknown_log_p - self.log_p) / (self.words - self.unknown))


def is_word(text: str) -> bool:
    """Whether an ARPA file can hold it as one word.

    >>> [is_word(text) for text in ("don't", "twenty-five", "New York", "")]
    [True, True, False, False]
    """
    return bool(text) and not any(c in BLANKS or "\ud800" <= c <= "\udfff" for c in text)


def _exp(value: float) -> float:
    return math.exp(value) if value < 709 else math.inf


class NGram:
    """A back-off model.

    Attributes:
        words: (V,) all words and the three marks; a word's place is its id.
        index: word -> id.
        levels: n-grams of order 1, 2, ...
    """

    def __init__(self, words: Iterable[str], levels: Sequence[Level]) -> None:
        """From n-grams; ``kneser_ney.train`` learns them from text, ``arpa.read`` reads them.

        Raises:
            BadInput: if a mark is missing, a word stands twice, is empty or has a blank in it, or
                the arrays do not fit.
        """
        self.words = tuple(words)
        self.index = {word: n for n, word in enumerate(self.words)}
        self.levels = tuple(levels)
        missing = [mark for mark in MARKS if mark not in self.index]
        if missing or len(self.index) != len(self.words):
            raise BadInput(f"a word stands twice, or {', '.join(missing) or 'none'} is missing")
        odd = next((word for word in self.words if not is_word(word)), None)
        if odd is not None:
            raise BadInput(f"{odd!r} is no word: empty, with a blank in it, or no Unicode text")
        sizes = [len(level) for level in self.levels]
        if not 1 <= len(sizes) <= HIGHEST or sizes[0] != len(self.words) or not all(sizes):
            raise BadInput(
                f"expected {len(self.words)} 1-grams, then n-grams of every order up to at most "
                f"{HIGHEST}, got {sizes} n-grams"
            )
        self._unknown, self._start, self._end = (self.index[mark] for mark in MARKS)
        self._contexts = [self._is_context(order) for order in range(self.order - 1)]

    def _is_context(self, place: int) -> NDArray[np.bool_]:
        """Which n-grams of a level matter as contexts: by their back-off or as a prefix."""
        matters = self.levels[place].backoff != 0
        matters[self.levels[place + 1].keys // len(self.words)] = True
        return np.asarray(matters)

    @property
    def order(self) -> int:
        """Words of the longest n-gram."""
        return len(self.levels)

    def __contains__(self, word: object) -> bool:
        return word in self.index and word not in MARKS

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(level):,}" for level in self.levels)
        return f"NGram(order {self.order}: {sizes} n-grams)"

    # ---- word by word ---------------------------------------------------------------------------

    def start(self) -> State:
        """The state at the start of a sentence."""
        return self._next((), self._start)[1]

    def score(self, state: State, word: str) -> tuple[float, State]:
        """Log-probability of a word after a state, and the state after it.

        States are equal if no listed n-gram can distinguish their continuations.
        An unknown word has the log-probability of <unk>.
        """
        token_id = self.index.get(word, self._unknown) if word not in MARKS else self._unknown
        return self._next(state, token_id)

    def end(self, state: State) -> float:
        """Log-probability that the sentence ends here."""
        return self._next(state, self._end)[0]

    def _next(self, state: State, word: int) -> tuple[float, State]:
        contexts = (0, *state)
        rows = [-1] * len(contexts)
        log_p, listed = 0.0, False
        for length in range(len(state), -1, -1):  # the longest context first
            row = contexts[length]
            if row < 0:
                continue
            here = rows[length] = self._find(length, row, word)
            if not listed:
                part = self.levels[length].log_p[here] if here >= 0 else self._weight(length, row)
                log_p, listed = log_p + float(part), here >= 0
        return log_p, self._shortened(rows)

    def _find(self, length: int, context: int, word: int) -> int:
        """The row of an n-gram of ``length`` + 1 words, or -1."""
        if not length:
            return word
        keys = self.levels[length].keys
        key = context * len(self.words) + word
        at = int(keys.searchsorted(key))
        return at if at < len(keys) and keys[at] == key else -1

    def _weight(self, length: int, row: int) -> float:
        return float(self.levels[length - 1].backoff[row])

    def _shortened(self, rows: list[int]) -> State:
        """The state without contexts that cannot influence what follows."""
        kept = min(len(rows), self.order - 1)
        while kept and (rows[kept - 1] < 0 or not self._contexts[kept - 1][rows[kept - 1]]):
            kept -= 1
        return tuple(rows[:kept])

    # ---- sentences and texts --------------------------------------------------------------------

    def sentence(self, words: Sequence[str], *, bos: bool = True, eos: bool = True) -> float:
        """Log-probability of a sentence.

        Args:
            bos: begin in the context <s>, and not in none.
            eos: with the end of the sentence.
        """
        state = self.start() if bos else ()
        total = 0.0
        for word in words:
            log_p, state = self.score(state, word)
            total += log_p
        return total + (self.end(state) if eos else 0.0)

    def fit(self, sentences: Iterable[Sequence[str]]) -> Fit:
        """How well the model predicts a text.

        Raises:
            BadInput: if there is no sentence.
        """
        known = {word: n for word, n in self.index.items() if word not in MARKS}
        token_ids, places = encode(sentences, lambda word: known.get(word, self._unknown),
                                 self._start, self._end)  # fmt: skip
        log_p = self._all(token_ids, places)
        counted, unknown = places > 0, token_ids == self._unknown
        return Fit(
            float(log_p[counted].sum()),
            float(log_p[unknown].sum()),
            int(counted.sum()),
            int(unknown.sum()),
            int((~counted).sum()),
        )

    def perplexity(self, sentences: Iterable[Sequence[str]]) -> float:
        """Of ``fit``, which raises what it raises."""
        return self.fit(sentences).perplexity

    def _all(self, token_ids: Rows, places: Rows) -> Floats:
        """Log-probability (T,) of each word after all words of its sentence before it."""
        log_p = self.levels[0].log_p[token_ids]
        rows = token_ids
        for order, level in enumerate(self.levels[1:], 2):
            before = np.concatenate([[-1], rows[:-1]])  # the context: the n-gram one word earlier
            complete = (before >= 0) & (places >= order - 1)
            keys = before * len(self.words) + token_ids
            rows = np.where(complete, level.rows(np.where(complete, keys, -1)), -1)
            backed = log_p + np.where(complete, self.levels[order - 2].backoff[before], 0)
            log_p = np.where(rows >= 0, level.log_p[rows], backed)
        return log_p


def encode(
    sentences: Iterable[Sequence[str]], id_of: Callable[[str], int], start: int, end: int
) -> tuple[Rows, Rows]:
    """All sentences as one row of token ids, each between its marks, and places in sentences.

    Args:
        id_of: word -> token id.

    Returns:
        Token ids (T,) and places (T,); the place of <s> is 0.

    Raises:
        BadInput: if there is no sentence.
    """
    tokens, ends = array("i"), array("q", [0])
    for sentence in sentences:
        if isinstance(sentence, str):
            raise BadInput(f"expected sentences as lists of words, got the text {sentence[:40]!r}")
        tokens.append(start)
        tokens.extend(map(id_of, sentence))
        tokens.append(end)
        ends.append(len(tokens))
    if not tokens:
        raise BadInput("there is no sentence; expected lists of words")
    bounds = np.frombuffer(ends, np.int64)
    places = np.arange(len(tokens)) - np.repeat(bounds[:-1], np.diff(bounds))
    return np.frombuffer(tokens, np.int32).astype(np.int64), places
