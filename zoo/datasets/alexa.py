"""Clips of a word, clips of other words, and background sound: the set "alexa".

Picovoice's benchmark has 329 clips of "alexa" (14 do not decode; 315 are used) by 50 people and
more; Mycroft's community data have other words and room noise; four background recordings are
those of Speech Commands (Warden 2018, arXiv:1804.03209). All 16 kHz, mono.

Nobody published a split. Ours: no clip is on both sides. Names are numbers and do not tell who
speaks; neighbours in number sound alike, so that train, dev and test are blocks of the numbers, and
the BORDER clips before each new block are left out: somebody who speaks on both sides of a border
would need more clips than that. How the rest is divided: zoo/data/audio/trigger_recordings.py;
names of other words are random, so that a speaker may be on both sides.

A hundred clips of other words are few to learn from what is not the word: in training, and there
only, EXTRA_OTHERS recordings of spoken digits (zoo/datasets/fsdd.py, of its own training part) are
other words too. They are of 8 kHz, which must be no hint: see ``Mix.narrowband_share``.
Proof: tests/datasets/test_alexa.py.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

from zoo import reading
from zoo.data.audio.endpoints import speech_ends
from zoo.data.audio.read import resample
from zoo.data.audio.trigger_recordings import (
    RATE,
    Clip,
    TriggerSplits,
    read_background,
    read_clip,
    split_clips,
)
from zoo.data.root import data_folder
from zoo.datasets.fsdd import DEV, TEST, recordings
from zoo.engine.seed import generator
from zoo.errors import BadFile, Missing
from zoo.files import sha256

EXTRA_OTHERS = 900  # spoken digits
BORDER = 5  # clips of "alexa" that are left out before dev and before test
KNOWN = {  # file in the folder trigger_word -> its sha256
    "alexa.zip": "d3982983f7d0b241f9c86fd2f85499a8432d3358b8fddc94610725ef3a71ce34",
    "other_words.zip": "d98107aa12b7414d6b4d121bdaf1dc8d9beb6edfaeb1e78a6a831648454167f1",
    "bg_noise-20201215-jarbas.tar.gz": (
        "b5addc1decddcfd45f1e6c7025333899ef76388729a13f6ad102d180612f0bfc"
    ),
    "background/doing_the_dishes.wav": (
        "0bd0e1871727560369c5bc59041713714e06e998fb2c75913c39eeba24f5f249"
    ),
    "background/dude_miaowing.wav": (
        "1acd62f115d4c3f9daca9c5ec0c2e0c3e174a2a08be30200003a51de52b288ff"
    ),
    "background/exercise_bike.wav": (
        "9a18c2a48248aa5000c27d86f8c7a1070474b9d2aa3b115ab50274de81bb291d"
    ),
    "background/running_tap.wav": (
        "9df9e1144041d45e7c7a9294395ea507b68525e98446857508ecd8da035b10c2"
    ),
}
SOURCES = (
    "the clips of https://github.com/Picovoice/wake-word-benchmark (audio/alexa, as wav, zipped as "
    "alexa/NNN.wav), other words and bg_noise-20201215-jarbas.tar.gz of "
    "https://github.com/MycroftAI/Precise-Community-Data, background of Speech Commands"
)
LICENCE = (
    "Apache-2.0 (Picovoice, alexa); public domain (Mycroft, other words, room noise); "
    "CC BY 4.0 (Google, background); CC BY-SA 4.0 (FSDD, digits in training)"
)


def alexa() -> TriggerSplits:
    """The set "alexa": words, other words, background; spoken digits to train on.

    Raises:
        Missing: without the files; the message says which, where, and where they come from.
        BadFile: for files with other bytes.
    """
    folder = data_folder() / "trigger_word"
    for name, known in KNOWN.items():
        path = folder / name
        if not path.is_file():
            raise Missing(f"{name} not found in {folder}; put it there ({SOURCES})")
        if sha256(path) != known:
            raise BadFile(f"{path} is damaged (its sha256 is not {known[:12]}...); remove it")
    words = [read_clip(name, data) for name, data in _zipped(folder / "alexa.zip")]
    others = [read_clip(name, data) for name, data in _zipped(folder / "other_words.zip")]
    noise = [
        read_background(name, data)
        for name, data in _tarred(folder / "bg_noise-20201215-jarbas.tar.gz")
    ]
    noise += [read_background(p.name, p) for p in sorted((folder / "background").glob("*.wav"))]
    splits = split_clips("Trigger word alexa", LICENCE, "alexa", words, others, noise, BORDER)
    digits = spoken_digits()
    more = f"In training only, {len(digits)} spoken digits (FSDD) are other words too."
    train = replace(splits.train, extra_others=digits)
    return replace(splits, train=train, split=f"{splits.split} {more}")


def spoken_digits() -> tuple[Clip, ...]:
    """EXTRA_OTHERS of the recordings of FSDD that are in neither dev nor test there.

    Raises:
        Missing, BadFile: as ``zoo.datasets.fsdd.recordings``.
    """
    clips, indices = recordings(data_folder() / "fsdd")
    train = [i for i, index in enumerate(indices) if index not in TEST and index not in DEV]
    order = torch.randperm(len(train), generator=generator("strangers"))[:EXTRA_OTHERS]
    digits = []
    for i in sorted(train[n] for n in order.tolist()):
        wave = resample(clips.wave(i), clips.rate, RATE)
        name = f"fsdd/{clips.texts[i]}_{clips.speakers[i]}_{indices[i]}"
        digits.append(Clip(name, wave, *speech_ends(wave, RATE)))
    return tuple(digits)


def _zipped(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the wav files of a zip, by name."""
    with reading.zip_archive(path, "a data set", reading.DATA) as packed:
        for name in sorted(packed.namelist()):
            if name.endswith(".wav"):
                yield name, packed.read(name)


def _tarred(path: Path) -> Iterator[tuple[str, bytes]]:
    with (
        reading.unpacked(path, "a data set", reading.DATA) as file,
        tarfile.open(fileobj=file, mode="r:") as packed,
    ):
        for name in sorted(packed.getnames()):
            if name.endswith(".wav"):
                yield name, packed.extractfile(name).read()  # type: ignore[union-attr]
