"""Frames of a video one after the other; PyAV by a stand-in that keeps to its documented interface.

Neither PyAV nor a camera is where the tests run: what only they can show is not tested here.
"""

import io
import sys
import types
import weakref
from itertools import count

import numpy as np
import pytest
import torch
from PIL import Image

from tests.helpers.colour_detector import detector, scene
from zoo.errors import BadFile, BadInput, Missing
from zoo.predictors.inputs import video_frames
from zoo.predictors.inputs.frame import AHEAD, Frame, together
from zoo.predictors.inputs.video_frames import frames, is_video

COUNT = 20


def at(number):
    """The red rectangle of a frame moves."""
    return (number, 10, number + 30, 40)


def moving(number):
    return scene((100, 60), red=at(number))


@pytest.fixture
def gif(tmp_path):
    path = tmp_path / "clip.gif"
    rest = [moving(n) for n in range(1, COUNT)]
    moving(0).save(path, save_all=True, append_images=rest, duration=40)
    return path


# ---- animations and folders ---------------------------------------------------------------------


def test_a_gif_is_watched_frame_by_frame(gif):
    seen = list(detector((60, 100)).watch(gif))
    assert [frame.number for frame, _ in seen] == list(range(COUNT))
    assert [frame.seconds for frame, _ in seen] == pytest.approx([0.04 * n for n in range(COUNT)])
    for number, (_, answer) in enumerate(seen):
        assert answer.boxes[0].tolist() == pytest.approx(at(number), abs=0.1)


@pytest.mark.parametrize("source", [3, None, ["clip.gif"]])
def test_what_is_no_name_of_a_video(source):
    with pytest.raises(BadInput, match="by its name; got (int|NoneType|list)"):
        next(frames(source))


def test_a_folder_is_watched_by_name(tmp_path):
    for number in range(3):
        moving(number).save(tmp_path / f"{number:03d}.png")
    seen = list(detector((60, 100)).watch(tmp_path))
    assert [frame.seconds for frame, _ in seen] == [None] * 3
    assert [frame.image.name for frame, _ in seen] == ["000.png", "001.png", "002.png"]
    assert [answer.boxes[0, 0].item() for _, answer in seen] == pytest.approx([0, 1, 2], abs=0.1)


def test_only_a_batch_of_frames_is_alive(monkeypatch):
    alive, most = [0], 0

    def endless(source):
        for number in count():
            image = moving(number % 50)
            alive[0] += 1
            weakref.finalize(image, lambda: alive.__setitem__(0, alive[0] - 1))
            yield Frame(number, number / 25, image)

    monkeypatch.setattr(video_frames, "frames", endless)
    for _, (frame, answer) in zip(range(10 * AHEAD), detector().watch("x"), strict=False):
        del frame, answer
        most = max(most, alive[0])
    assert AHEAD <= most <= 2 * AHEAD


def test_frames_of_a_camera_do_not_wait_for_others():
    some = [Frame(n, None, None, live=n >= 10) for n in range(13)]
    assert [len(batch) for batch in together(some)] == [8, 3, 1, 1]


def test_what_is_a_video(gif, tmp_path):
    moving(0).save(tmp_path / "one.gif")
    moving(0).save(tmp_path / "one.jpg")
    (tmp_path / "a.MP4").write_bytes(b"x")
    assert [is_video(str(p)) for p in (gif, tmp_path / "a.MP4", "camera", "camera:1")] == [True] * 4
    none = [tmp_path / "one.gif", tmp_path / "one.jpg", tmp_path, "none.mp4", "-", "", "a camera"]
    assert [is_video(str(p)) for p in none] == [False] * 7
    assert not is_video(7)
    assert detector().frames("one.jpg") is None


# ---- PyAV ---------------------------------------------------------------------------------------


class FFmpegError(Exception):
    """As PyAV's: the base of what FFmpeg raises."""


class Stream:
    thread_type = "SLICE"


class Picture:
    """As PyAV's VideoFrame."""

    def __init__(self, number, rotation, offset):
        self.pixels, self.rotation = np.asarray(moving(number)), rotation
        self.time = None if offset is None else offset + number / 25

    def to_ndarray(self, format):
        assert format == "rgb24"
        return np.rot90(self.pixels, -self.rotation // 90)  # as it is stored


class Container:
    """As PyAV's InputContainer."""

    def __init__(self, count, rotation=0, offset=0.0, broken=None):
        self.streams = types.SimpleNamespace(video=[Stream()] if count else [])
        self.count, self.rotation, self.offset, self.broken = count, rotation, offset, broken
        self.closed = False

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.closed = True

    def decode(self, stream):
        assert stream is self.streams.video[0]
        assert stream.thread_type == "AUTO"
        for number in range(self.count):
            if number == self.broken:
                raise FFmpegError("Invalid data found when processing input")
            yield Picture(number, self.rotation, self.offset)


@pytest.fixture
def av(monkeypatch):
    """A function: what av.open gives; it returns the list of what was opened."""

    def install(container):
        asked = []

        def opened(file, mode="r", format=None, options=None):
            asked.append((file, format))
            if isinstance(container, Exception):
                raise container
            return container

        module = types.SimpleNamespace(open=opened, FFmpegError=FFmpegError)
        monkeypatch.setitem(sys.modules, "av", module)
        return asked

    return install


@pytest.fixture
def clip(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"a video")
    return tmp_path / "clip.mp4"


def test_a_video_is_decoded_upright_with_times_and_closed(av, clip):
    container = Container(5, rotation=-90, offset=0.2)
    asked = av(container)
    found = list(frames(clip))
    assert [frame.seconds for frame in found] == pytest.approx([0.2, 0.24, 0.28, 0.32, 0.36])
    assert [np.asarray(f.image).tobytes() for f in found] == [moving(n).tobytes() for n in range(5)]
    assert container.closed
    [(file, form)] = asked
    assert isinstance(file, io.BufferedIOBase)  # no name, in which FFmpeg would see protocols
    assert form is None
    assert not found[0].live


def test_a_video_is_closed_when_no_one_asks_on(av, clip):
    container = Container(100)
    av(container)
    steps = frames(clip)
    next(steps)
    steps.close()
    assert container.closed


@pytest.mark.parametrize(
    ("container", "said"),
    [
        (Container(0), "holds no video"),
        (Container(3, broken=1), "cannot be decoded: Invalid data"),
        (FFmpegError("moov atom not found"), "cannot be decoded: moov"),
    ],
)
def test_what_cannot_be_decoded_is_named(av, clip, container, said):
    av(container)
    with pytest.raises(BadFile, match=rf"clip\.mp4 {said}"):
        list(frames(clip))


def test_without_pyav_one_line_says_what_to_install(monkeypatch, clip):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(Missing, match=r"clip\.mp4 is a video, which needs PyAV.*deep-zoo\[video\]"):
        next(frames(clip))
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(Missing, match="a camera needs PyAV"):
        next(frames("camera"))


@pytest.mark.parametrize(
    ("platform", "word", "expected"),
    [
        ("linux", "camera", ("/dev/video0", "v4l2")),
        ("linux", "camera:2", ("/dev/video2", "v4l2")),
        ("darwin", "camera:1", ("1", "avfoundation")),
    ],
)
def test_a_camera_is_opened_as_its_system_has_it(av, monkeypatch, platform, word, expected):
    monkeypatch.setattr(sys, "platform", platform)
    asked = av(Container(3, offset=5000.0))
    found = list(frames(word))
    assert asked == [expected]
    assert [frame.seconds for frame in found] == pytest.approx([0, 0.04, 0.08])
    assert all(frame.live for frame in found)


def test_a_camera_that_cannot_be_used_is_named(av, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    av(FFmpegError("No such file or directory"))
    with pytest.raises(BadInput, match=r"camera:7 \(/dev/video7\) cannot be read: No such file"):
        next(frames("camera:7"))
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(BadInput, match="not read on win32"):
        next(frames("camera"))


def test_frames_without_times_have_none(av, clip):
    av(Container(2, offset=None))
    assert [frame.seconds for frame in frames(clip)] == [None, None]
    assert torch.is_tensor(detector()(next(iter(frames(clip))).image).boxes)
    assert isinstance(next(frames(clip)).image, Image.Image)
