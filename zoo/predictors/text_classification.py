"""Text classification: a text in, ``TextClassification`` out.

Proof: tests/predictors/test_text_classification.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.text.sentences import SentenceFrontEnd, Sentences
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput
from zoo.nn.eval_mode import eval_mode
from zoo.options import option
from zoo.practice.ensemble import average
from zoo.predictors.answer import Answer
from zoo.predictors.predictor import Predictor, check_classes, check_finite

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PROBE = "A gorgeous, witty film -- though it isn't short, and the ending falls flat."
CHUNK = 20_000  # token ids in one forward pass, padding included
WEIGHED = 200  # longest text, in words, for which the evidence of each word is computed
TOP = 5  # classes of a result
SHOWN, LEAST = 3, 0.1  # words shown for and against the label, and their lowest weight
UNKNOWN_ID = 1  # SPECIAL[1]: <unk>


@dataclass(frozen=True)
class Options:
    """Options of a text classifier."""

    evidence: bool = option(
        False, "also compute what each word adds; takes a pass for each word of a text"
    )


@dataclass(frozen=True)
class TextClassification(Answer):
    """The class of a text.

    Attributes:
        top: classes and probabilities, best first.
        evidence: (word, weight) of the text in order, if asked for; the weight is the decrease of
            the log-odds of ``label`` if the word is replaced by the unknown word. Empty for texts
            of more than WEIGHED words.
        unknown: words of the text that are not in the vocabulary.
        nothing_known: whether there is no other word.
    """

    label: str
    probability: float
    top: tuple[tuple[str, float], ...]
    evidence: tuple[tuple[str, float], ...] = ()
    unknown: tuple[str, ...] = ()
    nothing_known: bool = False
    words: tuple[str, ...] = field(default=(), repr=False, compare=False)
    classifier: "TextClassifier | None" = field(default=None, repr=False, compare=False)

    def strongest(self, sign: int = 1) -> list[str]:
        """The distinct words with most weight for the label, or with sign -1 against it."""
        ranked = sorted(self.evidence, key=lambda pair: -sign * pair[1])
        words = dict.fromkeys(word for word, weight in ranked if sign * weight >= LEAST)
        return list(words)[:SHOWN]

    def __str__(self) -> str:
        unknown = "nothing in it is known" if self.nothing_known else "unknown"
        parts = {"for": self.strongest(1), "against": self.strongest(-1), unknown: self.unknown}
        reasons = "".join(f"; {name}: {' '.join(words)}" for name, words in parts.items() if words)
        return f"{self.label} ({100 * self.probability:.1f} %){reasons}"

    def to_json(self) -> dict[str, Any]:
        """All that is known of the text."""
        return {
            "label": self.label,
            "probability": self.probability,
            "top": dict(self.top),
            "evidence": [list(pair) for pair in self.evidence],
            "unknown": list(self.unknown),
            "nothing_known": self.nothing_known,
        }

    def plot(self) -> "Figure":
        """The words, each on the colour of its evidence, as a matplotlib figure.

        The evidence is computed now, if it was not asked for.
        """
        from zoo.viz.text import Scale, text_figure

        evidence = self.evidence
        if not evidence and self.classifier:
            [evidence] = self.classifier.evidence([self.words])
        pairs = evidence or [(word, None) for word in self.words]
        most = max([abs(weight) for _, weight in evidence], default=0.0) or 1.0
        title = ", ".join(f"{label} {100 * p:.1f} %" for label, p in self.top)
        scale = Scale("RdYlGn", -most, most, f"evidence for {self.label}, in log-odds")
        pieces = [piece for word, weight in pairs for piece in ((word, weight), (" ", None))]
        figure: Figure = text_figure(pieces, title=title, scale=scale)
        return figure


class TextClassifier(Predictor[Options]):
    """Texts in, ``TextClassification`` out."""

    reads_text = draws = True

    def __init__(
        self,
        model: nn.Module,
        front_end: SentenceFrontEnd,
        classes: Sequence[str],
        options: Options | None = None,
    ) -> None:
        self.model, self.front_end, self.classes = model.eval(), front_end, tuple(classes)
        self.device = next(model.parameters()).device
        self.options = options or Options()

    @classmethod
    def from_card(
        cls, card: Card, model: nn.Module, vocabulary: Vocabulary | None, options: Options
    ) -> "TextClassifier":
        """The classifier that a card describes.

        Raises:
            BadFile: if there is no vocabulary, or it was made with another tokenizer.
        """
        front_end = SentenceFrontEnd.from_card(card.front_end, vocabulary)
        return cls(model, front_end, card.classes, options)

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
        texts = [self.front_end.words(one) for one in raw]
        if not texts:
            return []
        token_ids = [self.front_end.vocabulary.encode(words) for words in texts]
        log_p = self.log_p(token_ids)
        check_finite(log_p, "text")
        best = log_p.exp().topk(min(TOP, len(self.classes)))
        evidence = self.evidence(texts) if self.options.evidence else [()] * len(texts)
        rows = zip(texts, token_ids, best.indices.tolist(), best.values.tolist(), evidence,
                   strict=True)  # fmt: skip
        return [self._answer(*row) for row in rows]

    def _answer(
        self,
        words: list[str],
        token_ids: list[int],
        classes: list[int],
        p: list[float],
        evidence: tuple[tuple[str, float], ...],
    ) -> TextClassification:
        top = tuple((self.classes[k], share) for k, share in zip(classes, p, strict=True))
        unknown: tuple[str, ...] = ()
        nothing = False
        if UNKNOWN_ID in token_ids:
            pairs = list(zip(words, token_ids, strict=True))
            unknown = tuple(dict.fromkeys(word for word, i in pairs if i == UNKNOWN_ID))
            spoken = [i for word, i in pairs if any(map(str.isalnum, word))] or token_ids
            nothing = all(i == UNKNOWN_ID for i in spoken)  # signs alone say nothing
        return TextClassification(
            *top[0], top, evidence, unknown, nothing, tuple(words), classifier=self
        )

    def evidence(self, texts: Sequence[Sequence[str]]) -> list[tuple[tuple[str, float], ...]]:
        """(word, weight) of the words of each text, all texts in the same passes.

        A text of T words is T + 1 sentences: itself, and T that lack one word.
        """
        log_odds: list[Tensor] = []
        weighed = [text if len(text) <= WEIGHED else () for text in texts]
        for some in _filled(weighed):
            rows = [row for text in some for row in self._without_each(text)]
            log_p = self.log_p(rows)
            at = 0
            for text in some:
                mine = log_p[at : at + len(text) + 1]
                at += len(mine)
                label = int(mine[0].argmax())
                log_odds.append(torch.logit(mine[:, label].double().exp(), eps=1e-12))
        weights = [(odds[0] - odds[1:]).tolist() for odds in log_odds]
        return [tuple(zip(*pair, strict=True)) for pair in zip(weighed, weights, strict=True)]

    def _without_each(self, words: Sequence[str]) -> list[list[int]]:
        """The token ids of a text, and with each of them in turn unknown."""
        token_ids = self.front_end.vocabulary.encode(words) or [UNKNOWN_ID]
        without = [[*token_ids[:i], UNKNOWN_ID, *token_ids[i + 1 :]] for i in range(len(words))]
        return [token_ids, *without]

    def log_p(self, token_ids: Sequence[Sequence[int]]) -> Tensor:
        """Lists of token ids to log-probabilities (N, K), on the CPU."""
        lengths = torch.tensor([0, *map(len, token_ids)])
        flat = torch.tensor([i for ids in token_ids for i in ids], dtype=torch.int32)
        labels = torch.zeros(len(token_ids), dtype=torch.int64)
        part = Sentences(("",) * len(token_ids), flat, lengths.cumsum(0), labels, self.classes)
        return logits_of(self.model, part.to(self.device)).log_softmax(1).cpu()


def _filled(texts: Sequence[Sequence[str]]) -> Iterator[list[Sequence[str]]]:
    """The texts in groups, in their order; the words of a group and its copies fill CHUNK."""
    group: list[Sequence[str]] = []
    total = 0
    for text in texts:
        size = len(text) * (len(text) + 1)
        if group and total + size > CHUNK:
            yield group
            group, total = [], 0
        group.append(text)
        total += size
    if group:
        yield group


@torch.no_grad()
def logits_of(model: nn.Module, part: Sentences) -> Tensor:
    """Logits (N, K) of sentences, in their order, with the model in evaluation mode.

    Sentences are batched by length, longest first; a batch has about CHUNK words.
    """
    order = part.lengths.argsort(descending=True, stable=True)
    logits, at = [], 0
    with eval_mode(model):
        while at < len(part):
            longest = int(part.lengths[order[at]])
            chunk = order[at : at + max(CHUNK // max(longest, 1), 1)]
            logits.append(model(part.padded(chunk)))
            at += len(chunk)
    return torch.cat(logits)[order.argsort()]


PREDICTOR = TextClassifier
