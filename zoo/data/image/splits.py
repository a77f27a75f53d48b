"""Dividing images. Notes: course 2, week 1 (train/dev/test) and course 3, week 2 (mismatch).

Proof: tests/data/image/test_splits.py.
"""

import torch

from zoo.data.image.images import Images, joined
from zoo.data.splits import divide
from zoo.engine.seed import generator
from zoo.errors import BadInput


def train_dev(images: Images, dev: int, seed: int = 0) -> tuple[Images, Images]:
    """Set ``dev`` examples aside."""
    index = divide(len(images), {"train": 0, "dev": dev}, seed)
    return images.pick(index["train"]), images.pick(index["dev"])


def train_dev_test(
    images: Images, dev: int, test: int, seed: int = 0
) -> tuple[Images, Images, Images]:
    """All three from one distribution."""
    index = divide(len(images), {"train": 0, "dev": dev, "test": test}, seed)
    return tuple(images.pick(index[name]) for name in ("train", "dev", "test"))  # type: ignore


def mismatched(
    plenty: Images,
    target: Images,
    *,
    extra: int,
    train_dev: int,
    dev: int,
    test: int,
    seed: int = 0,
) -> dict[str, Images]:
    """The notes' four sets when training data come from elsewhere than what is aimed at.

    Args:
        plenty: the distribution there is much of (images from the web).
        target: the distribution that counts (images from the app); dev and test come from it.
        extra: how many of ``target`` join the training set.
        train_dev: how many of the training distribution are kept from training: the gap between
            train and train-dev error is variance, between train-dev and dev error data mismatch.

    Returns:
        "train", "train_dev", "dev", "test": disjoint; every example is in exactly one.
    """
    want = {"train": extra, "dev": dev, "test": test}
    if extra + dev + test != len(target) or min(want.values()) < 0:
        raise BadInput(f"{extra} + {dev} + {test} of the target set, which has {len(target)}")
    index = _exact(want, seed)
    if plenty.classes != target.classes:
        raise BadInput(f"classes differ: {plenty.classes} and {target.classes}")
    learned = joined([plenty, target.pick(index["train"])])
    train, kept = divide(len(learned), {"train": 0, "train_dev": train_dev}, seed).values()
    return {
        "train": learned.pick(train),
        "train_dev": learned.pick(kept),
        "dev": target.pick(index["dev"]),
        "test": target.pick(index["test"]),
    }


def _exact(parts: dict[str, int], seed: int) -> dict[str, torch.Tensor]:
    order = torch.randperm(sum(parts.values()), generator=generator(seed, "target"))
    return dict(zip(parts, order.split(list(parts.values())), strict=True))
