import pytest
import torch
from torch import nn

from tests.viz.layers.small import Reused, image, same, state
from zoo.viz.layers.grad_cam import as_large_as, grad_cam, last_cam
from zoo.viz.layers.places import layers


def model_of(inplace):
    torch.manual_seed(2)
    return nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.ReLU(inplace), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3),
        nn.ReLU(inplace), nn.Flatten(), nn.Linear(54, 3),
    ).eval()  # fmt: skip


@pytest.mark.parametrize(("name", "theirs"), [("0", "1"), ("3", "4"), ("2", "2")])
def test_it_is_torchcams(name, theirs):
    methods = pytest.importorskip("torchcam.methods")
    model, x = model_of(False), image()
    with methods.GradCAM(model, theirs) as extractor:
        expected = extractor(1, model(x), normalized=False)[0]
    found = grad_cam(model, model, layers(model, model, x).find(name), x, 1)
    assert torch.allclose(found, expected[0], atol=1e-5)
    assert found.any()


def test_relus_in_place_make_no_difference():
    x, found = image(), []
    for inplace in (False, True):
        model = Reused(inplace)
        before = state(model)
        found.append(grad_cam(model, model, layers(model, model, x).find("conv1"), x, 2))
        assert same(before, state(model))
    assert torch.equal(*found)
    torch.manual_seed(0)
    assert torch.equal(*(grad_cam(m, m, layers(m, m, x).find("0"), x, 1)
                         for m in (model_of(False), model_of(True))))  # fmt: skip


class TwoArms(nn.Module):
    """The later of two convolutions of one size has no part in the score."""

    def __init__(self):
        super().__init__()
        self.seen, self.unseen = nn.Conv2d(2, 3, 3), nn.Conv2d(2, 3, 3)

    def forward(self, x):
        score = self.seen(x).relu().mean((2, 3))
        self.unseen(x).relu()
        return score


def test_the_layer_is_the_last_on_which_the_score_depends():
    model, x = TwoArms(), image()
    found = layers(model, model, x)
    assert [layer.name for layer in found.last()] == ["unseen", "seen"]
    assert grad_cam(model, model, found.find("unseen"), x, 0) is None
    layer, map = last_cam(model, model, found.last(), x, 0)
    assert layer.name == "seen"
    assert map.shape == (10, 10)
    assert last_cam(model, model, found.last()[:1], x, 0) is None


def test_over_the_whole_image():
    map = torch.rand(3, 4)
    assert as_large_as(map, 3, 4).equal(map)
    assert as_large_as(map, 30, 40).shape == (30, 40)
