"""The frames of a video, one after the other: no more than one is held.

Animated GIF, PNG, WebP and TIFF files of several pages are read by Pillow. Video files and cameras
need PyAV (extra ``video``), which is imported when there is one to open. Proof:
tests/predictors/inputs/test_video_frames.py; of PyAV with a stand-in for its documented interface.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from zoo import reading
from zoo.data.image.animation import animation, is_animation
from zoo.data.image.sniff import is_meant_as_image
from zoo.errors import BadFile, BadInput, Missing, note
from zoo.predictors.inputs import images
from zoo.predictors.inputs.files_in import files_in, folder
from zoo.predictors.inputs.frame import Frame
from zoo.streams import descriptor

CAMERA = re.compile(r"camera(?::(\d{1,3}))?")
SUFFIXES = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv",
            ".ts", ".m2ts", ".3gp", ".ogv")  # fmt: skip
DEVICES = {"linux": ("v4l2", "/dev/video{}"), "darwin": ("avfoundation", "{}")}
HINT = "pip install 'deep-zoo[video]'; an animated GIF needs nothing"


def is_camera(source: Any) -> bool:
    """Whether a word means a camera: "camera", or "camera:1" for the second one."""
    return isinstance(source, str) and CAMERA.fullmatch(source) is not None


def is_video(source: Any) -> bool:
    """Whether a word means several frames: a camera, a video file or an animation."""
    if is_camera(source):
        return True
    if not isinstance(source, str | Path) or descriptor(source) is not None:
        return False  # a pipe is read once, as one image
    if not reading.is_file(source):
        return False
    return Path(source).suffix.lower() in SUFFIXES or is_animation(Path(source))


def spread(inputs: Sequence[str]) -> list[str]:
    """The words of a command line, each folder replaced by the images in it; animations are told.

    Raises:
        BadInput: for a folder without an image.
    """
    found = images.spread(inputs)
    moving = [word for word in {*found} - {*inputs} if is_animation(Path(word))]
    if moving:
        note(
            f"{min(moving)}{' and others' if len(moving) > 1 else ''}: of an animation in a "
            "folder the first frame is answered; give its own name for all"
        )
    return found


def frames(source: str | Path) -> Iterator[Frame]:
    """The frames of a video file, an animation, a camera, or of a folder of images by name.

    Raises:
        Missing: if there is no such file; if PyAV is needed and not installed.
        BadFile: for a file that is damaged or holds no video.
        BadInput: for a camera that cannot be opened, or what is no name.
    """
    if not isinstance(source, str | Path):
        kind = type(source).__name__
        raise BadInput(f"a video is a file, a folder of images or camera, by its name; got {kind}")
    place = folder(source)
    if place is not None:
        paths = files_in(place, is_meant_as_image, "images")
        yield from (Frame(number, None, path) for number, path in enumerate(paths))
    elif is_camera(source):
        yield from _camera(str(source))
    elif Path(source).suffix.lower() in SUFFIXES:
        yield from _video(Path(source))
    else:
        for number, (image, seconds) in enumerate(animation(Path(source))):
            yield Frame(number, seconds, image)


def _video(path: Path) -> Iterator[Frame]:
    with reading.opened(path, "a video", reading.CORPUS) as file:
        av = _pyav(f"{path} is a video, which")
        try:
            with av.open(file) as container:
                yield from _decoded(container, str(path))
        except av.FFmpegError as error:
            raise BadFile(f"{path} cannot be decoded: {error}") from error


def _camera(word: str) -> Iterator[Frame]:
    match = CAMERA.fullmatch(word)
    number = int((match and match[1]) or 0)
    if sys.platform not in DEVICES:
        raise BadInput(f"cameras are not read on {sys.platform}; give a video file")
    av = _pyav("a camera")
    form, name = DEVICES[sys.platform]
    try:
        with av.open(name.format(number), format=form) as container:
            first = None  # cameras count from when the machine was started
            for frame in _decoded(container, word):
                first = frame.seconds if first is None else first
                known = None if frame.seconds is None else frame.seconds - (first or 0.0)
                yield frame._replace(seconds=known, live=True)
    except av.FFmpegError as error:
        raise BadInput(f"{word} ({name.format(number)}) cannot be read: {error}") from error


def _decoded(container: Any, name: str) -> Iterator[Frame]:
    """The frames of a container that PyAV has opened."""
    if not container.streams.video:
        raise BadFile(f"{name} holds no video")
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    for number, frame in enumerate(container.decode(stream)):
        quarters = round(frame.rotation / 90)  # counterclockwise, as rot90's; a phone held upright
        pixels = np.rot90(frame.to_ndarray(format="rgb24"), quarters)
        yield Frame(number, frame.time, Image.fromarray(np.ascontiguousarray(pixels)))


def _pyav(what: str) -> Any:
    try:
        import av
    except ImportError as error:
        reason = str(error).split("\n")[0]
        raise Missing(f"{what} needs PyAV, which does not import ({reason}): {HINT}") from error
    return av
