"""Sound files: read, log-mel features, padding, one forward pass a batch, best path, the text."""

from collections.abc import Iterator
from typing import Any, cast

import torch

from zoo.bench.common.case import Case, batches, padded, sounds
from zoo.data.audio.read import read
from zoo.decoding.ctc_greedy import best_path
from zoo.loading import load
from zoo.predictors.speech_recognition import SpeechRecognizer

WEIGHTS, COUNT = "deep_speech.fsdd", 24


def cases() -> Iterator[Case]:
    """Clips of 1 to 3 s."""
    predictor = cast(SpeechRecognizer, load(WEIGHTS, device="cpu"))
    model, front_end, vocabulary = predictor.model, predictor.front_end, predictor.vocabulary

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[str]:
        texts: list[str] = []
        for batch in batches(raws):
            waves = [read(one, front_end.sample_rate)[0] for one in batch]
            log_p, lengths = model(*padded([front_end(wave) for wave in waves]))
            paths = best_path(log_p, lengths)
            texts += [" ".join("".join(vocabulary.decode(p.labels)).split()) for p in paths]
        return texts

    files = sounds(front_end.sample_rate, COUNT)
    yield Case("speech_recognition", predictor, files, plain, lambda answer: answer.text)
