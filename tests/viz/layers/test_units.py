import torch
from torch import nn

from tests.viz.layers.small import Small, image, same, state
from zoo.viz.layers.places import layers
from zoo.viz.layers.units import strongest_filters, strongest_images, strongest_places
from zoo.viz.layers.walk import map_at


def test_over_a_set_they_are_those_that_a_sort_finds():
    model, images = Small(nn.LeakyReLU()), image(count=50)
    layer = layers(model, model, images[:1]).find("conv1")
    before = state(model)
    filters = torch.tensor([2, 0, 3])
    found = strongest_images(model, model, [layer], [filters], images.split(7), 9)[0]
    assert same(before, state(model))
    with torch.no_grad():
        maps = map_at(model, images, layer.call)
    for n, filter in enumerate(filters.tolist()):
        peaks = maps[:, filter].flatten(1).amax(1)
        values, order = peaks.sort(descending=True)
        assert torch.allclose(found.values[n], values[:9])
        assert found.images[n].tolist() == order[:9].tolist()
        at = (found.images[n], torch.full((9,), filter), found.rows[n], found.columns[n])
        assert torch.allclose(maps[at], values[:9])


def test_fewer_images_than_patches():
    model, images = Small(nn.ReLU()), image(count=4)
    layer = layers(model, model, images[:1]).find("conv2")
    chosen = [torch.tensor([2]), torch.tensor([1, 4])]
    layers_ = [layers(model, model, images[:1]).find("conv1"), layer]
    _, found = strongest_images(model, model, layers_, chosen, images.split(3), 9)
    assert found.values.shape == (2, 4)
    assert {*found.images[0].tolist()} == {0, 1, 2, 3}


def test_within_an_image_no_two_are_beside_each_other():
    model, x = Small(nn.LeakyReLU()), image(40)
    layer = layers(model, model, x).find("conv1")
    found = strongest_places(model, model, layer, x, torch.tensor([1, 2]))
    with torch.no_grad():
        maps = map_at(model, x, layer.call)[0]
    for n, filter in enumerate((1, 2)):
        places = torch.stack([found.rows[n], found.columns[n]], 1)
        assert torch.equal(maps[filter][found.rows[n], found.columns[n]], found.values[n])
        assert float(found.values[n, 0]) == float(maps[filter].max())
        apart = (places[:, None] - places[None]).abs().amax(2)
        assert (apart + 99 * torch.eye(9)).min() > 1


def test_the_filters_that_answer_most_strongly():
    model, x = Small(nn.ReLU()), image()
    layer = layers(model, model, x).find("conv2")
    with torch.no_grad():
        peaks = map_at(model, x, layer.call).amax((0, 2, 3))
    found = strongest_filters(model, model, layer, x, 3)
    assert found.tolist() == peaks.argsort(descending=True)[:3].tolist()
    assert len(strongest_filters(model, model, layer, x, 99)) == 6
