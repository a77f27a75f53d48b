"""What comes out is one of the changes that were announced, drawn from the generator alone."""

import pytest
import torch
import torch.nn.functional as F
from torchvision.transforms.v2 import functional as peer

from zoo.data.image import augment, augment_colour
from zoo.engine.seed import generator
from zoo.errors import BadInput

EXACT = ("none", "shift", "flip", "crop_flip", "cutout")  # whole pixels, moved or covered


def noise(count, channels=3, height=6, width=7):
    draw = torch.Generator().manual_seed(0)
    shape = (count, channels, height, width)
    return torch.randint(1, 256, shape, generator=draw, dtype=torch.uint8)  # no zeros


def moved(picture, down, right):
    """The picture moved, zeros coming in; written with slices."""
    _, height, width = picture.shape
    out = torch.zeros_like(picture)
    rows, columns = (
        slice(max(down, 0), height + min(down, 0)),
        slice(max(right, 0), width + min(right, 0)),
    )
    from_rows = slice(max(-down, 0), height + min(-down, 0))
    from_columns = slice(max(-right, 0), width + min(-right, 0))
    out[:, rows, columns] = picture[:, from_rows, from_columns]
    return out


def always(monkeypatch, **numbers):
    """Let affine draw these: each from -1 to 1, the others 0."""
    order = ("turn", "grow", "lean", "right", "down")
    row = torch.tensor([numbers.get(name, 0.0) for name in order])
    monkeypatch.setattr(
        torch, "rand", lambda k, n, generator: ((row + 1) / 2)[:, None].expand(k, n)
    )


# shift and flip


@pytest.mark.parametrize("most", [0, 1, 2])
def test_shift_gives_one_of_the_possible_shifts(most):
    pixels = noise(120)
    got = augment.shift(most)(pixels, generator(0))
    seen = set()
    steps = range(-most, most + 1)
    for before, after in zip(pixels, got, strict=True):
        places = [(y, x) for y in steps for x in steps if torch.equal(moved(before, y, x), after)]
        assert len(places) == 1
        seen.add(places[0])
    assert len(seen) == (2 * most + 1) ** 2  # each of them occurs


def test_shift_keeps_shape_and_kind():
    for pixels in (noise(3), noise(3, channels=1, height=9), noise(0)):
        got = augment.shift(2)(pixels, generator(0))
        assert got.shape == pixels.shape
        assert got.dtype == torch.uint8


def test_flip_mirrors_left_to_right_half_of_the_time():
    pixels = noise(1000, height=2, width=3)
    got = augment.flip()(pixels, generator(0))
    same = (got == pixels).flatten(1).all(1)
    mirrored = (got == pixels.flip(3)).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert 440 < mirrored.sum() < 560  # 500, and four standard deviations
    assert got.dtype == torch.uint8


# affine


def test_affine_of_nothing_changes_nothing():
    pixels = noise(8)
    got = augment.affine(degrees=0, scale=0, shear=0, move=0)(pixels, generator(0))
    assert torch.equal(got, pixels)


def test_affine_keeps_shape_and_kind():
    pixels = noise(5, channels=1, height=28, width=28)
    got = augment.affine()(pixels, generator(0))
    assert got.shape == pixels.shape
    assert got.dtype == torch.uint8
    assert not torch.equal(got, pixels)


def test_quarter_turn_moves_a_known_pixel(monkeypatch):
    always(monkeypatch, turn=1)
    pixels = torch.zeros(1, 1, 5, 5, dtype=torch.uint8)
    pixels[0, 0, 2, 4] = 200  # right of the middle
    got = augment.affine(degrees=90, scale=0, shear=0, move=0)(pixels, None)
    assert got.nonzero().tolist() == [[0, 0, 0, 2]]  # above it
    assert got.max() == 200


@pytest.mark.parametrize("size", [(6, 6), (7, 7)])
def test_quarter_turn_is_a_quarter_turn(monkeypatch, size):
    always(monkeypatch, turn=1)
    pixels = noise(2, height=size[0], width=size[1])
    turned = augment.affine(degrees=90, scale=0, shear=0, move=0)(pixels, None)
    assert torch.equal(turned, torch.rot90(pixels, 1, (2, 3)))


def test_turn_of_an_oblong_picture_does_not_stretch_it(monkeypatch):
    always(monkeypatch, turn=1)
    pixels = noise(2, height=5, width=11)
    turned = augment.affine(degrees=90, scale=0, shear=0, move=0)(pixels, None)
    middle = pixels[:, :, :, 3:8]
    assert torch.equal(turned[:, :, :, 3:8], torch.rot90(middle, 1, (2, 3)))
    assert turned[:, :, :, :3].sum() == turned[:, :, :, 8:].sum() == 0


def test_largest_turn_is_what_was_asked_for(monkeypatch):
    always(monkeypatch, turn=1)
    pixels = torch.zeros(1, 1, 101, 101, dtype=torch.uint8)
    pixels[0, 0, 49:52, 89:92] = 255  # 40 pixels right of the middle
    got = augment.affine(degrees=30, scale=0, shear=0, move=0)(pixels, None).float()[0, 0]
    at = torch.arange(101.0) - 50
    down, right = (got.sum(1) @ at) / got.sum(), (got.sum(0) @ at) / got.sum()
    assert down == pytest.approx(-20, abs=0.05)  # 40 sin 30 degrees, upwards
    assert right == pytest.approx(34.64, abs=0.05)  # 40 cos 30 degrees


def test_growing_makes_it_larger_by_the_factor(monkeypatch):
    pixels = torch.zeros(1, 1, 80, 80, dtype=torch.uint8)
    pixels[0, 0, 20:60, 30:50] = 100
    for grow, factor in ((1, 1.25), (-1, 0.75)):
        always(monkeypatch, grow=grow)
        got = augment.affine(degrees=0, scale=0.25, shear=0, move=0)(pixels, None)[0, 0]
        assert (got > 50).any(1).sum() == 40 * factor
        assert (got > 50).any(0).sum() == pytest.approx(20 * factor, abs=1)


def test_move_is_a_part_of_the_size(monkeypatch):
    always(monkeypatch, right=1, down=-1)
    pixels = noise(1, height=10, width=20)
    got = augment.affine(degrees=0, scale=0, shear=0, move=0.1)(pixels, None)
    assert torch.equal(got[0], moved(pixels[0], 1, -2))


def test_shear_leans_each_row(monkeypatch):
    always(monkeypatch, lean=1)
    for width in (21, 41):
        pixels = torch.zeros(1, 1, 21, width, dtype=torch.uint8)
        pixels[..., width // 2] = 200  # an upright stroke
        got = augment.affine(degrees=0, scale=0, shear=0.5, move=0)(pixels, None)[0, 0]
        top, middle, bottom = (got[row].argmax().item() - width // 2 for row in (0, 10, 20))
        assert (top, middle, bottom) == (5, 0, -5)  # a half of ten rows


# random resized crop, cutout


def boxes_of(count=4000, size=(60, 80), area=(0.2, 0.9), aspect=(0.5, 2.0)):
    return augment.crop_boxes(count, size, area, aspect, generator(0)).double()


def test_boxes_lie_inside_and_have_the_area_and_aspect_asked_for():
    top, left, h, w = boxes_of(area=(0.1, 0.4), aspect=(0.75, 4 / 3)).T
    assert min(top.min(), left.min()) == 0
    assert (top + h).max() == 60
    assert (left + w).max() == 80
    part, ratio = h * w / 4800, (w / h).log()
    assert part.min() == pytest.approx(0.1, abs=0.01)
    assert part.max() == pytest.approx(0.4, abs=0.01)
    assert part.mean() == pytest.approx(0.25, abs=0.005)  # uniform: all of them fit
    assert part.std() == pytest.approx(0.3 / 12**0.5, abs=0.003)
    assert ratio.max() == pytest.approx(0.2877, abs=0.04)
    assert ratio.mean().abs() < 0.01
    assert ratio.std() == pytest.approx(2 * 0.2877 / 12**0.5, abs=0.006)
    assert (top / (60 - h)).nanmean() == pytest.approx(0.5, abs=0.02)
    assert (left / (80 - w)).nanmean() == pytest.approx(0.5, abs=0.02)


def test_the_whole_picture_is_the_only_box_of_area_one():
    pixels = noise(5)
    same = augment.resized_crop(area=(1, 1), aspect=(7 / 6, 7 / 6))(pixels, generator(0))
    assert torch.equal(same, pixels)


@pytest.mark.parametrize(
    ("size", "aspect", "box"),
    [
        ((10, 40), (0.75, 1.5), [0, 12, 10, 15]),  # too wide: all rows, the middle columns
        ((40, 10), (0.8, 1.5), [14, 0, 12, 10]),  # 10 / 0.8 = 12.5
    ],
)
def test_where_no_box_fits_the_largest_in_the_middle_is_taken(size, aspect, box):
    found = augment.crop_boxes(3, size, (1.0, 1.0), aspect, generator(0))
    assert found.tolist() == [box] * 3


def test_stretching_is_torchvisions_resized_crop():
    pixels = noise(30, height=23, width=31)
    boxes = augment.crop_boxes(30, (23, 31), (0.1, 1.0), (0.5, 2.0), generator(1))
    got = augment.stretched(pixels, boxes)
    for before, box, after in zip(pixels, boxes.tolist(), got, strict=True):
        right = peer.resized_crop(before, *box, size=[23, 31], antialias=True)
        assert (after.int() - right.int()).abs().max() <= 1


def test_resized_crop_is_its_boxes_stretched():
    pixels = noise(8, height=20, width=20)
    boxes = augment.crop_boxes(8, (20, 20), (0.35, 1.0), (3 / 4, 4 / 3), generator(4))
    got = augment.resized_crop()(pixels, generator(4))
    assert torch.equal(got, augment.stretched(pixels, boxes))
    assert len({tuple(box) for box in boxes.tolist()}) > 6


@pytest.mark.parametrize("wrong", [{"area": (0, 1)}, {"area": (0.5, 2)}, {"aspect": (2, 1)}])
def test_crops_that_cannot_be_are_refused(wrong):
    with pytest.raises(BadInput, match="a crop needs"):
        augment.resized_crop(**wrong)


def test_cutout_covers_one_square_and_nothing_else():
    pixels = torch.full((2000, 3, 8, 10), 7, dtype=torch.uint8)
    got = augment.cutout(0.5, fill=90)(pixels, generator(0))
    assert set(got.unique().tolist()) == {7, 90}
    covered = got[:, 0] == 90
    assert (got == torch.where(covered[:, None], 90, 7)).all()  # the same in all channels
    rows, columns = covered.any(2), covered.any(1)
    assert torch.equal(covered, rows[:, :, None] & columns[:, None, :])  # a rectangle
    assert set(rows.sum(1).tolist()) == set(columns.sum(1).tolist()) == {2, 3, 4}  # or cut off
    assert rows.float().mean(0).std() < 0.16  # centres anywhere: the rim is covered less
    assert columns.any(0).all()
    assert torch.equal(augment.cutout(0)(pixels, generator(0)), pixels)
    with pytest.raises(BadInput, match="cutout needs"):
        augment.cutout(1.5)


# what every change keeps to


@pytest.mark.parametrize("name", augment.NAMED)
def test_draws_depend_on_the_generator_only(name):
    pixels, change = noise(16, height=8, width=8), augment.NAMED[name]()
    original, before = pixels.clone(), torch.get_rng_state()
    first, again, other = (change(pixels, generator(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert torch.equal(first, other) == (name == "none")
    assert torch.equal(torch.get_rng_state(), before)  # not from torch's own
    assert torch.equal(pixels, original)  # not in place
    assert first.dtype == torch.uint8


@pytest.mark.parametrize("name", augment.NAMED)
def test_an_example_is_changed_the_same_whatever_is_beside_it(name):
    pixels, change = noise(16, height=8, width=8), augment.NAMED[name]()
    among_others = pixels.clone()
    among_others[8:] = 255 - among_others[8:]
    whole, mixed = change(pixels, generator(0)), change(among_others, generator(0))
    assert torch.equal(whole[:8], mixed[:8])


@pytest.mark.parametrize("name", augment.NAMED)
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_draws_are_the_same_on_another_device(name):
    pixels, change = noise(16, height=8, width=8), augment.NAMED[name]()
    here, there = change(pixels, generator(0)), change(pixels.cuda(), generator(0)).cpu()
    assert (here.int() - there.int()).abs().max() <= (0 if name in EXACT else 1)  # rounding


@pytest.mark.parametrize("name", augment.NAMED)
@pytest.mark.parametrize("size", [(3, 101, 103), (1, 180, 177)])
def test_large_images_one_at_a_time_are_changed_as_small_ones_together(monkeypatch, name, size):
    if size[0] == 1 and "colour" in name and name.startswith(("pca", "imagenet")):
        pytest.skip("needs RGB")
    pixels = noise(6, *size)
    assert augment.one_by_one(pixels)
    assert augment.part_size(pixels) < 7
    alone = augment.NAMED[name]()(pixels, generator(0))
    monkeypatch.setattr(augment, "LARGE", 10**9)
    monkeypatch.setattr(augment_colour, "CACHE", 10**9)
    together = augment.NAMED[name]()(pixels, generator(0))
    apart = (alone.int() - together.int()).abs().max()
    resized = name in ("resized_crop", "imagenet")  # bytes there, floats here: rounding
    assert apart <= (1 if resized else 4 if name == "imagenet_colour" else 0)


def test_stretching_a_large_image_has_torchvisions_bits():
    pixels = noise(4, height=111, width=120)
    boxes = augment.crop_boxes(4, (111, 120), (0.1, 1.0), (0.5, 2.0), generator(1))
    for before, box, after in zip(
        pixels, boxes.tolist(), augment.stretched(pixels, boxes), strict=True
    ):
        assert torch.equal(after, peer.resized_crop(before, *box, size=[111, 120], antialias=True))


def test_chain_is_one_after_the_other():
    pixels = noise(16)
    draw = generator(0)
    one_by_one = augment.flip()(augment.shift(4)(pixels, draw), draw)
    assert torch.equal(augment.NAMED["crop_flip"]()(pixels, generator(0)), one_by_one)
    assert torch.equal(augment.chain()(pixels, generator(0)), pixels)


def test_crop_flip_is_that_of_the_resnet_paper():
    pixels = noise(40, height=32, width=32)
    framed = F.pad(pixels, (4, 4, 4, 4))
    crops = framed.unfold(2, 32, 1).unfold(3, 32, 1)  # (N, C, 9, 9, 32, 32)
    got = augment.NAMED["crop_flip"]()(pixels, generator(0))
    for windows, after in zip(crops, got, strict=True):
        same = (windows == after[:, None, None]).flatten(3).all(3).all(0)
        mirrored = (windows == after.flip(2)[:, None, None]).flatten(3).all(3).all(0)
        assert same.sum() + mirrored.sum() == 1
