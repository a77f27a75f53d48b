"""The course's training clips for a trigger word: 10 s of background, words laid over it, labels.

Notes: course 5, week 3, programming assignment 2, "Trigger word detection", parts 1.3 and 1.4. On
10 s of background at 44.1 kHz, made 20 dB softer, are laid 0 to 4 recordings of the word and 0 to 2
of other words, none over another; all of it is brought to -20 dB of full scale. The label of the 50
steps after the end of each word is 1.

    frames of 200 samples every 80   (441000 - 200) // 80 + 1 = 5511 (the spectrogram's times)
    steps of 15 frames every 4       (5511 - 15) // 4 + 1 = 1375     (the network's outputs)
    frequencies                      200 // 2 + 1 = 101
    first step of ones               int(end_ms * 1375 / 10000) + 1

Deviations: where the assignment looks for a free place until it finds one, for ever in a full clip,
TRIES places are tried and the recording is left out. All steps up to 1374 can be labelled (public
copies stop at 1373). The assignment's units are whole milliseconds; here too.
Proof: tests/data/audio/test_trigger_course_clips.py.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.errors import BadInput
from zoo.ops.audio import frames

RATE, MILLISECONDS = 44_100, 10_000
WINDOW, HOP = 200, 80  # samples; the assignment's noverlap is 120
TIMES, STEPS, FREQUENCIES = 5511, 1375, 101
ONES = 50  # steps of ones after a word: 364 ms
POSITIVES, NEGATIVES = 4, 2  # at most
SOFTER = 20.0  # dB, by which the background is made softer
LEVEL = -20.0  # dB of full scale, of the clip in the end (root of the mean square)
AXIS_RATE = 8000.0  # Hz: what the assignment takes for the rate where spectra are computed
TRIES = 5


class Example(NamedTuple):
    """One clip of training data."""

    wave: Tensor  # (441000,)
    target: Tensor  # (1375,) 0 or 1
    words: list[tuple[int, int]]  # first and last millisecond of each word


def power_spectrum(wave: Tensor, rate: float = AXIS_RATE) -> Tensor:
    """Power density (..., T, 101) of waves (..., n), as matplotlib's ``specgram``; no logarithm.

    Frames of WINDOW samples every HOP under a symmetric Hann window; squared magnitudes divided by
    the window's energy and ``rate``, and doubled but for the first and last frequency, whose mirror
    images are themselves.

    Args:
        rate: Hz that the density is per. The assignment says 8000, though its sound has 44,100.

    Raises:
        BadInput: for less than one frame.
    """
    if wave.shape[-1] < WINDOW:
        raise BadInput(f"a wave of {wave.shape[-1]} samples; expected {WINDOW} or more")
    window = torch.hann_window(WINDOW, periodic=False, dtype=wave.dtype)
    spectrum = torch.fft.rfft(wave.unfold(-1, WINDOW, HOP) * window)  # (..., T, 101)
    density = torch.view_as_real(spectrum).square().sum(-1) / (window.square().sum() * rate)
    density[..., 1:-1] *= 2
    return density


def course_frames(samples: int) -> tuple[int, int]:
    """How many spectra a clip gives, and how many steps the network makes of them.

    >>> course_frames(441_000)
    (5511, 1375)
    """
    times = frames(samples, WINDOW, HOP)
    return times, frames(times, 15, 4)


def label(target: Tensor, end: int) -> Tensor:
    """``target`` (1375,) with ones after a word that ends at millisecond ``end``.

    >>> label(torch.zeros(1375), 9_700).nonzero()[[0, -1], 0].tolist()
    [1334, 1374]
    """
    first = int(end * STEPS / MILLISECONDS)
    target = target.clone()
    target[first + 1 : first + ONES + 1] = 1
    return target


def make_example(
    background: Tensor,
    positives: Sequence[Tensor],
    negatives: Sequence[Tensor],
    draw: torch.Generator,
) -> Example:
    """A clip.

    Args:
        background: (n,) at RATE, of 10 s or more; its first 10 s are used.
        positives, negatives: recordings (m,) at RATE, shorter than 10 s.

    Raises:
        BadInput: for too short a background, too long or no recordings.
    """
    size = RATE * MILLISECONDS // 1000
    if background.shape[-1] < size or not positives:
        raise BadInput(
            f"a background of {background.shape[-1]} samples and {len(positives)} recordings of "
            f"the word; expected {size} samples and a recording"
        )
    wave = background[:size] * 10 ** (-SOFTER / 20)
    if max(map(len, (*positives, *negatives))) > size - RATE // 1000:
        raise BadInput("a recording is longer than the clip of 10 s; cut it")
    target = torch.zeros(STEPS)
    taken: list[tuple[int, int]] = []
    words: list[tuple[int, int]] = []
    for kinds, most in ((positives, POSITIVES), (negatives, NEGATIVES)):
        for number in _some(len(kinds), most, draw):
            place = _place(round(len(kinds[number]) * 1000 / RATE), taken, draw)
            if place is None:
                continue
            taken.append(place)
            wave = overlay(wave, kinds[number], place[0])
            if kinds is positives:
                words.append(place)
                target = label(target, place[1])
    level = wave.square().mean().sqrt().clamp(min=1e-9)
    return Example(wave * 10 ** (LEVEL / 20) / level, target, words)


def overlay(wave: Tensor, clip: Tensor, start: int) -> Tensor:
    """``clip`` added to ``wave`` from millisecond ``start`` on; what is too long is cut off."""
    first = start * RATE // 1000
    wave = wave.clone()
    part = wave[first : first + len(clip)]
    part += clip[: len(part)]
    return wave


def overlaps(place: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    """Whether milliseconds first .. last have one in common with an earlier place.

    >>> overlaps((950, 1430), [(2000, 2550), (260, 949)]), overlaps((5, 10), [(10, 12)])
    (False, True)
    """
    return any(place[0] <= last and first <= place[1] for first, last in taken)


def _place(
    length: int, taken: Sequence[tuple[int, int]], draw: torch.Generator
) -> tuple[int, int] | None:
    """A free place for so many milliseconds, if one of TRIES is."""
    for _ in range(TRIES):
        start = int(torch.randint(MILLISECONDS - length, (), generator=draw))
        place = start, start + length - 1
        if not overlaps(place, taken):
            return place
    return None


def _some(count: int, most: int, draw: torch.Generator) -> list[int]:
    """0 to ``most`` of ``count`` recordings, one perhaps twice."""
    if not count:
        return []
    wanted = int(torch.randint(most + 1, (), generator=draw))
    return torch.randint(count, (wanted,), generator=draw).tolist()
