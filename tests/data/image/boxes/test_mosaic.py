"""Four images in one."""

import pytest
import torch

from tests.helpers.hostile_boxes import hostile
from zoo.data.image.boxes.augment import chain, flip_boxes, scale_jitter, zoom_and_shift
from zoo.data.image.boxes.mosaic import mosaic, quarters
from zoo.errors import BadInput
from zoo.ops.boxes.objects import Objects, objects

HEIGHT, WIDTH, N = 80, 120, 6


def scene() -> tuple[torch.Tensor, list[Objects]]:
    """Images of a colour of their own, each with a bright square."""
    pixels, truth = torch.zeros(N, 3, HEIGHT, WIDTH, dtype=torch.uint8), []
    for i in range(N):
        pixels[i] = 10 * (i + 1)
        x, y = 10 + 15 * i, 8 + 8 * i
        pixels[i, :, y : y + 20, x : x + 20] = 150 + 10 * i
        truth.append(objects([[x, y, x + 20, y + 20]], [i], [i % 2 == 0], [i % 3 == 0]))
    return pixels, truth


def made(seed: int, **settings) -> tuple[torch.Tensor, list[Objects]]:
    pixels, found = mosaic(**settings)(*scene(), torch.Generator().manual_seed(seed))
    return pixels, list(found)


@pytest.mark.parametrize("seed", range(10))
def test_a_box_surrounds_what_is_left_of_its_object(seed):
    pixels, found = made(seed)
    checked = 0
    for image, one in zip(pixels, found, strict=True):
        for box, label, difficult, crowd in zip(*one, strict=True):
            x1, y1, x2, y2 = box.round().int().tolist()
            inside = image[0, y1 + 2 : y2 - 2, x1 + 2 : x2 - 2]
            assert (inside == 150 + 10 * label).all()
            assert difficult == (label % 2 == 0)
            assert crowd == (label % 3 == 0)
            frame = image[0, max(y1 - 3, 0) : y2 + 3, max(x1 - 3, 0) : x2 + 3] == 150 + 10 * label
            assert frame.sum() <= (x2 - x1 + 1) * (y2 - y1 + 1)
            checked += 1
    assert checked > 10


def test_every_large_piece_of_an_object_has_a_box():
    for seed in range(4):
        pixels, found = made(seed)
        for image, one in zip(pixels, found, strict=True):
            for label in range(N):
                shown = int((image[0] == 150 + 10 * label).sum())
                boxes = one.boxes[one.labels == label]
                left = float((boxes[:, 2:] - boxes[:, :2]).prod(1).sum())
                assert shown - left < 4 * 0.4 * 20 * 20  # four pieces below the share that stays


def test_an_image_is_in_its_own_mosaic_and_every_pixel_is_of_some_image():
    pixels, _ = made(0)
    colours = {10 * (i + 1) for i in range(N)} | {150 + 10 * i for i in range(N)}
    for i, image in enumerate(pixels):
        seen = set(image.unique().tolist())
        assert seen & {10 * (i + 1), 150 + 10 * i}
    plain = torch.cat([image[0, ::7, ::7].flatten() for image in pixels]).tolist()
    assert sum(value in colours for value in plain) > 0.9 * len(plain)  # the rest are edges


def test_a_part_of_the_images_is_replaced():
    before = scene()
    for seed in range(5):
        pixels, found = made(seed, part=0.5)
        same = [torch.equal(a, b) for a, b in zip(pixels, before[0], strict=True)]
        for i in range(N):
            assert same[i] == torch.equal(found[i].boxes, before[1][i].boxes)
        assert {*same} <= {True, False}
    assert torch.equal(made(0, part=0.0)[0], before[0])


def test_the_same_draw_gives_the_same_and_another_another():
    first, again, other = made(3), made(3), made(4)
    assert torch.equal(first[0], again[0])
    assert not torch.equal(first[0], other[0])


def test_one_image_makes_a_mosaic_of_itself_and_images_without_objects_stay_so():
    pixels, _ = scene()
    change = mosaic()
    alone, (found,) = change(pixels[:1], [objects([], [])], torch.Generator().manual_seed(0))
    assert alone.shape == pixels[:1].shape
    assert found.size == 0
    assert found.boxes.shape == (0, 4)


def test_quarters_are_the_whole():
    image = torch.arange(3 * 5 * 7).view(3, 5, 7)
    parts = quarters(image, 2, 3)
    assert {corner: tuple(part.shape[1:]) for corner, part in parts.items()} == {
        (0, 0): (2, 3),
        (0, 3): (2, 4),
        (2, 0): (3, 3),
        (2, 3): (3, 4),
    }
    for (row, column), part in parts.items():
        assert part[0, 0, 0] == image[0, row, column]


@pytest.mark.parametrize("wrong", [{"part": 1.1}, {"zoom": (0.0, 1.0)}, {"zoom": (1.0, 0.5)}])
def test_settings_without_meaning_are_refused(wrong):
    with pytest.raises(BadInput, match="part must be from 0 to 1"):
        mosaic(**wrong)


def test_no_chain_of_changes_leaves_a_box_that_is_none():
    steps = (mosaic(), scale_jitter(), zoom_and_shift(0.5, 0.5, 0.3))
    change = chain(*steps, flip_boxes(), flip_boxes(vertical=True))
    truth = hostile(WIDTH, HEIGHT, N)
    pixels = torch.zeros(len(truth), 3, HEIGHT, WIDTH, dtype=torch.uint8)
    kept = 0
    for seed in range(5):
        _, found = change(pixels, truth, torch.Generator().manual_seed(seed))
        for one in found:
            assert len({len(field) for field in one}) == 1
            assert (one.boxes[:, 2:] - one.boxes[:, :2] >= 1 - 1e-4).all()
            assert (one.boxes >= 0).all()
            assert (one.boxes <= torch.tensor([WIDTH, HEIGHT] * 2)).all()
            kept += one.size
    assert kept > 50
