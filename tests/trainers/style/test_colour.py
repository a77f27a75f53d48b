"""Colours of the content: YIQ's chroma stays, or the style gets the content's moments."""

import pytest
import torch

from zoo.trainers.style.colour import (
    luminance,
    match_colours,
    match_luminance,
    with_luminance,
)

YIQ = torch.tensor(  # the matrix of NTSC, three digits
    [[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]], dtype=torch.float64
)


def pictures(count, seed=0):
    rng = torch.Generator().manual_seed(seed)
    mix = torch.rand(count, 3, 3, generator=rng, dtype=torch.float64)
    made = []
    for one in mix:
        noise = torch.rand(1, 3, 9, 7, generator=rng, dtype=torch.float64)
        made.append(0.2 + 0.15 * torch.einsum("ij,njhw->nihw", one, noise))
    return made


def test_another_luminance_keeps_i_and_q():
    photo, other = pictures(2)
    made = with_luminance(photo, other)
    yiq, own, grey = (torch.einsum("ij,njhw->nihw", YIQ, x) for x in (made, photo, other))
    torch.testing.assert_close(yiq[:, 1:], own[:, 1:])
    torch.testing.assert_close(yiq[:, 0], grey[:, 0])


def test_luminance_is_in_all_three_channels():
    [photo] = pictures(1)
    grey = luminance(photo)
    torch.testing.assert_close(grey[0, 0], (YIQ[0].view(3, 1, 1) * photo[0]).sum(0))
    assert torch.equal(grey[:, 0], grey[:, 2])


def test_the_style_gets_mean_and_spread_of_the_contents_grey():
    style, content = pictures(2, seed=1)
    made = match_luminance(style, content)
    assert float(made.mean()) == pytest.approx(float(luminance(content).mean()))
    assert float(made.std()) == pytest.approx(float(luminance(content).std()))


def test_the_style_gets_mean_and_covariance_of_the_contents_colours():
    style, content = pictures(2, seed=2)
    made = match_colours(style, content)
    assert float(made.min()) > 0
    assert float(made.max()) < 1  # nothing was cut
    for x, y in ((made, content),):
        a, b = (one.transpose(0, 1).flatten(1) for one in (x, y))
        torch.testing.assert_close(a.mean(1), b.mean(1))
        torch.testing.assert_close(torch.cov(a), torch.cov(b), rtol=0.05, atol=1e-5)


def test_its_own_colours_change_nothing_and_one_colour_is_no_error():
    style, content = pictures(2, seed=3)
    torch.testing.assert_close(match_colours(style, style), style, rtol=1e-6, atol=1e-6)
    flat = torch.full((1, 3, 4, 4), 0.5, dtype=torch.float64)
    for made in (match_colours(flat, content), match_luminance(flat, content)):
        assert torch.isfinite(made).all()
    torch.testing.assert_close(match_colours(style, flat).mean((2, 3)), flat.mean((2, 3)))
