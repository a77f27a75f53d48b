"""What a set of pictures must be."""

import pytest
import torch

from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd


def pictures(count, first=0):
    number = torch.arange(first, first + count)
    return Images(number.to(torch.uint8).view(-1, 1, 1, 1), number % 2, ("a", "b"))


@pytest.mark.parametrize(
    "pixels",
    [
        torch.zeros(2, 1, 4, 4),
        torch.zeros(2, 4, 4, dtype=torch.uint8),
        torch.zeros(2, 1, 4, 4, 1, dtype=torch.uint8),
        torch.zeros(2, 1, 4, 4, dtype=torch.int64),
    ],
)
def test_pixels_of_another_shape_or_kind_are_refused(pixels):
    shape = tuple(pixels.shape)
    with pytest.raises(ValueError, match=r"pixels must be \(N, C, H, W\) uint8, got \(2") as caught:
        Images(pixels, torch.zeros(2, dtype=torch.int64), ("a",))
    assert f"{shape} {pixels.dtype}" in str(caught.value)


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 1), ()])
def test_labels_must_be_one_for_each_picture(shape):
    pixels = torch.zeros(2, 1, 4, 4, dtype=torch.uint8)
    with pytest.raises(ValueError, match="2 images but labels"):
        Images(pixels, torch.zeros(shape, dtype=torch.int64), ("a",))


def test_pick_takes_them_in_that_order():
    some = pictures(10).pick(torch.tensor([7, 2, 2]))
    assert some.pixels.flatten().tolist() == [7, 2, 2]
    assert some.labels.tolist() == [1, 0, 0]
    assert some.classes == ("a", "b")
    assert len(some) == 3
    assert pictures(10).pick(slice(8, None)).pixels.flatten().tolist() == [8, 9]


def splits(train=10, dev=3, test=2, **more):
    front_end = ImageFrontEnd((1, 1), mean=(0.5,), std=(0.5,))
    parts = pictures(train), pictures(dev, 50), pictures(test, 80)
    return ImageSplits("numbers", "none", *parts, front_end, **more)


def test_parts_are_in_the_notes_order():
    assert list(splits().parts()) == ["train", "dev", "test"]
    four = splits(train_dev=pictures(1))
    assert list(four.parts()) == ["train", "train_dev", "dev", "test"]


def test_to_moves_every_part():
    moved = splits(train_dev=pictures(1)).to(torch.device("meta"))
    assert {part.pixels.device.type for part in moved.parts().values()} == {"meta"}
    assert {part.labels.device.type for part in moved.parts().values()} == {"meta"}
    assert moved.name == "numbers"


def test_digest_is_of_what_training_depends_on():
    assert splits().digest() == splits().digest() == splits(test=5).digest()
    assert len({splits().digest(), splits(train=11).digest(), splits(dev=4).digest()}) == 3
    changed = splits()
    changed.dev.labels[0] = 1 - changed.dev.labels[0]
    assert changed.digest() != splits().digest()
