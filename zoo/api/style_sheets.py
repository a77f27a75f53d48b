"""Sheets of pictures: photos in styles, and what each layer of a network keeps.

Notes: course 4, week 4, "What are deep ConvNets learning?", "Content cost function", "Style cost
function". Proof: tests/api/test_style_sheets.py.
"""

from dataclasses import replace
from pathlib import Path

from PIL import Image
from torch import nn

from zoo.api.style_options import FEATURES, StyleOptions
from zoo.api.style_terms import LEAST
from zoo.api.stylizing import Stylist, picture_of, prepare
from zoo.errors import BadInput, Interrupted, note
from zoo.predictors.inputs.images import spread
from zoo.viz.picture_grid import Cell, picture_grid

PARTS = ("content", "style")  # folders of a sheet


def style_sheet(
    folder: str | Path,
    options: StyleOptions,
    *,
    features: str | nn.Module = FEATURES,
    device: str = "auto",
    show: bool = False,
) -> Image.Image:
    """Every photo of FOLDER/content in every style of FOLDER/style.

    Raises:
        BadInput: if there are no such folders, or no images in them.
        Interrupted: if a signal stops it.
    """
    photos, paintings = (_images(Path(folder) / part) for part in PARTS)
    stylist = prepare(features, options, device)
    rows: list[list[Cell | None]] = [
        [None, *(Cell(Path(one).stem, picture_of(one, options.size)) for one in paintings)]
    ]
    for photo in photos:
        row: list[Cell | None] = [Cell(Path(photo).stem, picture_of(photo, options.size))]
        for painting in paintings:
            if show:
                note(f"{Path(photo).stem} in the style of {Path(painting).stem}")
            row.append(_made(stylist, photo, painting, "", show))
        rows.append(row)
    return picture_grid(rows)


def explained(
    content: str | Path,
    style: str | Path,
    options: StyleOptions,
    *,
    features: str | nn.Module = FEATURES,
    device: str = "auto",
    show: bool = False,
) -> Image.Image:
    """What each layer keeps, in pictures that begin as noise, of half the size in half the steps.

    First row: the content term of one layer alone. Second: the style term of one layer alone.
    Third: the style terms of all layers up to this one.

    Raises:
        Interrupted: if a signal stops it.
    """
    half = replace(
        options,
        size=max(options.size // 2, LEAST),
        steps=max(options.steps // 2, 1),
        start="noise",
    )
    base = prepare(features, half, device)
    layers = base.terms.style_layers
    shown = tuple(name for name in layers if name != "rgb")
    rows: list[list[Cell | None]] = [
        [
            Cell(Path(content).stem, picture_of(content, half.size)),
            *(
                _made(_only_content(base, name), content, style, f"content {name}", show)
                for name in shown
            ),
        ],
        [
            Cell(Path(style).stem, picture_of(style, half.size)),
            *(
                _made(_only_style(base, (name,)), content, style, f"style {name}", show)
                for name in shown
            ),
        ],
        [
            None,
            *(
                _made(
                    _only_style(base, layers[: layers.index(name) + 1]),
                    content,
                    style,
                    f"style to {name}",
                    show,
                )
                for name in shown
            ),
        ],
    ]
    return picture_grid(rows)


def _only_content(base: Stylist, layer: str) -> Stylist:
    options = replace(base.options, content_layers=(layer,), style_weight=0.0)
    return Stylist(base.network, options, base.device)


def _only_style(base: Stylist, layers: tuple[str, ...]) -> Stylist:
    options = replace(base.options, style_layers=layers, content_weight=0.0)
    return Stylist(base.network, options, base.device)


def _made(
    stylist: Stylist, photo: str | Path, painting: str | Path, title: str, show: bool
) -> Cell:
    if show and title:
        note(title)
    made = stylist(photo, [painting])
    if made.signal:
        raise Interrupted("the sheet was stopped; nothing is written", made.signal)
    return Cell(title or f"{Path(photo).stem} + {Path(painting).stem}", made.image)


def _images(place: Path) -> list[str]:
    if not place.is_dir():
        raise BadInput(f"there is no folder {place}; a sheet needs FOLDER/content and FOLDER/style")
    return spread([str(place)])
