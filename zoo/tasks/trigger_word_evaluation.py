"""The held-out sound that a trigger word is evaluated on, and the mistakes there.

Each held-out word occurs several times at each signal-to-noise ratio; hours without it are mixed
from held-out background and other words. All of it depends on the split's clips only.
Proof: tests/tasks/test_trigger_word.py.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.trigger_recordings import Sounds
from zoo.data.audio.trigger_streams import CLEAN, Bank, Mix, Streams, keyword_streams
from zoo.engine.seed import generator
from zoo.metrics.trigger_word_events import events, match
from zoo.practice.mistakes import TextMistakes

TABLE = (0.0, 5.0, 10.0, 20.0, CLEAN)  # dB of the words
LONGER = {"test": 3}  # times as many hours as dev
NEGATIVE = Mix(  # about half of the time another word is spoken
    seconds=30.0,
    snr=(-5.0, 30.0),
    gap=(0.2, 2.0),
    keyword_share=0.0,
    near_miss_share=0.0,
    gibberish_share=0.0,
    reversed_share=0.0,
    noise_share=0.0,
    babble_share=0.0,
    extra_share=0.0,
    narrowband_share=0.0,
    clean_share=0.0,
)
CHUNK = 8  # streams whose features are computed at once
SHOWN = 24  # missed words and false alarms shown
NEAR = 0.5  # seconds around the end of a missed word in which its highest probability is searched


class HeldOut(NamedTuple):
    """Held-out sound as features."""

    spoken: dict[float, tuple[Tensor, list[list[float]]]]  # dB -> (N, T, D) and words' ends
    negative: Tensor  # (N, T, D)


class Predictions(NamedTuple):
    """A network's probabilities (T',) on each held-out stream."""

    spoken: dict[float, tuple[list[Tensor], list[list[float]]]]
    negative: list[Tensor]


def evaluation_sound(
    sounds: Sounds, split: str, front_end: LogMel, hours: float, repeats: int
) -> HeldOut:
    """The held-out sound of one split, mixed from its clips.

    Args:
        hours: duration of the sound without the word, multiplied by LONGER of the split.
        repeats: occurrences of each word at each signal-to-noise ratio.
    """

    def features(streams: Streams) -> Tensor:
        return torch.cat([front_end(part) for part in streams.waves.split(CHUNK)])

    bank = Bank(sounds)
    draws = {snr: generator("trigger word", split, "spoken", round(snr)) for snr in TABLE}
    words = {snr: keyword_streams(bank, snr, repeats, draw) for snr, draw in draws.items()}
    spoken = {snr: (features(x), x.ends) for snr, x in words.items()}
    count = round(hours * LONGER.get(split, 1) * 3600 / NEGATIVE.seconds)
    draw = generator("trigger word", split, "negative")
    parts = [bank.streams(NEGATIVE, min(CHUNK, count - n), draw) for n in range(0, count, CHUNK)]
    return HeldOut(spoken, torch.cat([features(part) for part in parts]))


def mistakes(predictions: Predictions, threshold: float, step: float) -> TextMistakes:
    """The missed words, then the false alarms, with their times and probabilities.

    Args:
        step: seconds from one probability to the next.
    """
    missed: list[str] = []
    alarms: list[str] = []
    kinds = [(f"{snr:g} dB", *streams) for snr, streams in predictions.spoken.items()]
    kinds.append(("without the word", predictions.negative, [[]] * len(predictions.negative)))
    for kind, streams, all_ends in kinds:
        for number, (stream, ends) in enumerate(zip(streams, all_ends, strict=True)):
            times = events(stream, step, threshold).tolist()
            _, lost, wrong = match(times, ends)
            where = f"of stream {number}, {kind}"
            for word in lost:
                at = round(ends[word] / step)
                reach = round(NEAR / step)
                p = float(stream[max(0, at - reach) : at + reach].max())
                missed.append(f"missed at {ends[word]:.2f} s {where}: at most {100 * p:.1f} %")
            for alarm in wrong:
                p = float(stream[round(times[alarm] / step) - 1])
                alarms.append(f"false alarm at {times[alarm]:.2f} s {where}: {100 * p:.1f} %")
    return TextMistakes(tuple([*missed[:SHOWN], *alarms[:SHOWN]]))
