"""Training word2vec in batches with torch, on any device: the losses of the compiled loops.

Mikolov et al. 2013, arXiv:1301.3781 (fig. 1) and 1310.4546 (eq. 4, sec. 2.2 and 2.3). Notes:
course 5, week 2, "Negative sampling". Text comes in blocks of whole sentences; a block's words are
subsampled, its windows cut and shuffled, and every batch of windows is one update, by the
gradients written out below. What is drawn depends on seed, epoch, block and kind of device.
Deviations: a batch's errors are all taken before any of its moves, and a row moves by their sum.
A word that stands in a batch N times so takes one step N times as long: batches are as small as
the text's most frequent word asks for (``windows_together``). Without the hierarchical softmax.
On a GPU the additions of a batch come in no fixed order, so that a run repeats to rounding only.
Proof: tests/trainers/test_word2vec_torch.py.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from zoo.engine.seed import generator
from zoo.losses.sampled import negative_sampling
from zoo.ops.negative_sampling import FULL, alias_table, unigram
from zoo.ops.subsampling import keep_chance
from zoo.trainers.pieces import Tables

BLOCK = 1 << 16  # words of the text that are prepared together, at least
BATCH = 4096  # windows of one update, at most
TOGETHER = 1.0  # lr times the errors that move one row at once, at most, on average

Array = np.ndarray[Any, Any]


class Windows(NamedTuple):
    """What predicts what; a row is one window, or one pair where negatives are drawn for pairs.

    Attributes:
        contexts: (N, C) words around.
        present: (N, C) False where there is none; at least one of each row is there.
        targets: (N, 1 + K) the word itself, then the drawn ones.
    """

    contexts: Tensor
    present: Tensor
    targets: Tensor


class InBatches:
    """The trainer of ``train_word2vec`` for a model on a GPU."""

    def __init__(
        self, model: Any, text: Any, counts: Array, settings: Any, batch: int = BATCH
    ) -> None:
        """Args are those of ``train_word2vec``; the text may stay on the disk."""
        self.inputs, self.outputs = model.table.vectors.weight, model.outputs.vectors.weight
        self.settings, self.text = settings, text
        self.total = len(text.tokens) * settings.epochs
        self.batch = min(batch, windows_together(counts, settings))
        limit, other = alias_table(unigram(counts))
        chances = keep_chance(counts, settings.sample), limit / FULL
        self.keep, self.limit = (torch.from_numpy(p).float().to(self.device) for p in chances)
        self.other = torch.from_numpy(other).long().to(self.device)

    @property
    def device(self) -> torch.device:
        """The device of the tables, and of all work."""
        device: torch.device = self.inputs.device
        return device

    def tables(self) -> Tables:
        """Both tables; what has been read decides the rate, and nothing else is kept."""
        return {"model.table": self.inputs.detach(), "model.outputs": self.outputs.detach()}

    @torch.no_grad()
    def pieces(self, epoch: int, start: int = 0) -> Iterator[tuple[float, int]]:
        """One pass over the text, by blocks: of each the sum of the losses and the predictions."""
        for first, end in islice(self._blocks(), start, None):
            loss = torch.zeros((), dtype=torch.float64, device=self.device)
            batch = self._windows(first, end, self._draw("block", epoch, first))
            words = int(self.text.offsets[end]) - int(self.text.offsets[first])
            seen = int(self.text.offsets[first]) + len(self.text.tokens) * (epoch - 1)
            n = len(batch.contexts)
            for at in range(0, n, self.batch):
                some = Windows(*(part[at : at + self.batch] for part in batch))
                loss += self.update(some, self.rate(seen + words * at / n))
            yield float(loss), n if self.settings.kind == "cbow" else int(batch.present.sum())

    def finite(self) -> bool:
        """Whether both tables are finite."""
        return all(bool(table.isfinite().all()) for table in (self.inputs, self.outputs))

    def rate(self, words: float) -> float:
        """The learning rate after so many words, never below lr/10,000."""
        return float(self.settings.lr * max(1.0 - words / (self.total + 1.0), 1e-4))

    @torch.no_grad()
    def update(self, some: Windows, lr: float) -> Tensor:
        """One step down the summed loss, which is returned, in float64, of before the step.

        With s = h . o of a target o: loss is -log sigmoid(+-s), so d/ds = -+ sigmoid(-+s), and the
        gradients of h and o are that times o and h.
        """
        cbow = self.settings.kind == "cbow"
        hidden, there = self.inputs[some.contexts], some.present.to(self.inputs.dtype)[..., None]
        share = there / there.sum(1, keepdim=True)  # (N, C, 1) of each context in the mean
        if cbow:
            hidden = (share * hidden).sum(1, keepdim=True)  # (N, 1, D)
        heads = torch.ones_like(some.present[:, :1]) if cbow else some.present
        words = self.outputs[some.targets]  # (N, 1 + K, D)
        kept = some.targets != some.targets[:, :1]  # the word itself, drawn as noise, is skipped
        kept[:, 0] = True
        scores = hidden @ words.mT  # (N, C or 1, 1 + K)
        loss = (negative_sampling(scores.double(), kept[:, None]) * heads).sum()
        right = torch.zeros_like(scores)
        right[..., 0] = 1
        slope = (scores.sigmoid() - right) * (heads[..., None] & kept[:, None])
        into = slope @ words
        if cbow:
            into = into * (share if self.settings.cbow_grad == "exact" else there)
        _add(self.outputs, some.targets, slope.mT @ hidden, -lr)
        _add(self.inputs, some.contexts, into, -lr)
        return loss

    def noise(self, shape: tuple[int, ...], draw: torch.Generator) -> Tensor:
        """Words by count^0.75, from the alias table."""
        words = torch.randint(len(self.limit), shape, generator=draw, device=self.device)
        even = torch.rand(shape, generator=draw, device=self.device)
        return torch.where(even < self.limit[words], words, self.other[words])

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Runs of sentences (first, end), of BLOCK words or one sentence at least."""
        offsets, first = self.text.offsets, 0
        while first < len(offsets) - 1:
            end = int(np.searchsorted(offsets, offsets[first] + BLOCK))
            end = min(max(end, first + 1), len(offsets) - 1)
            yield first, end
            first = end

    def _windows(self, first: int, end: int, draw: torch.Generator) -> Windows:
        """All of a block's windows, in random order."""
        offsets = torch.from_numpy(np.array(self.text.offsets[first : end + 1]))
        words = torch.from_numpy(np.array(self.text.tokens[offsets[0] : offsets[-1]]))
        words = words.to(self.device).long()
        sentence = torch.arange(end - first).repeat_interleave(offsets.diff()).to(self.device)
        kept = torch.rand(len(words), generator=draw, device=self.device) < self.keep[words]
        words, sentence = words[kept], sentence[kept]
        contexts, present = windows(words, sentence, self._reaches(len(words), draw))
        some = present.any(1).nonzero()[:, 0]
        some = some[torch.randperm(len(some), generator=draw, device=self.device)]
        contexts, present, words = contexts[some], present[some], words[some]
        if self.settings.kind == "skipgram" and self.settings.negative_draws == "pair":
            words = words[:, None].expand_as(contexts)[present]
            contexts = contexts[present][:, None]
            present = torch.ones_like(contexts, dtype=torch.bool)
        drawn = self.noise((len(words), self.settings.negative), draw)
        return Windows(contexts, present, torch.cat([words[:, None], drawn], 1))

    def _reaches(self, n: int, draw: torch.Generator) -> Tensor:
        """(n, 2 window) how far each window goes, as places that are in it or not."""
        window = self.settings.window
        reach = torch.randint(1, window + 1, (n, 1), generator=draw, device=self.device)
        return steps(window, self.device).abs() <= reach

    def _draw(self, *address: int | str) -> torch.Generator:
        """A generator on the device, so that nothing drawn has to be copied there."""
        seed = generator(self.settings.seed, "word2vec", *address).initial_seed()
        return torch.Generator(self.device).manual_seed(seed)


def steps(window: int, device: torch.device | None = None) -> Tensor:
    """Where a window's places are, seen from its word: -window..-1, 1..window."""
    there = torch.arange(-window, window + 1, device=device)
    return there[there != 0]


def windows(words: Tensor, sentence: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
    """Contexts (N, 2W) of words (N,), and where there is one: no window leaves its sentence.

    Args:
        sentence: (N,) the sentence of each word.
        inside: (N, 2W) which places the window reaches.

    >>> around, there = windows(torch.tensor([5, 6, 7]), torch.tensor([0, 0, 1]),
    ...                         torch.ones(3, 2, dtype=torch.bool))
    >>> [row[kept].tolist() for row, kept in zip(around, there)]
    [[6], [5], []]
    """
    n = len(words)
    places = torch.arange(n, device=words.device)[:, None]
    places = places + steps(inside.shape[1] // 2, words.device)
    within = (places >= 0) & (places < n)
    places = places.clamp(0, max(n - 1, 0))
    return words[places], inside & within & (sentence[places] == sentence[:, None])


def windows_together(counts: Array, settings: Any) -> int:
    """How many windows make a batch in which no row moves too far.

    The loss bends by |h|^2 / 4 at most, so that N steps taken at once go astray where
    lr N |h|^2 / 4 is above 2. With lr N <= 1, on average over batches, vectors may have |h|^2 = 8.

    >>> from zoo.trainers.word2vec import Word2VecSettings
    >>> windows_together(np.full(1000, 10), Word2VecSettings(sample=0))
    1111
    """
    kept = counts * keep_chance(counts, settings.sample)
    kept = kept / kept.sum()
    around = settings.window + 1  # words of a window, on average over its reaches
    pairs = 1 if settings.kind == "cbow" else around
    heaviest = max(
        (around * kept).max(), (pairs * (kept + settings.negative * unigram(counts))).max()
    )
    windows = TOGETHER / (settings.lr * heaviest)
    if settings.kind == "skipgram" and settings.negative_draws == "pair":
        windows *= around  # the rows of a batch are pairs then
    return max(1, int(windows))


def _add(table: Tensor, words: Tensor, gradient: Tensor, rate: float) -> None:
    table.index_add_(0, words.flatten(), gradient.flatten(0, 1), alpha=rate)
