"""A GIF written frame by frame is what Pillow reads again."""

import numpy as np
import pytest
from PIL import Image

from zoo.data.image.animation import animation
from zoo.errors import BadInput, CannotWrite
from zoo.viz.gif import GifWriter


def shade(value, size=(40, 30)):
    return Image.new("RGB", size, (value, 255 - value, 0))


def written(path, frames):
    writer = GifWriter(path)
    for image, seconds in frames:
        writer.add(image, seconds)
    writer.close()
    return list(animation(path))


def test_frames_and_times_come_back(tmp_path):
    times = [0.0, 0.04, 0.5, 0.54]
    made = written(tmp_path / "a.gif", [(shade(60 * n), t) for n, t in enumerate(times)])
    assert [image.convert("RGB").getpixel((5, 5)) for image, _ in made] == [
        (60 * n, 255 - 60 * n, 0) for n in range(4)
    ]
    assert [t for _, t in made] == pytest.approx(times)


def test_a_photo_keeps_256_colours(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    smooth = Image.fromarray(noise).resize((300, 200), Image.Resampling.BICUBIC)
    made = written(tmp_path / "a.gif", [(smooth, None), (smooth.rotate(180), None)])
    assert [t for _, t in made] == [0.0, pytest.approx(0.1)]
    for (image, _), expected in zip(made, (smooth, smooth.rotate(180)), strict=True):
        difference = np.asarray(image.convert("RGB")).astype(int) - np.asarray(expected)
        assert np.abs(difference).mean() < 12


def test_one_colour_and_one_frame(tmp_path):
    [(image, _)] = written(tmp_path / "a.gif", [(Image.new("RGB", (3, 2), "white"), None)])
    assert image.convert("RGB").getpixel((2, 1)) == (255, 255, 255)


def test_frames_of_another_size_are_fitted_in(tmp_path):
    made = written(tmp_path / "a.gif", [(shade(0), None), (shade(200, (40, 60)), None)])
    assert [image.size for image, _ in made] == [(40, 30)] * 2
    assert made[1][0].convert("RGB").getpixel((1, 15)) == (255, 255, 255)
    assert made[1][0].convert("RGB").getpixel((20, 15)) == (200, 55, 0)


def test_only_one_frame_is_held(tmp_path):
    writer = GifWriter(tmp_path / "a.gif")
    for number in range(5):
        writer.add(shade(number * 10), None)
        assert writer.waiting[0].getpixel((0, 0))[0] == number * 10
        held = [value for value in vars(writer).values() if isinstance(value, list)]
        assert held == []
    writer.close()


def test_nothing_is_left_half_written(tmp_path):
    path = tmp_path / "a.gif"
    path.write_bytes(b"before")
    writer = GifWriter(path)
    writer.add(shade(1))
    writer.add(shade(2))
    writer.drop()
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    GifWriter(tmp_path / "none.gif").close()
    assert not (tmp_path / "none.gif").exists()
    GifWriter(tmp_path / "none.gif").drop()


def test_what_cannot_be_written_is_said(tmp_path):
    with pytest.raises(CannotWrite):
        GifWriter(tmp_path / "none" / "a.gif").add(shade(1))
    with pytest.raises(BadInput, match="65535"):
        GifWriter(tmp_path / "a.gif").add(Image.new("L", (70_000, 1)))
