"""Sound files: read, log-mel features, padding, one forward pass a batch, threshold, the times."""

from collections.abc import Iterator
from typing import Any, cast

import torch

from zoo.bench.common.case import Case, batches, padded, sounds
from zoo.data.audio.read import read
from zoo.loading import load
from zoo.metrics.trigger_word_events import events
from zoo.predictors.trigger_word import TriggerWordDetector

WEIGHTS, COUNT = "trigger_word.alexa", 24


def cases() -> Iterator[Case]:
    """Clips of 1 to 3 s."""
    predictor = cast(TriggerWordDetector, load(WEIGHTS, device="cpu"))
    model, front_end = predictor.model, predictor.front_end

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[int]:
        counts: list[int] = []
        for batch in batches(raws):
            waves = [read(one, front_end.sample_rate)[0] for one in batch]
            features, lengths = padded([front_end(wave) for wave in waves])
            for row, n in zip(model(features, lengths).sigmoid(), lengths.tolist(), strict=True):
                p = row[: n // model.stride]
                times = events(p, predictor.step, predictor.threshold, predictor.refractory)
                counts.append(len(times))
        return counts

    files = sounds(front_end.sample_rate, COUNT)
    yield Case("trigger_word", predictor, files, plain, lambda answer: len(answer.detections))
