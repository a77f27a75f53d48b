"""Trigger word detection: sound in, the times of the word out (``Detections``).

>>> import zoo
>>> print(zoo.load("trigger_word.alexa")("kitchen.wav"))  # doctest: +SKIP
alexa at 0:03.42 (97 %)
>>> for detection in zoo.load("trigger_word.alexa").listen(microphone):  # doctest: +SKIP
...     ...

A long file is processed block by block like sound from a microphone (trigger_word_stream.py): per
step only a probability is stored. Sounds of a block at most go through the network in batches of
similar length; it is causal, so what pads a sound changes nothing before.
zoo/metrics/trigger_word_events.py defines a detection, here and in the scores of a card.
Notes: course 5, week 3, "Trigger word detection". Deviations: none.
Proof: tests/predictors/test_trigger_word.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from zoo.cards import Card
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.loudness import Meter
from zoo.data.audio.operating_point import from_card
from zoo.data.audio.read import resample
from zoo.data.batches import by_length
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput, ZooError
from zoo.metrics.trigger_word_events import REFRACTORY, quiet_frames
from zoo.ops.chirp import chirp, description
from zoo.options import option
from zoo.predictors.answer import Answer
from zoo.predictors.inputs import sounds
from zoo.predictors.live import LivePredictor
from zoo.predictors.predictor import Predictor
from zoo.predictors.trigger_word_answer import Detection, Detections
from zoo.predictors.trigger_word_stream import DetectionStream, Part, latency
from zoo.viz.sound import Overview

BLOCK = 30.0  # seconds that are read at once; shorter sounds are batched
WAITING, AT_ONCE = 40_000, 24_000  # frames: of sounds that wait for others; of a padded batch


class Short(NamedTuple):
    """A sound of a block at most, before the network."""

    at: int  # its place in the list
    samples: int
    features: Tensor  # (T, D)


@dataclass(frozen=True)
class Options:
    """Options of detection and of live sound."""

    threshold: float | None = option(
        None, "probability from which the word is detected (default: the card's)"
    )
    refractory: float | None = option(
        None, "shortest time between two detections in seconds (default: the card's)"
    )
    rate: int | None = option(
        None, "sample rate of live sound, - or mic (default: the card's)", metavar="HZ"
    )


class TriggerWordDetector(Predictor[Options], LivePredictor):
    """Sound files in, ``Detections`` out; ``listen`` is for live sound."""

    draws = True

    answer_name = "detections"

    def __init__(
        self,
        model: Any,
        front_end: LogMel,
        word: str,
        *,
        threshold: float = 0.5,
        refractory: float = REFRACTORY,
        rate: int | None = None,
    ) -> None:
        if not 0 < threshold <= 1:
            raise BadInput(f"threshold must be above 0 and at most 1, got {threshold}")
        if not 0 <= refractory < float("inf"):
            raise BadInput(f"refractory must be 0 seconds or more, got {refractory}")
        if rate is not None and rate < 1:
            raise BadInput(f"rate must be at least 1, in Hz, got {rate}")
        self.model, self.front_end, self.word = model.eval(), front_end, word
        self.threshold, self.refractory = threshold, refractory
        self.rate = front_end.sample_rate if rate is None else rate
        self.step = model.stride * front_end.hop_seconds
        self.quiet = quiet_frames(refractory, self.step)
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls, card: Card, model: Any, vocabulary: Vocabulary | None, options: Options
    ) -> "TriggerWordDetector":
        """The detector that a card describes; options that are not given are the card's.

        Raises:
            BadFile: if the card's front end is of another type, or does not match the network.
            BadInput: for a threshold, refractory time or rate out of range.
        """
        front_end, point = from_card(card.front_end, card.name)
        given = {"threshold": options.threshold, "refractory": options.refractory}
        chosen = {**point._asdict(), **{k: v for k, v in given.items() if v is not None}}
        word = card.classes[0] if card.classes else "the word"
        _check_front_end(model, front_end, card.name)
        return cls(model, front_end, word, rate=options.rate, **chosen)

    def __call__(self, raw: Any, *, rate: int | None = None) -> Any:
        """Detect the word in a sound, or in each of a list or tuple of them.

        A sound is a file, an http or https address, the bytes of a file, an open file, or samples
        (zoo/data/audio/samples.py): an array or tensor with ``rate=``, a pair of samples and rate,
        a dictionary of array and sampling_rate. A folder is the sounds below it, by name.

        Args:
            rate: of samples that come without it, in Hz.

        Raises:
            Missing, BadFile: for a file that cannot be read as sound.
            BadInput: for an input of another type, samples out of scale or without their rate.
        """
        return sounds.one_or_many(raw, rate, self._detect)

    def spread(self, inputs: Sequence[str]) -> list[str]:
        """The words, each folder replaced by the sounds in it."""
        return sounds.spread(inputs)

    def each(self, inputs: Sequence[Any]) -> list[Answer | ZooError]:
        """The detections in each sound, or the error of one that cannot be used."""
        return sounds.each(inputs, self._detect)

    def _detect(
        self, raws: Sequence[Any], rate: int | None, errors: sounds.Errors | None
    ) -> list[Detections]:
        """Detections in sounds; errors are raised, or kept in ``errors`` by place."""
        found = [self._answer(DetectionStream(self), ())] * len(raws)
        meters = [Meter(self.front_end.sample_rate) for _ in raws]
        waiting: list[Short] = []
        for at, raw in enumerate(raws):
            with sounds.kept(errors, at):
                blocks = sounds.blocks(raw, self.front_end.sample_rate, BLOCK, rate)
                sound = meters[at].over(blocks)
                first, second = next(sound, torch.zeros(0)), next(sound, None)
                if second is None:
                    waiting.append(Short(at, len(first), self.front_end.stream(first)[0]))
                else:
                    stream = DetectionStream(self)
                    parts = map(stream.push, chain((first, second), sound))
                    found[at] = self._answer(stream, parts)
            if sum(len(short.features) for short in waiting) > WAITING or at == len(raws) - 1:
                for short, answer in self._batched(waiting):
                    found[short.at] = answer
                waiting.clear()
        return [replace(x, notice=meter.notice) for x, meter in zip(found, meters, strict=True)]

    @torch.inference_mode()
    def _batched(self, shorts: Sequence[Short]) -> Iterator[tuple[Short, Detections]]:
        """The detections in sounds of a block at most, in batches."""
        lengths = torch.tensor([len(short.features) for short in shorts])
        for index in by_length(lengths, AT_ONCE):
            batch = [shorts[i] for i in index.tolist()]
            features = pad_sequence([short.features for short in batch], batch_first=True)
            logits, _ = self.model.stream(features.to(self.device), None)
            for short, p in zip(batch, logits.float().sigmoid().cpu(), strict=True):
                stream, real = DetectionStream(self), len(short.features) // self.model.stride
                part = stream.take(short.samples, short.features, p[:real].clone())
                yield short, self._answer(stream, [part])

    def _answer(self, stream: DetectionStream, parts: Iterable[Part]) -> Detections:
        """All that ``parts`` of a stream have found."""
        overview, detections, probabilities = Overview(), list[Detection](), [torch.zeros(0)]
        for part in parts:
            detections += part.detections
            probabilities.append(part.probabilities)
            overview.add(part.features)
        return Detections(
            self.word,
            tuple(detections),
            torch.cat(probabilities),
            self.step,
            stream.seconds,
            self.threshold,
            overview.columns,
            overview.frames_per_column * self.front_end.hop_seconds,
        )

    def listen(self, blocks: Iterable[Tensor]) -> Iterator[Detection]:
        """Yield each detection as soon as its sound has arrived.

        Args:
            blocks: (m,) samples of any known type at ``rate``, any m; the detections do not depend
                on how the sound is split.

        Raises:
            BadInput: for a block that does not hold such samples.
        """
        for detections in self.stream().answers(blocks):
            yield from detections

    def as_live(self) -> LivePredictor:
        """This detector."""
        return self

    def stream(self) -> DetectionStream:
        """A new stream, which has processed no sound yet."""
        # the filter is computed before the first block needs it
        resample(torch.zeros(1), self.rate, self.front_end.sample_rate)
        return DetectionStream(self)

    def latency(self, seconds: float) -> float:
        """Largest delay of a detection in seconds, without computing and resampling.

        Args:
            seconds: duration of a block of sound.
        """
        block = round(seconds * self.front_end.sample_rate)
        return latency(self.front_end, self.model.stride, block)

    def vector_input(self) -> str:
        """The description of a test vector's sound, a chirp."""
        return description(100, self.front_end.sample_rate // 4, 1.5)

    def output_of(self, text: str) -> Tensor:
        """Logits (T,) of the sound that ``text`` describes."""
        with torch.inference_mode():
            features = self.front_end(chirp(text, self.front_end.sample_rate))
            logits: Tensor = self.model(features[None].to(self.device))[0]
            return logits.float().cpu()


def _check_front_end(model: Any, front_end: LogMel, name: str) -> None:
    """Raise BadFile unless the network takes the front end's features."""
    try:
        with torch.inference_mode():
            device = next(model.parameters()).device
            model.eval().stream(torch.zeros(1, model.stride, front_end.n_mels, device=device), None)
    except (RuntimeError, ValueError, AttributeError) as error:
        reason = str(error).split("\n")[0]
        raise BadFile(f"the front end of {name} does not fit its network: {reason}") from error


PREDICTOR = TriggerWordDetector
