"""What is set aside from the user's training data where they name no dev or test part.

One rule for images and for sentences. Proof: tests/data/own/test_held_out.py.
"""

from collections.abc import Collection

import torch
from torch import Tensor

from zoo.data.splits import SPLITS, stratified


def held_out(labels: Tensor, named: Collection[str], seed: int = 0) -> dict[str, Tensor]:
    """Indices of train, and of dev and test unless they are ``named``.

    A tenth of train each, with the classes in the same proportions, and at least one example of
    each class that has three.

    Args:
        labels: (N,) of the training data.
        named: the splits that the user has set apart.
        seed: of the draw.

    >>> labels = torch.tensor([0] * 27 + [1] * 3)
    >>> {name: len(index) for name, index in held_out(labels, ()).items()}
    {'train': 24, 'dev': 3, 'test': 3}

    Raises:
        BadInput: if the training data are too few for that.
    """
    missing = [name for name in SPLITS[1:] if name not in named]
    if not missing:
        return {"train": torch.arange(len(labels))}
    size = max(len(labels) // 10, int((labels.bincount() >= 3).sum()), 1)
    return stratified(labels, {"train": 0, **dict.fromkeys(missing, size)}, seed)
