"""What ``zoo.load`` gives for a language model: it writes on, token by token.

>>> import zoo
>>> zoo.load("lstm.tinyshakespeare", temperature=0.8, seed=1)("ROMEO:")  # doctest: +SKIP
Written(prompt='ROMEO:', text='...', log_p=...)

Notes: course 5, week 1, "Sampling novel sequences". Proof: tests/predictors/test_language_model.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from zoo.data.text.tokenizers import END, joined, level_tokens, spaced
from zoo.data.text.vocabulary import UNKNOWN, Vocabulary
from zoo.decoding.sample import Sampler, sample
from zoo.engine.seed import generator
from zoo.errors import BadInput

FEW = 100  # values of a test vector


@dataclass(frozen=True)
class Written:
    """A prompt and how it goes on."""

    prompt: str
    text: str  # what was written after the prompt
    log_p: float  # of what was written, under the model as it is: without temperature and cuts

    def __str__(self) -> str:
        return self.prompt + self.text

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        return {"prompt": self.prompt, "text": self.text, "log_p": self.log_p}


class Writer:
    """Prompts in, ``Written`` out; the same seed and prompt write the same, alone or in a list."""

    OPTIONS = ("temperature", "top_k", "top_p", "length", "seed")

    def __init__(
        self,
        model: nn.Module,
        vocabulary: Vocabulary,
        level: str,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        length: int = 200,
        seed: int = 0,
    ) -> None:
        if length < 0:
            raise BadInput(f"length must be at least 0, got {length}")
        self.model: Any = model
        self.vocabulary, self.level = vocabulary, level
        self.sampler = Sampler(temperature, top_k, top_p)
        self.length, self.seed = length, seed
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls, card: Any, model: nn.Module, vocabulary: Vocabulary, **options: Any
    ) -> "Writer":
        """As a card describes it."""
        return cls(model, vocabulary, str(card.front_end["level"]), **options)

    def __call__(self, raw: Any) -> Any:
        """Write on from a prompt (it may be empty), or from each of a list or tuple of prompts.

        Raises:
            BadInput: for a character that the vocabulary lacks; unknown words are ``<unk>``.
        """
        if isinstance(raw, list | tuple):
            return [self(one) for one in raw]
        pieces = list(self._pieces(raw))
        return Written(raw, "".join(text for text, _ in pieces), sum(log_p for _, log_p in pieces))

    def stream(self, prompt: str) -> Iterator[str]:
        """The same text piece by piece, as it is written."""
        for piece, _ in self._pieces(prompt):
            yield piece

    def _pieces(self, prompt: str) -> Iterator[tuple[str, float]]:
        """Text and log-probability of each new token."""
        begin = self._numbers(prompt)[None]
        source = generator(self.seed, "write", prompt)
        before = self.vocabulary.words[int(begin[0, -1])] if prompt else END
        for number, log_p in islice(
            sample(self._step, begin, None, self.sampler, source), self.length
        ):
            word = self.vocabulary.words[number]
            yield spaced(before, word, self.level), log_p
            before = word

    @torch.inference_mode()
    def _step(self, numbers: Tensor, state: Tensor | None) -> tuple[Tensor, Tensor]:
        training = self.model.training
        self.model.eval()
        found = self.model.step(numbers, state)
        self.model.train(training)
        return found

    def _numbers(self, prompt: str) -> Tensor:
        """Numbers (T,) of a prompt; for an empty one, what stands before a new line."""
        if not isinstance(prompt, str):
            raise BadInput(f"a prompt must be text, got {type(prompt).__name__}")
        if self.level == "characters":
            found = list(prompt) or ["\n"]
        else:
            found = level_tokens(prompt, "words") if prompt.strip() else [END]
            found = found[:-1] if len(found) > 1 and not prompt.endswith("\n") else found
        if self.level == "characters" and prompt:
            self._check(found)
        if not prompt and found[0] not in self.vocabulary:
            return torch.zeros(1, dtype=torch.long, device=self.device)
        return torch.tensor(self.vocabulary.encode(found), device=self.device)

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
        log_p, _ = self._step(self._numbers(text)[None], None)
        return log_p[0, :FEW].float().cpu()
