"""Sentences: words, ids, padding, one forward pass and one Viterbi search a batch, the tags."""

from collections.abc import Iterator
from typing import Any, cast

import torch

from zoo.bench.common.case import Case, batches, sentences
from zoo.data.text.tokenizers import placed_words
from zoo.loading import load
from zoo.ops.tags import spans
from zoo.predictors.tagging import Tagger

WEIGHTS, COUNT = "tagger.wnut17", 256
FIRST = 2  # of the vocabulary's words that are no special tokens


def cases() -> Iterator[Case]:
    """Sentences of 5 to 30 words, every fourth word with a capital."""
    predictor = cast(Tagger, load(WEIGHTS, device="cpu"))
    model, front_end, classes = predictor.model, predictor.front_end, predictor.classes
    words = [word if n % 4 else word.title() for n, word in enumerate(front_end.vocabulary.words)]

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[list[str]]:
        types = []
        for batch in batches(raws):
            inputs = front_end([[one.word for one in placed_words(text)] for text in batch])
            best = model.crf.viterbi(model(*inputs), inputs.lengths)[1].tolist()
            for n, row in zip(inputs.lengths.tolist(), best, strict=True):
                types.append([span.type for span in spans([classes[k] for k in row[:n]])])
        return types

    texts = sentences(words[FIRST:1_000], COUNT, 5, 30)
    yield Case("tagging", predictor, texts, plain, lambda answer: [s.type for s in answer.spans])
