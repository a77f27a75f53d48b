"""Trigger word detection: sound in, the times at which the word was spoken out (``Detections``).

>>> import zoo
>>> print(zoo.load("trigger_word.alexa")("kitchen.wav"))  # doctest: +SKIP
alexa at 0:03.42 (97 %)
>>> for detection in zoo.load("trigger_word.alexa").listen(microphone):  # doctest: +SKIP
...     ...

A file is read block by block, as sound from a microphone comes (trigger_word_stream.py): memory
grows with its length by one probability a step only. zoo/metrics/trigger_word_events.py says what
counts as a detection, here as in the card's figures. Notes: course 5, week 3, "Trigger word
detection". Deviations: none. Proof: tests/predictors/test_trigger_word.py.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo.cards import Card
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.read import blocks as blocks_of
from zoo.data.audio.read import resample
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.metrics.trigger_word_events import REFRACTORY, quiet_frames
from zoo.ops.chirp import chirp, description
from zoo.options import option
from zoo.predictors.predictor import LivePredictor, Predictor
from zoo.predictors.trigger_word_answer import Detection, Detections
from zoo.predictors.trigger_word_stream import LONGEST, DetectionStream, latency
from zoo.viz.sound import Overview


@dataclass(frozen=True)
class Options:
    """What counts as a detection, and of which rate live sound is."""

    threshold: float | None = option(None, "probability of a detection, if not the card's")
    refractory: float | None = option(
        None, "seconds from a detection to the next at least, if not the card's"
    )
    rate: int | None = option(
        None, "samples per second of live sound, - or mic, if not the card's", metavar="HZ"
    )


class TriggerWordDetector(Predictor[Options], LivePredictor):
    """Sound files in, ``Detections`` out; ``listen`` for sound that is still to come."""

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
        """The detector of a card and its network; what is not chosen is the card's.

        Raises:
            BadFile: if the card has no such front end, or it does not fit the network.
            BadInput: for a threshold, refractory time or rate that makes no sense.
        """
        record = {"refractory": REFRACTORY, **card.front_end}
        chosen = {"threshold": options.threshold, "refractory": options.refractory}
        for name in chosen:
            value = record.pop(name, None)
            if not isinstance(value, int | float) or not value >= 0:
                raise BadFile(f"the card {card.name} has no {name} that can be used: {value!r}")
            chosen[name] = value if chosen[name] is None else chosen[name]
        front_end = LogMel.from_card(record)
        word = card.classes[0] if card.classes else "the word"
        _fits(model, front_end, card.name)
        return cls(model, front_end, word, rate=options.rate, **chosen)  # type: ignore[arg-type]

    def __call__(self, raw: Any) -> Any:
        """Search a file (or the bytes of one), or each of a list or tuple of them.

        Raises:
            Missing, BadFile: for what cannot be read as sound.
        """
        if isinstance(raw, list | tuple):
            return [self(one) for one in raw]
        if not isinstance(raw, str | Path | bytes):
            raise BadInput(f"expected a sound file, got {type(raw).__name__}")
        stream, overview = DetectionStream(self), Overview()
        detections, probabilities = [], [torch.zeros(0)]
        for block in blocks_of(raw, self.front_end.sample_rate, LONGEST):
            part = stream.push(block)
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
            overview.each * self.front_end.hop_seconds,
        )

    def listen(self, blocks: Iterable[Tensor]) -> Iterator[Detection]:
        """Each detection as soon as its sound is there.

        Args:
            blocks: (m,) float samples in -1..1 at ``rate``, any m; what comes out does not depend
                on how the sound is cut.

        Raises:
            BadInput: for a block that is no such samples.
        """
        for detections in self.stream().answers(blocks):
            yield from detections

    def as_live(self) -> LivePredictor:
        """Itself."""
        return self

    def stream(self) -> DetectionStream:
        """A new stream, with no sound in it yet."""
        wanted = self.front_end.sample_rate
        resample(torch.zeros(1), self.rate, wanted)  # the filter, before it is needed
        return DetectionStream(self)

    def latency(self, seconds: float) -> float:
        """Seconds from a sound to its detection at most, without computing and resampling.

        Args:
            seconds: of a block of sound.
        """
        block = round(seconds * self.front_end.sample_rate)
        return latency(self.front_end, self.model.stride, block)

    def vector_input(self) -> str:
        """The sound of a test vector, in words: a chirp."""
        return description(100, self.front_end.sample_rate // 4, 1.5)

    def output_of(self, text: str) -> Tensor:
        """Logits (T,) of the sound that ``text`` describes."""
        with torch.inference_mode():
            features = self.front_end(chirp(text, self.front_end.sample_rate))
            logits: Tensor = self.model(features[None].to(self.device))[0]
            return logits.float().cpu()


def _fits(model: Any, front_end: LogMel, name: str) -> None:
    """Raises BadFile unless the network takes the front end's features."""
    try:
        with torch.inference_mode():
            device = next(model.parameters()).device
            model.eval().stream(torch.zeros(1, model.stride, front_end.n_mels, device=device), None)
    except (RuntimeError, ValueError, AttributeError) as error:
        reason = str(error).split("\n")[0]
        raise BadFile(f"the front end of {name} does not fit its network: {reason}") from error


PREDICTOR = TriggerWordDetector
