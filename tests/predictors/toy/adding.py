"""A predictor of a task that the zoo does not have: numbers in, their sum times a weight out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from zoo.errors import BadInput
from zoo.options import option
from zoo.predictors.answer import Answer
from zoo.predictors.predictor import Predictor


@dataclass(frozen=True)
class Options:
    """One of every type."""

    factor: float = option(1.0, "what the sum is multiplied by")
    digits: int | None = option(None, "after the point")
    words: tuple[str, ...] = option((), "to print behind it")
    way: Literal["sum", "mean"] = option("sum", "how numbers become one")
    loud: bool = option(False, "print it twice")
    log: Path | None = option(None, "a file to write to")


@dataclass(frozen=True)
class Total(Answer):
    """A number."""

    value: float
    options: Options

    def __str__(self) -> str:
        text = str(round(self.value, self.options.digits) if self.options.digits else self.value)
        return " ".join([text, *self.options.words] * (1 + self.options.loud))

    def to_json(self):
        return {"value": self.value}


class Adder(Predictor[Options]):
    """Texts of numbers in, ``Total`` out."""

    def __init__(self, model, options):
        self.model, self.options = model.eval(), options
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(cls, card, model, vocabulary, options):
        return cls(model, options)

    def __call__(self, raw):
        if isinstance(raw, list | tuple):
            return [self(one) for one in raw]
        try:
            numbers = torch.tensor([float(part) for part in raw.split()])
        except ValueError as error:
            raise BadInput(f"expected numbers, got {raw!r}") from error
        total = numbers.sum() if self.options.way == "sum" else numbers.mean()
        return Total(float(total) * self.options.factor, self.options)

    def vector_input(self):
        return "1 2"

    def output_of(self, text):
        return torch.tensor([float(part) for part in text.split()])


PREDICTOR = Adder
