"""Every network of images in the registry is looked at with every method, also one added later."""

import pytest
import torch
from torch import nn

from tests.viz.layers.small import same, state
from zoo import registry
from zoo.api.seen_network import seen_network
from zoo.errors import BadInput, ZooError
from zoo.viz.layers.gradients import integrated
from zoo.viz.layers.look import Look
from zoo.viz.layers.places import layers

QUICK = 700_000  # parameters: larger networks take seconds
SIZES = (64, 96)  # of an image, smaller than what the network is made for
REFUSED = "has no two-dimensional convolution that sees a whole image"
ON_REGIONS = ("rcnn",)  # whose convolutions see one region each
MODELS = {n: m for n, m in registry.index()["models"].items() if len(m["input_shape"]) == 3}


def names(small):
    return [n for n, m in sorted(MODELS.items()) if (m["parameters"] <= QUICK) == small]


def smallest(run, shape):
    """An image of the smallest size that the network takes, or else of its own."""
    for size in SIZES:
        image = torch.rand(1, shape[0], size, size, generator=torch.Generator().manual_seed(0))
        if size >= min(shape[1:]):
            break
        try:
            with torch.no_grad():
                run(image)
        except (ZooError, ValueError, RuntimeError):
            continue
        return image
    return torch.rand(1, *shape, generator=torch.Generator().manual_seed(0))


def look_at(name):
    torch.manual_seed(0)
    network = seen_network(name, "cpu")
    model, run = network.model.eval(), network.form.run
    image = smallest(run, MODELS[name]["input_shape"])
    has_any = any(isinstance(m, nn.Conv2d) for m in model.modules())
    if not has_any or name in ON_REGIONS:
        with pytest.raises(BadInput, match=REFUSED):
            layers(model, run, image)
        return
    with torch.no_grad():
        scores = run(image)
    before = state(model)
    found = layers(model, run, image)
    one = Look(model, run, image, int(scores[0].argmax()), found, network.pixels)
    size = image.shape[2:]
    side = max(min(size) // 2, 1)
    maps = [one.grad_cam(None)[0], one.occlusion(side, side)[0], one.guided()[0]]
    maps.append(integrated(model, run, image, one.target, steps=2, most=2).map)
    for map in maps:
        assert map.shape[-2:] == size
        assert map.isfinite().all()
    ends = found.spread(2)
    for seen in (one.units(ends[0], 2), one.units(ends[-1], 2), *one.patches(ends, 1, None, None)):
        for unit in (unit for units in seen.units for unit in units):
            assert unit.picture.isfinite().all()
            assert unit.picture.shape[1:] == unit.patch.shape[1:]
    filters = one.filters(found.convolutions[0])
    assert (filters.kernels if filters.maps is None else filters.maps).isfinite().all()
    assert same(before, state(model))
    with torch.no_grad():
        assert torch.equal(run(image), scores)


@pytest.mark.parametrize("name", names(small=True))
def test_all_methods_on(name):
    look_at(name)


@pytest.mark.long
@pytest.mark.parametrize("name", names(small=False))
def test_all_methods_on_the_large(name):
    look_at(name)


def test_families_are_among_the_quick_ones():
    quick = names(small=True)
    assert len(quick) > 10
    assert {"lenet5", "lenet5_1998", "resnet20", "googlenet_small", "vgg_small"} <= {*quick}
