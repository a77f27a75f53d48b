"""Sets of images with boxes: chosen, joined, digested."""

from dataclasses import replace

import pytest
import torch

from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.images import BoxedImages, BoxedSplits, joined
from zoo.ops.boxes.objects import objects
from zoo.ops.letterbox import placement


def images(count: int = 3, seed: int = 0) -> BoxedImages:
    """Noise with 0, 1, 2, ... boxes."""
    draw = torch.Generator().manual_seed(seed)
    pixels = torch.randint(256, (count, 3, 32, 64), generator=draw, dtype=torch.uint8)
    truth = tuple(objects([[i, 1, i + 9, 12] for i in range(n)], [0] * n) for n in range(count))
    places = (placement((32, 64), (32, 64)),) * count
    files, names = tuple("abcdef"[:count]), tuple("uvwxyz"[:count])
    return BoxedImages(pixels, truth, places, ("cell",), files, names)


def splits(seed: int = 0) -> BoxedSplits:
    parts = [images(4, seed), images(2), images(3)]
    return BoxedSplits("noise", "none", *parts, front_end=BoxFrontEnd((32, 64)))


def test_chosen_examples_keep_what_belongs_to_them() -> None:
    chosen = images().pick(torch.tensor([2, 0]))
    assert [one.size for one in chosen.objects] == [2, 0]
    assert (chosen.files, chosen.names) == (("c", "a"), ("w", "u"))
    assert torch.equal(chosen.pixels[0], images().pixels[2])
    assert len(images().pick(slice(1, 3))) == 2


def test_joined_sets_are_one_after_the_other() -> None:
    both = joined([images(2), images(3)])
    assert [one.size for one in both.objects] == [0, 1, 0, 1, 2]
    assert both.names == ("u", "v", "u", "v", "w")


def test_a_digest_depends_on_pixels_and_boxes_of_train_and_dev_only() -> None:
    one = splits()
    assert one.digest() == splits().digest() != splits(seed=1).digest()
    assert replace(one, test=images(1)).digest() == one.digest()
    train = one.train
    moved = (train.objects[1]._replace(boxes=train.objects[1].boxes + 1),)
    other = replace(train, objects=(*train.objects[:1], *moved, *train.objects[2:]))
    assert replace(one, train=other).digest() != one.digest()


def test_examples_are_known_by_their_file_and_their_pixels() -> None:
    (file, pixels), *_ = images().digests()
    assert file == "a"
    assert (pixels,) == replace(images(), files=()).digests()[0]


def test_about_counts_the_boxes() -> None:
    assert splits().about()["boxes"] == {"train": 6, "dev": 1, "test": 3}
    assert list(replace(splits(), only="all").parts()) == ["all"]


def test_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="3 images but objects of 1"):
        replace(images(), objects=images().objects[:1])
    with pytest.raises(ValueError, match="uint8"):
        replace(images(), pixels=torch.zeros(3, 3, 32, 64))
