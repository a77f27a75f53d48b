"""The user's speech, from manifests: train, dev and test in memory, with features and labels.

A manifest (zoo/data/audio/manifest.py) is divided here: by speakers if each recording names one and
there are five, so that nobody is heard on both sides; else, or if it cannot be because nearly all
is one speaker's, by recordings. A tenth each goes to dev and test, with no character that train
lacks; segments of a file stay together if they can. A folder with train.jsonl, and perhaps
dev.jsonl and test.jsonl, is divided already; a tenth of train stands in for what is missing.
Proof: tests/data/own/test_speech_recognition.py.
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import torch

from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.manifest import Recording, Seen, read_manifest
from zoo.data.audio.utterances import Utterances, UtteranceSplits, normalised_text, utterance_splits
from zoo.data.own import LICENCE, Needed
from zoo.data.own.speech_recordings import utterances
from zoo.data.own.split_names import split_files
from zoo.data.own.told import Unusable, counted, few, refuse_odd_names, what_was_read
from zoo.data.splits import SPLITS
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.seed import generator
from zoo.errors import BadInput, Missing

FORM = "speech: JSON lines of audio_filepath, text, offset, duration, or a folder of train.jsonl"
ENDINGS = (".jsonl", ".json")
BY_SPEAKER = 5  # speakers from which on they are divided
SHARE = 10  # one in so many goes to dev, and one to test
# The rate of most speech; others are resampled.
FRONT_END = LogMel(sample_rate=16_000, n_mels=80, levelling="utterance")


class Manifests(NamedTuple):
    """What is to be read, by split, and which splits were taken from train."""

    recordings: dict[str, list[Recording]]  # of each of SPLITS
    set_aside: list[str]
    told: list[str]  # of what was left out


def own_data(
    path: Path,
    front_end: LogMel = FRONT_END,
    vocabulary: Vocabulary | None = None,
    found: Manifests | None = None,
    *,
    skip_bad: bool = False,
) -> UtteranceSplits:
    """All recordings of a manifest or a folder of manifests.

    Args:
        front_end: recordings are resampled to its rate.
        vocabulary: of weights that are gone on from; then ``front_end`` stays as it is.
        found: what ``manifests(path)`` returned, if it was called already.
        skip_bad: leave out recordings that cannot be used, and list them.

    Raises:
        Missing, BadFile, BadInput: as ``manifests`` and ``zoo.data.audio.read.read``; for a
            recording longer than 30 s or shorter than 0.03, and a character that ``vocabulary``
            lacks.
    """
    found = found or manifests(path, skip_bad=skip_bad)
    parts, used, left_out = utterances(found.recordings, front_end.sample_rate, skip_bad=skip_bad)
    refuse_odd_names((normalised_text(one.text) for one in used["train"]), "text")
    rate = f"{front_end.sample_rate:,} Hz{'' if vocabulary is None else ', as the weights read it'}"
    told = (
        *notices(found._replace(recordings=used), parts),
        *left_out,
        f"sound is resampled to {rate}",
    )
    splits = utterance_splits(path.stem, LICENCE, parts, front_end, vocabulary, told)
    for name in SPLITS:
        refuse_unknown(used[name], splits.vocabulary)
    return splits


def manifests(path: Path, *, skip_bad: bool = False) -> Manifests:
    """Train, dev and test of what is at ``path``.

    Args:
        skip_bad: leave out lines that cannot be used, and list them.

    Raises:
        Missing, BadFile, BadInput: as ``read_manifest``; for fewer than three recordings, and one
            that is in two splits.
    """
    files = split_files(path, ENDINGS) if path.is_dir() else {"train": path}
    if not files:
        raise Missing(f"no train.jsonl in {path}; expected a manifest, a JSON object a line")
    recordings, told = _listed(files, skip_bad)
    if path.is_dir():
        _refuse_shared(recordings)
    missing = [name for name in SPLITS if name not in recordings]
    return Manifests(recordings | divided(recordings["train"], missing), missing, told)


def _listed(
    files: Mapping[str, Path], skip_bad: bool
) -> tuple[dict[str, list[Recording]], list[str]]:
    """The recordings of some manifests, and what there is to tell of lines that were left out."""
    bad = Unusable("recordings", skip=skip_bad)
    recordings = {name: read_manifest(file, bad) for name, file in files.items()}
    told = bad.settled(len(bad.errors) + sum(map(len, recordings.values())))
    for name, part in recordings.items():
        if not part:
            raise BadInput(f"{files[name]} has no recording that can be used")
    return recordings, told


def notices(found: Manifests, parts: Mapping[str, Utterances]) -> tuple[str, ...]:
    """What was read, and the lines and fields of the manifests that were passed over."""
    recordings = chain(*found.recordings.values())
    sizes = {name: len(part) for name, part in parts.items()}
    minutes = sum(part.seconds for part in parts.values()) / 60
    what = f"{counted(sum(sizes.values()), 'recordings')} ({minutes:.1f} minutes)"
    told = [what_was_read(what, sizes, found.set_aside), *found.told]
    if both := sorted(heard_twice(found.recordings)):
        told.append(
            f"heard in train and in dev or test: {counted(len(both), 'speakers')} ({few(both)})"
        )
    unused = sorted({name for one in recordings for name in one.unused})
    if unused:
        told.append(f"fields of the manifest that are not used: {few(unused)}")
    return tuple(told)


def heard_twice(recordings: Mapping[str, Sequence[Recording]]) -> set[str]:
    """The speakers of train who are in another part too: errors on new voices will be more."""
    named = {
        split: {one.speaker for one in part if one.speaker} for split, part in recordings.items()
    }
    return named["train"] & (named["dev"] | named["test"])


def to_measure(
    path: Path, needed: Needed, *, skip_bad: bool = False
) -> tuple[dict[str, list[Recording]], list[str]]:
    """What to measure weights on, by the manifests of a folder; "" for one manifest.

    Args:
        needed: which of the parts to read.
        skip_bad: leave out lines that cannot be used.

    Returns:
        the recordings, and what there is to tell of those that were left out.

    Raises:
        Missing, BadFile, BadInput: as ``read_manifest``; Missing for a folder without one.
    """
    if not path.is_dir():
        return _listed({"": path}, skip_bad)
    stated = split_files(path, ENDINGS, train=False)
    if not stated:
        raise Missing(f"no test.jsonl in {path}; expected a manifest, a JSON object a line")
    return _listed({name: stated[name] for name in needed(stated)}, skip_bad)


def _refuse_shared(recordings: dict[str, list[Recording]]) -> None:
    """A sound in two manifests of a folder would be learnt and tested on."""
    seen = Seen()
    for one in chain(*recordings.values()):
        if other := seen.add(one):
            raise BadInput(
                f"{one.where}: {one.name} is named in {other.where} already; a recording may be "
                "in one of train, dev and test"
            )


def divided(recordings: list[Recording], missing: list[str]) -> dict[str, list[Recording]]:
    """Some recordings as train and the splits that are missing, a tenth each."""
    if not missing:
        return {}
    speakers = {one.speaker for one in recordings}
    dealt: dict[str, list[int]] = {}
    if None not in speakers and len(speakers) >= BY_SPEAKER:
        dealt = _dealt(recordings, [one.speaker for one in recordings], missing)
    if not dealt:  # segments of a file stay together
        dealt = _dealt(recordings, [os.path.abspath(one.audio) for one in recordings], missing)
    if not dealt:
        dealt = _dealt(recordings, list(range(len(recordings))), missing)
    if not dealt:
        names = " and ".join(f"{name}.jsonl" for name in missing)
        raise BadInput(
            f"{len(recordings)} recordings are too few to train and test on; record more, or put "
            f"{names} beside train.jsonl"
        )
    taken = {i for index in dealt.values() for i in index}
    dealt["train"] = [i for i in range(len(recordings)) if i not in taken]
    return {name: [recordings[i] for i in sorted(index)] for name, index in dealt.items()}


def _dealt(
    recordings: list[Recording], units: Sequence[object], missing: list[str]
) -> dict[str, list[int]]:
    """Recordings for each split that is missing, those of a unit together; {} if it cannot be.

    No unit of more than a fifth is dealt, nor one with a character that train would lack.
    """
    members: dict[object, list[int]] = {}
    for i, unit in enumerate(units):
        members.setdefault(unit, []).append(i)
    letters = {unit: {c for i in mine for c in normalised_text(recordings[i].text)}
               for unit, mine in members.items()}  # fmt: skip
    left = Counter(c for mine in letters.values() for c in mine)  # units of train that have it
    share, most = max(len(recordings) // SHARE, 1), -(-len(recordings) // BY_SPEAKER)
    dealt: dict[str, list[int]] = {name: [] for name in missing}
    order = list(members)
    for n in torch.randperm(len(order), generator=generator("own speech")).tolist():
        name = min(missing, key=lambda name: len(dealt[name]))
        if len(dealt[name]) >= share:
            return dealt
        unit = order[n]
        if len(members[unit]) <= most and all(left[c] > 1 for c in letters[unit]):
            dealt[name] += members[unit]
            left.subtract(letters[unit])
    return dealt if all(dealt.values()) and sum(map(len, dealt.values())) < len(recordings) else {}


def refuse_unknown(recordings: list[Recording], vocabulary: Vocabulary) -> None:
    """Characters that there is no label for are an error, not left out in silence."""
    for one in recordings:
        for character in normalised_text(one.text):
            if character not in vocabulary:
                raise BadInput(
                    f"{one.where}: {one.audio.name} has the character {character!r}, which no "
                    "training text has; spell it otherwise"
                )
