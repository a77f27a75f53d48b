"""Streams of sound with a word in them here and there, made from clips and background.

The course's synthesis (notes: course 5, week 3; zoo/data/audio/trigger_clips.py) with what a room
adds: background at any level, words at any signal-to-noise ratio and a little faster or slower,
words close to each other, and what sounds like the word and is not it: half of it, alone or with
half of another word, and the whole backwards. As there are few other words, some are backwards too,
and bits of all of them are strung together in any order: a language that nobody speaks, with many
words that are not the word.

The signal-to-noise ratio is that of the mean power of the speech to the mean power of the stream's
whole background, in dB; where words are drawn at random each is up to 4 dB louder or softer than
that. Words are cut out of their clips with MARGIN around them, so that the recording's own noise
and clicks stay out.
Proof: tests/data/audio/test_trigger_streams.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from zoo.data.audio.augment import FAINT, coloured, scaled
from zoo.data.audio.keyword_clips import RATE, Clip, Sounds
from zoo.data.audio.read import resample

MARGIN = 0.08  # seconds kept on either side of a word
FADE = 0.02  # seconds of them to come in and go out
CLEAN = 60.0  # dB: no background at all
BIT = (0.08, 0.25)  # seconds of a bit of gibberish: less than half of a word
HALVES = (0.35, 0.6)  # where a word is cut in two, as a share of it
NARROW = (0.45, 0.55)  # where the band of a telephone ends, as a share of RATE / 2
NEAR = ("first", "second", "first and other", "other and second", "backwards")


class Piece(NamedTuple):
    """Something to lay over background."""

    wave: Tensor  # (n,), speech with a level of 1
    end: int  # the sample at which its speech is over


class Streams(NamedTuple):
    """Some streams of one length."""

    waves: Tensor  # (N, n)
    ends: list[list[float]]  # when the words in each were over, in seconds


@dataclass(frozen=True)
class Mix:
    """What streams are like.

    Args:
        seconds: of each stream.
        snr: dB, the least and the most.
        clean: how many of the streams have next to no background.
        level: dB relative to full scale, of the speech.
        gap: seconds between pieces, the least and the most.
        word, near, gibberish: how many of the pieces are the word, how many nearly it, and how many
            bits of all words in any order; the others are other words.
        backwards: how many of the other words are.
        noise: how many of the backgrounds are made-up noise of some colour.
        strangers: how many of the other words are of another set, if there is one.
        narrow: how many of all pieces have nothing above about 4 kHz, as a telephone.
        babble: to how many of the backgrounds there is a murmur of other words.
    """

    seconds: float = 6.0
    snr: tuple[float, float] = (3.0, 25.0)
    clean: float = 0.1
    level: tuple[float, float] = (-40.0, -12.0)
    gap: tuple[float, float] = (0.05, 1.0)
    word: float = 0.4
    near: float = 0.15
    gibberish: float = 0.2
    backwards: float = 0.25
    noise: float = 0.15
    babble: float = 0.1
    strangers: float = 0.5
    narrow: float = 0.33


class Bank:
    """The pieces of one split, each at all speeds, cut and scaled once."""

    def __init__(
        self,
        sounds: Sounds,
        speeds: Sequence[float] = (1.0,),
        more_speeds: Sequence[float] | None = None,
    ) -> None:
        """``more_speeds`` are those of the other words: more voices than there are people."""
        more_speeds = more_speeds or speeds
        self.words = [[piece(clip, speed) for speed in speeds] for clip in sounds.words]
        self.others, self.strangers = (
            [[piece(clip, speed) for speed in more_speeds] for clip in clips]
            for clips in (sounds.others, sounds.strangers)
        )
        self.background = [clip.wave for clip in sounds.background]
        self.weights = torch.tensor([float(len(w)) ** 0.5 for w in self.background])

    def mixed(self, mix: Mix, count: int, draw: torch.Generator) -> Streams:
        """``count`` streams with pieces at random."""
        size = round(mix.seconds * RATE)
        waves = torch.zeros(count, size)
        ends: list[list[float]] = []
        for wave in waves:
            snr, level = between(mix.snr, draw), between(mix.level, draw)
            snr = CLEAN if chance(draw) < mix.clean else snr
            wave += self.room(mix, size, draw) * gain(level - snr)
            ends.append(self._fill(wave, mix, level, draw))
        return Streams(waves.clamp_(-1, 1), ends)

    def room(self, mix: Mix, size: int, draw: torch.Generator) -> Tensor:
        """Background (size,) with a level of 1."""
        if chance(draw) < mix.noise:
            room = coloured((size,), between((0.0, 2.0), draw), draw)
        else:
            room = self.piece_of_room(size, draw)
            if chance(draw) < 0.3:
                room = room + self.piece_of_room(size, draw) * gain(between((-15.0, 5.0), draw))
        if self.others and chance(draw) < mix.babble:
            room = room + self._babble(mix, size, draw) * gain(between((-10.0, 5.0), draw))
        return scaled(room)

    def piece_of_room(self, size: int, draw: torch.Generator) -> Tensor:
        """Some of a recording, from anywhere in it, repeated if it is short; level 1."""
        wave = self.background[int(torch.multinomial(self.weights, 1, generator=draw))]
        if len(wave) <= size:
            wave = wave.roll(pick(len(wave), draw)).repeat(-(-size // len(wave)))
        start = pick(len(wave) - size + 1, draw)
        return scaled(wave[start : start + size])

    def _fill(self, wave: Tensor, mix: Mix, level: float, draw: torch.Generator) -> list[float]:
        """Lay pieces over a stream, one after the other; when the words among them are over."""
        at, ends = round(between((0.0, mix.gap[1]), draw) * RATE), list[float]()
        while True:
            kind, loud = chance(draw), level + between((-4.0, 4.0), draw)
            chosen, is_word = self._choose(kind, mix, draw)
            chosen = narrowed(chosen, draw) if chance(draw) < mix.narrow else chosen
            if at + len(chosen.wave) > len(wave):
                return ends
            wave[at : at + len(chosen.wave)] += chosen.wave * gain(loud)
            if is_word:
                ends.append((at + chosen.end) / RATE)
            at += len(chosen.wave) + round(between(mix.gap, draw) * RATE)

    def _choose(self, kind: float, mix: Mix, draw: torch.Generator) -> tuple[Piece, bool]:
        if kind < mix.word:
            return self._any(self.words, draw), True
        other = self._other(mix, draw)
        if kind < mix.word + mix.near:
            return nearly(self._any(self.words, draw), other, draw), False
        if kind < mix.word + mix.near + mix.gibberish:
            return self.gibberish(mix, draw), False
        if chance(draw) < mix.backwards:
            other = Piece(other.wave.flip(0), other.end)
        return other, False

    def gibberish(self, mix: Mix, draw: torch.Generator) -> Piece:
        """Bits of BIT seconds of some words, the word's among them, one after the other."""
        bits = []
        for _ in range(3 + pick(4, draw)):
            any_word = self._other(mix, draw) if chance(draw) < 0.5 else self._any(self.words, draw)
            wave = any_word.wave
            size = min(round(between(BIT, draw) * RATE), len(wave))
            at = pick(len(wave) - size + 1, draw)
            bits.append(faded(wave[at : at + size]))
        whole = torch.cat(bits)
        return Piece(whole, len(whole))

    def _any(self, pieces: list[list[Piece]], draw: torch.Generator) -> Piece:
        speeds = pieces[pick(len(pieces), draw)]
        return speeds[pick(len(speeds), draw)]

    def _other(self, mix: Mix, draw: torch.Generator) -> Piece:
        """A word that is not the word."""
        strange = bool(self.strangers) and chance(draw) < mix.strangers
        return self._any(self.strangers if strange else self.others, draw)

    def _babble(self, mix: Mix, size: int, draw: torch.Generator) -> Tensor:
        """Several people at once, none of them to be understood."""
        murmur = torch.zeros(size)
        for _ in range(round(8 * size / RATE)):
            wave = self._other(mix, draw).wave[:size]
            at = pick(size - len(wave) + 1, draw)
            murmur[at : at + len(wave)] += wave
        return scaled(murmur)


def piece(clip: Clip, speed: float = 1.0) -> Piece:
    """A clip's speech with a little around it, faded, at a level of 1, faster or slower."""
    margin = round(MARGIN * RATE)
    first, last = max(clip.start - margin, 0), min(clip.end + margin, len(clip.wave))
    level = clip.wave[clip.start : clip.end].square().mean().sqrt().clamp(min=FAINT)
    wave = faded(clip.wave[first:last])
    if speed != 1:
        wave = resample(wave, round(100 * speed), 100)
    return Piece(wave / level, round((clip.end - first) / speed))


def faded(wave: Tensor) -> Tensor:
    """A copy (n,) that comes in and goes out in FADE seconds."""
    wave, fade = wave.clone(), min(round(FADE * RATE), len(wave) // 2)
    ramp = torch.linspace(0, 1, fade)
    wave[:fade] *= ramp
    wave[len(wave) - fade :] *= ramp.flip(0)
    return wave


def narrowed(whole: Piece, draw: torch.Generator) -> Piece:
    """Without what is above 3.6 to 4.4 kHz."""
    spectrum = torch.fft.rfft(whole.wave)
    spectrum[int(len(spectrum) * between(NARROW, draw)) :] = 0
    return Piece(torch.fft.irfft(spectrum, len(whole.wave)), whole.end)


def nearly(word: Piece, other: Piece, draw: torch.Generator) -> Piece:
    """What must not be taken for the word: half of it, alone or with half of another word.

    Or all of it backwards.
    """
    kind = NEAR[pick(len(NEAR), draw)]
    at, there = (round(between(HALVES, draw) * len(each.wave)) for each in (word, other))
    if kind == "backwards":
        return Piece(word.wave.flip(0), word.end)
    first, second = word.wave[:at], word.wave[at:]
    if kind == "first and other":
        halves = [first, other.wave[there:]]
    elif kind == "other and second":
        halves = [other.wave[:there], second]
    else:
        halves = [first if kind == "first" else second]
    whole = torch.cat([faded(half) for half in halves])
    return Piece(whole, len(whole))


def gain(decibels: float) -> float:
    """The factor of so many dB."""
    return float(10 ** (decibels / 20))


def chance(draw: torch.Generator) -> float:
    """From 0 to 1."""
    return float(torch.rand((), generator=draw))


def between(range_: tuple[float, float], draw: torch.Generator) -> float:
    """Evenly from the least to the most."""
    return range_[0] + (range_[1] - range_[0]) * chance(draw)


def pick(count: int, draw: torch.Generator) -> int:
    """One of 0 .. count - 1."""
    return int(torch.randint(count, (), generator=draw))


def spoken(bank: Bank, snr: float, repeats: int, draw: torch.Generator) -> Streams:
    """Each word ``repeats`` times in background: three words to a stream of 12 s.

    Args:
        snr: dB; CLEAN or more for no background.
    """
    slot, each = 4 * RATE, 3
    order = [n % len(bank.words) for n in range(repeats * len(bank.words))]
    waves = torch.zeros(-(-len(order) // each), slot * each)
    ends: list[list[float]] = []
    for number, wave in enumerate(waves):
        level = between((-35.0, -15.0), draw)
        if snr < CLEAN:
            wave += bank.piece_of_room(len(wave), draw) * gain(level - snr)
        ends.append([])
        for place, chosen in enumerate(order[number * each : (number + 1) * each]):
            word = bank.words[chosen][0]
            cut = word.wave[:slot]
            at = place * slot + pick(slot - len(cut) + 1, draw)
            wave[at : at + len(cut)] += cut * gain(level)
            ends[-1].append((at + min(word.end, slot)) / RATE)
    return Streams(waves.clamp_(-1, 1), ends)
