"""Images by identity in parts that share no identity, and the trials they are measured with.

Proof: tests/data/image/identities/test_splits.py.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from zoo.data.examples import Examples
from zoo.data.image.identities.pairs import FoldedPairs
from zoo.data.image.identities.trials import Trial, drawn_trials
from zoo.data.image.images import Images
from zoo.data.image.preprocess import ImageFrontEnd

RUNS, WAYS = 10, 20  # of the trials of a part that has none of its own


@dataclass(frozen=True, eq=False)
class IdentitySplits:
    """A set for verification, ready for a task. ``test`` is looked at once, at the end.

    Attributes:
        train, dev, test: images; ``classes`` are the identities of that part. A name may have a
            group before a slash: "Bengali/12" is a character of an alphabet.
        trials: one-shot trials of a part; of one that is not named here they are drawn.
        pairs: of a part that is measured by pairs of its own, in folds; of others all are.
    """

    name: str
    licence: str
    train: Images
    dev: Images
    test: Images
    front_end: ImageFrontEnd  # how a raw image becomes what the network saw in training
    trials: Mapping[str, tuple[Trial, ...]] = field(default_factory=dict)
    pairs: Mapping[str, FoldedPairs] = field(default_factory=dict)
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    def to(self, device: torch.device) -> "IdentitySplits":
        """All splits on ``device``."""
        parts: dict[str, Any] = replace(self, only="").parts()
        return replace(self, **{name: part.to(device) for name, part in parts.items()})

    def parts(self) -> dict[str, Images]:
        """Name to split."""
        if self.only:
            return {self.only: self.test}
        return {"train": self.train, "dev": self.dev, "test": self.test}

    def trials_of(self, split: str) -> tuple[Trial, ...]:
        """The one-shot trials of a part: its own, or ``RUNS`` drawn ones, always the same."""
        part = self.parts()[split]
        if (name := "test" if self.only else split) in self.trials:
            return self.trials[name]
        return drawn_trials(part.labels.cpu(), WAYS, RUNS)

    def pairs_of(self, split: str) -> FoldedPairs | None:
        """The pairs in folds that a part is measured by, if it has some."""
        return self.pairs.get("test" if self.only else split)

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        return {name: part.digests() for name, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """The shape of an image, and how many identities there are."""
        identities = {name: len(part.classes) for name, part in self.parts().items()}
        return {"image": list(self.test.pixels.shape[1:]), "identities": identities}

    def digest(self) -> str:
        """A sha256 of what training depends on: pixels and labels of train and dev."""
        sha = hashlib.sha256()
        for part in (self.train, self.dev):
            sha.update(part.pixels.cpu().numpy().tobytes())
            sha.update(part.labels.cpu().numpy().tobytes())
        return sha.hexdigest()
