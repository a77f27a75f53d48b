"""Predicting the next word or character. Notes: course 5, week 1, "Language model".

``fit`` trains a ``LanguageModelTask`` by truncated backpropagation through time; the hidden state
is passed from chunk to chunk. The predictor is in predictors/language_model.py.
Proof: tests/tasks/test_language_model.py.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from zoo import files
from zoo.data.text.token_stream import TextSplits, chunks
from zoo.data.text.tokenizers import joined
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine import distributed
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.metrics.perplexity import total_cross_entropy
from zoo.nn.eval_mode import eval_mode
from zoo.practice.mistakes import TextMistakes
from zoo.predictors.language_model import Options, TextGenerator

SAMPLE = 500  # tokens that ``report`` samples at each temperature
LONGEST = 40  # characters of the prompt to try
READ, SHOWN, BEFORE = 2_000, 24, 12  # mistakes: tokens searched, mistakes shown, context before
Chunk = tuple[int, Tensor, Tensor]  # its number in the epoch, inputs (B, T), targets (B, T)


@dataclass
class LanguageModelTask(Task):
    """A text read in ``batch_size`` streams side by side, ``sequence_length`` tokens at a time.

    The hidden state after a chunk depends on the weights at that step and cannot be recomputed
    from later ones: it is in ``state``, which checkpoints save. The first chunk of each epoch
    starts from zeros.
    """

    model: Any  # token ids (B, T), state, targets (B, T) -> -log p (B, T), state
    data: TextSplits
    batch_size: int = 20
    seed: int = 0
    sequence_length: int = 35  # tokens of a chunk, through which the gradient is propagated
    random_offset: bool = True  # each epoch splits the text at other places
    sum_over_time: bool = False  # Zaremba's loss: a chunk's sum over its steps, not the mean

    units: ClassVar = {"cross_entropy": "nats", "bits_per_character": "bits"}

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        self.data = self.data.to(self.device)
        self._state: dict[str, Tensor] = {}
        for name in ("batch_size", "sequence_length"):
            if getattr(self, name) < 1:
                raise BadInput(f"{name} must be at least 1, got {getattr(self, name)}")

    @property
    def state(self) -> dict[str, Tensor]:
        """The hidden state after the last chunk, (S, L, B, H) under "hidden"."""
        return self._state

    def check(self) -> None:
        """Raise BadInput if the network has another vocabulary size."""
        have, want = self.model.embedding.num_embeddings, len(self.data.vocabulary)
        if have != want:
            raise BadInput(f"vocab_size={have}, but the vocabulary of {self.data.name} has {want}")

    def batches(self, epoch: int, start: int = 0) -> Iterator[Chunk]:
        """Chunks of this rank's streams."""
        seed = self.seed if self.random_offset else None
        world, rank = distributed.world(), distributed.rank()
        if self.batch_size % world:
            raise BadInput(f"batch_size {self.batch_size} cannot be shared by {world} processes")
        for number, inputs, targets in chunks(
            self.data.train, self.batch_size, self.sequence_length, seed, epoch, start
        ):
            share = len(inputs) // world
            local = slice(rank * share, (rank + 1) * share)
            yield number, inputs[local], targets[local]

    def loss(self, batch: Chunk) -> Tensor:
        """Mean cross-entropy of a token; with ``sum_over_time`` times the steps of the chunk."""
        number, inputs, targets = batch
        before = self._state.get("hidden") if number else None
        if before is not None and before.shape[2] != len(inputs):
            before = None  # of a checkpoint with another batch_size, taken up with --anyway
        losses, after = self.model(inputs, before, targets)
        self._state["hidden"] = after.detach()
        return losses.mean() * (inputs.shape[1] if self.sum_over_time else 1)

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        names = ("cross_entropy", "perplexity", "bits_per_character")
        return dict.fromkeys(names[: 3 if self.data.level == "characters" else 2], "lower")

    def evaluate(self, split: str = "dev", width: int | None = None) -> dict[str, float]:
        """Scores on all tokens of ``split``, in order.

        Args:
            width: segments that are read in parallel; changes the time, not the result.

        Returns:
            ``cross_entropy`` (mean -log p of a token, in nats), ``perplexity`` (exp of it); for
            characters ``bits_per_character`` too. Lower is better.
        """
        token_ids = self.data.parts()[split].token_ids
        with eval_mode(self.model):
            total, count = total_cross_entropy(self.model, token_ids, width)
        mean = total / count
        scores = {"cross_entropy": mean, "perplexity": math.exp(min(mean, 700))}
        if self.data.level == "characters":
            scores["bits_per_character"] = mean / math.log(2)
        return scores

    @torch.no_grad()
    def mistakes(self, split: str = "test") -> TextMistakes:
        """The least probable of the first READ tokens of ``split``, with the tokens before them."""
        ids = self.data.parts()[split].token_ids[: READ + 1].long()
        with eval_mode(self.model):
            losses = self.model(ids[None, :-1], None, ids[None, 1:])[0][0]  # (T,) -log p
        worst = losses.topk(min(SHOWN, len(losses)))
        words, between = self.vocabulary.decode(ids.tolist()), self._separator
        return TextMistakes(
            tuple(
                f"p = {math.exp(-loss):.1e}: {between.join(words[max(0, at - BEFORE) : at + 1])!r} "
                f"| {words[at + 1]!r}"
                for at, loss in zip(worst.indices.tolist(), worst.values.tolist(), strict=True)
            )
        )

    @property
    def _separator(self) -> str:
        """The text between two tokens."""
        return "" if self.data.level == "characters" else " "

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens; packed into the weights file."""
        return self.data.vocabulary

    def card_facts(self) -> dict[str, Any]:
        """Task and front end for the card."""
        return {"task": "language_model", "front_end": self.data.front_end.to_card(), "classes": []}

    def example(self, folder: Path) -> str:
        """The first words of the test part, as a prompt in one line."""
        words = self.vocabulary.decode(self.data.test.token_ids[:READ].tolist())
        lines = joined(words, self.data.level).splitlines()
        return next((line for line in lines if line.strip()), words[0])[:LONGEST].strip()

    def report(self, folder: Path, title: str) -> str:
        """Write samples at three temperatures to ``folder``/samples.txt; returns the middle one."""
        written = {}
        with eval_mode(self.model):
            for temperature in (0.5, 0.8, 1.0):
                options = Options(temperature=temperature, length=SAMPLE)
                written[temperature] = str(
                    TextGenerator(self.model, self.data.front_end, options)("")
                )
        text = "\n\n".join(f"{title}, temperature {t}:\n{sample}" for t, sample in written.items())
        files.write(files.make_folder(folder) / "samples.txt", text + "\n")
        return f"written at temperature 0.8 (more in samples.txt):\n{written[0.8]}"
