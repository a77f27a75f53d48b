"""The user's word: the folders ``word``, ``other`` and ``background`` of sound files.

Divided as zoo/data/audio/trigger_recordings.py says, each subfolder of ``other`` by itself,
with no clips left out between the splits. Proof: tests/data/own/test_trigger_word.py.
"""

from dataclasses import replace
from pathlib import Path

from zoo.data.audio.formats import FORMATS
from zoo.data.audio.sniff import is_meant_as_sound
from zoo.data.audio.trigger_recordings import (
    RATE,
    Clip,
    TriggerSplits,
    read_background,
    read_clip,
    split_clips,
)
from zoo.data.own import LICENCE
from zoo.data.own.told import LeftOut, Unusable, counted, what_was_read
from zoo.data.splits import SPLITS
from zoo.errors import BadInput, Missing

FORM = "a spoken word: a folder with word/, other/ and background/ of sound files"
FEWEST = {"word": 12, "other": 6, "background": 1}  # files
READERS = {"word": read_clip, "other": read_clip, "background": read_background}
SHORTEST = 15.0  # seconds of background in all


def own_data(folder: Path, *, skip_bad: bool = False) -> TriggerSplits:
    """Folders ``word``, ``other`` (or ``other_words``) and ``background``.

    wav, flac, ogg or mp3 of any rate, known by their first bytes. Clips are divided by name order
    (name those of one speaker alike), background by files.

    Args:
        skip_bad: leave out files that cannot be used, and list them.

    Raises:
        Missing: if a folder is not there.
        BadInput: for too few files, or too little background.
        BadFile: for files that are no sound, or clips that are empty; all of them are named.
    """
    if not folder.is_dir():
        raise Missing(
            f"{folder} is no folder; expected one with word/, other/ and background/ in it"
        )
    left_out, bad = LeftOut(), Unusable("files", skip=skip_bad)
    found = {kind: _files(folder, kind, left_out) for kind in FEWEST}
    clips: dict[str, list[Clip]] = {kind: [] for kind in FEWEST}
    for kind, files in found.items():
        for name, path in files:
            with bad.noted():
                clips[kind].append(READERS[kind](name, path))
    told = bad.settled(sum(map(len, found.values())))
    for kind, some in clips.items():
        _refuse_few(folder / kind, len(some), kind)
    words, others, noise = clips.values()
    seconds = sum(len(clip.wave) for clip in noise) / RATE
    if seconds < SHORTEST:
        raise BadInput(
            f"{folder}/background has {seconds:.1f} s of sound; expected {SHORTEST:.0f} s or more: "
            "record the room while nobody says the word"
        )
    splits = split_clips(folder.resolve().name, LICENCE, "word", words, others, noise)
    sizes = {name: len(part) for name, part in splits.parts().items()}
    what = (
        f"{counted(len(words), 'clips')} of the word, {len(others):,} of other words and "
        f"{seconds:.0f} s of background; of the word"
    )
    read = what_was_read(what, sizes, list(SPLITS[1:]), how="by names")
    return replace(splits, notices=(read, *left_out.told(), *told))


def _files(folder: Path, kind: str, left_out: LeftOut) -> list[tuple[str, Path]]:
    """The sound files of ``folder``/``kind`` with their names there, in order."""
    names = [kind, "other_words"] if kind == "other" else [kind]
    place = next((folder / name for name in names if (folder / name).is_dir()), None)
    if place is None:
        raise Missing(f"{folder} has no folder {kind}; expected word/, other/ and background/")
    paths = []
    for path in sorted(place.rglob("*")):
        if any(part[0] == "." for part in path.relative_to(place).parts):
            left_out.add("hidden", path)
        elif is_meant_as_sound(path):
            paths.append(path)
        elif not path.is_dir():
            left_out.add("no sound", path)
    _refuse_few(place, len(paths), kind)
    return [(path.relative_to(place).as_posix(), path) for path in paths]


def _refuse_few(place: Path, count: int, kind: str) -> None:
    if count < FEWEST[kind]:
        raise BadInput(
            f"{place} has {count} sound files ({FORMATS}); expected {FEWEST[kind]} or more"
        )
