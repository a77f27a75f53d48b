import pytest
import torch
from torch import nn

from tests.viz.layers.small import Reused, Small, image, same, state
from zoo.viz.layers.gradients import guided, integrated


def small():
    """As ``Small``, of modules alone: captum's hooks see no functions."""
    model = Small(nn.Identity())
    relus = (nn.ReLU(), nn.ReLU())
    cut = nn.Sequential(model.conv1, relus[0], model.pool, model.conv2, relus[1])
    return nn.Sequential(cut, nn.AdaptiveMaxPool2d(2), nn.Flatten(), model.fc).eval()


def test_integrated_gradients_are_captums():
    attr = pytest.importorskip("captum.attr")
    model, x, base = small(), image(), image(seed=3)
    for baseline in (torch.zeros_like(x), base):
        expected = attr.IntegratedGradients(model).attribute(x, baseline, target=1, n_steps=50)
        found = integrated(model, model, x, 1, baseline, 50, most=50)
        assert torch.allclose(found.map, expected[0], atol=1e-5)
        assert found.steps == 50


def test_they_sum_to_the_difference_of_the_scores():
    model, x = small(), image()
    found = integrated(model, model, x, 2, most=1600)
    with torch.no_grad():
        score, at_zero = model(x)[0, 2], model(torch.zeros_like(x))[0, 2]
    assert found.difference == pytest.approx(float(score - at_zero), rel=1e-5)
    assert found.sum == pytest.approx(found.difference, rel=0.01)
    assert found.error <= 0.01


def test_steps_are_doubled_until_it_is_complete_and_no_further_than_allowed():
    model, x = small(), image()
    few = integrated(model, model, x, 0, steps=2, most=2)
    more = integrated(model, model, x, 0, steps=2, most=400)
    assert few.steps == 2
    assert few.error > 0.01
    assert 2 < more.steps <= 400
    assert more.error < few.error
    linear = nn.Sequential(nn.Flatten(), nn.Linear(288, 3))
    assert integrated(linear, linear, x, 0, steps=2).steps == 2


def test_of_a_linear_network_each_pixel_has_its_product():
    linear = nn.Sequential(nn.Flatten(), nn.Linear(288, 3))
    x = image()
    expected = (linear[1].weight[1] * x.flatten()).view(2, 12, 12)
    assert torch.allclose(integrated(linear, linear, x, 1).map, expected, atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*(hooks|require gradients)")
def test_guided_backpropagation_is_captums():
    attr = pytest.importorskip("captum.attr")
    model, x = small(), image()
    expected = attr.GuidedBackprop(model).attribute(x, target=1)
    found = guided(model, model, x, 1)
    assert torch.allclose(found, expected[0], atol=1e-5)
    assert found.any()


@pytest.mark.parametrize("method", ["guided", "integrated"])
def test_relus_in_place_make_no_difference(method):
    found = []
    for inplace in (False, True):
        model = Reused(inplace)
        before = state(model)
        made = guided(model, model, image(), 1) if method == "guided" else (
            integrated(model, model, image(), 1).map)  # fmt: skip
        assert same(before, state(model))
        found.append(made)
    assert torch.allclose(*found, atol=1e-6)
