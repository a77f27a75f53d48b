"""A recipe for word vectors: a corpus, a training algorithm, and the score to reach.

Word vectors are not trained by ``fit``: word2vec and GloVe update a few rows of a table millions of
times a minute, in separate loops (zoo/trainers/word2vec.py, zoo/trainers/glove.py). Their
settings are ``hyperparameters``, whose fields are set from a command line as ``window=10``.
Proof: tests/recipes/common/test_vectors_recipe.py.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from zoo import files
from zoo.data.examples import Examples
from zoo.data.own import LICENCE
from zoo.data.own.word_vectors import notices
from zoo.data.text.corpus import Corpus
from zoo.data.text.vocabulary import Vocabulary
from zoo.datasets.google_analogies import google_analogies
from zoo.datasets.wordsim353 import wordsim353
from zoo.engine import distributed
from zoo.engine.checkpoint_contents import setting
from zoo.engine.log import Log, Row
from zoo.errors import BadFile, BadInput, note, unknown
from zoo.recipes.common.override import convert
from zoo.recipes.common.recipe import Claim
from zoo.recipes.common.result import Result, commit, round_to_half
from zoo.recipes.common.vectors_run import watched
from zoo.tasks.word_vectors import WordVectorsTask
from zoo.trainers.pieces import Watch


class Learn(Protocol):
    """Learns vectors from a text: ``word2vec_vectors`` and ``glove_vectors``."""

    def __call__(
        self, corpus: Corpus, settings: Any, device: Any, watch: Watch | None
    ) -> tuple[nn.Module, Vocabulary, list[float]]:
        """The table of vectors, its words, and the loss of each epoch."""


@dataclass(frozen=True)
class VectorsRecipe:
    """One reproducible run; if ``scored``, evaluated on wordsim353 and questions-words."""

    name: str
    arch: str
    data: Callable[[], Corpus]
    learn: Learn
    hyperparameters: Any  # ``Word2VecSettings`` or ``GloVeSettings``
    claim: Claim
    scored: bool = True
    seed: int = 0
    seeds: int = 3
    half: bool = True
    start: str = ""  # weights whose vectors are gone on from

    @property
    def steps(self) -> int:
        """Number of epochs."""
        return int(self.hyperparameters.epochs)

    def run(
        self,
        folder: Path,
        device: torch.device,
        *,
        show: bool = True,
        anyway: bool = False,
        also: Callable[[Row], None] | None = None,
    ) -> Result:
        """As ``Recipe.run``, with a row of the log and a checkpoint for each epoch.

        Raises:
            BadInput: also under torchrun: the loops have threads.
        """
        if distributed.world() > 1:
            raise BadInput(f"{self.arch} is trained by one process; use threads=2 or more")
        code, corpus = commit(), self.data()
        log = Log(files.make_folder(folder) / "log.jsonl", show=show, title=self.name)
        log.also = also or log.also
        facts = {**setting(device), **self.settings(), "seed": self.seed}
        identity = {**facts, "data_sha256": corpus.digest()}
        with watched(folder, log, identity, self.steps, anyway=anyway) as watch:
            if corpus.licence == LICENCE:
                corpus.notices = notices(corpus)
            for line in corpus.notices if show else ():
                note(line)
            task = self._learned(corpus, device, watch)
            watch.end()
            seconds = watch.seconds()
            if self.half:
                round_to_half(task.model)
            scores = task.evaluate()
        return Result(task, log.rows, {}, scores, seconds, code)

    def _learned(self, corpus: Corpus, device: torch.device, watch: Watch) -> WordVectorsTask:
        """The task after learning from the corpus with the recipe's seed."""
        settings = replace(self.hyperparameters, seed=self.seed)
        table, vocabulary, losses = self.learn(corpus, settings, device, watch)
        task = self._task(table, corpus, vocabulary, losses)
        return task if self.start else replace(task, counts=corpus.counts)

    def examples(self) -> Examples:
        """None: vectors are measured by published tests."""
        return {}

    def measure(self, model: nn.Module, vocabulary: Vocabulary | None) -> WordVectorsTask:
        """The task with trained vectors; the loss of training is not known.

        Raises:
            BadFile: if the weights hold no vocabulary.
        """
        if vocabulary is None:
            raise BadFile(f"the weights of {self.name} hold no vocabulary; do not use them")
        return self._task(model, self.data(), vocabulary, [])

    def with_seed(self, seed: int) -> "VectorsRecipe":
        """The same run with another seed."""
        return replace(self, seed=seed)

    def _task(
        self, model: nn.Module, data: Corpus, vocabulary: Vocabulary, losses: list[float]
    ) -> WordVectorsTask:
        tests: dict[str, Any] = {}
        if self.scored:
            pairs, analogies = wordsim353(), google_analogies()
            tests = {"pairs": pairs.sections["pairs"], "sections": analogies.sections}
        return WordVectorsTask(model, data, vocabulary, losses, **tests)

    def override(self, **texts: str) -> "VectorsRecipe":
        """The same recipe with fields of ``hyperparameters``, or the seed, set from text.

        Raises:
            UnknownName: for a field that does not exist; near names are given.
            BadInput: for text that is not of the field's type.
        """
        new = self
        types = {field.name: field.type for field in fields(self.hyperparameters)}
        for name, text in texts.items():
            if name not in types:
                raise unknown("field", name, types)
            value = {name: convert(name, text, types[name])}
            if name == "seed":
                new = replace(new, **value)
            else:
                new = replace(new, hyperparameters=replace(new.hyperparameters, **value))
        return new

    def settings(self) -> dict[str, Any]:
        """The settings that a card records, as plain JSON values."""
        values = {k: v for k, v in asdict(self.hyperparameters).items() if k != "seed"}
        also: dict[str, Any] = {"half": True} if self.half else {}
        also |= {"start": self.start} if self.start else {}
        return {"recipe": self.name, "arch": self.arch, "arguments": {}, **values, **also}
