"""Sentences: words, token ids, padding, one forward pass a batch, the most probable class."""

from collections.abc import Iterator
from typing import Any, cast

import torch

from zoo.bench.common.case import Case, batches, sentences
from zoo.data.text.sentences import SPECIAL, padded
from zoo.data.text.tokenizers import sentence_words
from zoo.loading import load
from zoo.predictors.text_classification import TextClassifier

WEIGHTS, COUNT = "sentiment.polarity", 512


def cases() -> Iterator[Case]:
    """Sentences of 5 to 40 words."""
    predictor = cast(TextClassifier, load(WEIGHTS, device="cpu"))
    model, vocabulary = predictor.model, predictor.front_end.vocabulary
    words = vocabulary.words[len(SPECIAL) : 2_000]

    @torch.inference_mode()
    def plain(raws: list[Any]) -> list[str]:
        labels: list[str] = []
        for batch in batches(raws):
            token_ids = padded([vocabulary.encode(sentence_words(text)) for text in batch])
            p = model(token_ids).softmax(1)
            labels += [predictor.classes[k] for k in p.argmax(1).tolist()]
        return labels

    texts = sentences(words, COUNT, 5, 40)
    yield Case("text_classification", predictor, texts, plain, lambda answer: answer.label)
