import pytest
import torch
from torch import nn

from tests.viz.layers.small import Small, image, same, state
from zoo.viz.layers.occlusion import occlusion, window_of


@pytest.mark.parametrize(("window", "step"), [(3, 2), (4, 4), (5, 1), (12, 3), (4, 3)])
def test_it_is_captums(window, step):
    attr = pytest.importorskip("captum.attr")
    model, x = Small(nn.ReLU()), image()
    expected = attr.Occlusion(model).attribute(
        x, (2, window, window), strides=(2, step, step), target=1
    )
    found = occlusion(model, model, x, 1, window, step)
    assert torch.allclose(found, expected[0, 0], atol=1e-5)
    assert torch.equal(expected[0, 0], expected[0, 1])


def test_by_hand():
    """The sum of the pixels: covering one takes it away."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 1, bias=False))
    model[1].weight.data.fill_(1)
    x = torch.arange(16.0).view(1, 1, 4, 4)
    assert torch.equal(occlusion(model, model, x, 0, 1, 1), x[0, 0])
    found = occlusion(model, model, x, 0, 2, 2)
    assert torch.equal(found, torch.tensor([[10.0, 18.0], [42.0, 50.0]]).repeat_interleave(2, 0)
                       .repeat_interleave(2, 1))  # fmt: skip
    grey = occlusion(model, model, x, 0, 1, 1, cover=2.0)
    assert torch.equal(grey, x[0, 0] - 2)


def test_windows_of_any_image():
    assert window_of(224, 224) == (32, 16)
    assert window_of(1, 1) == (1, 1)
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    for size in ((1, 1), (1, 9), (5, 3)):
        found = occlusion(model, model, torch.rand(1, 1, *size), 0)
        assert found.shape == size
        assert found.isfinite().all()


def test_the_network_is_as_it_was():
    model = Small(nn.ReLU(inplace=True)).train()
    before = state(model)
    occlusion(model, model, image(), 0)
    assert same(before, state(model))
