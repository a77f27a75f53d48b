"""The user's word: the folders ``word``, ``other`` and ``background`` of sound files.

Divided as zoo/data/audio/trigger_recordings.py says, each subfolder of ``other`` by itself,
with no clips left out between the splits. Proof: tests/data/own/test_trigger_word.py.
"""

from pathlib import Path

from zoo.data.audio.trigger_recordings import (
    RATE,
    TriggerSplits,
    read_background,
    read_clip,
    split_clips,
)
from zoo.data.own import LICENCE
from zoo.errors import BadInput, Missing

FORM = "a spoken word: a folder with word/, other/ and background/ of sound files"
SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")
FEWEST = {"word": 12, "other": 6, "background": 1}  # files
SHORTEST = 15.0  # seconds of background in all


def own_data(folder: Path) -> TriggerSplits:
    """Folders ``word``, ``other`` (or ``other_words``) and ``background``.

    wav, flac, ogg or mp3 of any rate. Clips are divided by name order (name those of one speaker
    alike), background by files.

    Raises:
        Missing: if a folder is not there.
        BadInput: for too few files, or too little background.
        BadFile: for a file that is no sound, or a clip that is empty.
    """
    if not folder.is_dir():
        raise Missing(
            f"{folder} is no folder; expected one with word/, other/ and background/ in it"
        )
    words, others = (
        [read_clip(name, path) for name, path in _files(folder, kind)] for kind in ("word", "other")
    )
    noise = [read_background(name, path) for name, path in _files(folder, "background")]
    seconds = sum(len(clip.wave) for clip in noise) / RATE
    if seconds < SHORTEST:
        raise BadInput(
            f"{folder}/background has {seconds:.1f} s of sound; expected {SHORTEST:.0f} s or more: "
            "record the room while nobody says the word"
        )
    return split_clips(folder.resolve().name, LICENCE, "word", words, others, noise)


def _files(folder: Path, kind: str) -> list[tuple[str, Path]]:
    """The sound files of ``folder``/``kind`` with their names there, in order."""
    names = [kind, "other_words"] if kind == "other" else [kind]
    place = next((folder / name for name in names if (folder / name).is_dir()), None)
    if place is None:
        raise Missing(f"{folder} has no folder {kind}; expected word/, other/ and background/")
    paths = sorted(p for p in place.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if len(paths) < FEWEST[kind]:
        kinds = ", ".join(SUFFIXES)
        raise BadInput(
            f"{place} has {len(paths)} sound files ({kinds}); expected {FEWEST[kind]} or more"
        )
    return [(path.relative_to(place).as_posix(), path) for path in paths]
