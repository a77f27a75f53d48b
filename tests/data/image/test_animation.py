"""Animations frame by frame: what is one, times, damage in the middle."""

import numpy as np
import pytest
from PIL import Image

from zoo.data.image.animation import animation, is_animation
from zoo.errors import BadFile, Missing

SHADES = (10, 90, 170, 250)


def frames(size=(12, 8)):
    return [Image.new("RGB", size, (shade, shade, shade)) for shade in SHADES]


def saved(path, **options):
    first, *rest = frames()
    first.save(path, save_all=True, append_images=rest, **options)
    return path


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tiff"])
def test_each_frame_and_its_time(tmp_path, name):
    timed = {} if name == "a.tiff" else {"duration": [100, 200, 50, 50]}
    exact = {"lossless": True} if name == "a.webp" else {}
    path = saved(tmp_path / name, **timed, **exact)
    assert is_animation(path)
    found = list(animation(path))
    assert [int(np.asarray(image).max()) for image, _ in found] == pytest.approx(SHADES, abs=1)
    assert {(image.mode, image.size) for image, _ in found} <= {
        ("RGB", (12, 8)),
        ("L", (12, 8)),
    }
    times = [seconds for _, seconds in found]
    assert times == ([None] * 4 if name == "a.tiff" else pytest.approx([0, 0.1, 0.3, 0.35]))


def test_a_gif_without_times_has_those_of_a_browser(tmp_path):
    times = [seconds for _, seconds in animation(saved(tmp_path / "a.gif", duration=0))]
    assert times == pytest.approx([0, 0.1, 0.2, 0.3])


def test_what_is_no_animation(tmp_path):
    for name in ("a.png", "a.jpg", "a.gif", "a.webp"):
        frames()[0].save(tmp_path / name)
        assert not is_animation(tmp_path / name)
        assert len(list(animation(tmp_path / name))) == 1
    (tmp_path / "b.gif").write_bytes(b"GIF89a")
    (tmp_path / "c.gif").write_bytes(b"")
    assert not is_animation(tmp_path / "b.gif")
    assert not is_animation(tmp_path / "c.gif")
    assert not is_animation(tmp_path / "none.gif")
    with pytest.raises(Missing):
        next(animation(tmp_path / "none.gif"))


def test_damage_in_a_later_frame_is_named_after_the_frames_before(tmp_path):
    path = tmp_path / "a.gif"
    noise = np.random.default_rng(0).integers(0, 256, (4, 60, 60), np.uint8)
    first, *rest = (Image.fromarray(one) for one in noise)
    first.save(path, save_all=True, append_images=rest)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 5 // 8])
    steps = animation(path)
    assert [number for number, _ in zip(range(2), steps, strict=False)] == [0, 1]
    with pytest.raises(BadFile, match=r"a\.gif"):
        next(steps)


def test_frames_are_copies(tmp_path):
    steps = animation(saved(tmp_path / "a.png"))
    first = next(steps)[0]
    before = first.tobytes()
    next(steps)
    assert first.tobytes() == before
