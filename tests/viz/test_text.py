"""Lines, colours, odd characters."""

import io
import warnings

import pytest

from zoo.viz.text import (
    LINES,
    MISSING,
    WIDTH,
    Scale,
    drawable,
    palette,
    runs_of,
    text_figure,
)


def lines(pieces):
    found = {}
    for run in runs_of(pieces):
        assert run.column == len(found.get(run.line, ""))  # no gap, nothing over another
        found[run.line] = found.get(run.line, "") + run.text
    return list(found.values())


def test_long_lines_are_broken_and_line_ends_shown():
    assert lines([("ab", 0.1), ("c\n", 0.2), ("d", None)]) == ["abc\u21b5", "d"]
    text = "x" * (2 * WIDTH + 3)
    assert lines([(text[:50], 1), (text[50:], 2)]) == ["x" * WIDTH, "x" * WIDTH, "xxx"]
    assert lines([]) == []
    assert lines([("", 0.5)]) == []


def test_a_text_without_end_has_an_end_in_the_figure():
    shown = lines([("word " * 50_000, None)])
    assert len(shown) == LINES + 1
    assert shown[-1] == "..."


def test_each_piece_keeps_its_colour_across_lines():
    runs = list(runs_of([("a" * WIDTH, 0.1), ("b", 0.9)]))
    assert [(r.line, r.text[0], r.colour) for r in runs] == [(0, "a", 0.1), (1, "b", 0.9)]


def test_a_character_that_the_font_lacks_is_a_sign():
    assert drawable("ab\u6771\ud800\0$") == f"ab{MISSING * 3}$"


@pytest.mark.parametrize(
    ("pieces", "drawn"),
    [
        (
            [("$\\frac{1}{0}$ {} 100 %", 0.3), ("\u6771\u4eac \U0001f642 \0\ud800\x1b[31m", 0.9)],
            ["$\\frac{1}{0}$ {} 100 %", f"{MISSING * 2} {MISSING} {MISSING * 3}[31m"],
        ),
        ([("\n\n\r\n\t", 0.5)], ["\u21b5", "\u21b5", MISSING, "\u21b5", MISSING]),
        ([], []),
    ],
)
def test_odd_texts_are_drawn_without_a_warning(pieces, drawn):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = text_figure(pieces, title="$odd", scale=Scale("viridis", 0, 1, "p"))
        figure.savefig(io.BytesIO(), format="png")
    assert [text.get_text() for text in figure.axes[0].texts] == drawn


def test_a_legend_has_its_names_and_colours():
    colours = palette(["person", "group"])
    figure = text_figure([("Paul", colours["person"]), (" left", None)], legend=colours)
    text, key = figure.axes
    assert [t.get_text() for t in key.get_legend().get_texts()] == ["person", "group"]
    assert len(text.patches) == 1
    figure.savefig(io.BytesIO(), format="png")
