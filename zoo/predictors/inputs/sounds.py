"""Sounds as a predictor is given them: one, a list, a folder; from anywhere, read in blocks.

Proof: tests/predictors/test_speech_recognition.py, tests/predictors/test_trigger_word.py.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor

from zoo.data.audio.samples import are_many, sound_blocks
from zoo.data.audio.sniff import is_meant_as_sound
from zoo.errors import ZooError
from zoo.predictors.answer import Answer
from zoo.predictors.inputs.at_hand import at_hand, named
from zoo.predictors.inputs.files_in import files_in, folder
from zoo.predictors.inputs.files_in import spread as spread_folders

KIND = "sounds"
Errors = dict[int, ZooError]  # by place in the list
Answers = Callable[[Sequence[Any], int | None, Errors | None], Sequence[Answer]]  # of sounds


def one_or_many(raw: Any, rate: int | None, answers: Answers) -> Any:
    """The answer for a sound, or a list of them for a list, a tuple or the sounds in a folder."""
    place = folder(raw)
    if place is not None:
        return answers(files_in(place, is_meant_as_sound, KIND), rate, None)
    return answers(raw, rate, None) if are_many(raw) else answers([raw], rate, None)[0]


def each(raws: Sequence[Any], answers: Answers) -> list[Answer | ZooError]:
    """The answer for each sound, or the error of one that cannot be used."""
    errors: Errors = {}
    found = answers(raws, None, errors)
    return [errors.get(at, answer) for at, answer in enumerate(found)]


@contextmanager
def kept(errors: Errors | None, at: int) -> Iterator[None]:
    """An error is kept in ``errors`` as that of the sound ``at``; raised where there are none."""
    try:
        yield
    except ZooError as error:
        if errors is None:
            raise
        errors[at] = error


def spread(inputs: Sequence[str]) -> list[str]:
    """The words of a command line, each folder replaced by the sounds in it."""
    return spread_folders(inputs, is_meant_as_sound, KIND)


def blocks(raw: Any, target: int, seconds: float, rate: int | None) -> Iterator[Tensor]:
    """As ``sound_blocks``, also of an address or an open file; errors say of which address."""
    given = at_hand(raw, "a sound")
    with named(raw):
        yield from sound_blocks(given, target, seconds, rate)
