"""Text classification: a sentence in, ``TextClassification`` out.

Proof: tests/predictors/test_text_classification.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.text.sentences import SPECIAL, SentenceFrontEnd, padded
from zoo.data.text.tokenizers import sentence_words
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput
from zoo.practice.ensemble import average
from zoo.predictors.predictor import Answer, Predictor, check_classes, check_finite

PROBE = "A gorgeous, witty film -- though it isn't short, and the ending falls flat."
CHUNK = 20_000  # token ids in one forward pass
WEIGHED = 200  # longest text, in words, for which the evidence of each word is computed
SHOWN, LEAST = 3, 0.1  # words shown for and against the label, and their lowest weight


@dataclass(frozen=True)
class Options:
    """No options."""


@dataclass(frozen=True)
class TextClassification(Answer):
    """The class of a text, and the evidence of its words.

    Attributes:
        top: classes and probabilities, best first.
        evidence: (word, weight) of the text in order; the weight is the decrease of the log-odds of
            ``label`` if the word is replaced by the unknown word. Empty for long texts.
        unknown: words of the text that are not in the vocabulary.
    """

    label: str
    probability: float
    top: tuple[tuple[str, float], ...]
    evidence: tuple[tuple[str, float], ...] = ()
    unknown: tuple[str, ...] = ()

    def strongest(self, sign: int = 1) -> list[str]:
        """The distinct words with most weight for the label, or with sign -1 against it."""
        ranked = sorted(self.evidence, key=lambda pair: -sign * pair[1])
        words = dict.fromkeys(word for word, weight in ranked if sign * weight >= LEAST)
        return list(words)[:SHOWN]

    def __str__(self) -> str:
        parts = {"for": self.strongest(1), "against": self.strongest(-1), "unknown": self.unknown}
        reasons = "".join(f"; {name}: {' '.join(words)}" for name, words in parts.items() if words)
        return f"{self.label} ({100 * self.probability:.1f} %){reasons}"

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return {
            "label": self.label,
            "probability": self.probability,
            "top": dict(self.top),
            "evidence": [list(pair) for pair in self.evidence],
            "unknown": list(self.unknown),
        }


class TextClassifier(Predictor[Options]):
    """Texts in, ``TextClassification`` out."""

    def __init__(
        self, model: nn.Module, front_end: SentenceFrontEnd, classes: Sequence[str]
    ) -> None:
        self.model, self.front_end, self.classes = model.eval(), front_end, tuple(classes)
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Options
    ) -> "TextClassifier":
        """The classifier that a card describes.

        Raises:
            BadFile: if there is no vocabulary, or it was made with another tokenizer.
        """
        return cls(model, SentenceFrontEnd.from_card(card.front_end, vocabulary), card.classes)

    @classmethod
    def network(cls, models: Sequence[nn.Module], options: Options, card: Card) -> nn.Module:
        """One network, or an ensemble of several."""
        return models[0] if len(models) == 1 else average(*models)

    def vector_input(self) -> str:
        """The sentence of a test vector, from no data set."""
        return PROBE

    def output_of(self, text: str) -> Tensor:
        """Log-probabilities (K,) of a text, as a test vector records them.

        Raises:
            BadFile: if the number of outputs is not that of classes.
        """
        output = self.log_p([self.front_end.token_ids(text)])[0]
        check_classes(len(output), self.classes)
        return output

    def __call__(self, raw: Any) -> Any:
        """Classify a text, or each of a list or tuple of texts.

        Raises:
            BadInput: for an input that is not a text, has no words, or has too many.
        """
        if not isinstance(raw, list | tuple):
            return self([raw])[0]
        for one in raw:
            if not isinstance(one, str):
                raise BadInput(f"expected a text, got {type(one).__name__}")
        return [self._result(one, self.front_end.token_ids(one)) for one in raw]

    @torch.inference_mode()
    def log_p(self, token_ids: list[list[int]]) -> Tensor:
        """Lists of token ids to log-probabilities (N, K), on the CPU."""
        size = max(CHUNK // max(map(len, token_ids)), 1)
        parts = [padded(token_ids[at : at + size]) for at in range(0, len(token_ids), size)]
        logits = [self.model(part.to(self.device)) for part in parts]
        return torch.cat(logits).log_softmax(1).cpu()

    def _result(self, text: str, token_ids: list[int]) -> TextClassification:
        words, unknown = sentence_words(text), self.front_end.vocabulary.index[SPECIAL[1]]
        weighed = range(len(token_ids)) if len(token_ids) <= WEIGHED else range(0)
        without = [[*token_ids[:i], unknown, *token_ids[i + 1 :]] for i in weighed]
        log_p = self.log_p([token_ids, *without])  # (1 + T, K)
        check_finite(log_p, "text")
        best = log_p[0].exp().topk(min(5, len(self.classes)))
        top = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        odds = torch.logit(log_p[:, int(best.indices[0])].double().exp(), eps=1e-12)
        weights = (odds[0] - odds[1:]).tolist()
        return TextClassification(
            self.classes[int(best.indices[0])],
            float(best.values[0]),
            tuple((self.classes[i], p) for i, p in top),
            tuple(zip(words, weights, strict=False)) if weights else (),
            tuple(dict.fromkeys(w for w in words if w not in self.front_end.vocabulary)),
        )


PREDICTOR = TextClassifier
