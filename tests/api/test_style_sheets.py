"""Sheets: photos in styles, and what each layer keeps."""

import pytest

from tests.api.test_stylizing import NETWORK, blocks
from zoo.api.style_options import StyleOptions
from zoo.api.style_sheets import explained, style_sheet
from zoo.errors import BadInput

OPTIONS = StyleOptions(size=48, steps=4, convention="moments")


@pytest.fixture
def folder(tmp_path):
    for part, count in (("content", 2), ("style", 3)):
        (tmp_path / part).mkdir()
        for n in range(count):
            blocks(40, 30, n).save(tmp_path / part / f"{n}.png")
    return tmp_path


def test_every_photo_in_every_style(folder, capsys):
    sheet = style_sheet(folder, OPTIONS, features=NETWORK, show=True)
    assert sheet.size == (4 * 48 + 5 * 6, 3 * (36 + 18) + 4 * 6)
    assert capsys.readouterr().err.count("in the style of") == 6


def test_what_each_layer_keeps(folder, capsys):
    sheet = explained(
        folder / "content" / "0.png",
        folder / "style" / "0.png",
        OPTIONS,
        features=NETWORK,
        show=True,
    )
    titles = [line.removeprefix("note: ") for line in capsys.readouterr().err.splitlines()]
    layers = ("relu1_1", "relu2_1", "relu3_1")
    assert titles == [
        *(f"{what} {layer}" for what in ("content", "style", "style to") for layer in layers)
    ]
    assert sheet.size == (4 * 24 + 5 * 6, 3 * (18 + 18) + 4 * 6)


def test_folders_that_are_missing(tmp_path):
    with pytest.raises(
        BadInput, match="there is no folder .*content; a sheet needs FOLDER/content"
    ):
        style_sheet(tmp_path, OPTIONS, features=NETWORK)
