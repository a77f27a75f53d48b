"""Trigger word detection. Notes: course 5, week 3, "Trigger word detection".

Training streams are mixed on the fly. The target is 1 for LABEL seconds after the end of each word
and 0 elsewhere; the UNSURE seconds before the end of a word do not count in the loss, since its end
is not known exactly. Ones are rare: they are weighted to have ``positive_share`` of the loss.
Events are scored (zoo/metrics/trigger_word_events.py), not frames: a network that never detects the
word has 93 % of the frames right and misses everything. Proof: tests/tasks/test_trigger_word.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from zoo.data.audio.augment import tilted
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.operating_point import OperatingPoint, from_card
from zoo.data.audio.read import write
from zoo.data.audio.spec_augment import spec_augment_streams
from zoo.data.audio.trigger_recordings import TriggerSplits
from zoo.data.audio.trigger_streams import CLEAN, Bank, Mix, keyword_streams
from zoo.engine import distributed
from zoo.engine.seed import generator
from zoo.engine.task import Task
from zoo.errors import BadInput
from zoo.losses.trigger_word import rare_positives_loss
from zoo.metrics.trigger_word_events import REFRACTORY, Curve, Point, at_rate, sweep
from zoo.nn.eval_mode import eval_mode
from zoo.practice.mistakes import TextMistakes
from zoo.tasks.trigger_word_evaluation import (
    LONGER,
    NEGATIVE,
    TABLE,
    HeldOut,
    Predictions,
    evaluation_sound,
    mistakes,
)
from zoo.viz.det_curve import det_curve

LABEL = 0.36  # seconds of ones after a word
UNSURE = 0.12  # seconds before its end that do not count
SPEEDS = (0.9, 0.95, 1.0, 1.05, 1.1)  # of the word in training
MORE_SPEEDS = (0.8, 0.87, 0.93, 1.0, 1.07, 1.15, 1.25)  # of other words
FRONT_END = LogMel(levelling="running", mean=-8.0, std=3.2)  # measured on training streams
PER_HOUR = 1.0  # false alarms at the operating point
SNR = 10.0  # dB of the operating point
RATES = (0.5, 1.0, 3.0, 10.0)  # false alarms per hour in the report
CHUNK = 8  # streams in one forward pass in evaluation
NEVER = 0.9999  # the threshold if none gives so few false alarms
SCORED = (
    "Scored on every test word several times, and on {:g} hours without the word: test background, "
    "and somebody says another test word about half of the time."
)


class TriggerBatch(NamedTuple):
    """Features of streams and the targets of the network's steps."""

    features: Tensor  # (N, T, D)
    target: Tensor  # (N, T') 0 or 1
    counts: Tensor  # (N, T') 0 where the target is unknown, else 1


@dataclass
class TriggerWordTask(Task):
    """Streams of one word among others, scored by misses and false alarms per hour."""

    model: Any  # (N, T, D) -> logits (N, T')
    data: TriggerSplits
    batch_size: int = 16
    seed: int = 0
    steps_per_epoch: int = 100
    seconds: float = 6.0
    positive_share: float = 0.3  # share of the loss of the steps whose target is 1
    freq_mask: int = 6  # SpecAugment: largest number of masked mel bands
    time_mask: int = 12  # and of masked frames
    spectral_tilt: float = 0.25  # largest slope over the bands, in standard deviations
    negative_hours: float = 1.0  # of sound without the word in dev; three times as many in test
    repeats: int = 5  # occurrences of each held-out word at each signal-to-noise ratio
    front_end: LogMel = FRONT_END
    threshold: float | None = None  # probability from which a word is detected; set by ``choose``

    units: ClassVar = dict.fromkeys(("miss_rate", "mean_miss_rate", "miss_rate_at_threshold"), "%")

    def __post_init__(self) -> None:
        self.device = next(self.model.parameters()).device
        if self.batch_size < 1 or self.batch_size % distributed.world():
            multiple = f"a multiple of {distributed.world()} processes, got {self.batch_size}"
            raise BadInput(f"batch_size must be at least 1 and {multiple}")
        if not 0 < self.positive_share < 1:
            raise BadInput(f"positive_share must be between 0 and 1, got {self.positive_share}")
        if self.repeats < 1 or not self.negative_hours * 3600 >= NEGATIVE.seconds:
            got = f"repeats {self.repeats}, negative_hours {self.negative_hours:g}"
            raise BadInput(f"{got}; expected 1 and {NEGATIVE.seconds / 3600:.3f} or more")
        most, least = self.front_end.n_mels, LABEL + self.time_mask * self.front_end.hop_seconds
        if not (0 <= self.freq_mask <= most and self.time_mask >= 0 and self.seconds >= least):
            got = f"freq_mask {self.freq_mask}, time_mask {self.time_mask}, seconds {self.seconds}"
            raise BadInput(f"{got}; expected 0 to {most} bands and {least:.2f} s or more for them")
        self._held_out: dict[str, HeldOut] = {}

    @property
    def step(self) -> float:
        """Seconds from one output to the next."""
        return float(self.model.stride * self.front_end.hop_seconds)

    @cached_property
    def bank(self) -> Bank:
        """The training clips at all speeds."""
        return Bank(self.data.train, SPEEDS, MORE_SPEEDS)

    def card_facts(self) -> dict[str, Any]:
        """Facts for the card; the threshold is the one chosen on dev."""
        if self.threshold is None:
            raise BadInput("no threshold is chosen yet; call choose() first")
        return {
            "task": "trigger_word",
            "front_end": OperatingPoint(self.threshold, REFRACTORY).in_card(self.front_end),
            "classes": [self.data.word],
            "notes": f"{self.data.split} {SCORED.format(self.negative_hours * LONGER['test'])}",
        }

    def read_as(self, front_end: Mapping[str, Any]) -> None:
        """Make features as the front end of a card says; the threshold is chosen again."""
        made, _ = from_card(front_end, self.data.name)
        if made != self.front_end:
            self.front_end, self._held_out = made, {}
            self.choose()

    def choose(self, split: str = "dev") -> None:
        """Set the threshold to the one that gives PER_HOUR false alarms per hour on ``split``."""
        self.threshold = operating_point(self.curve(self.predictions(split)), PER_HOUR).threshold

    def batches(self, epoch: int, start: int = 0) -> Iterator[TriggerBatch]:
        """Newly mixed streams, this rank's share of each batch."""
        rank, share = distributed.rank(), self.batch_size // distributed.world()
        for number in range(start, self.steps_per_epoch):
            draw = generator(self.seed, "streams", epoch, number, rank)
            streams = self.bank.streams(Mix(seconds=self.seconds), share, draw)
            features = self.front_end(streams.waves)
            features = tilted(features, self.spectral_tilt, draw)
            features = spec_augment_streams(features, draw, self.time_mask, self.freq_mask)
            steps = features.shape[1] // self.model.stride
            target, counts = targets(streams.ends, steps, self.step)
            yield TriggerBatch(*(x.to(self.device) for x in (features, target, counts)))

    def loss(self, batch: TriggerBatch) -> Tensor:
        """Mean cross-entropy of the steps, with ``positive_share`` of it for the ones."""
        logits = self.model(batch.features)
        return rare_positives_loss(logits, batch.target, batch.counts, self.positive_share)

    @property
    def scores(self) -> dict[str, str]:
        """Those of ``evaluate``."""
        return dict.fromkeys(("miss_rate", "mean_miss_rate"), "lower")

    def evaluate(self, split: str = "dev") -> dict[str, float]:
        """Scores of ``split`` at SNR dB.

        Returns:
            ``miss_rate``: percent of the words missed at the threshold that gives PER_HOUR false
            alarms per hour on this split; ``mean_miss_rate``: its mean over three false alarm
            rates, which varies less between networks. Once a threshold is chosen also
            ``miss_rate_at_threshold`` and ``false_alarms_per_hour`` at that threshold.
        """
        predictions = self.predictions(split)
        rates = (PER_HOUR / 3, PER_HOUR, 3 * PER_HOUR)
        points = [operating_point(self.curve(predictions), rate) for rate in rates]
        scores = {
            "miss_rate": points[1].misses,
            "mean_miss_rate": sum(point.misses for point in points) / len(points),
        }
        if self.threshold is not None:
            chosen = self.curve(predictions, thresholds=[self.threshold])[0]
            scores["miss_rate_at_threshold"] = chosen.misses
            scores["false_alarms_per_hour"] = chosen.per_hour
        return scores

    def predictions(self, split: str, ratios: tuple[float, ...] = (SNR,)) -> Predictions:
        """Probabilities on the held-out sound of a split.

        Args:
            ratios: signal-to-noise ratios of the words, in dB.
        """
        sound = self.held_out(split)
        words = {
            snr: (self.probabilities(features), ends)
            for snr, (features, ends) in sound.spoken.items()
            if snr in ratios
        }
        return Predictions(words, self.probabilities(sound.negative))

    def curve(
        self, predictions: Predictions, snr: float = SNR, thresholds: list[float] | None = None
    ) -> Curve:
        """Misses of the words at ``snr`` dB against false alarms in all streams."""
        spoken, ends = predictions.spoken[snr]
        streams = spoken + predictions.negative
        all_ends = [*ends, *([] for _ in predictions.negative)]
        return sweep(streams, all_ends, self.step, thresholds=thresholds)

    @torch.no_grad()
    def probabilities(self, features: Tensor) -> list[Tensor]:
        """Features (N, T, D) to the probabilities (T',) of each stream."""
        with eval_mode(self.model):
            parts = features.split(CHUNK)
            return [row for x in parts for row in self.model(x.to(self.device)).sigmoid().cpu()]

    def held_out(self, split: str) -> HeldOut:
        """The held-out sound of a split, mixed once; the same for every seed of a recipe."""
        if split not in self._held_out:
            part = self.data.parts()[split]
            hours, repeats = self.negative_hours, self.repeats
            self._held_out[split] = evaluation_sound(part, split, self.front_end, hours, repeats)
        return self._held_out[split]

    def mistakes(self, split: str = "test") -> TextMistakes:
        """The missed words and the false alarms of ``split`` at the task's threshold."""
        if self.threshold is None:
            self.choose()
        return mistakes(self.predictions(split), self.threshold or NEVER, self.step)

    def report(self, folder: Path, title: str) -> str:
        """Write ``folder``/detection_error.png of the test set; returns the numbers as text."""
        predictions = self.predictions("test", TABLE)
        curve = self.curve(self.predictions("dev"))
        curves = {snr_label(snr): self.curve(predictions, snr) for snr in TABLE}
        threshold = (
            operating_point(curve, PER_HOUR).threshold if self.threshold is None else self.threshold
        )
        point = self.curve(predictions, thresholds=[threshold])[0]
        det_curve(curves, folder / "detection_error.png", point=point, title=f"{title}, test")
        at_dev = [operating_point(curve, rate) for rate in RATES]
        levels = sorted({point.threshold for point in at_dev})
        at_test = {p.threshold: p for p in self.curve(predictions, thresholds=levels)}
        lines = [f"words at {SNR:g} dB: for at most ... false alarms per hour on dev"]
        for rate, dev in zip(RATES, at_dev, strict=True):
            lines.append(f"{rate:5g}  dev   {dev}\n       test  {at_test[dev.threshold]}")
        lines.append(f"test, missed at {PER_HOUR:g} false alarm per hour, by signal-to-noise ratio")
        lines += [f"{name:>6}  {operating_point(one, PER_HOUR)}" for name, one in curves.items()]
        return "\n".join(lines)

    def example(self, folder: Path) -> str:
        """Write ``folder``/example.wav, three test words at SNR dB; returns its path."""
        streams = keyword_streams(
            Bank(self.data.test), SNR, 1, generator("trigger word", "example")
        )
        path = folder / "example.wav"
        write(path, streams.waves[0], self.front_end.sample_rate)
        return str(path)


def targets(ends: list[list[float]], steps: int, step: float) -> tuple[Tensor, Tensor]:
    """Targets (N, T') after words that end at ``ends``, and the mask (N, T') of known ones."""
    time = (torch.arange(steps) + 1) * step  # of a step's newest sound
    target, counts = torch.zeros(len(ends), steps), torch.ones(len(ends), steps)
    for n, row in enumerate(ends):
        for end in row:
            target[n, (time > end) & (time <= end + LABEL)] = 1
            counts[n, (time > end - UNSURE) & (time <= end)] = 0
    return target, torch.maximum(counts, target)


def snr_label(snr: float) -> str:
    """A signal-to-noise ratio as text."""
    return "clean" if snr >= CLEAN else f"{snr:g} dB"


def operating_point(curve: Curve, rate: float) -> Point:
    """The point of fewest misses with at most ``rate`` false alarms per hour; none: all missed."""
    try:
        return at_rate(curve, rate)
    except BadInput:
        last = curve[-1]
        return Point(NEVER, last.words, last.words, 0, last.hours)
