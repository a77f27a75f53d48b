"""Few labels: a training set with a handful of examples of each class.

Notes: course 3, week 2, "Transfer learning": worth it when the new task has little data.
Proof: tests/data/image/test_few_labels.py.
"""

from dataclasses import replace

import torch

from zoo.data.image.images import ImageSplits
from zoo.engine.seed import generator
from zoo.errors import BadInput


def few(data: ImageSplits, each: int, seed: int = 0) -> ImageSplits:
    """The same data with ``each`` training examples of every class; dev and test stay whole.

    Args:
        seed: of the draw; every run of a recipe sees the same examples, so that arms are compared
            on the same labels.

    Raises:
        BadInput: if a class has fewer.
    """
    chosen = []
    for label, name in enumerate(data.train.classes):
        rows = (data.train.labels == label).nonzero().squeeze(1)
        if len(rows) < each:
            raise BadInput(f"{data.name} has {len(rows)} examples of {name}, fewer than {each}")
        order = torch.randperm(len(rows), generator=generator(seed, "few", label))
        chosen.append(rows[order[:each]])
    name = f"{data.name}, {each} labels a class"
    return replace(data, name=name, train=data.train.pick(torch.cat(chosen)))
