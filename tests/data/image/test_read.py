"""Every kind of picture comes out right, or is refused in one line that names it."""

import io
import os
import struct
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.data.child import in_child, public_folder
from zoo.data.image import read as pictures
from zoo.data.image.read import read
from zoo.data.image.resize import MOST_PIXELS, resized
from zoo.errors import BadFile, BadInput, Missing, ZooError

ORIENTATION = 0x0112
NOISE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def saved(folder, image, name, **options):
    path = folder / name
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)
    return path


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def grey(path):
    picture = read(path, channels=1)
    assert picture.shape[0] == 1
    return picture[0].tolist()


def attempt(path, channels=3):
    """The picture, or what our error says; any other error is a failure."""
    try:
        return read(path, channels), ""
    except ZooError as error:
        return None, str(error)


def chunk(kind, payload):
    mark = struct.pack(">I", zlib.crc32(kind + payload))
    return struct.pack(">I", len(payload)) + kind + payload + mark


def png(width, height, *chunks, depth=8, colour=0):
    """A PNG byte by byte, so that it can claim anything; checksums are right."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


# modes


def test_rgb_is_read_as_it_is(tmp_path):
    picture = read(saved(tmp_path, NOISE, "a.png"))
    assert picture.dtype == torch.uint8
    assert picture.shape == (3, 20, 30)
    assert picture.is_contiguous()
    assert np.array_equal(picture.permute(1, 2, 0).numpy(), NOISE)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.ppm", "a.webp"])
def test_lossless_kinds_agree(tmp_path, name):
    options = {"lossless": True} if name == "a.webp" else {}
    picture = read(saved(tmp_path, NOISE, name, **options))
    assert np.array_equal(picture.permute(1, 2, 0).numpy(), NOISE)


def test_rgb_becomes_grey_by_luma(tmp_path):
    path = saved(tmp_path, Image.new("RGB", (2, 2), (255, 0, 0)), "a.png")
    assert grey(path) == [[76, 76]] * 2  # 0.299 * 255


def test_grey_is_read_as_it_is_and_repeated_for_rgb(tmp_path):
    path = saved(tmp_path, NOISE[:, :, 0], "a.png")
    assert np.array_equal(read(path, channels=1)[0].numpy(), NOISE[:, :, 0])
    assert torch.equal(read(path), read(path, channels=1).expand(3, -1, -1))


def test_grey_with_alpha_lies_on_white(tmp_path):
    image = Image.new("LA", (3, 1))
    for x, value in enumerate([(100, 255), (100, 0), (0, 128)]):
        image.putpixel((x, 0), value)
    assert grey(saved(tmp_path, image, "a.png")) == [[100, 255, 127]]


def test_rgba_lies_on_white(tmp_path):
    image = Image.new("RGBA", (3, 1))
    for x, value in enumerate([(10, 20, 30, 255), (10, 20, 30, 0), (255, 0, 0, 128)]):
        image.putpixel((x, 0), value)
    picture = read(saved(tmp_path, image, "a.png"))
    assert picture[:, 0].T.tolist() == [[10, 20, 30], [255, 255, 255], [255, 127, 127]]


def palette(*colours):
    image = Image.new("P", (len(colours), 1))
    image.putpalette([value for colour in colours for value in colour])
    for x in range(len(colours)):
        image.putpixel((x, 0), x)
    return image


def test_palette_is_looked_up(tmp_path):
    path = saved(tmp_path, palette((1, 2, 3), (40, 50, 60)), "a.png")
    assert read(path)[:, 0].T.tolist() == [[1, 2, 3], [40, 50, 60]]


@pytest.mark.parametrize("transparency", [1, b"\xff\x00"])
def test_palette_with_transparency_lies_on_white(tmp_path, transparency):
    image = palette((1, 2, 3), (40, 50, 60))
    path = saved(tmp_path, image, "a.png", transparency=transparency)
    assert read(path)[:, 0].T.tolist() == [[1, 2, 3], [255, 255, 255]]


def test_transparent_colour_lies_on_white(tmp_path):
    image = Image.fromarray(np.array([[[9, 9, 9], [7, 8, 9]]], np.uint8))
    path = saved(tmp_path, image, "a.png", transparency=(9, 9, 9))
    assert read(path)[:, 0].T.tolist() == [[255, 255, 255], [7, 8, 9]]


def test_bilevel_is_black_and_white(tmp_path):
    image = Image.new("1", (2, 1))
    image.putpixel((1, 0), 1)
    assert grey(saved(tmp_path, image, "a.png")) == [[0, 255]]


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_16_bit_grey_is_scaled_not_white(tmp_path, name):
    values = np.array([[0, 257 * 3, 257 * 200, 32768, 65535]], np.uint16)
    assert grey(saved(tmp_path, values, name)) == [[0, 3, 200, 128, 255]]


def test_32_bit_whole_numbers(tmp_path):
    assert grey(saved(tmp_path, np.array([[0, 65535]], np.int32), "a.tif")) == [[0, 255]]
    for bad in ([[0, 65536]], [[-1, 0]]):
        path = saved(tmp_path, np.array(bad, np.int32), "b.tif")
        with pytest.raises(BadFile, match=r"b\.tif has values from .* expected 0 to 65535"):
            read(path)


def test_floats_are_scaled_not_black(tmp_path):
    values = np.array([[0, 0.25, 0.5, 1]], np.float32)
    assert grey(saved(tmp_path, values, "a.tif")) == [[0, 64, 128, 255]]


@pytest.mark.parametrize("bad", [1.5, -0.1, 255.0])
def test_floats_outside_0_to_1_are_refused(tmp_path, bad):
    path = saved(tmp_path, np.array([[0.5, bad]], np.float32), "a.tif")
    with pytest.raises(BadFile, match=rf"a\.tif has values .*{bad:g}.*; expected 0 to 1"):
        read(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_floats_that_are_no_numbers_are_refused(tmp_path, bad):
    path = saved(tmp_path, np.array([[0.5, bad]], np.float32), "a.tif")
    with pytest.raises(BadFile, match=r"a\.tif has pixels that are not finite"):
        read(path)


def test_cmyk_jpeg_has_its_colours(tmp_path):
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    picture = read(saved(tmp_path, image, "a.jpg", quality=95)).float()
    assert picture.shape == (3, 16, 16)
    assert (picture - torch.tensor([255.0, 0, 0])[:, None, None]).abs().max() < 4


def test_progressive_jpeg_is_the_same_picture(tmp_path):
    baseline = read(saved(tmp_path, NOISE, "a.jpg"))
    assert torch.equal(read(saved(tmp_path, NOISE, "b.jpg", progressive=True)), baseline)


def test_jpeg_of_two_views_gives_the_first(tmp_path):
    first, second = Image.fromarray(NOISE), Image.new("RGB", (30, 20))
    path = saved(tmp_path, first, "a.jpg", format="MPO", save_all=True, append_images=[second])
    assert torch.equal(read(path), read(saved(tmp_path, first, "b.jpg")))


# rotation


def stored(upright, orientation):
    """How a camera held that way would have stored it: EXIF 2.3, tag 0x0112."""
    turned = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.swapaxes(0, 1),
        6: np.rot90(upright),
        7: upright[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(upright, -1),
    }
    return np.ascontiguousarray(turned[orientation])


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_every_orientation_gives_the_upright_picture(tmp_path, orientation, name):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture = read(saved(tmp_path, stored(NOISE, orientation), name, exif=exif))
    assert np.array_equal(picture.permute(1, 2, 0).numpy(), NOISE)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_of_a_jpeg(tmp_path, orientation):
    smooth = np.zeros((16, 32, 3), np.uint8)
    smooth[:8, :8] = 250  # one bright corner
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    path = saved(tmp_path, stored(smooth, orientation), "a.jpg", exif=exif, quality=95)
    difference = read(path).permute(1, 2, 0).numpy().astype(int) - smooth
    assert np.abs(difference).max() < 20


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_orientation_that_does_not_exist_is_ignored(tmp_path, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    picture = read(saved(tmp_path, NOISE, "a.png", exif=exif))
    assert np.array_equal(picture.permute(1, 2, 0).numpy(), NOISE)


def test_16_bit_picture_is_turned_too(tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 3
    path = saved(tmp_path, np.array([[0, 65535]], np.uint16), "a.png", exif=exif)
    assert grey(path) == [[255, 0]]


# animations and sizes


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_first_frame_of_an_animation(tmp_path, name):
    frames = [Image.new("RGB", (8, 6), c) for c in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
    options = {"lossless": True} if name == "a.webp" else {}
    path = saved(tmp_path, frames[0], name, save_all=True, append_images=frames[1:], **options)
    picture = read(path)
    assert picture.shape == (3, 6, 8)
    assert picture[:, 3, 4].tolist() == [255, 0, 0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 10_000), (10_000, 1)])
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif"])
def test_odd_sizes(tmp_path, shape, name):
    path = saved(tmp_path, np.full(shape, 90, np.uint8), name)
    picture = read(path)
    assert picture.shape == (3, *shape)
    assert (picture == 90).all()


def test_large_metadata_does_no_harm(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "a" * 60_000  # its description
    profile = os.urandom(300_000)
    plain = read(saved(tmp_path, NOISE, "a.jpg"))
    path = saved(tmp_path, NOISE, "b.jpg", exif=exif, icc_profile=profile)
    assert path.stat().st_size > 360_000
    assert torch.equal(read(path), plain)


# what is refused


@pytest.mark.parametrize("size", [(30_000, 30_000), (9000, 9000), (2**31 - 1, 2**31 - 1)])
def test_decompression_bomb_is_refused_before_it_is_decoded(tmp_path, size):
    data = png(*size, chunk(b"IDAT", zlib.compress(bytes(100_000))))
    assert len(data) < 300
    (tmp_path / "a.png").write_bytes(data)
    start = time.monotonic()
    with pytest.raises(BadFile, match=r"a\.png (claims|is refused: Image size).*pixels"):
        read(tmp_path / "a.png")
    assert time.monotonic() - start < 0.5


def test_text_bomb_is_refused(tmp_path):
    text = b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9)
    (tmp_path / "a.png").write_bytes(png(1, 1, chunk(b"zTXt", text)))
    with pytest.raises(BadFile, match=r"a\.png"):
        read(tmp_path / "a.png")


KINDS = {
    "PNG": {},
    "JPEG": {},
    "GIF": {},
    "BMP": {},
    "TIFF": {},
    "WEBP": {"lossless": True},
    "PPM": {},
}


@pytest.mark.parametrize("kind", KINDS)
def test_cut_short_at_any_place_is_refused_or_whole(tmp_path, kind):
    data = encoded(Image.fromarray(NOISE), kind, **KINDS[kind])
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    right, read_whole = read(path), 0
    places = [*range(0, len(data), 10), len(data) - 2, len(data) - 1]
    for length in places:
        path.write_bytes(data[:length])
        picture, error = attempt(path)
        assert "a.jpg" in error if picture is None else torch.equal(picture, right), length
        read_whole += picture is not None
    assert read_whole <= 5  # only where nothing but a checksum or an end mark is missing


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG", b"<!DOCTYPE html><html>404</html>", b"hello", bytes(1000), b"%!PS"]
)
def test_what_is_no_picture_is_refused(tmp_path, data):
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    with pytest.raises(BadFile, match=r"a\.jpg is not an image that can be read"):
        read(path)


def test_postscript_is_never_run(tmp_path, monkeypatch):
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("PIL.EpsImagePlugin.gs_binary", None)
    (tmp_path / "a.png").write_bytes(encoded(Image.fromarray(NOISE), "EPS"))
    with pytest.raises(BadFile, match="is not an image that can be read"):
        read(tmp_path / "a.png")
    assert not (tmp_path / "ran").exists()


def test_missing_file_is_named(tmp_path):
    with pytest.raises(Missing, match=r"no file .*none\.png; expected an image"):
        read(tmp_path / "none.png")
    with pytest.raises(BadFile, match="embedded null byte"):
        read("a\0b.png")


def test_folder_of_that_name_is_refused(tmp_path):
    (tmp_path / "x.jpg").mkdir()
    with pytest.raises(BadFile, match=r"x\.jpg is a folder; expected an image"):
        read(tmp_path / "x.jpg")


def test_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "x.jpg")
    said = in_child(lambda: read(tmp_path / "x.jpg"))
    assert said == f"BadFile: {tmp_path / 'x.jpg'} is a named pipe; expected an image"
    with pytest.raises(BadFile, match="device"):
        read("/dev/zero")


def test_symlink_is_followed_and_a_loop_refused(tmp_path):
    saved(tmp_path, NOISE, "a.png")
    (tmp_path / "b.png").symlink_to("a.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    assert torch.equal(read(tmp_path / "b.png"), read(tmp_path / "a.png"))
    with pytest.raises(BadFile, match=r"loop\.png: Too many levels of symbolic links"):
        read(tmp_path / "loop.png")


def test_name_that_is_too_long(tmp_path):
    with pytest.raises(BadFile, match="cannot read .*aaa: File name too long"):
        read(tmp_path / ("a" * 300))


@pytest.mark.parametrize("closed", ["folder", "folder/a.png"])
def test_file_that_may_not_be_read(closed):
    with public_folder() as root:
        (root / "folder").mkdir(mode=0o755)
        path = saved(root, NOISE, "folder/a.png")
        (root / closed).chmod(0)
        said = in_child(lambda: read(path), nobody=True)
        assert said == f"BadFile: cannot read {path}: Permission denied; expected an image"


@pytest.mark.parametrize("name", ["with space.png", "größe.png", "日本語.png", "new\nline.png"])
def test_any_name_will_do(tmp_path, name):
    path = saved(tmp_path, NOISE, name)
    assert read(path).shape == (3, 20, 30)
    assert read(str(path)).shape == (3, 20, 30)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "broken.png"])
def test_the_users_file_is_only_read(tmp_path, name):
    path = saved(tmp_path, NOISE, name)
    if name == "broken.png":
        path.write_bytes(path.read_bytes()[:-100])
    os.utime(path, (1_000_000_000, 1_000_000_000))
    before, stat = path.read_bytes(), path.stat()
    try:
        read(path)
    except BadFile:
        assert name == "broken.png"
    assert path.read_bytes() == before
    assert (path.stat().st_mtime, path.stat().st_mode) == (stat.st_mtime, stat.st_mode)
    assert os.listdir(tmp_path) == [name]


# arrays and PIL images


def test_arrays_of_every_layout():
    colour = torch.from_numpy(NOISE).permute(2, 0, 1)
    plane = NOISE[:, :, 0]
    assert torch.equal(read(NOISE), colour)
    assert torch.equal(read(colour), colour)
    assert torch.equal(read(colour.numpy()), colour)
    for raw in (plane, plane[None], plane[:, :, None], torch.from_numpy(plane)):
        assert np.array_equal(read(raw, channels=1)[0].numpy(), plane)
        assert torch.equal(read(raw), read(plane, channels=1).expand(3, -1, -1))


def test_array_with_alpha_lies_on_white():
    assert (read(np.zeros((2, 2, 4), np.uint8)) == 255).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_of_an_array_are_scaled(dtype):
    values = np.array([[0, 0.25, 0.5, 1]], dtype)
    assert read(values, channels=1).tolist() == [[[0, 64, 128, 255]]]


def test_tensor_with_gradient_and_strided_array():
    values = torch.full((2, 2), 0.5, requires_grad=True)
    assert (read(values, channels=1) == 128).all()
    assert np.array_equal(read(NOISE[::2, ::-1])[0].numpy(), NOISE[::2, ::-1, 0])


def test_array_is_not_changed_nor_shared():
    array = NOISE.copy()
    read(array).zero_()
    assert np.array_equal(array, NOISE)


@pytest.mark.parametrize(
    "values", [[[0.5, np.nan]], [[0.5, np.inf]], [[0.5, 1.01]], [[-0.01, 0.5]], [[0.0, 255.0]]]
)
def test_floats_that_are_no_picture_are_refused(values):
    with pytest.raises(BadInput, match="values from 0 to 1, all finite"):
        read(np.array(values))


@pytest.mark.parametrize("dtype", ["uint16", "uint32"])
def test_whole_numbers_of_other_sizes_are_refused(dtype):
    with pytest.raises(BadInput, match=f"must be uint8, got {dtype}"):
        read(np.zeros((4, 4), dtype))


@pytest.mark.parametrize("dtype", ["int8", "int64", "bool", "complex64", "U1"])
def test_other_types_are_refused(dtype):
    with pytest.raises(BadInput, match=r"uint8 or floats in \[0, 1\], got ndarray \(4, 4\)"):
        read(np.zeros((4, 4), dtype))


@pytest.mark.parametrize("shape", [(), (4,), (0, 4), (4, 0, 3), (4, 4, 2), (2, 3, 4, 3), (5, 6, 7)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(BadInput, match="an image is a path, a PIL image or an array"):
        read(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("raw", [None, 7, {}, [], object(), [[1], [2, 3]], ["a", "b"]])
def test_things_that_are_no_picture_are_refused(raw):
    with pytest.raises(BadInput):
        read(raw)


def test_bfloat16_is_refused():
    with pytest.raises(BadInput, match="BFloat16"):
        read(torch.zeros(4, 4, dtype=torch.bfloat16))


@pytest.mark.parametrize("channels", [0, 2, 4, -1])
def test_channels_are_1_or_3(channels):
    with pytest.raises(BadInput, match=f"1 or 3 channels, not {channels}"):
        read(NOISE, channels=channels)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "HSV", "I;16", "F"])
def test_pil_image_of_any_mode(mode):
    image = Image.new(mode, (5, 4))
    assert read(image).shape == (3, 4, 5)
    assert read(image, channels=1).shape == (1, 4, 5)
    assert image.mode == mode


def test_pil_image_that_is_cut_short():
    data = encoded(Image.fromarray(NOISE), "PNG")[:-200]
    with pytest.raises(BadFile, match="the image is damaged"):
        read(Image.open(io.BytesIO(data)))


@pytest.mark.parametrize("mode", ["L", "RGBA", "F"])
def test_pil_image_without_pixels(mode):
    with pytest.raises(BadInput, match="the image has no pixels: 0 x 5"):
        read(Image.new(mode, (0, 5)))


# bytes and open files


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_bytes_and_open_files_are_the_file(tmp_path, kind):
    path = saved(tmp_path, NOISE, "a", format=kind)
    right, data = read(path), path.read_bytes()
    for raw in (data, bytearray(data), memoryview(data), io.BytesIO(data)):
        assert torch.equal(read(raw), right)
    with path.open("rb") as file:
        assert torch.equal(read(file), right)
        assert not file.closed  # its owner closes it
    with tempfile.SpooledTemporaryFile() as file:
        file.write(data)
        file.seek(0)
        assert torch.equal(read(file, channels=1), read(path, channels=1))


def test_bytes_that_are_no_image_are_refused(tmp_path, monkeypatch):
    bomb = png(30_000, 30_000, chunk(b"IDAT", zlib.compress(bytes(1000))))
    for raw, said in (
        (b"bytes", "the image is not an image that can be read"),
        (io.BytesIO(), "the image is not an image that can be read"),
        (bomb, "the image claims 30000 x 30000 pixels|the image is refused"),
        (encoded(Image.fromarray(NOISE), "PNG")[:-100], "the image is damaged"),
    ):
        with pytest.raises(BadFile, match=said):
            read(raw)
    with pytest.raises(BadInput, match=r"open for bytes \(mode rb\), got str"):
        read(io.StringIO("text"))
    closed = io.BytesIO()
    closed.close()
    with pytest.raises(BadFile, match="the open file cannot be read: I/O operation on closed"):
        read(closed)
    monkeypatch.setattr(pictures.reading, "PICTURE", 20)
    with pytest.raises(BadFile, match="more than 20 bytes"):
        read(io.BytesIO(bytes(21)))


# photos


def photo(folder, *size, name="p.jpg", **options):
    """A smooth image with some noise, as a photo is: 1200 x 900 pixels."""
    draw = np.random.default_rng(0)
    coarse = Image.fromarray(draw.integers(0, 256, (20, 27, 3), dtype=np.uint8))
    fine = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), int)
    noisy = (fine + draw.integers(-8, 9, fine.shape)).clip(0, 255).astype(np.uint8)
    return saved(folder, noisy, name, quality=92, **options)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_large_jpeg_is_shrunk_while_it_is_decoded_but_not_below_what_is_needed(tmp_path, mode):
    path = photo(tmp_path, 1200, 900)
    if mode != "RGB":
        with Image.open(path) as image:
            path = saved(tmp_path, image.convert(mode), "m.jpg", quality=92)
    for enough, size in (
        ((450, 450), (450, 600)),
        ((451, 451), (900, 1200)),
        ((200, 300), (225, 300)),
        ((200, 301), (450, 600)),
        ((1, 1), (113, 150)),
        (None, (900, 1200)),
    ):
        assert pictures.decoded(path, 3, enough).shape == (3, *size), enough
    whole = resized(read(path), (90, 120)).int()
    quick = resized(pictures.decoded(path, 3, (180, 240)), (90, 120)).int()
    assert (whole - quick).abs().float().mean() < 1
    assert (whole - quick).abs().max() <= 6


def test_a_large_jpeg_that_lies_on_its_side_keeps_what_is_needed(tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    path = photo(tmp_path, 2000, 600, exif=exif)  # upright: 600 wide, 2000 high
    assert pictures.decoded(path, 3, (900, 200)).shape == (3, 1000, 300)
    assert pictures.decoded(path, 3, (200, 500)).shape == (3, 2000, 600)


def test_what_is_no_large_jpeg_is_decoded_whole(tmp_path):
    small = photo(tmp_path, 1000, 1000)
    assert torch.equal(pictures.decoded(small, 3, (10, 10)), read(small))
    large = photo(tmp_path, 1200, 900, name="a.png")
    assert torch.equal(pictures.decoded(large, 3, (10, 10)), read(large))
    with Image.open(photo(tmp_path, 1200, 900)) as image:  # the caller's: it is left as it is
        assert pictures.decoded(image, 3, (10, 10)).shape == (3, 900, 1200)


def test_a_large_jpeg_that_is_cut_short_is_refused_though_it_is_shrunk(tmp_path):
    path = photo(tmp_path, 1200, 900)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(BadFile, match=r"p\.jpg is damaged"):
        pictures.decoded(path, 3, (100, 100))


# mangled bytes


def sources():
    """Small files with everything in them that a decoder looks at."""
    image, exif, info = Image.fromarray(NOISE), Image.Exif(), PngInfo()
    exif[ORIENTATION] = 6
    info.add_text("Comment", "text" * 9, zip=True)
    extra = {"exif": exif, "icc_profile": b"profile" * 20, "dpi": (72, 72)}
    frames = {"save_all": True, "append_images": [image.rotate(180)]}
    return [
        encoded(image, "PNG", pnginfo=info, **extra),
        encoded(image, "PNG", **frames),
        encoded(palette((1, 2, 3), (4, 5, 6)), "PNG", transparency=b"\x00\x80"),
        encoded(image, "JPEG", **extra),
        encoded(image, "JPEG", progressive=True),
        encoded(image, "MPO", **frames),
        encoded(image, "GIF", **frames),
        encoded(image, "WEBP", exif=exif),
        encoded(image, "BMP"),
        encoded(image, "TIFF"),
    ]


def mended(data):
    """The same PNG with right checksums, so that the damage gets past them."""
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        parts.append(chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return b"".join(parts)


SOURCES = sources()
EDIT = st.tuples(
    st.integers(0, 10_000), st.integers(0, 255), st.sampled_from(["flip", "set", "cut"])
)


def mangled(source, edits, mend):
    data = bytearray(SOURCES[source])
    for place, value, how in edits:
        at = place % max(len(data), 1)
        if how == "cut":
            del data[at : at + value % 8]
        elif data:
            data[at] = data[at] ^ (1 << value % 8) if how == "flip" else value
    return mended(bytes(data)) if mend and data[:4] == b"\x89PNG" else bytes(data)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("mangled") / "a.png"


@settings(
    max_examples=400,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    source=st.integers(0, len(SOURCES) - 1),
    edits=st.lists(EDIT, max_size=6),
    mend=st.booleans(),
    channels=st.sampled_from([1, 3]),
)
@example(source=0, edits=[], mend=True, channels=3)
def test_mangled_bytes_give_a_picture_or_an_error_of_ours(place, source, edits, mend, channels):
    place.write_bytes(mangled(source, edits, mend))
    picture, error = attempt(place, channels)
    if picture is None:
        assert str(place) in error
        assert "\n" not in error
    else:
        assert picture.dtype == torch.uint8
        assert picture.shape[0] == channels
        assert 0 < picture[0].numel() <= MOST_PIXELS


@settings(max_examples=200, deadline=None, database=None)
@given(data=st.binary(max_size=300))
def test_random_bytes_give_a_picture_or_an_error_of_ours(place, data):
    place.write_bytes(data)
    picture, error = attempt(place)
    assert str(place) in error if picture is None else picture.shape[0] == 3


# names


def test_suffixes_are_all_read(tmp_path):
    for suffix in (".png", ".jpg", ".jfif", ".bmp", ".gif", ".webp", ".tif", ".pgm", ".ppm"):
        mode = "L" if suffix == ".pgm" else "RGB"
        path = saved(tmp_path, Image.new(mode, (3, 2), "white"), f"a{suffix}")
        assert read(Path(path)).shape == (3, 2, 3), suffix
