"""Streams of sound with a keyword in them here and there, made of clips and background.

The course's synthesis (notes: course 5, week 3; zoo/data/audio/trigger_course_clips.py) with more
variety:

- background at any level, the keyword at any signal-to-noise ratio, a little faster or slower;
- gaps between words that may be short;
- hard negatives: half of the keyword, alone or joined to half of another word, and the keyword
  backwards (``near_miss``); other words backwards; and short bits of all words in any order
  (``Bank.gibberish``), which stand for the many words that there are no recordings of.

The signal-to-noise ratio is that of the mean power of the speech to the mean power of the stream's
whole background, in dB; where words are drawn at random each is up to 4 dB louder or softer than
that. Words are cut out of their clips with MARGIN around them, so that the noise and the clicks of
the recording stay out.
Proof: tests/data/audio/test_trigger_streams.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.data.audio.augment import FAINT, coloured, scaled
from zoo.data.audio.read import resample
from zoo.data.audio.trigger_recordings import RATE, Clip, Sounds

MARGIN = 0.08  # seconds kept on either side of a word
FADE = 0.02  # seconds of fading in and out
CLEAN = 60.0  # dB: no background at all
BIT = (0.08, 0.25)  # seconds of a bit of gibberish: less than half of a word
CUT = (0.35, 0.6)  # where a word is cut in two, as a share of its length
BAND_EDGE = (0.45, 0.55)  # where the band of a telephone ends, as a share of RATE / 2
NEAR_MISSES = ("first", "second", "first and other", "other and second", "backwards")


class Piece(NamedTuple):
    """A word, or what stands for one, to be added to background."""

    wave: Tensor  # (n,), speech with a level of 1
    end: int  # one after the last sample of its speech


class Streams(NamedTuple):
    """N streams of one length."""

    waves: Tensor  # (N, n)
    ends: list[list[float]]  # when each keyword in them ends, in seconds


@dataclass(frozen=True)
class Mix:
    """What streams are made of. Shares are from 0 to 1.

    Args:
        seconds: length of a stream.
        snr: signal-to-noise ratio in dB, the least and the most.
        clean_share: of the streams that have next to no background.
        level: of the speech in dB relative to full scale, the least and the most.
        gap: seconds between words, the least and the most.
        keyword_share, near_miss_share, gibberish_share: of the words that are the keyword, a near
            miss, or gibberish; the rest are other words.
        reversed_share: of the other words that are played backwards.
        noise_share: of the backgrounds that are synthetic noise.
        babble_share: of the backgrounds that have the babble of several speakers added.
        extra_share: of the other words that come from another data set, if there is one.
        narrowband_share: of all words that have nothing above about 4 kHz, as over a telephone.
    """

    seconds: float = 6.0
    snr: tuple[float, float] = (3.0, 25.0)
    clean_share: float = 0.1
    level: tuple[float, float] = (-40.0, -12.0)
    gap: tuple[float, float] = (0.05, 1.0)
    keyword_share: float = 0.4
    near_miss_share: float = 0.15
    gibberish_share: float = 0.2
    reversed_share: float = 0.25
    noise_share: float = 0.15
    babble_share: float = 0.1
    extra_share: float = 0.5
    narrowband_share: float = 0.33


class Bank:
    """The words and backgrounds of one split, cut and scaled once, at all speeds."""

    def __init__(
        self,
        sounds: Sounds,
        speeds: Sequence[float] = (1.0,),
        other_speeds: Sequence[float] | None = None,
    ) -> None:
        """Cut the words.

        Args:
            speeds: of the keyword.
            other_speeds: of other words; a wide range stands for more voices than were recorded.
        """
        other_speeds = other_speeds or speeds
        self.keywords = [[piece_of(clip, speed) for speed in speeds] for clip in sounds.words]
        self.others, self.extra_others = (
            [[piece_of(clip, speed) for speed in other_speeds] for clip in clips]
            for clips in (sounds.others, sounds.extra_others)
        )
        self.backgrounds = [clip.wave for clip in sounds.background]
        self.weights = torch.tensor([float(len(wave)) ** 0.5 for wave in self.backgrounds])

    def streams(self, mix: Mix, count: int, draw: torch.Generator) -> Streams:
        """``count`` streams with words at random."""
        size = round(mix.seconds * RATE)
        waves = torch.zeros(count, size)
        ends: list[list[float]] = []
        for wave in waves:
            snr, level = uniform_in(mix.snr, draw), uniform_in(mix.level, draw)
            snr = CLEAN if uniform(draw) < mix.clean_share else snr
            wave += self.background(mix, size, draw) * amplitude(level - snr)
            ends.append(self._add_words(wave, mix, level, draw))
        return Streams(waves.clamp_(-1, 1), ends)

    def background(self, mix: Mix, size: int, draw: torch.Generator) -> Tensor:
        """Background (size,) with a level of 1: noise, or one or two recordings, or with babble."""
        if uniform(draw) < mix.noise_share:
            wave = coloured((size,), uniform_in((0.0, 2.0), draw), draw)
        else:
            wave = self.excerpt(size, draw)
            if uniform(draw) < 0.3:
                wave = wave + self.excerpt(size, draw) * amplitude(uniform_in((-15.0, 5.0), draw))
        if self.others and uniform(draw) < mix.babble_share:
            babble = self._babble(mix, size, draw)
            wave = wave + babble * amplitude(uniform_in((-10.0, 5.0), draw))
        return scaled(wave)

    def excerpt(self, size: int, draw: torch.Generator) -> Tensor:
        """A random part of a background recording, repeated if it is short; level 1."""
        wave = self.backgrounds[int(torch.multinomial(self.weights, 1, generator=draw))]
        if len(wave) <= size:
            wave = wave.roll(random_index(len(wave), draw)).repeat(-(-size // len(wave)))
        start = random_index(len(wave) - size + 1, draw)
        return scaled(wave[start : start + size])

    def _add_words(
        self, wave: Tensor, mix: Mix, level: float, draw: torch.Generator
    ) -> list[float]:
        """Add words to a stream, one after the other, in place; when its keywords end."""
        at, ends = round(uniform_in((0.0, mix.gap[1]), draw) * RATE), list[float]()
        while True:
            kind, loudness = uniform(draw), level + uniform_in((-4.0, 4.0), draw)
            piece, is_keyword = self._draw_word(kind, mix, draw)
            piece = narrowband(piece, draw) if uniform(draw) < mix.narrowband_share else piece
            if at + len(piece.wave) > len(wave):
                return ends
            wave[at : at + len(piece.wave)] += piece.wave * amplitude(loudness)
            if is_keyword:
                ends.append((at + piece.end) / RATE)
            at += len(piece.wave) + round(uniform_in(mix.gap, draw) * RATE)

    def _draw_word(self, kind: float, mix: Mix, draw: torch.Generator) -> tuple[Piece, bool]:
        """A word of the kind that ``kind``, from 0 to 1, says; whether it is the keyword."""
        near_miss_until = mix.keyword_share + mix.near_miss_share
        if kind < mix.keyword_share:
            return _draw(self.keywords, draw), True
        other = self.other_word(mix, draw)
        if kind < near_miss_until:
            return near_miss(_draw(self.keywords, draw), other, draw), False
        if kind < near_miss_until + mix.gibberish_share:
            return self.gibberish(mix, draw), False
        if uniform(draw) < mix.reversed_share:
            other = Piece(other.wave.flip(0), other.end)
        return other, False

    def other_word(self, mix: Mix, draw: torch.Generator) -> Piece:
        """A word that is not the keyword."""
        extra = bool(self.extra_others) and uniform(draw) < mix.extra_share
        return _draw(self.extra_others if extra else self.others, draw)

    def gibberish(self, mix: Mix, draw: torch.Generator) -> Piece:
        """Three to six bits of words, the keyword's among them, one after the other."""
        bits = []
        for _ in range(3 + random_index(4, draw)):
            word = self.other_word(mix, draw) if uniform(draw) < 0.5 else _draw(self.keywords, draw)
            size = min(round(uniform_in(BIT, draw) * RATE), len(word.wave))
            at = random_index(len(word.wave) - size + 1, draw)
            bits.append(with_fades(word.wave[at : at + size]))
        wave = torch.cat(bits)
        return Piece(wave, len(wave))

    def _babble(self, mix: Mix, size: int, draw: torch.Generator) -> Tensor:
        """Several speakers at once (size,), level 1: eight other words for each second."""
        babble = torch.zeros(size)
        for _ in range(round(8 * size / RATE)):
            wave = self.other_word(mix, draw).wave[:size]
            at = random_index(size - len(wave) + 1, draw)
            babble[at : at + len(wave)] += wave
        return scaled(babble)


def _draw(pieces: list[list[Piece]], draw: torch.Generator) -> Piece:
    """One of some words, at one of its speeds."""
    speeds = pieces[random_index(len(pieces), draw)]
    return speeds[random_index(len(speeds), draw)]


def piece_of(clip: Clip, speed: float = 1.0) -> Piece:
    """A clip's speech with MARGIN around it, faded, at a level of 1, faster or slower."""
    margin = round(MARGIN * RATE)
    first, last = max(clip.start - margin, 0), min(clip.end + margin, len(clip.wave))
    level = clip.wave[clip.start : clip.end].square().mean().sqrt().clamp(min=FAINT)
    wave = with_fades(clip.wave[first:last])
    if speed != 1:
        wave = resample(wave, round(100 * speed), 100)
    return Piece(wave / level, round((clip.end - first) / speed))


def with_fades(wave: Tensor) -> Tensor:
    """A copy (n,) that fades in and out in FADE seconds."""
    wave, fade = wave.clone(), min(round(FADE * RATE), len(wave) // 2)
    ramp = torch.linspace(0, 1, fade)
    wave[:fade] *= ramp
    wave[len(wave) - fade :] *= ramp.flip(0)
    return wave


def narrowband(piece: Piece, draw: torch.Generator) -> Piece:
    """The same without what is above 3.6 to 4.4 kHz."""
    spectrum = torch.fft.rfft(piece.wave)
    spectrum[int(len(spectrum) * uniform_in(BAND_EDGE, draw)) :] = 0
    return Piece(torch.fft.irfft(spectrum, len(piece.wave)), piece.end)


def near_miss(keyword: Piece, other: Piece, draw: torch.Generator) -> Piece:
    """Half of the keyword, alone or joined to half of another word; or all of it backwards."""
    kind = NEAR_MISSES[random_index(len(NEAR_MISSES), draw)]
    at, there = (round(uniform_in(CUT, draw) * len(each.wave)) for each in (keyword, other))
    if kind == "backwards":
        return Piece(keyword.wave.flip(0), keyword.end)
    first, second = keyword.wave[:at], keyword.wave[at:]
    if kind == "first and other":
        halves = [first, other.wave[there:]]
    elif kind == "other and second":
        halves = [other.wave[:there], second]
    else:
        halves = [first if kind == "first" else second]
    wave = torch.cat([with_fades(half) for half in halves])
    return Piece(wave, len(wave))


def amplitude(decibels: float) -> float:
    """The factor of an amplitude that is so many dB."""
    return float(10 ** (decibels / 20))


def uniform(draw: torch.Generator) -> float:
    """From 0 to 1."""
    return float(torch.rand((), generator=draw))


def uniform_in(range_: tuple[float, float], draw: torch.Generator) -> float:
    """From the least to the most."""
    return range_[0] + (range_[1] - range_[0]) * uniform(draw)


def random_index(count: int, draw: torch.Generator) -> int:
    """One of 0 .. count - 1."""
    return int(torch.randint(count, (), generator=draw))


def keyword_streams(bank: Bank, snr: float, repeats: int, draw: torch.Generator) -> Streams:
    """Every keyword ``repeats`` times in background, three to a stream of 12 s.

    Args:
        snr: dB; CLEAN or more for no background.
    """
    slot, each = 4 * RATE, 3
    order = [n % len(bank.keywords) for n in range(repeats * len(bank.keywords))]
    waves = torch.zeros(-(-len(order) // each), slot * each)
    ends: list[list[float]] = []
    for number, wave in enumerate(waves):
        level = uniform_in((-35.0, -15.0), draw)
        if snr < CLEAN:
            wave += bank.excerpt(len(wave), draw) * amplitude(level - snr)
        ends.append([])
        for place, chosen in enumerate(order[number * each : (number + 1) * each]):
            keyword = bank.keywords[chosen][0]
            cut = keyword.wave[:slot]
            at = place * slot + random_index(slot - len(cut) + 1, draw)
            wave[at : at + len(cut)] += cut * amplitude(level)
            ends[-1].append((at + min(keyword.end, slot)) / RATE)
    return Streams(waves.clamp_(-1, 1), ends)
