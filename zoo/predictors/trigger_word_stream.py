"""Trigger word detection on a stream of blocks of sound, and its latency.

Only the front end's last samples and the network's hidden state are kept, so memory does not grow
with the stream; the detections do not depend on how the sound is split into blocks.
Proof: tests/predictors/test_trigger_word.py.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from zoo.data.audio.log_mel import LogMel, StreamState
from zoo.data.audio.read import resampled
from zoo.data.audio.samples import checked_blocks
from zoo.predictors.live import LiveStream
from zoo.predictors.trigger_word_answer import Detection, Detections

LONGEST = 10.0  # seconds of sound in one forward pass; longer blocks are split
SHOWN = 60.0  # seconds of sound that ``recent`` covers


class Detector(Protocol):
    """The part of a ``TriggerWordDetector`` that its streams use."""

    model: Any  # has ``stream(features, state) -> (logits, state)``
    front_end: LogMel
    word: str
    threshold: float
    rate: int  # sample rate of the stream
    step: float  # seconds between outputs
    quiet: int  # smallest number of outputs between two detections
    device: torch.device


@dataclass(frozen=True, eq=False)
class Part:
    """The outputs for one block."""

    detections: list[Detection]
    probabilities: Tensor  # (t',)
    features: Tensor  # (t, D)


class DetectionStream(LiveStream):
    """One stream of sound: the state of front end, network and refractory time."""

    def __init__(self, detector: Detector) -> None:
        self.detector, self.samples = detector, 0
        self.heard: StreamState | None = None  # state of the front end
        self.state: Any = None  # hidden state of the network
        self.steps, self.above, self.last = 0, False, -detector.quiet
        self.parts: deque[Part] = deque()  # of the last minute, if ``answers`` is used
        self.stored = 0  # number of probabilities in ``parts``

    @property
    def seconds(self) -> float:
        """Duration of the sound processed so far, in seconds."""
        return self.samples / self.detector.front_end.sample_rate

    def answers(self, blocks: Iterable[Tensor]) -> Iterator[list[Detection]]:
        """Yield the detections of each processed block.

        Args:
            blocks: (m,) samples of any known type at the detector's ``rate``, any m.

        Raises:
            BadInput: for a block that does not hold such samples.
        """
        rate = self.detector.front_end.sample_rate
        for block in resampled(checked_blocks(blocks), self.detector.rate, rate):
            part = self.push(block)
            self._store(part)
            yield part.detections

    @torch.inference_mode()
    def push(self, block: Tensor) -> Part:
        """Process the next samples (m,), at the front end's sample rate."""
        pieces = block.float().split(round(LONGEST * self.detector.front_end.sample_rate))
        outputs = [self._piece(piece) for piece in pieces]
        features, probabilities = (torch.cat(parts) for parts in zip(*outputs, strict=True))
        return self.take(len(block), features, probabilities)

    def take(self, samples: int, features: Tensor, probabilities: Tensor) -> Part:
        """What ``push`` gives for the next ``samples``, where all has been computed already."""
        self.samples += samples
        return Part(self._detections(probabilities), probabilities, features)

    def recent(self) -> Detections:
        """The detections in the last minute that ``answers`` processed."""
        detector = self.detector
        features = [torch.zeros(0, detector.front_end.n_mels), *(x.features for x in self.parts)]
        probabilities = torch.cat([torch.zeros(0), *(x.probabilities for x in self.parts)])
        return Detections(
            detector.word,
            tuple(one for part in self.parts for one in part.detections),
            probabilities,
            detector.step,
            self.seconds,
            detector.threshold,
            torch.cat(features),
            detector.front_end.hop_seconds,
            (self.steps - len(probabilities)) * detector.step,
        )

    def _store(self, part: Part) -> None:
        self.parts.append(part)
        self.stored += len(part.probabilities)
        while self.stored - len(self.parts[0].probabilities) > SHOWN / self.detector.step:
            self.stored -= len(self.parts.popleft().probabilities)

    def _piece(self, piece: Tensor) -> tuple[Tensor, Tensor]:
        """Features (t, D) and probabilities (t',)."""
        features, self.heard = self.detector.front_end.stream(piece, self.heard)
        if not len(features):
            return features, torch.zeros(0)
        frames = features[None].to(self.detector.device)
        logits, self.state = self.detector.model.stream(frames, self.state)
        return features, logits[0].float().sigmoid().cpu()

    def _detections(self, probabilities: Tensor) -> list[Detection]:
        """``zoo.metrics.trigger_word_events.events``, computed incrementally."""
        detector, detections = self.detector, []
        for p in probabilities.tolist():
            rises = p >= detector.threshold and not self.above
            self.above = p >= detector.threshold
            if rises and self.steps - self.last >= detector.quiet:
                detections.append(Detection(detector.word, (self.steps + 1) * detector.step, p))
                self.last = self.steps
            self.steps += 1
        return detections


def latency(front_end: LogMel, stride: int, block: int) -> float:
    """Largest delay in seconds from a sample to the first output that depends on it fully.

    A sample waits for the start of the last frame of an output, for the end of this frame, and for
    the end of the block that contains it. Blocks and outputs are not synchronous: the worst offset
    is taken. Computing time is not included.

    Args:
        front_end: frames of ``win_length`` samples, one every ``hop_length``.
        stride: frames per output; the network uses no later frames.
        block: samples.

    >>> round(1000 * latency(LogMel(), stride=4, block=320))  # ms, with blocks of 20 ms
    70
    """
    step, last = stride * front_end.hop_length, (stride - 1) * front_end.hop_length
    waits = (-(last + front_end.win_length + n * step) % block for n in range(block))
    return (step + front_end.win_length + max(waits)) / front_end.sample_rate
