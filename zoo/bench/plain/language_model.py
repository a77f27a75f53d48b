"""Prompts: an LSTMCell in a loop, as in tutorials, over all prompts or over one; greedy."""

from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import nn

from zoo.bench.common.case import Case
from zoo.loading import load
from zoo.predictors.language_model import TextGenerator

WEIGHTS, COUNT, LENGTH, PROMPT = "lstm.tinyshakespeare", 32, 100, 12
TEXT = "To be, or not to be, that is the question: whether it is nobler in the mind to suffer "


def cases() -> Iterator[Case]:
    """Prompts of one length, so that the plain side needs no padding; then a single one."""
    predictor = cast(TextGenerator, load(WEIGHTS, device="cpu", temperature=0, length=LENGTH))
    prompts = [(TEXT * 2)[n : n + PROMPT] for n in range(COUNT)]
    plain = Plain(predictor)
    yield Case("language_model", predictor, prompts, plain, lambda answer: answer.text)
    yield Case(
        "language_model, one prompt", predictor, prompts[:1], plain, lambda answer: answer.text
    )


class Plain:
    """The same network, its one layer in an nn.LSTMCell."""

    def __init__(self, predictor: TextGenerator) -> None:
        model = predictor.model
        self.embedding, self.words = model.embedding, predictor.vocabulary
        layer = model.layers[0]
        self.cell = nn.LSTMCell(layer.input_size, layer.hidden_size)
        state = {name.removesuffix("_l0"): one for name, one in layer.state_dict().items()}
        self.cell.load_state_dict(state)
        self.output = nn.Linear(layer.hidden_size, len(self.words))
        self.output.load_state_dict(model.output.state_dict())

    @torch.inference_mode()
    def __call__(self, raws: list[Any]) -> list[str]:
        prompts = torch.tensor([self.words.encode(text) for text in raws])
        state: Any = None
        written = []
        for token in prompts.unbind(1):
            state = self.cell(self.embedding(token), state)
        for _ in range(LENGTH):
            token = self.output(state[0]).argmax(1)
            written.append(token)
            state = self.cell(self.embedding(token), state)
        return ["".join(self.words.decode(row)) for row in torch.stack(written, 1).tolist()]
