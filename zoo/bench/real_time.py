"""Real-time factor of the networks for speech: CPU seconds per second of sound, on one core.

One utterance of ten seconds at a time, from samples to the result, with untrained weights (a beam
search is slower with an uncertain network). The streaming rows process blocks of 40 ms. There is no
peer: with a factor below 1 the machine is faster than real time.
Proof: tests/bench/test_real_time.py.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from zoo import registry
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.trigger_course_clips import power_spectrum
from zoo.datasets import fsdd
from zoo.decoding.ctc_beam import beam_search
from zoo.decoding.ctc_greedy import best_path
from zoo.engine.timing import Work, interleaved
from zoo.recipes.deep_speech import SMALL

ROUNDS = 5
HEAD = ("what", "parameters", "real-time factor", "ms for 10 s")
SECONDS, BLOCK = 10.0, 0.04
DIGITS = {"num_classes": 17, "n_mels": 40, **SMALL}  # deep_speech.fsdd's
NARROW = replace(fsdd.FRONT_END, mean=-8.8, std=3.3)
STREAMED = replace(NARROW, levelling="running")  # an utterance's level is known at its end
WIDE = LogMel(n_mels=80, mean=-5.0, std=4.0)


@dataclass(frozen=True)
class Row:
    """Median CPU seconds for ten seconds of sound."""

    what: str
    parameters: int
    cpu: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        parameters = f"{self.parameters:,}" if self.parameters else "-"
        return (self.what, parameters, f"{self.cpu / SECONDS:.4f}", f"{1e3 * self.cpu:.0f}")


def run(rounds: int, *, seconds: float = 10.0) -> list[Row]:
    """Measure all rows, always with one thread.

    Args:
        rounds: how often each side runs.
        seconds: duration of the sound; times are scaled to ten seconds.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        sides = _sides(seconds)
        works = {name: _prepared(work) for name, (_, work) in sides.items()}
        times = interleaved(works, rounds)
    finally:
        torch.set_num_threads(threads)
    scale = SECONDS / seconds
    return [Row(name, count, scale * times[name].cpu_median) for name, (count, _) in sides.items()]


def _prepared(work: Work) -> Callable[[], Work]:
    return lambda: work


def _sides(seconds: float) -> dict[str, tuple[int, Work]]:
    narrow, wide, high = (_noise(rate, seconds) for rate in (8000, 16_000, 44_100))
    digits = _network("deep_speech", **DIGITS)
    looks_back = _network("deep_speech", **DIGITS, bidirectional=False)
    small, trigger = _network("deep_speech"), _network("trigger_word")
    course = _network("trigger_word_course")
    forty = LogMel(mean=-8.0, std=3.2, levelling="running")  # trigger_word.alexa's
    sides: dict[str, tuple[nn.Module | None, Work]] = {
        "log-mel, 80 bands, 16 kHz": (None, lambda: WIDE(wide)),
        "deep_speech as deep_speech.fsdd, best path": (digits, lambda: _greedy(digits, narrow)),
        "the same, beam 50": (digits, lambda: _beam(digits, narrow)),
        "the same one-directional, streaming": (
            looks_back,
            lambda: _stream(looks_back, STREAMED, narrow),
        ),
        "deep_speech, best path": (small, lambda: best_path(*small(WIDE(wide)[None]))),
        "trigger_word, streaming": (trigger, lambda: _stream(trigger, forty, wide)),
        "trigger_word_course": (course, lambda: course(power_spectrum(high)[None])),
    }
    return {
        name: (_count(model), _without_gradients(work)) for name, (model, work) in sides.items()
    }


def _network(name: str, **arguments: Any) -> Any:
    torch.manual_seed(0)
    return registry.build(name, **arguments).eval()


def _noise(rate: int, seconds: float) -> Tensor:
    return 0.05 * torch.randn(round(rate * seconds), generator=torch.Generator().manual_seed(rate))


def _greedy(model: Any, wave: Tensor) -> object:
    return best_path(*model(NARROW(wave)[None]))


def _beam(model: Any, wave: Tensor) -> object:
    return beam_search(*model(NARROW(wave)[None]), beam=50)


def _stream(model: Any, front_end: LogMel, wave: Tensor) -> None:
    """Process the wave block by block, passing on the states of front end and network."""
    tail, state = None, None
    for block in wave.split(round(BLOCK * front_end.sample_rate)):
        features, tail = front_end.stream(block, tail)
        if len(features):
            _, state = model.stream(features[None], state)


def _without_gradients(work: Work) -> Work:
    def run() -> object:
        with torch.inference_mode():
            return work()

    return run


def _count(model: nn.Module | None) -> int:
    return sum(p.numel() for p in model.parameters()) if model else 0
