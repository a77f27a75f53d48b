"""The trigger word in sound that comes block by block, and how long its answer takes.

Of the past only the front end's last samples and the network's state are kept, so memory does not
grow with the stream; what comes out does not depend on how the sound is cut into blocks.
Proof: tests/predictors/test_trigger_word.py.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.read import resampled
from zoo.errors import BadInput
from zoo.predictors.predictor import LiveStream
from zoo.predictors.trigger_word_answer import Detection, Detections

LONGEST = 1.0  # seconds that are computed at once, however long a block is
SHOWN = 60.0  # seconds that ``recent`` looks back


class Detector(Protocol):
    """What a stream needs of the ``TriggerWordDetector`` whose sound it is."""

    model: Any  # has ``stream(features, state) -> (logits, state)``
    front_end: LogMel
    word: str
    threshold: float
    rate: int  # samples per second of the sound that comes
    step: float  # seconds from one output to the next
    quiet: int  # outputs from a detection to the next at least
    device: torch.device


@dataclass(frozen=True, eq=False)
class Part:
    """What came of one block."""

    detections: list[Detection]
    probabilities: Tensor  # (t',)
    features: Tensor  # (t, D)


class DetectionStream(LiveStream):
    """One stream of sound: the state of front end, network and refractory time."""

    def __init__(self, detector: Detector) -> None:
        self.detector, self.samples = detector, 0
        self.tail: Tensor | None = None  # samples of frames that are not whole yet
        self.state: Any = None  # the network's
        self.steps, self.above, self.last = 0, False, -detector.quiet
        self.parts: deque[Part] = deque()  # of the last minute, if ``answers`` is used
        self.kept = 0  # probabilities in them

    @property
    def seconds(self) -> float:
        """Seconds of sound that were looked at."""
        return self.samples / self.detector.front_end.sample_rate

    def answers(self, blocks: Iterable[Tensor]) -> Iterator[list[Detection]]:
        """Detections as they come, for each block that is looked at.

        Args:
            blocks: (m,) float samples in -1..1 at the detector's ``rate``, any m.

        Raises:
            BadInput: for a block that is no such samples.
        """
        wanted = self.detector.front_end.sample_rate
        for block in resampled(map(_checked, blocks), self.detector.rate, wanted):
            part = self.push(block)
            self._remember(part)
            yield part.detections

    @torch.inference_mode()
    def push(self, block: Tensor) -> Part:
        """The next samples (m,), at the front end's rate."""
        pieces = block.float().split(round(LONGEST * self.detector.front_end.sample_rate))
        each = [self._piece(piece) for piece in pieces]
        self.samples += len(block)
        features, probabilities = (torch.cat(parts) for parts in zip(*each, strict=True))
        return Part(self._detections(probabilities), probabilities, features)

    def recent(self) -> Detections:
        """The last minute that ``answers`` looked at."""
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

    def _remember(self, part: Part) -> None:
        self.parts.append(part)
        self.kept += len(part.probabilities)
        while self.kept - len(self.parts[0].probabilities) > SHOWN / self.detector.step:
            self.kept -= len(self.parts.popleft().probabilities)

    def _piece(self, piece: Tensor) -> tuple[Tensor, Tensor]:
        """Features (t, D) and probabilities (t',)."""
        features, self.tail = self.detector.front_end.stream(piece, self.tail)
        if not len(features):
            return features, torch.zeros(0)
        frames = features[None].to(self.detector.device)
        logits, self.state = self.detector.model.stream(frames, self.state)
        return features, logits[0].float().sigmoid().cpu()

    def _detections(self, probabilities: Tensor) -> list[Detection]:
        """The rule of ``zoo.metrics.trigger_word_events.events``, output by output as they come."""
        detector, detections = self.detector, []
        for p in probabilities.tolist():
            rises = p >= detector.threshold and not self.above
            self.above = p >= detector.threshold
            if rises and self.steps - self.last >= detector.quiet:
                detections.append(Detection(detector.word, (self.steps + 1) * detector.step, p))
                self.last = self.steps
            self.steps += 1
        return detections


def _checked(block: Tensor) -> Tensor:
    """The block; raises BadInput unless it is (m,) finite floats."""
    if block.dim() != 1 or not block.is_floating_point():
        raise BadInput(
            f"a block must be (m,) floats in -1..1, got {tuple(block.shape)} {block.dtype}"
        )
    if not bool(block.isfinite().all()):
        raise BadInput("a block has samples that are not finite; expected -1..1")
    return block


def latency(front_end: LogMel, stride: int, block: int) -> float:
    """Seconds at most from a sample to the first output that depends on it in full.

    A sample waits until a frame begins that is the last of an output's, for this frame to end, and
    for the block to end in which it ends: blocks and outputs come at different times, of which the
    worst is taken. Computing is not counted.

    Args:
        front_end: with frames of ``window`` samples, one every ``hop``.
        stride: frames from one output to the next; the network looks at none to come.
        block: samples.

    >>> round(1000 * latency(LogMel(), stride=4, block=320))  # ms, with blocks of 20 ms
    70
    """
    step, last = stride * front_end.hop_length, (stride - 1) * front_end.hop_length
    waits = (-(last + front_end.win_length + n * step) % block for n in range(block))
    return (step + front_end.win_length + max(waits)) / front_end.sample_rate
