"""Do two images show the same face or character? Notes: course 4, week 4, "Face Verification".

``fit`` trains a ``VerificationTask``; the predictor is in predictors/verification.py. Batches hold
P identities with K images each (zoo/data/image/identities/batches.py). Under ``torchrun`` each
process makes triplets and pairs of its own share of the batch, P over the processes.
Proof: tests/tasks/test_verification.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from zoo.data.image.identities.batches import groups_of, people_and_images
from zoo.data.image.identities.decision import Decision
from zoo.data.image.identities.splits import IdentitySplits
from zoo.data.image.images import Images
from zoo.engine import distributed
from zoo.engine.seed import generator
from zoo.engine.task import Task
from zoo.errors import BadInput, note
from zoo.losses.verification.objectives import named
from zoo.metrics.verification.nearest import one_shot_wrong
from zoo.metrics.verification.roc import error_rates, roc_curve
from zoo.nn.eval_mode import eval_mode
from zoo.tasks.collapse import CollapseWatch, advice, collapsed
from zoo.tasks.verification_pairs import (
    folded_mistakes,
    folded_scores,
    identified,
    in_folds,
    most_mistaken,
    pair_scores,
    whole_identities,
)
from zoo.viz.mistakes import save_image
from zoo.viz.pair_mistakes import PairMistake, PairMistakes
from zoo.viz.roc import roc_figure

SCORES, RATES = ("one_shot_error", "eer"), ("false_accept", "false_reject")
OF_FOLDS = ("accuracy", "accuracy_std", "val", "val_std", "far")
CHUNK = 256  # images per forward pass in evaluation, or fewer if they are large:
VALUES = 6_000_000  # pixel values per pass
NEIGHBOURS = 5  # that vote on who it is
MISTAKES = 24  # that fill a sheet


@dataclass
class VerificationTask(Task):
    """Images by identity; scored by one-shot trials, and by pairs at equal error rates.

    ``batch_size`` counts images: P is ``batch_size / images``, or as many identities as there are.
    """

    model: Any  # a Verifier (zoo/nn/verifier.py), which ``fit`` may wrap
    data: IdentitySplits
    batch_size: int = 80
    seed: int = 0
    images: int = 4  # K, of each identity in a batch
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None
    objective: str = ""  # a name of zoo/losses/verification/objectives.py; "": the network's own
    margin: float | None = None  # None: the objective's own, 0.2 of triplets
    grouped: float = 0.5  # part of the epochs whose batches hold identities of the same group
    decoder: Decision | None = None  # the threshold, which ``choose`` sets

    units: ClassVar = dict.fromkeys((*SCORES, *RATES, *OF_FOLDS), "%")

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        self.data = self.data.to(self.device)
        if self.images < 2 or self.batch_size < 2 * self.images or self.batch_size % self.images:
            got = f"batch_size={self.batch_size} images={self.images}"
            raise BadInput(
                "a batch holds two identities or more with two images or more each: batch_size "
                f"must be a multiple of images, got {got}"
            )
        if self.margin is not None and not self.margin > 0:
            raise BadInput(f"margin must be above 0, got {self.margin:g}")
        if not 0 <= self.grouped <= 1:
            raise BadInput(f"grouped is a part of the epochs, 0 to 1, got {self.grouped:g}")
        self._network = self.model  # before it is wrapped
        name = self.objective or self._network.objective
        self._objective = named(name, self._network.scale)
        margin = self._objective.margin if self.margin is None else self.margin
        self._watch = CollapseWatch(name, self._objective.idle(margin or 0.0), self.device)
        self._labels = self.data.train.labels.cpu()
        self._groups = groups_of(self.data.train.classes)
        self._collapsed = False  # what ``choose`` found

    @property
    def people(self) -> int:
        """P, of all processes together."""
        return self.batch_size // self.images

    def batches(self, epoch: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        """(normalised images, identities) of this rank; identities stay on the CPU."""
        train = self.data.train
        order = people_and_images(
            self._labels,
            self.people,
            self.images,
            self.seed,
            epoch,
            start=start,
            rank=distributed.rank(),
            world=distributed.world(),
            groups=self._groups,
            grouped=self.grouped,
        )
        for number, index, local in order:
            pixels = train.pixels[index.to(self.device)]
            if self.augment is not None:
                pixels = self.augment(pixels, generator(self.seed, "augment", epoch, number))
            yield self.data.front_end.normalise(pixels[local]), self._labels[index[local]]

    def loss(self, batch: tuple[Tensor, Tensor]) -> Tensor:
        """The objective on the vectors of a batch."""
        images, labels = batch
        vectors = self.model(images)
        loss = self._objective(self._network, vectors, labels, self.margin)
        if torch.is_grad_enabled() and (line := self._watch.add(loss, vectors)):
            note(line)
        return loss

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return dict.fromkeys(SCORES, "lower")

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """Every process measures all of it.

        Returns:
            ``one_shot_error``: % of the questions of the split's trials whose answer is wrong;
            ``eer``: % of pairs, at the threshold at which pairs of the same are taken for two as
            often as pairs of two for the same, over all pairs of the split, or of whole identities
            with 4,000 images; where a threshold is chosen, the ``false_accept`` and
            ``false_reject`` rates with it. Of pairs in folds (LFW) those of
            ``zoo.metrics.verification.folds`` instead of trials, and the others of these pairs.
        """
        part = self.data.parts()[split]
        vectors = self.vectors(part)
        same, two = self._pair_scores(split, vectors)
        folded = self.data.pairs_of(split)
        if folded is None:
            scores = {"one_shot_error": self._one_shot(split, vectors)}
        else:
            scores = in_folds(self.model, vectors, folded).scores()
        scores["eer"] = roc_curve(same, two).eer
        if self.decoder is not None:
            accepted, rejected = error_rates(same, two, self.decoder.threshold)
            scores |= {"false_accept": accepted, "false_reject": rejected}
        return scores

    @torch.no_grad()
    def vectors(self, part: Images) -> Tensor:
        """The vectors (N, D) of a set, batch by batch, in evaluation mode."""
        size = max(1, min(CHUNK, VALUES // part.pixels.shape[1:].numel()))
        with eval_mode(self.model):
            normalise = self.data.front_end.normalise
            made = [self.model(normalise(pixels)).float() for pixels in part.pixels.split(size)]
        return torch.cat(made)

    def _pair_scores(self, split: str, vectors: Tensor) -> tuple[Tensor, Tensor]:
        part, folded = self.data.parts()[split], self.data.pairs_of(split)
        if folded is not None:
            return folded_scores(self.model, vectors, folded)
        rows = whole_identities(part.labels).to(vectors.device)
        return pair_scores(self.model, vectors[rows], part.labels[rows])

    @torch.no_grad()
    def _one_shot(self, split: str, vectors: Tensor) -> float:
        wrong, asked = 0, 0
        for trial in self.data.trials_of(split):
            table = self.model.dissimilarity(vectors[trial.query], vectors[trial.support])
            wrong += int(one_shot_wrong(table.cpu(), trial.answer).sum())
            asked += len(trial.answer)
        return 100 * wrong / asked if asked else 0.0

    def choose(self, split: str = "dev") -> None:
        """Set the threshold at which both kinds of errors are equally frequent on ``split``."""
        part = self.data.parts()[split]
        vectors = self.vectors(part)
        same, two = self._pair_scores(split, vectors)
        threshold = roc_curve(same, two).eer_threshold
        accepted, rejected = error_rates(same, two, threshold)
        self.decoder = Decision(threshold, accepted, rejected)
        self._collapsed = collapsed(vectors)

    def card_facts(self) -> dict[str, Any]:
        """Task, front end and threshold; identities have no place in weights that know none.

        Raises:
            BadInput: if there is no threshold yet.
        """
        if self.decoder is None:
            raise BadInput("no threshold is chosen yet; call choose() first")
        facts = {
            "task": "verification",
            "front_end": self.data.front_end.to_card(),
            "classes": [],
            "decoder": self.decoder.to_card(),
        }
        return facts | ({"notes": self._remark()} if self._collapsed else {})

    def _remark(self) -> str:
        name = self.objective or self._network.objective
        return f"Collapsed: it makes one and the same point of all images; try {advice(name)}."

    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/roc.png and mistakes.png, of the test set; rates at the threshold."""
        lines = [self._remark()] if self._collapsed else []
        if self.decoder is not None:
            lines.append(
                f"threshold {self.decoder.threshold:.4f} ({self._network.scale}), chosen on dev: "
                f"false accepts {self.decoder.false_accept:.2f} %, "
                f"false rejects {self.decoder.false_reject:.2f} % there"
            )
        part = self.data.parts()["test"]
        vectors = self.vectors(part)
        rows = whole_identities(part.labels).to(vectors.device)
        wrong = identified(self.model, vectors[rows], part.labels[rows], (1, NEIGHBOURS))
        lines.append(
            f"who is it, by the nearest other image: {wrong[0]:.2f} % wrong, "
            f"by most of {NEIGHBOURS}: {wrong[1]:.2f} %"
        )
        curve = roc_curve(*self._pair_scores("test", vectors))
        threshold = self.decoder.threshold if self.decoder else None
        roc_figure(curve, folder / "roc.png", threshold=threshold, title=title)
        self._mistakes("test", vectors, title=title).save(folder / "mistakes.png")
        return "\n".join(lines)

    def mistakes(self, split: str = "test", most: int = MISTAKES) -> PairMistakes:
        """The pairs of ``split`` farthest on the wrong side of the threshold, of both kinds."""
        return self._mistakes(split, self.vectors(self.data.parts()[split]), most)

    def _mistakes(
        self, split: str, vectors: Tensor, most: int = MISTAKES, title: str = ""
    ) -> PairMistakes:
        part = self.data.parts()[split]
        if self.decoder is None:
            threshold = roc_curve(*self._pair_scores(split, vectors)).eer_threshold
        else:
            threshold = self.decoder.threshold
        folded = self.data.pairs_of(split)
        if folded is None:
            kinds = most_mistaken(self.model, vectors, part.labels, most // 2, threshold)
        else:
            kinds = folded_mistakes(self.model, vectors, folded, most // 2, threshold)
        items = tuple(_mistake(part, *one) for kind in kinds for one in zip(*kind, strict=True))
        return PairMistakes(items, title or f"{self.data.name}, {split}")

    def example(self, folder: Path) -> str:
        """Write ``folder``/example.png and other.png, which show the same; the path of the one."""
        labels = self.data.test.labels.cpu()
        alike = (labels == labels[0]).nonzero().flatten()
        for name, row in (("example", 0), ("other", int(alike[-1]))):
            save_image(self.data.test.pixels[row].cpu(), folder / f"{name}.png")
        return str(folder / "example.png")


def _mistake(part: Images, value: Tensor, first: Tensor, second: Tensor) -> PairMistake:
    rows = [int(first), int(second)]
    one, other = (part.pixels[row].cpu() for row in rows)
    names = [part.classes[int(part.labels[row])] for row in rows]
    return PairMistake((one, other), (names[0], names[1]), float(value))
