"""A figure of a text: its pieces on colours, with a scale or a legend that says what they mean.

Proof: tests/viz/test_text.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from zoo.viz.curves import new_figure

WIDTH = 88  # characters in a line of the figure
LINES = 60  # largest number of lines; the rest of a longer text is left out
ADVANCE = 0.615  # width of a character of DejaVu Sans Mono, hinted, in times of the size
INCHES = 9.0  # width of the figure
LINE_END = "\u21b5"  # shown where the text has a line end
MISSING = "\ufffd"  # shown for a character that the font lacks

Colour = float | str | None  # a value on the scale, a colour of the legend, or none


@dataclass(frozen=True)
class Scale:
    """What the numbers at pieces mean: a colour map of matplotlib from ``low`` to ``high``."""

    colours: str
    low: float
    high: float
    label: str


@dataclass(frozen=True)
class Run:
    """Characters of one colour within a line of the figure."""

    line: int
    column: int
    text: str
    colour: Colour


def text_figure(
    pieces: Iterable[tuple[str, Colour]],
    *,
    title: str = "",
    scale: Scale | None = None,
    legend: Mapping[str, str] | None = None,
) -> Any:
    """A matplotlib figure of a text in pieces.

    Args:
        pieces: (text, value on ``scale`` or colour); long lines are broken, at most LINES shown.
        legend: the meaning of colours: name -> colour.
    """
    runs = list(runs_of(pieces))
    count = max((run.line for run in runs), default=0) + 1
    figure, axis = new_figure(1, 1, width=INCHES, height=1.1 + 0.22 * count)
    figure.set_layout_engine("none")  # characters have a place of their own
    height = figure.get_figheight()
    axis.set_position((0.02, 0.62 / height, 0.96, 1 - 1.0 / height))
    axis.set(xlim=(0, WIDTH), ylim=(count, 0), title=title)
    axis.title.set(fontsize=9, parse_math=False)
    axis.set_axis_off()
    size = 0.96 * INCHES * 72 / WIDTH / ADVANCE
    colour_of = _colours(scale)
    for run in runs:
        box = (run.column, run.line + 0.06), len(run.text), 0.88
        if run.colour is not None:
            from matplotlib.patches import Rectangle

            axis.add_patch(Rectangle(*box, color=colour_of(run.colour), lw=0))
        axis.text(run.column, run.line + 0.5, drawable(run.text), fontsize=size, va="center",
                  family="DejaVu Sans Mono", parse_math=False)  # fmt: skip
    below = figure.add_axes((0.02, 0.34 / height, 0.96, 0.12 / height))
    _key(figure, below, scale, legend or {})
    return figure


def runs_of(pieces: Iterable[tuple[str, Colour]]) -> Iterator[Run]:
    r"""The pieces in lines of at most WIDTH characters; each line end is shown.

    >>> list(runs_of([("to", 0.5), ("\nbe", None)]))[1:]
    [Run(line=0, column=2, text='↵', colour=None), Run(line=1, column=0, text='be', colour=None)]
    """
    line = column = 0
    for text, colour in pieces:
        rest = text
        while rest:
            if line == LINES:
                yield Run(line, 0, "...", None)
                return
            if rest[0] == "\n":
                yield Run(line, column, LINE_END, colour)
                rest, line, column = rest[1:], line + 1, 0
                continue
            part = rest[: WIDTH - column].partition("\n")[0]
            if part:
                yield Run(line, column, part, colour)
            rest, column = rest[len(part) :], column + len(part)
            if column == WIDTH and rest[:1] != "\n":
                line, column = line + 1, 0


def drawable(text: str) -> str:
    """``text`` with a sign for each character that the font lacks."""
    known = _characters()
    return "".join(c if ord(c) in known else MISSING for c in text)


@cache
def _characters() -> frozenset[int]:
    """The code points that DejaVu Sans Mono has."""
    from matplotlib import font_manager

    return frozenset(font_manager.get_font(font_manager.findfont("DejaVu Sans Mono")).get_charmap())


def _colours(scale: Scale | None) -> Any:
    """Value or colour -> colour, pale enough for black letters."""
    if scale is None:
        return lambda colour: colour
    from matplotlib import colormaps
    from matplotlib.colors import Normalize

    shade, place = colormaps[scale.colours], Normalize(scale.low, scale.high, clip=True)
    return lambda value: (*shade(place(value))[:3], 0.6)


def _key(figure: Any, axis: Any, scale: Scale | None, legend: Mapping[str, str]) -> None:
    """A colour bar, or the colours and their names, into an axis of its own."""
    if scale is not None:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        mapped = ScalarMappable(Normalize(scale.low, scale.high), scale.colours)
        bar = figure.colorbar(mapped, cax=axis, orientation="horizontal", alpha=0.6)
        bar.set_label(scale.label, fontsize=8, labelpad=1)
        bar.ax.tick_params(labelsize=7, pad=1)
        return
    axis.set_axis_off()
    from matplotlib.patches import Patch

    patches = [Patch(color=colour, label=name) for name, colour in legend.items()]
    if patches:
        axis.legend(handles=patches, ncols=8, fontsize=8, frameon=False, loc="center left")


def palette(names: Sequence[str]) -> dict[str, str]:
    """A pale colour for each name, twelve different ones.

    >>> palette(["person", "group"])
    {'person': '#8dd3c7', 'group': '#ffffb3'}
    """
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    colours = [to_hex(colour) for colour in colormaps["Set3"].colors]  # type: ignore[attr-defined]
    return {name: colours[n % len(colours)] for n, name in enumerate(names)}
