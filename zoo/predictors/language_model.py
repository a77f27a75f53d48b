"""Text generation with a language model: a prompt in, ``GeneratedText`` out.

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
from zoo.nn.eval_mode import eval_mode
from zoo.options import option
from zoo.predictors.predictor import Answer, Predictor

OUTPUTS = 100  # values of a test vector


@dataclass(frozen=True)
class Options:
    """Options of sampling."""

    temperature: float = option(
        1.0, "sampling temperature; 0: always the most probable token (greedy)"
    )
    top_k: int | None = option(None, "sample from the K most probable tokens", metavar="K")
    top_p: float | None = option(
        None, "sample from the most probable tokens with total probability P", metavar="P"
    )
    length: int = option(200, "number of characters or words to generate")
    seed: int = option(0, "random seed")


@dataclass(frozen=True)
class GeneratedText(Answer):
    """A prompt and its continuation."""

    prompt: str
    text: str  # the continuation
    log_p: float  # of the continuation under the model, without temperature, top_k and top_p

    def __str__(self) -> str:
        return self.prompt + self.text

    def to_json(self) -> dict[str, Any]:
        """Prompt, text and log-probability."""
        return {"prompt": self.prompt, "text": self.text, "log_p": self.log_p}


class TextGenerator(Predictor[Options]):
    """Prompts in, ``GeneratedText`` out.

    The same seed and prompt give the same text, also within a list of prompts.
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
        """The generator that a card describes.

        Raises:
            BadFile: if there is no vocabulary.
            BadInput: for options out of range.
        """
        return cls(model, TextFrontEnd.from_card(card.front_end, vocabulary), options)

    def __call__(self, raw: Any) -> Any:
        """Continue a prompt, which may be empty, or each of a list or tuple of prompts.

        Raises:
            BadInput: for a character that is not in the vocabulary; unknown words are ``<unk>``.
        """
        if isinstance(raw, list | tuple):
            return [self(one) for one in raw]
        pieces = list(self._pieces(raw))
        text = "".join(text for text, _ in pieces)
        return GeneratedText(raw, text, sum(log_p for _, log_p in pieces))

    def stream(self, prompt: str) -> Iterator[str]:
        """Yield the continuation piece by piece, as it is generated."""
        for piece, _ in self._pieces(prompt):
            yield piece

    def _pieces(self, prompt: str) -> Iterator[tuple[str, float]]:
        """Text and log-probability of each new token."""
        prompt_ids = self._token_ids(prompt)[None]
        source = generator(self.seed, "write", prompt)
        before = self.vocabulary.words[int(prompt_ids[0, -1])] if prompt else END
        for token_id, log_p in islice(
            sample(self._step, prompt_ids, None, self.sampler, source), self.length
        ):
            word = self.vocabulary.words[token_id]
            yield spaced(before, word, self.level), log_p
            before = word

    @torch.inference_mode()
    def _step(self, token_ids: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        with eval_mode(self.model):
            log_p, state = self.model.step(token_ids, state)
        return log_p, state

    def _token_ids(self, prompt: str) -> Tensor:
        """Token ids (T,) of a prompt; for an empty one, the token that ends a line."""
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
        """Raise BadInput for characters that are not in the vocabulary."""
        odd = [c for c in dict.fromkeys(characters) if c not in self.vocabulary]
        if odd and UNKNOWN not in self.vocabulary:
            known = "".join(sorted(self.vocabulary.words)[:120])
            raise BadInput(
                f"the prompt has {', '.join(map(repr, odd[:5]))}, which is not in the "
                f"vocabulary; expected characters among {known!r}"
            )

    def vector_input(self) -> str:
        """The prompt of a card's test vector: the first words of the vocabulary."""
        words = [word for word in self.vocabulary.words if word != END][:8]
        return joined(words, self.level)

    def output_of(self, text: str) -> Tensor:
        """Log-probabilities of the next token for the first tokens, at most (100,)."""
        log_p, _ = self._step(self._token_ids(text)[None], None)
        return log_p[0, :OUTPUTS].float().cpu()


PREDICTOR = TextGenerator
