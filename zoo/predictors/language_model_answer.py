"""A text that a language model has written, and texts while they are written.

Proof: tests/predictors/test_language_model.py.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor

from zoo.data.text.token_stream import TextFrontEnd
from zoo.data.text.tokenizers import END, spaced
from zoo.predictors.answer import Answer

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class GeneratedText(Answer):
    """A prompt and its continuation.

    Attributes:
        text: the continuation.
        log_p: of the continuation under the model, without temperature, top_k, top_p and bar.
        unknown: words of the prompt that are not in the vocabulary; they were read as ``<unk>``.
        nothing_known: whether the prompt has no other words.
        tokens: (piece of the text, log-probability) of each token.
    """

    prompt: str
    text: str
    log_p: float
    unknown: tuple[str, ...] = ()
    nothing_known: bool = False
    tokens: tuple[tuple[str, float], ...] = field(default=(), repr=False, compare=False)

    def __str__(self) -> str:
        return self.prompt + self.text

    @property
    def remark(self) -> str:
        """Which words of the prompt are unknown, if any are; whether all are."""
        if not self.unknown:
            return ""
        words = " ".join(self.unknown[:5]) + " ..." * (len(self.unknown) > 5)
        if not self.nothing_known:
            return f"unknown words, read as <unk>: {words}"
        return f"nothing in the prompt is known to the model ({words}): the text does not follow it"

    def to_json(self) -> dict[str, Any]:
        """All fields but ``tokens``."""
        return {
            "prompt": self.prompt,
            "text": self.text,
            "log_p": self.log_p,
            "unknown": list(self.unknown),
            "nothing_known": self.nothing_known,
        }

    def plot(self) -> "Figure":
        """The text, each token on the colour of its probability, as a matplotlib figure."""
        from zoo.viz.text import Scale, text_figure

        shares = [(piece, math.exp(log_p)) for piece, log_p in self.tokens]
        title = f"log p = {self.log_p:.1f} of {len(self.tokens)} tokens"
        scale = Scale("RdYlGn", 0, 1, "probability of the token")
        figure: Figure = text_figure([(self.prompt, None), *shares], title=title, scale=scale)
        return figure


class Draft:
    """A prompt and the tokens that have been written after it.

    Args:
        token_ids: of the prompt, (T,), T >= 1.
    """

    def __init__(self, prompt: str, token_ids: Tensor, front_end: TextFrontEnd) -> None:
        self.prompt, self.token_ids, self.front_end = prompt, token_ids, front_end
        self.tokens: list[tuple[str, float]] = []
        self._last = front_end.vocabulary.words[int(token_ids[-1])] if prompt else END

    def add(self, token_id: int, log_p: float) -> str:
        """Append a token; returns its text, with the space before it."""
        word = self.front_end.vocabulary.words[token_id]
        piece = spaced(self._last, word, self.front_end.level)
        self.tokens.append((piece, log_p))
        self._last = word
        return piece

    def answer(self) -> GeneratedText:
        """The text so far."""
        known = self.front_end.vocabulary
        words = list(self.prompt) if self.front_end.level == "characters" else self.prompt.split()
        unknown = [word for word in dict.fromkeys(words) if word not in known]
        return GeneratedText(
            self.prompt,
            "".join(piece for piece, _ in self.tokens),
            math.fsum(log_p for _, log_p in self.tokens),
            tuple(unknown),
            bool(words) and not any(word in known for word in words),
            tuple(self.tokens),
        )


class Writing:
    """Texts while they are written: iterate over it once, then ``answers`` are complete.

    Args:
        tokens: number of the draft, token id and log-probability of each token, in any order.
    """

    def __init__(self, drafts: Sequence[Draft], tokens: Iterable[tuple[int, int, float]]) -> None:
        self.drafts, self.tokens = drafts, tokens

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """The number of the prompt, and a piece of text that follows there."""
        for number, token_id, log_p in self.tokens:
            yield number, self.drafts[number].add(token_id, log_p)

    @property
    def answers(self) -> list[GeneratedText]:
        """The texts so far, one for each prompt."""
        return [draft.answer() for draft in self.drafts]
