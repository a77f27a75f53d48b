"""Losses of style transfer: the notes' formulas in plain loops, and what programs made of them."""

import math

import pytest
import torch
from torch import nn

from zoo.errors import UnknownName
from zoo.losses.style import (
    CONVENTIONS,
    content_loss,
    convention,
    gram_matrix,
    out_of_range,
    outer_sum,
    statistics,
    style_loss,
    total_variation,
)
from zoo.nn.features import SequentialFeatures

SIZES = {"a": (3, 5, 4), "b": (7, 2, 3)}  # of two layers: C, H, W


def features(seed, n=1, sizes=SIZES):
    rng = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(n, *size, generator=rng, dtype=torch.float64)
        for name, size in sizes.items()
    }


def loops_gram(maps):
    """G_kk' of the notes, for maps (C, H, W)."""
    c, h, w = maps.shape
    gram = torch.zeros(c, c, dtype=maps.dtype)
    for k in range(c):
        for other in range(c):
            for i in range(h):
                for j in range(w):
                    gram[k, other] += maps[k, i, j] * maps[other, i, j]
    return gram


def notes_style(image, style):
    """J_style of the notes, of one layer."""
    c, h, w = image.shape
    total = 0.0
    difference = loops_gram(style) - loops_gram(image)
    for k in range(c):
        for other in range(c):
            total += float(difference[k, other]) ** 2
    return total / (2 * h * w * c) ** 2


def test_a_gram_matrix_is_the_loop_over_positions():
    maps = features(0, n=2)["a"]
    expected = torch.stack([loops_gram(one) for one in maps])
    torch.testing.assert_close(gram_matrix(maps), expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(
        gram_matrix(maps.contiguous(memory_format=torch.channels_last)), expected
    )


def test_second_moments_have_the_gram_matrix_the_sums_and_the_number_of_positions():
    maps = features(1)["a"]
    found = outer_sum(maps, with_means=True)[0]
    torch.testing.assert_close(found[:3, :3], loops_gram(maps[0]))
    torch.testing.assert_close(found[:3, 3], maps[0].sum((1, 2)))
    torch.testing.assert_close(found[3, :3], maps[0].sum((1, 2)))
    assert found[3, 3] == 20


def test_sums_of_the_parts_of_a_picture_are_that_of_the_whole():
    maps = features(2)["a"]
    for with_means in (False, True):
        parts = [outer_sum(part, with_means) for part in (maps[:, :, :2], maps[:, :, 2:])]
        torch.testing.assert_close(parts[0] + parts[1], outer_sum(maps, with_means))


def expected_style(name, image, style):
    """The style loss of a layer as the program of that name has it."""
    c, m = image.shape[0], image[0].numel()
    g, a = loops_gram(image), loops_gram(style)
    if name == "gatys":
        return notes_style(image, style)
    if name == "johnson":  # pytorch/examples: bmm / (ch * h * w), mse_loss
        return float(nn.functional.mse_loss(g / (c * m), a / (c * m)))
    if name == "gordic":  # gram / (ch * h * w), MSELoss(reduction="sum")
        return float(nn.functional.mse_loss(g / (c * m), a / (c * m), reduction="sum"))
    f, s = (torch.cat([x.flatten(1), torch.ones(1, m)]) for x in (image, style))
    return float(((f @ f.T - s @ s.T) / m).square().sum() / (c + 1) ** 2)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_each_convention_is_its_formula(name):
    image, style, how = features(3), features(4), convention(name)
    per_layer = [expected_style(name, image[k][0], style[k][0]) for k in SIZES]
    expected = sum(per_layer) if name == "johnson" else sum(per_layer) / len(per_layer)
    found = style_loss(image, statistics(style, how), how)
    assert float(found) == pytest.approx(expected, rel=1e-12)
    squares = [float((image[k] - style[k]).square().sum()) for k in SIZES]
    sizes = [math.prod(size) for size in SIZES.values()]
    halves = [s / 2 if name == "gatys" else s / n for s, n in zip(squares, sizes, strict=True)]
    assert float(content_loss(image, style, how)) == pytest.approx(sum(halves) / 2, rel=1e-12)


def test_what_the_conventions_are_to_each_other():
    """Of one layer with C channels: johnson = 4 / C^2 gatys, gordic = 4 gatys."""
    for name, size in SIZES.items():
        image, style = (features(seed, sizes={name: size}) for seed in (5, 6))
        losses = {
            one: float(style_loss(image, statistics(style, how), how))
            for one, how in CONVENTIONS.items()
        }
        assert losses["johnson"] == pytest.approx(4 / size[0] ** 2 * losses["gatys"])
        assert losses["gordic"] == pytest.approx(4 * losses["gatys"])


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_style_of_another_size_that_repeats_itself_is_the_same_style(name):
    how, maps = convention(name), features(7)
    doubled = {k: torch.cat([one, one], 3) for k, one in maps.items()}
    assert float(style_loss(maps, statistics(doubled, how), how)) == pytest.approx(0, abs=1e-24)


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_batch_has_the_mean_of_its_images(name):
    how, batch, style = (
        convention(name),
        features(8, n=3),
        statistics(features(9), how=convention(name)),
    )
    alone = [{k: one[i : i + 1] for k, one in batch.items()} for i in range(3)]
    losses = [float(style_loss(one, style, how)) for one in alone]
    assert float(style_loss(batch, style, how)) == pytest.approx(sum(losses) / 3)
    content = features(10)
    losses = [float(content_loss(one, content, how)) for one in alone]
    assert float(content_loss(batch, content, how)) == pytest.approx(sum(losses) / 3)


def test_weights_of_layers():
    how, image, style = convention("gatys"), features(11), features(12)
    wanted = statistics(style, how)
    found = style_loss(image, wanted, how, {"a": 0.25, "b": 2.0})
    one = {k: notes_style(image[k][0], style[k][0]) for k in SIZES}
    assert float(found) == pytest.approx(0.25 * one["a"] + 2.0 * one["b"])


def small_network():
    torch.manual_seed(0)
    row = nn.Sequential(
        *(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Conv2d(4, 5, 3, padding=1), nn.ReLU(inplace=True)),
    )
    return SequentialFeatures(row).double()


@pytest.mark.parametrize("name", CONVENTIONS)
def test_the_gradient_of_the_picture_is_that_of_finite_differences(name):
    network, how = small_network(), convention(name)
    rng = torch.Generator().manual_seed(1)
    picture, content, style = (
        torch.rand(1, 3, 6, 6, generator=rng, dtype=torch.float64) * 1.4 - 0.2 for _ in range(3)
    )
    wanted = statistics(network.extract(style), how)
    kept = {"relu2_1": network.extract(content)["relu2_1"]}

    def loss(x):
        found = network.extract(x)
        terms = style_loss(found, wanted, how) + content_loss(found, kept, how)
        return terms + total_variation(x) + out_of_range(x)

    assert torch.autograd.gradcheck(loss, picture.requires_grad_(), eps=1e-6, atol=1e-6)


def test_total_variation_by_hand():
    image = torch.tensor([[[[0.0, 1.0, 3.0], [2.0, 2.0, 2.0]]]])
    assert float(total_variation(image)) == pytest.approx((1 + 4) / 4 + (4 + 1 + 1) / 3)
    assert float(total_variation(torch.ones(1, 3, 1, 1))) == 0


def test_out_of_range_by_hand():
    assert float(out_of_range(torch.tensor([[[[-1.0, 0.5, 1.0, 3.0]]]]))) == pytest.approx(5 / 4)


def test_half_precision_does_not_overflow():
    maps = torch.full((1, 4, 64, 64), 100.0, dtype=torch.float16)
    how = convention("gatys")
    assert float(how.statistic(maps)[0, 0, 0]) == 10_000
    assert torch.isfinite(how.content(maps, torch.zeros_like(maps)))


def test_an_unknown_convention():
    with pytest.raises(UnknownName, match="no convention 'gaty'; did you mean gatys"):
        convention("gaty")
