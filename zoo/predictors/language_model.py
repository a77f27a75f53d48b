"""Text generation with a language model: a prompt in, ``GeneratedText`` out.

>>> import zoo
>>> zoo.load("lstm.tinyshakespeare", temperature=0.8, seed=1)("ROMEO:")  # doctest: +SKIP
GeneratedText(prompt='ROMEO:', text='...', log_p=...)

Notes: course 5, week 1, "Sampling novel sequences". Proof: tests/predictors/test_language_model.py.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.text.token_stream import TextFrontEnd
from zoo.data.text.tokenizers import END, joined, level_tokens
from zoo.data.text.vocabulary import PAD, UNKNOWN, Vocabulary
from zoo.decoding.sample import NAN, Sampler, sample
from zoo.engine.seed import generator
from zoo.errors import OBEYED, BadInput
from zoo.nn.plain_torch import plain_torch
from zoo.options import option
from zoo.predictors.language_model_answer import Draft, Writing
from zoo.predictors.live import Writer
from zoo.predictors.predictor import Predictor

OUTPUTS = 100  # values of a test vector
LANES = 32  # prompts that are continued side by side
SHOWN = 16  # tokens that are written at once: a few milliseconds
READ = 8_192  # tokens of prompts in one forward pass
BARRED = (UNKNOWN, PAD)  # tokens that stand for no text


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
    bar: tuple[str, ...] = option(
        BARRED, "tokens that are never written; '' bars none", metavar="A,B"
    )


class TextGenerator(Predictor[Options], Writer):
    """Prompts in, ``GeneratedText`` out.

    The same seed and prompt give the same text, alone or within a list of prompts, which are
    continued side by side.
    """

    reads_text = draws = True

    def __init__(self, model: nn.Module, front_end: TextFrontEnd, options: Options) -> None:
        if options.length < 0:
            raise BadInput(f"length must be at least 0, got {options.length}")
        self.model: Any = model.eval()  # has step(token ids, state) -> (log_p, state)
        self.front_end = front_end
        self.vocabulary, self.level = front_end.vocabulary, front_end.level
        barred = _barred(options.bar, self.vocabulary)
        self.sampler = Sampler(options.temperature, options.top_k, options.top_p, barred)
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
        if not isinstance(raw, list | tuple):
            return self([raw])[0]
        writing = self.write(raw)
        for _ in writing:
            pass
        return writing.answers

    def as_writer(self) -> Writer:
        """This generator."""
        return self

    def stream(self, prompt: str) -> Iterator[str]:
        """Yield the continuation piece by piece, as it is generated."""
        for _, piece in self.write([prompt]):
            yield piece

    def write(self, raws: Sequence[Any]) -> Writing:
        """Continue prompts token by token, as ``Writer.write``.

        Raises:
            BadInput: as for ``__call__``.
        """
        drafts = [Draft(text, self._token_ids(text), self.front_end) for text in raws]
        return Writing(drafts, self._tokens(drafts))

    def _tokens(self, drafts: Sequence[Draft]) -> Iterator[tuple[int, int, float]]:
        """Number of the draft, token id and log-probability of each new token."""
        for at in range(0, len(drafts) if self.length else 0, LANES):
            group = drafts[at : at + LANES]
            steps = self._begun(group)
            for done in range(0, self.length, SHOWN):
                ids, shares = self._several(steps, min(SHOWN, self.length - done))  # (n, N)
                for row, share in zip(ids, shares, strict=True):
                    yield from zip(range(at, at + len(group)), row, share, strict=True)

    @plain_torch()
    @torch.inference_mode()
    def _begun(self, drafts: Sequence[Draft]) -> Iterator[tuple[Tensor, Tensor]]:
        """Token ids and log-probabilities, each (N, 1), of what follows prompts, without end."""
        sources = [generator(self.seed, "write", draft.prompt) for draft in drafts]
        log_p, state = self._read([draft.token_ids for draft in drafts])
        step, states = self.model.stepper(state, self.length * len(drafts))
        return sample(step, log_p, states, self.sampler, sources)

    @plain_torch()
    @torch.inference_mode()
    def _several(self, steps: Iterator[tuple[Tensor, Tensor]], count: int) -> list[list[list[Any]]]:
        """The next token ids and log-probabilities, each (count, N); taken at once, for speed."""
        both = zip(*islice(steps, count), strict=True)
        ids, shares = [torch.cat(part, 1).t().tolist() for part in both]
        if any(map(math.isnan, chain(*shares))):
            raise BadInput(NAN)
        return [ids, shares]

    def _read(self, rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """What follows prompts of any lengths: log-probabilities (N, V), and the state.

        They are read side by side up to the end of the shortest, the others on to the end of the
        next one, and so on: no padding is ever read.
        """
        order = sorted(range(len(rows)), key=lambda row: -len(rows[row]))  # the longest first
        outputs: list[Tensor] = [torch.empty(0)] * len(rows)
        state: Any = None
        states, at = list(outputs), 0
        for end in sorted({len(row) for row in rows}):
            block = torch.stack([rows[row][at:end] for row in order])
            for part in block.split(max(READ // len(order), 1), dim=1):
                log_p, state = self.model.step(part, state)
            for place, row in enumerate(order):
                if len(rows[row]) == end:
                    outputs[row], states[row] = log_p[place], state[:, :, place]
            order = [row for row in order if len(rows[row]) > end]
            at, state = end, state[:, :, : len(order)]
        return torch.stack(outputs), torch.stack(states, 2)

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
        """The prompt of a card's test vector: the first words that a card may hold."""
        words = [w for w in self.vocabulary.words if w != END and not OBEYED.search(w)][:8]
        return joined(words, self.level)

    @torch.inference_mode()
    def output_of(self, text: str) -> Tensor:
        """Log-probabilities of the next token for the first tokens, at most (100,)."""
        log_p, _ = self.model.step(self._token_ids(text)[None], None)
        output: Tensor = log_p[0, :OUTPUTS].float().cpu()
        return output


def _barred(bar: Sequence[str], vocabulary: Vocabulary) -> tuple[int, ...]:
    """The ids of tokens that are not to be written.

    Raises:
        BadInput: for tokens that are not in the vocabulary, or if none is left.
    """
    odd = [token for token in bar if token not in vocabulary and token not in BARRED]
    if odd:
        raise BadInput(f"bar has {odd[0]!r}, which is not in the vocabulary of {len(vocabulary)}")
    token_ids = {vocabulary.index[token] for token in bar if token in vocabulary}
    if len(token_ids) == len(vocabulary):
        raise BadInput("bar holds all tokens of the vocabulary; nothing is left to write")
    return tuple(sorted(token_ids))


PREDICTOR = TextGenerator
