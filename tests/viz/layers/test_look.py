import pytest
import torch
from torch import nn

from tests.viz.layers.small import Small, image
from zoo.viz.layers.look import Look
from zoo.viz.layers.places import layers


def look(x=None, target=1):
    model = Small(nn.LeakyReLU())
    x = image() if x is None else x
    return Look(model, model, x, target, layers(model, model, x), lambda t: t.byte())


def test_every_map_is_as_large_as_the_image_and_says_what_it_is():
    one = look()
    made = [one.grad_cam(None), one.occlusion(4, 2), one.integrated(), one.guided()]
    assert [map.shape[-2:] for map, _ in made] == [(12, 12)] * 4
    assert all(map.isfinite().all() for map, _ in made)
    captions = [caption for _, caption in made]
    assert captions[0] == "Grad-CAM at conv2 (2 x 2)"
    assert captions[1].startswith("occlusion by 4 x 4: loses up to ")
    assert captions[2].endswith("50 steps")


def test_units_have_the_patch_and_the_picture_of_their_field():
    one = look()
    layer = one.layers.find("conv1")
    seen = one.units(layer, 3)
    assert seen.field == (3, 3)
    assert len(seen.units) == 3
    for filter, (unit,) in zip(seen.filters, seen.units, strict=True):
        row, column = unit.place
        with torch.no_grad():
            map = one.model.activation(one.model.conv1(one.image))[0, filter]
        assert unit.value == pytest.approx(float(map.max()))
        assert unit.value == pytest.approx(float(map[row, column]))
        top, left, bottom, right = layer.field.box(row, column, 12, 12)
        assert torch.equal(unit.patch, one.image[0, :, top:bottom, left:right].byte())
        assert unit.picture.shape == unit.patch.shape
        assert unit.picture.any()


def test_patches_come_from_the_images_that_hold_the_strongest_units():
    one, images = look(), image(count=30, seed=7)
    layer = one.layers.find("conv1")
    read = []

    def some(numbers):
        read.extend(numbers)
        return images[list(numbers)]

    (seen,) = one.patches([layer], 2, lambda: images.split(8), some)
    filter = one.strongest(layer, 2)[0]
    with torch.no_grad():
        maps = one.model.activation(one.model.conv1(images))
    best = maps[:, filter].flatten(1).amax(1).argsort(descending=True)[:9]
    assert read[:9] == best.tolist()
    assert [len(units) for units in seen.units] == [9, 9]
    (alone,) = one.patches([layer], 1, None, None)
    assert 2 <= len(alone.units[0]) <= 9


def test_filters_are_kernels_of_colours_and_maps_of_others():
    one = look(image(channels=2))
    assert one.filters(one.layers.find("conv1")).kernels is None  # two channels are no colours
    grey = nn.Sequential(nn.Conv2d(1, 5, 3), nn.ReLU(), nn.Conv2d(5, 7, 3), nn.Flatten())
    x = image(channels=1)
    other = Look(grey, grey, x, 0, layers(grey, grey, x), lambda t: t.byte())
    assert other.filters(other.layers.find("0")).kernels.shape == (5, 1, 3, 3)
    assert other.filters(other.layers.find("2")).maps.shape == (7, 8, 8)


def test_a_layer_without_effect_on_the_score_is_said():
    class Unused(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(2, 2, 3)
            self.fc = nn.Linear(2, 2)

        def forward(self, x):
            self.conv(x).relu()
            return self.fc(x.mean((2, 3)))

    model, x = Unused(), image()
    map, caption = Look(model, model, x, 0, layers(model, model, x), lambda t: t).grad_cam(None)
    assert not map.any()
    assert caption == "Grad-CAM: nothing at conv bears on it"
