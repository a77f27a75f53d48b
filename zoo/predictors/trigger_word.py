"""What ``zoo.load`` gives for a trigger word: sound in, the times at which it was said out.

>>> import zoo
>>> print(zoo.load("trigger_word.alexa")("kitchen.wav"))  # doctest: +SKIP
alexa at 0:03.42 (97 %)
>>> for detection in zoo.load("trigger_word.alexa").listen(microphone):  # doctest: +SKIP
...     ...

A file is heard as a microphone is: block after block, with the front end's last samples and the
network's state carried along; memory does not grow with its length but for one probability a step.
What is a detection is said in zoo/metrics/events.py, which is what the card's figures count.
Notes: course 5, week 3, "Trigger word detection".
Deviations: none. Proof: tests/predictors/test_trigger_word.py.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo.cards import Card
from zoo.data.audio.read import blocks as blocks_of
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.metrics.events import REFRACTORY, quiet_frames
from zoo.ops.audio import LogMel
from zoo.ops.chirp import chirp, tell
from zoo.predictors.trigger_word_answer import Detection, Detections
from zoo.viz.sound import Overview

LONGEST = 1.0  # seconds that are computed at once, however long a block is


class Listener:
    """Sound files in, ``Detections`` out; ``listen`` for sound that is still to come."""

    OPTIONS = ("threshold", "refractory")

    def __init__(
        self,
        model: Any,
        front_end: LogMel,
        word: str,
        *,
        threshold: float = 0.5,
        refractory: float = REFRACTORY,
    ) -> None:
        if not 0 < threshold <= 1:
            raise BadInput(f"threshold must be above 0 and at most 1, got {threshold}")
        if not 0 <= refractory < float("inf"):
            raise BadInput(f"refractory must be 0 seconds or more, got {refractory}")
        self.model, self.front_end, self.word = model.eval(), front_end, word
        self.threshold, self.refractory = threshold, refractory
        self.step = model.stride * front_end.seconds
        self.quiet = quiet_frames(refractory, self.step)
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls,
        card: Card,
        model: Any,
        vocabulary: Vocabulary | None,
        threshold: float | None = None,
        refractory: float | None = None,
    ) -> "Listener":
        """The listener of a card and its network; what is not chosen is the card's.

        Raises:
            BadFile: if the card has no such front end, or it does not fit the network.
            BadInput: for a threshold or refractory time that makes no sense.
        """
        record = {"refractory": REFRACTORY, **card.front_end}
        chosen = {"threshold": threshold, "refractory": refractory}
        for name in chosen:
            value = record.pop(name, None)
            if not isinstance(value, int | float) or not value >= 0:
                raise BadFile(f"the card {card.name} has no {name} that can be used: {value!r}")
            chosen[name] = value if chosen[name] is None else chosen[name]
        front_end = LogMel.from_json(record)
        word = card.classes[0] if card.classes else "the word"
        _fits(model, front_end, card.name)
        return cls(model, front_end, word, **chosen)  # type: ignore[arg-type]

    def __call__(self, raw: Any) -> Any:
        """Hear a file (or the bytes of one), or each of a list or tuple of them.

        Raises:
            Missing, BadFile: for what cannot be read as sound.
        """
        if isinstance(raw, list | tuple):
            return [self(one) for one in raw]
        if not isinstance(raw, str | Path | bytes):
            raise BadInput(f"expected a sound file, got {type(raw).__name__}")
        ear, overview = Ear(self), Overview()
        found, chunks = [], [torch.zeros(0)]
        for block in blocks_of(raw, self.front_end.rate, LONGEST):
            one = ear.hear(block)
            found += one.detections
            chunks.append(one.probabilities)
            overview.add(one.features)
        return Detections(
            self.word,
            tuple(found),
            torch.cat(chunks),
            self.step,
            ear.samples / self.front_end.rate,
            self.threshold,
            overview.columns,
            overview.each * self.front_end.seconds,
        )

    def listen(self, blocks: Iterable[Tensor]) -> Iterator[Detection]:
        """Each detection as soon as its sound is there.

        Args:
            blocks: (m,) float samples in -1..1 at the front end's rate, any m; what comes out does
                not depend on how the sound is cut.

        Raises:
            BadInput: for a block that is no such samples.
        """
        ear = Ear(self)
        for block in blocks:
            yield from ear.hear(block).detections

    def latency(self, block: int) -> float:
        """Seconds from a sound to the answer at most, without computing: ``latency`` below."""
        return latency(self.front_end, self.model.stride, block)

    def vector_input(self) -> str:
        """The sound of test vectors, in words."""
        return tell(100, self.front_end.rate // 4, 1.5)

    def output_of(self, text: str) -> Tensor:
        """Logits (T,) of the sound that ``text`` tells of."""
        with torch.inference_mode():
            features = self.front_end(chirp(text, self.front_end.rate))
            logits: Tensor = self.model(features[None].to(self.device))[0]
            return logits.float().cpu()


@dataclass(frozen=True, eq=False)
class Heard:
    """What came of one block."""

    detections: list[Detection]
    probabilities: Tensor  # (t',)
    features: Tensor  # (t, D)


class Ear:
    """One stream of sound: what must be known of its past, of a size that does not grow."""

    def __init__(self, listener: Listener) -> None:
        self.listener, self.samples = listener, 0
        self.tail: Tensor | None = None  # samples of frames that are not whole yet
        self.state: Any = None  # the network's
        self.steps, self.on, self.last = 0, False, -listener.quiet

    @torch.inference_mode()
    def hear(self, block: Tensor) -> Heard:
        """The next samples (m,).

        Raises:
            BadInput: if they are none: not (m,), not floating point, or not finite.
        """
        if block.dim() != 1 or not block.is_floating_point():
            raise BadInput(
                f"a block must be (m,) floats in -1..1, got {tuple(block.shape)} {block.dtype}"
            )
        if not bool(block.isfinite().all()):
            raise BadInput("a block has samples that are not finite; expected -1..1")
        pieces = block.float().split(round(LONGEST * self.listener.front_end.rate))
        each = [self._piece(piece) for piece in pieces]
        self.samples += len(block)
        features, probabilities = (torch.cat(parts) for parts in zip(*each, strict=True))
        return Heard(self._detections(probabilities), probabilities, features)

    def _piece(self, piece: Tensor) -> tuple[Tensor, Tensor]:
        """Features (t, D) and probabilities (t',)."""
        features, self.tail = self.listener.front_end.stream(piece, self.tail)
        if not len(features):
            return features, torch.zeros(0)
        frames = features[None].to(self.listener.device)
        logits, self.state = self.listener.model.stream(frames, self.state)
        return features, logits[0].float().sigmoid().cpu()

    def _detections(self, probabilities: Tensor) -> list[Detection]:
        found, listener = [], self.listener
        for p in probabilities.tolist():
            rises, self.on = p >= listener.threshold and not self.on, p >= listener.threshold
            if rises and self.steps - self.last >= listener.quiet:
                found.append(Detection((self.steps + 1) * listener.step, p))
                self.last = self.steps
            self.steps += 1
        return found


def latency(front_end: LogMel, stride: int, block: int) -> float:
    """Seconds at most from a sample to the first output that has wholly seen it.

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
    step, last = stride * front_end.hop, (stride - 1) * front_end.hop
    waits = (-(last + front_end.window + n * step) % block for n in range(block))
    return (step + front_end.window + max(waits)) / front_end.rate


def _fits(model: Any, front_end: LogMel, name: str) -> None:
    """Raises BadFile unless the network takes the front end's features."""
    try:
        with torch.inference_mode():
            device = next(model.parameters()).device
            model.eval().stream(torch.zeros(1, model.stride, front_end.bands, device=device), None)
    except (RuntimeError, ValueError, AttributeError) as error:
        reason = str(error).split("\n")[0]
        raise BadFile(f"the front end of {name} does not fit its network: {reason}") from error
