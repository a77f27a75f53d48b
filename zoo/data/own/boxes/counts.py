"""How many boxes there are of what, and what is lacking to train with, in words.

Proof: tests/data/own/boxes/test_counts.py.
"""

from collections.abc import Mapping, Sequence

import torch

from zoo.data.image.boxes.images import BoxedImages
from zoo.data.own.told import counted, few
from zoo.errors import BadInput


def sum_of_labels(part: BoxedImages, *, crowds: bool = True) -> list[int]:
    """How many boxes of each class there are.

    Args:
        crowds: count those of crowds too.
    """
    labels = [one.labels if crowds else one.labels[~one.crowd] for one in part.objects]
    every = torch.cat(labels or [torch.zeros(0, dtype=torch.int64)])
    return [int(n) for n in every.bincount(minlength=len(part.classes))]


def kinds_of(parts: Mapping[str, BoxedImages]) -> str:
    """How many boxes of each class: "5 images with 9 boxes in 2 classes (cat 6, dog 3)"."""
    classes = next(iter(parts.values())).classes
    counts = [sum(one) for one in zip(*map(sum_of_labels, parts.values()), strict=True)]
    each = few([f"{name} {n:,}" for name, n in zip(classes, counts, strict=True)])
    images = counted(sum(map(len, parts.values())), "images")
    return f"{images} with {sum(counts):,} boxes in {counted(len(classes), 'classes')} ({each})"


def what_train_lacks(train: BoxedImages, left_out: Sequence[str] = ()) -> list[str]:
    """Lines about classes without a box to train with, and about boxes that train nothing.

    Args:
        left_out: what was told of boxes that cannot be used.

    Raises:
        BadInput: if there is no box to train with of any class.
    """
    counts = sum_of_labels(train, crowds=False)
    lacking = [name for name, n in zip(train.classes, counts, strict=True) if not n]
    crowds = sum(int(one.crowd.sum()) for one in train.objects)
    difficult = sum(int((one.difficult & ~one.crowd).sum()) for one in train.objects)
    told = []
    if crowds:
        told.append(f"nothing is learned from {counted(crowds, 'boxes')} of crowds in train")
    if difficult:
        boxes = counted(difficult, "difficult boxes")
        told.append(f"{boxes} in train: the R-CNNs learn from them, YOLO does not")
    if not any(counts):
        why = "".join(f"; {one}" for one in (*left_out, *told))
        raise BadInput(f"there is no box to train with; expected some in the images of train{why}")
    return [*([f"no box to train with of class {few(lacking)}"] if lacking else []), *told]
