"""A language model: a prompt in, ``GeneratedText`` out, token by token.

>>> import zoo
>>> zoo.load("lstm.tinyshakespeare", temperature=0.8, seed=1)("ROMEO:")  # doctest: +SKIP
GeneratedText(prompt='ROMEO:', text='...', log_p=...)

Notes: course 5, week 1, "Sampling novel sequences". Proof: tests/predictors/test_language_model.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.text.token_stream import TextFrontEnd
from zoo.data.text.tokenizers import END, joined, level_tokens, spaced
from zoo.data.text.vocabulary import UNKNOWN, Vocabulary
from zoo.decoding.sample import Sampler, sample
from zoo.engine.seed import generator
from zoo.errors import BadInput
from zoo.options import option
from zoo.predictors.predictor import Answer, Predictor

FEW = 100  # values of a test vector


@dataclass(frozen=True)
class Options:
    """How a text is generated."""

    temperature: float = option(
        1.0, "below 1 bolder, above 1 wilder; 0: always the likeliest token"
    )
    top_k: int | None = option(None, "draw from the K likeliest tokens only", metavar="K")
    top_p: float | None = option(
        None, "draw from the likeliest tokens that together reach P", metavar="P"
    )
    length: int = option(200, "how many characters or words to generate")
    seed: int = option(0, "of the draws")


@dataclass(frozen=True)
class GeneratedText(Answer):
    """A prompt and how it goes on."""

    prompt: str
    text: str  # what was generated after the prompt
    log_p: float  # of this text, under the model as it is: without temperature and cuts

    def __str__(self) -> str:
        return self.prompt + self.text

    def to_json(self) -> dict[str, Any]:
        """Prompt, text and log-probability."""
        return {"prompt": self.prompt, "text": self.text, "log_p": self.log_p}


class TextGenerator(Predictor[Options]):
    """Prompts in, ``GeneratedText`` out.

    The same seed and prompt give the same text, alone or in a list.
    """

    def __init__(self, model: nn.Module, front_end: TextFrontEnd, options: Options) -> None:
        if options.length < 0:
            raise BadInput(f"length must be at least 0, got {options.length}")
        self.model: Any = model  # has step(token ids, state) -> (log_p, state)
        self.front_end = front_end
        self.vocabulary, self.level = front_end.vocabulary, front_end.level
        self.sampler = Sampler(options.temperature, options.top_k, options.top_p)
        self.length, self.seed = options.length, options.seed
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Options
    ) -> "TextGenerator":
        """The generator of a card, its network and its tokens.

        Raises:
            BadFile: if there are no tokens.
            BadInput: for options out of their range.
        """
        return cls(model, TextFrontEnd.from_card(card.front_end, vocabulary), options)

    def __call__(self, raw: Any) -> Any:
        """Go on from a prompt (it may be empty), or from each of a list or tuple of prompts.

        Raises:
            BadInput: for a character that the vocabulary lacks; unknown words are ``<unk>``.
        """
        if isinstance(raw, list | tuple):
            return [self(one) for one in raw]
        pieces = list(self._pieces(raw))
        text = "".join(text for text, _ in pieces)
        return GeneratedText(raw, text, sum(log_p for _, log_p in pieces))

    def stream(self, prompt: str) -> Iterator[str]:
        """The same text piece by piece, as it is generated."""
        for piece, _ in self._pieces(prompt):
            yield piece

    def _pieces(self, prompt: str) -> Iterator[tuple[str, float]]:
        """Text and log-probability of each new token."""
        begin = self._token_ids(prompt)[None]
        source = generator(self.seed, "write", prompt)
        before = self.vocabulary.words[int(begin[0, -1])] if prompt else END
        for token_id, log_p in islice(
            sample(self._step, begin, None, self.sampler, source), self.length
        ):
            word = self.vocabulary.words[token_id]
            yield spaced(before, word, self.level), log_p
            before = word

    @torch.inference_mode()
    def _step(self, token_ids: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        training = self.model.training
        self.model.eval()
        log_p, state = self.model.step(token_ids, state)
        self.model.train(training)
        return log_p, state

    def _token_ids(self, prompt: str) -> Tensor:
        """Token ids (T,) of a prompt; for an empty one, what stands before a new line."""
        if not isinstance(prompt, str):
            raise BadInput(f"a prompt must be text, got {type(prompt).__name__}")
        if self.level == "characters":
            words = list(prompt) or ["\n"]
        else:
            words = level_tokens(prompt, "words") if prompt.strip() else [END]
            words = words[:-1] if len(words) > 1 and not prompt.endswith("\n") else words
        if self.level == "characters" and prompt:
            self._check(words)
        if not prompt and words[0] not in self.vocabulary:
            return torch.zeros(1, dtype=torch.long, device=self.device)
        return torch.tensor(self.vocabulary.encode(words), device=self.device)

    def _check(self, characters: list[str]) -> None:
        """Refuse characters that the network has never seen."""
        odd = [c for c in dict.fromkeys(characters) if c not in self.vocabulary]
        if odd and UNKNOWN not in self.vocabulary:
            known = "".join(sorted(self.vocabulary.words)[:120])
            raise BadInput(
                f"the prompt has {', '.join(map(repr, odd[:5]))}, which this network has never "
                f"seen; it knows {known!r}"
            )

    def vector_input(self) -> str:
        """The prompt of a card's test vector: the first words of the vocabulary."""
        some = [word for word in self.vocabulary.words if word != END][:8]
        return joined(some, self.level)

    def output_of(self, text: str) -> Tensor:
        """Log-probabilities of the first words of the vocabulary after ``text``: at most (100,)."""
        log_p, _ = self._step(self._token_ids(text)[None], None)
        return log_p[0, :FEW].float().cpu()


PREDICTOR = TextGenerator
