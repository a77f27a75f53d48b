"""Recordings that manifests name, read into memory; what cannot be used is named at once.

Proof: tests/data/own/test_speech_recognition.py.
"""

from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from zoo.data.audio.manifest import Recording
from zoo.data.audio.read import read
from zoo.data.audio.utterances import Utterances
from zoo.data.own.told import Unusable
from zoo.errors import BadInput

LONGEST = 30.0  # seconds of an utterance: what is longer must be cut where its text is known
SHORTEST = 0.03  # what is shorter has not one frame of features
AMISS = 0.5  # seconds by which a manifest's duration may be wrong, or a tenth


def utterances(
    parts: Mapping[str, list[Recording]], rate: int, *, skip_bad: bool = False
) -> tuple[dict[str, Utterances], dict[str, list[Recording]], list[str]]:
    """Recordings in memory, at ``rate`` Hz.

    Args:
        skip_bad: leave out recordings that cannot be used.

    Returns:
        the sound, the recordings that it is of, and what there is to tell of what was left out.

    Raises:
        BadFile, BadInput: for those that cannot; all of them are named.
    """
    bad = Unusable("recordings", skip=skip_bad)
    read_parts = {}
    for name, recordings in parts.items():
        usable = []
        for one in recordings:
            with bad.noted():
                usable.append((one, _wave(one, rate)))
        read_parts[name] = usable
    told = bad.settled(sum(map(len, parts.values())))
    for name, usable in read_parts.items():
        if not usable:
            raise BadInput(f"{parts[name][0].manifest} has no recording that can be used in {name}")
    used = {name: [one for one, _ in usable] for name, usable in read_parts.items()}
    return {name: _together(usable, rate) for name, usable in read_parts.items()}, used, told


def _together(usable: list[tuple[Recording, Tensor]], rate: int) -> Utterances:
    recordings, waves = [one for one, _ in usable], [wave for _, wave in usable]
    texts = [one.text for one in recordings]
    speakers = [one.speaker or "somebody" for one in recordings]
    made = Utterances.from_waves(waves, texts, speakers, rate)
    return replace(made, names=tuple(one.name for one in recordings))


def _wave(one: Recording, rate: int) -> Tensor:
    """The samples of a recording at ``rate`` Hz.

    Raises:
        BadFile, BadInput: if it cannot be read, or is longer or shorter than it may be.
    """
    wave, _ = read(
        one.audio, rate, one.offset or 0.0, one.duration if one.offset is not None else None
    )
    seconds = len(wave) / rate
    _refuse_other_length(one, seconds)
    if seconds > LONGEST:
        raise BadInput(
            f"{one.where}: {one.name} has {seconds:.1f} s; cut it into pieces of at most "
            f"{LONGEST} s"
        )
    if seconds < SHORTEST:
        raise BadInput(
            f"{one.where}: {one.name} has {1000 * seconds:.0f} ms, expected "
            f"{1000 * SHORTEST:.0f} or more; leave it out"
        )
    return wave


def _refuse_other_length(one: Recording, seconds: float) -> None:
    """A manifest that is wrong about a duration may be wrong about the text too."""
    if one.duration is None or abs(one.duration - seconds) <= max(AMISS, 0.1 * seconds):
        return
    if one.offset is not None:
        raise BadInput(
            f"{one.where}: {one.name} has {seconds:.2f} s from there to its end, not "
            f"{one.duration:.2f}; is it the recording that is meant?"
        )
    first = f", or offset 0 for its first {one.duration:g} s" if one.duration < seconds else ""
    raise BadInput(
        f"{one.audio} has {seconds:.2f} s, {one.where} says {one.duration:.2f}; is it the "
        f"recording that is meant? Mend the duration{first}"
    )
