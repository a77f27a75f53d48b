import numpy as np
import torch
from PIL import Image

from zoo.viz.layers.parts import SeenFilters, SeenLayer, SeenUnit
from zoo.viz.layers.seen import Seen
from zoo.viz.layers.tiles import mosaic, signal_array


def units(count, channels=3, size=5):
    patch = torch.zeros(channels, size, size, dtype=torch.uint8)
    return tuple(
        SeenUnit(1.0 / (n + 1), (n, n), patch, torch.randn(channels, size, size - n % 2))
        for n in range(count)
    )


def seen(channels=3, several=False):
    image = torch.randint(0, 255, (channels, 20, 30), dtype=torch.uint8)
    maps = {
        "grad-cam": torch.rand(20, 30), "occlusion": torch.randn(20, 30),
        "integrated": torch.randn(channels, 20, 30), "guided": torch.zeros(channels, 20, 30),
    }  # fmt: skip
    shape = (64, 7, 7)
    one = SeenLayer(
        "a.very.long.name.of.a.layer", "5x5 convolution", shape, (5.0, 5.0), (3, 9),
        (units(9 if several else 1, channels), units(0)),
    )  # fmt: skip
    whole = SeenLayer("b", "Sequential", shape, (torch.inf, torch.inf), (1,), (units(1, channels),))
    filters = (
        SeenFilters("c", torch.randn(12, channels, 5, 5), None),
        SeenFilters("d", None, torch.stack([torch.zeros(4, 4), torch.rand(4, 4)])),
    )
    captions = dict.fromkeys(maps, "a caption: of two lines")
    return Seen("net", image, "cat 9 %", maps, captions, (one, whole), filters, ("a note",))


def test_a_sheet_is_drawn_of_colour_and_of_grey(tmp_path):
    for channels in (1, 3):
        for several in (False, True):
            seen(channels, several).save(tmp_path / "sheet.png")
            with Image.open(tmp_path / "sheet.png") as sheet:
                assert sheet.width > 1000
                assert len(np.unique(np.asarray(sheet))) > 50


def test_a_part_of_it():
    whole = seen()
    only = Seen("net", whole.image, "cat", {}, {}, (), (), ())
    assert len(only.plot().axes) == 1
    kernels = Seen("net", whole.image, "cat", {}, {}, (), whole.filters, ())
    assert len(kernels.plot().axes) == 2


def test_what_is_told():
    one = seen()
    assert str(one).startswith("cat 9 %: a caption: of two lines; ")
    record = one.to_json()
    assert record["layers"][0]["filters"]["3"][0] == {"value": 1.0, "place": (0, 0)}
    assert record["notices"] == ["a note"]


def test_zero_is_grey_and_the_largest_black_or_white():
    signal = torch.zeros(3, 2, 2)
    assert (signal_array(signal) == 0.5).all()
    signal[0, 0, 0] = -4.0
    signal[1, 1, 1] = 2.0
    array = signal_array(signal)
    assert array.shape == (2, 2, 3)
    assert array[0, 0].tolist() == [0.0, 0.5, 0.5]
    assert array[1, 1].tolist() == [0.5, 0.75, 0.5]
    assert signal_array(torch.ones(7, 2, 2)).shape == (2, 2)


def test_tiles_lie_in_rows():
    tiles = [np.full((4, 4, 3), value, np.float32) for value in (0.0, 0.2, 0.4)]
    array = mosaic(tiles, 2, gap=1)
    assert array.shape == (9, 9, 3)
    assert float(array[0, 5, 0]) == np.float32(0.2)
    assert float(array[5, 0, 0]) == np.float32(0.4)
    assert array[4].min() == array[8, 8].min() == 1.0
