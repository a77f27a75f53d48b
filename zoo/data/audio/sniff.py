"""What a file holds, by its first bytes: whether it is sound, or meant as sound.

Proof: tests/data/audio/test_sniff.py.
"""

import re
from pathlib import Path

from zoo.data.audio import containers

HEAD = 16  # bytes that are looked at
SOUND = re.compile(
    rb"(RIFF|RIFX|RF64)....WAVE|fLaC|OggS|ID3|\xff[\xf2\xf3\xfa\xfb]|FORM....AIF[FC]|\.snd|caff",
    re.DOTALL,
)
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".m4a", ".mp4", ".aac", ".amr", ".opus", ".wma",
            ".aif", ".aiff", ".au", ".caf", ".webm")  # fmt: skip


def is_meant_as_sound(path: Path) -> bool:
    """Whether a file is sound, or is called as if it were; a folder or a pipe never is.

    What cannot be read of these (m4a, a damaged file) is no less meant: reading it says why not.
    """
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        head = b""
    known = SOUND.match(head) is not None or containers.kind_of(head) is not None
    return known or path.suffix.lower() in SUFFIXES
