"""Parts of a set of identities: trials, digest, device, what is told of them."""

from dataclasses import replace

import torch

from zoo.data.image.identities.pairs import FoldedPairs
from zoo.data.image.identities.splits import IdentitySplits
from zoo.data.image.identities.trials import Trial
from zoo.data.image.images import Images
from zoo.data.image.preprocess import default_front_end


def part(people: int, seed: int) -> Images:
    draw = torch.Generator().manual_seed(seed)
    labels = torch.arange(people).repeat_interleave(2)
    pixels = torch.randint(0, 256, (2 * people, 1, 4, 4), generator=draw).to(torch.uint8)
    return Images(pixels, labels, tuple(f"{seed}/{i}" for i in range(people)))


def splits(**fields) -> IdentitySplits:
    parts = {"train": part(6, 0), "dev": part(3, 1), "test": part(4, 2)}
    return IdentitySplits(
        "made up", "none", front_end=default_front_end((1, 4, 4)), **parts, **fields
    )


def test_trials_are_a_parts_own_or_drawn():
    own = (Trial(torch.tensor([0, 2]), torch.tensor([1]), torch.tensor([0])),)
    data = splits(trials={"test": own})
    assert data.trials_of("test") is own
    assert len(data.trials_of("dev")) == 10
    assert replace(data, only="all").trials_of("all") is own


def test_pairs_are_those_of_the_part_they_were_given_for():
    row = torch.zeros(1, dtype=torch.int64)
    own = FoldedPairs(row, row, row == 0, row)
    data = splits(pairs={"test": own})
    assert data.pairs_of("test") is own
    assert data.pairs_of("dev") is None
    assert replace(data, only="all").pairs_of("all") is own


def test_the_digest_follows_what_is_trained_on():
    data = splits()
    assert data.digest() == splits().digest() == replace(data, test=part(4, 9)).digest()
    assert data.digest() != replace(data, dev=part(3, 9)).digest()


def test_what_is_told():
    data = splits().to(torch.device("cpu"))
    assert data.about()["identities"] == {"train": 6, "dev": 3, "test": 4}
    assert {name: len(rows) for name, rows in data.examples().items()} == {
        "train": 12,
        "dev": 6,
        "test": 8,
    }
