"""The loss of a picture is its formula, as a whole and in tiles; so is its gradient."""

import pytest
import torch

from tests.helpers.small_features import small_features
from zoo.errors import BadInput
from zoo.losses.style import (
    CONVENTIONS,
    content_loss,
    convention,
    out_of_range,
    statistics,
    style_loss,
    total_variation,
)
from zoo.trainers.style.objective import Objective, Terms

NETWORK = small_features().double()
STYLE, CONTENT = ("relu1_1", "relu2_1", "relu3_1"), ("relu2_2",)


def pictures(*sizes, seed=0):
    rng = torch.Generator().manual_seed(seed)
    return [
        torch.rand(1, 3, *size, generator=rng, dtype=torch.float64) * 1.2 - 0.1 for size in sizes
    ]


def terms(name="gatys", **changes):
    numbers = {
        "content_weight": 2.0,
        "style_weight": 3.0,
        "variation_weight": 0.5,
        "range_weight": 0.7,
    }
    return Terms(name, CONTENT, STYLE, **{**numbers, **changes})


def evaluated(objective, picture):
    leaf = picture.clone().requires_grad_()
    parts = objective(leaf)
    return {name: float(part) for name, part in parts.items()}, leaf.grad


@pytest.mark.parametrize("name", ["gatys", "johnson", "gordic"])
def test_the_loss_is_the_weighted_sum_of_its_terms(name):
    picture, content, one, other = pictures((32, 24), (32, 24), (40, 20), (16, 36))
    parts, gradient = evaluated(
        Objective(NETWORK, terms(name), content, [one, other], [0.25, 0.75]), picture
    )
    how, leaf = convention(name), picture.clone().requires_grad_()
    found = NETWORK.extract(leaf)
    styles = [
        {k: v for k, v in statistics(NETWORK.extract(s), how).items() if k in STYLE}
        for s in (one, other)
    ]
    kept = {"relu2_2": NETWORK.extract(content)["relu2_2"]}
    style = 3 * (
        0.25 * style_loss(found, styles[0], how) + 0.75 * style_loss(found, styles[1], how)
    )
    close = 2 * content_loss(found, kept, how)
    rough = 0.5 * total_variation(leaf) + 0.7 * out_of_range(leaf)
    (style + close + rough).backward()
    expected = {
        "style": style,
        "content": close,
        "smoothness": rough,
        "loss": style + close + rough,
    }
    assert parts == pytest.approx({k: v.item() for k, v in expected.items()}, rel=1e-10)
    torch.testing.assert_close(gradient, leaf.grad, rtol=1e-9, atol=1e-12)


def test_moments_begin_at_one_whatever_the_network():
    content, style = pictures((32, 32), (32, 32))
    parts, _ = evaluated(Objective(NETWORK, terms("moments"), content, [style], [1.0]), content)
    assert parts["style"] == pytest.approx(3.0)  # its weight
    assert parts["content"] == 0
    grey = content.mean((2, 3), keepdim=True).expand_as(content)
    mean = {k: v.mean((2, 3), keepdim=True) for k, v in NETWORK.extract(content).items()}
    spread = (NETWORK.extract(content)["relu2_2"] - mean["relu2_2"]).square().mean()
    away = (NETWORK.extract(grey)["relu2_2"] - NETWORK.extract(content)["relu2_2"]).square().mean()
    parts, _ = evaluated(Objective(NETWORK, terms("moments"), content, [style], [1.0]), grey)
    assert parts["content"] == pytest.approx(float(2 * away / spread))


@pytest.mark.parametrize("name", CONVENTIONS)
@pytest.mark.parametrize("changes", [{}, {"content_weight": 0.0}, {"style_weight": 0.0}])
def test_tiles_have_the_loss_and_the_gradient_of_the_whole(name, changes):
    picture, content, style = pictures((61, 50), (61, 50), (40, 70))
    wanted = terms(name, **changes)
    whole, gradient = evaluated(Objective(NETWORK, wanted, content, [style], [1.0]), picture)
    tiled = Objective(NETWORK, wanted, content, [style], [1.0], side=16)
    assert len(tiled.tiles) >= 12
    found, own = evaluated(tiled, picture)
    assert found == pytest.approx(whole, rel=1e-10)
    torch.testing.assert_close(own, gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_the_gradient_is_that_of_finite_differences(name):
    picture, content, style = pictures((16, 16), (16, 16), (16, 16))
    objective = Objective(NETWORK, terms(name), content, [style], [1.0], side=8)
    _, gradient = evaluated(objective, picture)
    rng = torch.Generator().manual_seed(5)
    for _ in range(5):
        way = torch.randn(picture.shape, generator=rng, dtype=torch.float64)
        up, down = (evaluated(objective, picture + d * way)[0]["loss"] for d in (1e-6, -1e-6))
        assert float((gradient * way).sum()) == pytest.approx((up - down) / 2e-6, rel=1e-5)


def test_a_gradient_is_added_to_the_one_there():
    picture, content, style = pictures((32, 32), (32, 32), (32, 32))
    for side in (None, 16):
        objective = Objective(NETWORK, terms(), content, [style], [1.0], side=side)
        leaf = picture.clone().requires_grad_()
        objective(leaf)
        once = leaf.grad.clone()
        objective(leaf)
        torch.testing.assert_close(leaf.grad, 2 * once)


def test_flat_pictures_divide_by_no_zero():
    flat = torch.full((1, 3, 32, 32), 0.5, dtype=torch.float64)
    parts, gradient = evaluated(
        Objective(NETWORK, terms("moments"), flat, [flat], [1.0]), flat + 0.1
    )
    assert all(map(torch.isfinite, map(torch.tensor, parts.values())))
    assert torch.isfinite(gradient).all()


def test_nothing_to_do_and_a_network_without_padding():
    [content] = pictures((32, 32))
    with pytest.raises(BadInput, match="nothing is left to do"):
        Objective(NETWORK, terms(content_weight=0.0, style_weight=0.0), content)
    bare = small_features().double()
    bare.row[0].padding, bare.row[0]._reversed_padding_repeated_twice = (0, 0), [0] * 4
    with pytest.raises(BadInput, match="no place at the border"):
        Objective(bare, terms(), content, [content], [1.0])
