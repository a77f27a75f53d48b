"""The user's images by identity, divided so that no identity is in two parts.

Proof: tests/data/own/test_identity_parts.py.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from zoo.data.image.identities.splits import IdentitySplits
from zoo.data.image.images import Images
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.own import LICENCE
from zoo.data.own.image_list import ImageList
from zoo.data.own.told import counted, few, in_train_too, what_was_read
from zoo.data.splits import SPLITS
from zoo.engine.seed import generator
from zoo.errors import BadInput

LEAST = 2  # identities of a part, with two images or more each


def divided(listing: ImageList, front_end: ImageFrontEnd, seed: int = 0) -> IdentitySplits:
    """All of it in memory; a dev or test part that is not there has identities of train.

    Raises:
        BadFile, BadInput: as ``ImageList.images``.
        BadInput: if an identity is in two parts, or a part has too few of them.
    """
    refuse_shared(listing)
    parts, told = listing.images(front_end)
    made = [name for name in SPLITS[1:] if name not in parts]
    whole = {name: own_identities(part) for name, part in _completed(parts, made, seed).items()}
    read = what_was_read(
        identities(parts), {k: len(whole[k]) for k in SPLITS}, made, "of train, by identity"
    )
    pixels = {k: [digests[-1] for digests in part.digests()] for k, part in whole.items()}
    notices = (read, *listing.notices, *told, *_alone(parts), *in_train_too(pixels))
    train, dev, test = (whole[name] for name in SPLITS)
    return IdentitySplits(listing.name, LICENCE, train, dev, test, front_end, notices=notices)


def refuse_shared(listing: ImageList) -> None:
    """Raise BadInput if an identity is in two parts: it would be measured what was learned."""
    seen: dict[int, str] = {}
    for name, part in listing.parts.items():
        labels = {label for _, label in part}
        if shared := sorted(labels & seen.keys()):
            names = few([listing.classes[label] for label in shared])
            raise BadInput(
                f"{listing.name} has {names} in {seen[shared[0]]} and in {name}: identities of "
                "train, dev and test must be different; without a division zoo makes one"
            )
        seen |= dict.fromkeys(labels, name)


def own_identities(part: Images) -> Images:
    """The same images with those classes only that they show."""
    there, labels = part.labels.unique(return_inverse=True)
    return replace(part, labels=labels, classes=tuple(part.classes[i] for i in there.tolist()))


def identities(parts: Mapping[str, Images]) -> str:
    """How many images there are of how many identities: "400 images of 40 identities"."""
    labels = torch.cat([part.labels for part in parts.values()])
    people = len(labels.unique())
    kind = "1 identity" if people == 1 else f"{people:,} identities"
    return f"{counted(len(labels), 'images')} of {kind}"


def _completed(parts: Mapping[str, Images], made: list[str], seed: int) -> dict[str, Images]:
    """The parts, with a tenth of train's identities in each that has to be made."""
    train = parts["train"]
    counts = train.labels.bincount(minlength=len(train.classes))
    usable = (counts >= 2).nonzero().flatten()
    size = max(len(usable) // 10, LEAST)
    for name, part in {**parts}.items():
        if (found := int((part.labels.bincount() >= 2).sum())) < LEAST:
            raise BadInput(
                f"{name} has {found} identities with two images or more; expected {LEAST} or more: "
                "a folder for each, with its images in it"
            )
    if len(usable) < LEAST + size * len(made):
        raise BadInput(
            f"{len(usable)} identities with two images or more cannot be divided into train, "
            f"{' and '.join(made)}; expected {LEAST * (1 + len(made))} or more"
        )
    order = usable[torch.randperm(len(usable), generator=generator(seed, "identities"))]
    whole, held = dict(parts), torch.zeros(len(train), dtype=torch.bool)
    for number, name in enumerate(made):
        chosen = torch.isin(train.labels, order[number * size : (number + 1) * size])
        whole[name], held = train.pick(_rows(chosen)), held | chosen
    return whole | {"train": train.pick(_rows(~held))}


def _rows(chosen: Tensor) -> Tensor:
    return chosen.nonzero().flatten()


def _alone(parts: Mapping[str, Images]) -> tuple[str, ...]:
    """A line about identities with a single image, which make no pair of the same, or none."""
    labels = torch.cat([part.labels for part in parts.values()])
    classes = next(iter(parts.values())).classes
    names = [classes[i] for i in (labels.bincount() == 1).nonzero().flatten().tolist()]
    if not names:
        return ()
    kind = "1 identity has" if len(names) == 1 else f"{len(names):,} identities have"
    return (f"{kind} a single image, from which nothing is learned: {few(names)}",)
