"""The user's photographs, which need no labels: a folder of them, of any depth.

    photos/  a.jpg  holiday/b.png          or   photos/  train/ ...  test/ ...   (dev/ likewise)

The folders train, dev and test have their usual names (zoo/data/own/split_names.py), and nothing
else lies beside them; of any other folder the images in it count, whatever folders they are in.
Proof: tests/data/own/test_photograph_list.py.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tqdm import tqdm

from zoo.data.examples import digest
from zoo.data.image.photograph_front_end import PhotographFrontEnd
from zoo.data.image.photographs import Photographs, PhotographSplits
from zoo.data.image.sniff import is_meant_as_image
from zoo.data.own import LICENCE, Needed
from zoo.data.own.held_out import held_out
from zoo.data.own.split_names import find_splits
from zoo.data.own.told import LeftOut, Unusable, counted, in_train_too, what_was_read
from zoo.data.splits import SPLITS
from zoo.errors import BadInput, Missing

MEMORY = 2_000_000_000  # bytes that all photographs may take; many are made smaller for it
LEAST = 64  # pixels of the longer side that no photograph is made smaller than
HIDDEN, OTHER, BESIDE = "hidden", "no images", "images beside train"


@dataclass(frozen=True)
class PhotographList:
    """Which photographs there are.

    Attributes:
        parts: the files of each split that the user has made; of a folder that is not divided all
            of them are in "train".
        divided: whether the user's folder has splits.
        notices: what was left out.
        skip_bad: leave out photographs that cannot be read, and list them.
    """

    name: str
    parts: Mapping[str, Sequence[Path]]
    divided: bool = False
    notices: tuple[str, ...] = ()
    skip_bad: bool = False

    @property
    def size(self) -> int:
        """The number of photographs in all parts."""
        return sum(map(len, self.parts.values()))

    def stated(self, needed: Needed) -> "PhotographList":
        """The parts that are to be measured on; under "" if the data are not divided."""
        parts = self.parts if self.divided else {"": self.parts["train"]}
        return replace(self, parts={name: parts[name] for name in needed(parts)})

    def read(self, front_end: PhotographFrontEnd, seed: int = 0) -> PhotographSplits:
        """All of it in memory; a dev or test part that is not there is taken from train.

        Raises:
            BadFile, BadInput: as ``images``; BadInput if they are too few to divide.
        """
        parts, told = self.images(front_end)
        train = parts["train"]
        index = held_out(torch.zeros(len(train), dtype=torch.int64), parts, seed)
        whole = parts | {name: train.pick(at.tolist()) for name, at in index.items()}
        made = [name for name in SPLITS[1:] if name not in self.parts]
        sizes = {name: len(whole[name]) for name in SPLITS}
        read = what_was_read(counted(sum(sizes.values()), "photographs"), sizes, made)
        pixels = {k: [digests[-1] for digests in part.digests()] for k, part in whole.items()}
        notices = (read, *self.notices, *told, *in_train_too(pixels))
        return PhotographSplits(
            self.name,
            LICENCE,
            whole["train"],
            whole["dev"],
            whole["test"],
            front_end,
            notices=notices,
        )

    def images(self, front_end: PhotographFrontEnd) -> tuple[dict[str, Photographs], list[str]]:
        """The parts in memory, and what there is to tell of photographs that were left out.

        Raises:
            BadFile, BadInput: if photographs cannot be read; all of them are named.
            BadInput: for a part without one.
        """
        longest = min(front_end.longest, max(int((MEMORY / (3 * self.size)) ** 0.5), LEAST))
        kept = replace(front_end, longest=longest)
        bad = Unusable("photographs", skip=self.skip_bad)
        parts = {name: self._part(name, kept, bad) for name in self.parts}
        told = bad.settled(self.size)
        for name, part in parts.items():
            if not len(part):
                where = f" in {name}" if name else ""
                raise BadInput(f"{self.name} has no photograph that can be read{where}")
        if longest < front_end.longest:
            told.append(f"the photographs are many: their longer sides are made {longest} pixels")
        return parts, told

    def _part(self, name: str, front_end: PhotographFrontEnd, bad: Unusable) -> Photographs:
        images, names, files = [], [], []
        title, off = f"reading {self.name}, {name}", not sys.stderr.isatty()
        for path in tqdm(self.parts[name], title, disable=off, leave=False):
            with bad.noted():
                images.append(front_end.pixels(path))
                names.append(path.name)
                files.append(digest(path.read_bytes()))
        return Photographs(tuple(images), tuple(names), tuple(files))


def list_photographs(root: Path, *, train: bool = True, skip_bad: bool = False) -> PhotographList:
    """The photographs of a folder, by split.

    Args:
        train: whether there must be something to train on.
        skip_bad: as of ``PhotographList``.

    Raises:
        Missing: if there is no such folder.
        BadInput: if no image is in it; for a dev or test folder without one for train.
    """
    if not root.is_dir():
        raise Missing(f"no folder {root}; expected a folder of photographs")
    left_out = LeftOut()
    folders = [path.name for path in root.iterdir() if path.is_dir() and path.name[0] != "."]
    places = find_splits(root, folders, train=train)
    if not places:
        found = {"train": _images(root, left_out)}
    else:
        found = {split: _images(root / name, left_out) for split, name in places.items()}
        inside = {root / name for name in places.values()}
        beside = [p for p in _images(root, LeftOut()) if not inside & set(p.parents)]
        left_out.add(BESIDE, *beside)
    for split, paths in found.items():
        if not paths:
            where = root / places[split] if places else root
            raise BadInput(f"{where} has no image in it; expected photographs")
    name = root.resolve().name  # of "." too
    return PhotographList(name, found, bool(places), left_out.told(), skip_bad)


def _images(place: Path, left_out: LeftOut) -> list[Path]:
    """All images below a folder, by name."""
    paths = sorted(path for path in place.rglob("*") if path.is_file())
    hidden = {p for p in paths if any(s[0] == "." for s in p.relative_to(place).parts)}
    images = [path for path in paths if path not in hidden and is_meant_as_image(path)]
    left_out.add(HIDDEN, *sorted(hidden))
    left_out.add(OTHER, *sorted({*paths} - hidden - {*images}))
    return images
