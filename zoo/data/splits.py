"""Dividing examples. Notes: course 2, week 1 (train/dev/test) and course 3, week 2 (mismatch)."""

import torch

from zoo.data.batching import Pictures
from zoo.engine.seed import generator
from zoo.errors import BadInput


def divide(count: int, parts: dict[str, int], seed: int = 0) -> dict[str, torch.Tensor]:
    """Indices 0..count-1, shuffled and dealt out; the first of ``parts`` also gets what is left.

    >>> {k: len(v) for k, v in divide(10, {"train": 0, "dev": 2, "test": 3}).items()}
    {'train': 5, 'dev': 2, 'test': 3}

    Raises:
        BadInput: if the parts want more than there is, or leave the first one empty.
    """
    first, *others = parts
    left = count - sum(parts[name] for name in others)
    if left < max(parts[first], 1) or min(parts.values()) < 0:
        wanted = ", ".join(f"{name} {size}" for name, size in parts.items())
        raise BadInput(f"{count} examples cannot be divided into {wanted} with a non-empty {first}")
    order = torch.randperm(count, generator=generator(seed, "split"))
    sizes = [left, *(parts[name] for name in others)]
    return dict(zip(parts, order.split(sizes), strict=True))


def train_dev(pictures: Pictures, dev: int, seed: int = 0) -> tuple[Pictures, Pictures]:
    """Set ``dev`` examples aside."""
    index = divide(len(pictures), {"train": 0, "dev": dev}, seed)
    return pictures.pick(index["train"]), pictures.pick(index["dev"])


def train_dev_test(
    pictures: Pictures, dev: int, test: int, seed: int = 0
) -> tuple[Pictures, Pictures, Pictures]:
    """All three from one distribution."""
    index = divide(len(pictures), {"train": 0, "dev": dev, "test": test}, seed)
    return tuple(pictures.pick(index[name]) for name in ("train", "dev", "test"))  # type: ignore


def mismatched(
    plenty: Pictures,
    target: Pictures,
    *,
    extra: int,
    train_dev: int,
    dev: int,
    test: int,
    seed: int = 0,
) -> dict[str, Pictures]:
    """The notes' four sets when training data come from elsewhere than what is aimed at.

    Args:
        plenty: the distribution there is much of (pictures from the web).
        target: the distribution that counts (pictures from the app); dev and test come from it.
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
    joined = _join(plenty, target.pick(index["train"]))
    train, kept = divide(len(joined), {"train": 0, "train_dev": train_dev}, seed).values()
    return {
        "train": joined.pick(train),
        "train_dev": joined.pick(kept),
        "dev": target.pick(index["dev"]),
        "test": target.pick(index["test"]),
    }


def _exact(parts: dict[str, int], seed: int) -> dict[str, torch.Tensor]:
    order = torch.randperm(sum(parts.values()), generator=generator(seed, "target"))
    return dict(zip(parts, order.split(list(parts.values())), strict=True))


def _join(a: Pictures, b: Pictures) -> Pictures:
    if a.classes != b.classes:
        raise BadInput(f"classes differ: {a.classes} and {b.classes}")
    return Pictures(torch.cat([a.pixels, b.pixels]), torch.cat([a.labels, b.labels]), a.classes)
