"""A sound's picture shows its time, its curve and its marks, and stays small for hours."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from zoo.engine.seed import generator
from zoo.viz.curves import save
from zoo.viz.sound import Mark, Overview, sound_figure


def test_everything_stands_at_its_time(tmp_path):
    features = torch.rand(300, 40, generator=generator(0, "picture"))
    curve = torch.zeros(100)
    curve[49] = 0.8
    marks = [Mark(1.5, text="alexa"), Mark(0.2, 0.6, "seven")]
    figure = sound_figure(
        features, 0.01, curve=curve, curve_seconds=0.03, threshold=0.5, marks=marks, title="x"
    )
    top, below = figure.axes
    assert list(top.images[0].get_extent()) == [0, 3, 0, 40]
    line, dashed, event = below.lines
    x, y = line.get_data()
    assert x[y.argmax()] == pytest.approx(1.5)  # the end of step 49
    assert list(dashed.get_ydata()) == [0.5, 0.5]
    assert list(event.get_xdata()) == [1.5, 1.5]
    assert [(t.get_position()[0], t.get_text()) for t in top.texts] == [
        (1.5, "alexa"),
        (0.4, "seven"),
    ]
    save(figure, tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 5_000


@pytest.mark.parametrize("frames", [0, 1, 5])
def test_hardly_any_sound_is_drawn_too(tmp_path, frames):
    curve = torch.zeros(frames // 3)
    save(
        sound_figure(torch.zeros(frames, 40), 0.01, curve=curve, curve_seconds=0.03),
        tmp_path / "x.png",
    )
    save(sound_figure(torch.zeros(frames, 40), 0.01, start=7.0), tmp_path / "y.png")
    for name in ("x.png", "y.png"):
        assert (tmp_path / name).stat().st_size > 1_000


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=12), st.integers(1, 9))
def test_an_overview_is_the_maximum_of_equal_pieces_however_it_came(sizes, most):
    whole = torch.rand(sum(sizes), 3, generator=generator(1, "overview"))
    overview = Overview(most)
    for piece in whole.split(sizes):
        overview.add(piece)
    assert len(overview.columns) <= most + 1
    pieces = whole.split(overview.frames_per_column) if len(whole) else []
    expected = [piece.amax(0) for piece in pieces]
    assert len(overview.columns) == len(expected)
    for column, piece in zip(overview.columns, expected, strict=True):
        assert torch.equal(column, piece)


def test_a_long_curve_keeps_its_peaks():
    curve = torch.zeros(1_000_000)
    curve[777_777] = 0.9
    figure = sound_figure(torch.zeros(10, 4), 0.01, curve=curve, curve_seconds=0.03)
    x, y = figure.axes[1].lines[0].get_data()
    assert len(y) <= 2_000
    assert y.max() == pytest.approx(0.9)
    assert abs(x[y.argmax()] - 777_778 * 0.03) < 500 * 0.03
