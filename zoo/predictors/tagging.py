"""Tagging: a text in, its named spans out (``TaggedText``).

Proof: tests/predictors/test_tagging.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.text.tagged import Encoded, Flat, TagFrontEnd
from zoo.data.text.tokenizers import Placed, placed_words
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.nn.crf import Lattice
from zoo.nn.eval_mode import eval_mode
from zoo.ops.tags import Span, spans
from zoo.predictors.predictor import Answer, Predictor, check_classes, check_finite

CHUNK = 4_000  # words in one forward pass, padding included
VECTOR = "Paul isn't in Paris, see https://t.co/x @anna #NYC U.S. 2017"


@dataclass(frozen=True)
class Options:
    """No options."""


@dataclass(frozen=True)
class TaggedSpan:
    """A span of the text: the characters from ``start`` up to, but not including, ``end``."""

    text: str
    type: str
    start: int
    end: int
    probability: float  # that exactly these words are a span of this type

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return {**self.__dict__, "probability": round(self.probability, 6)}


@dataclass(frozen=True)
class TaggedText(Answer):
    """A text and its tagged spans, in order."""

    text: str
    spans: tuple[TaggedSpan, ...]

    def __str__(self) -> str:
        """The text with each span in brackets: ``[Paul: person 93 %] sleeps``."""
        at, parts = 0, []
        for span in self.spans:
            parts += [self.text[at : span.start], f"[{span.text}: {span.type} "]
            parts.append(f"{100 * span.probability:.0f} %]")
            at = span.end
        return "".join([*parts, self.text[at:]])

    def to_json(self) -> dict[str, Any]:
        """The spans."""
        return {"spans": [span.to_json() for span in self.spans]}


class Tagger(Predictor[Options]):
    """Raw text in, ``TaggedText`` out; a text is treated as one sentence."""

    def __init__(self, model: Any, front_end: TagFrontEnd, classes: Sequence[str]) -> None:
        self.model, self.front_end, self.classes = model.eval(), front_end, tuple(classes)
        self.device = next(model.parameters()).device

    @classmethod
    def from_card(
        cls, card: Card, model: Any, vocabulary: Vocabulary | None, options: Options
    ) -> "Tagger":
        """The tagger that a card describes.

        Raises:
            BadFile: if card, network and vocabulary do not match.
        """
        front_end = TagFrontEnd.from_card(card.front_end, vocabulary)
        check_classes(model.get_classifier().out_features, card.classes)
        try:
            check_sizes(model, front_end)
        except BadInput as error:
            raise BadFile(f"{card.name}: {error}") from error
        return cls(model, front_end, card.classes)

    def vector_input(self) -> str:
        """The text of a test vector."""
        return VECTOR

    @torch.inference_mode()
    def output_of(self, text: str) -> Tensor:
        """Probability of each tag of each word: (T K,)."""
        words = [one.word for one in _words(text)]
        inputs = self._inputs(words)
        log_p = self.model.crf.marginals(self.model(*inputs), inputs.lengths)
        return log_p.exp().flatten().cpu()

    def __call__(self, raw: Any) -> Any:
        """Tag a text, or each of a list or tuple of texts.

        Raises:
            BadInput: for an input that is not a text, or has no words.
        """
        if not isinstance(raw, list | tuple):
            return self([raw])[0]
        texts = [_words(one) for one in raw]
        if not texts:
            return []
        sentences = [[one.word for one in words] for words in texts]
        flat = self.front_end.encode(sentences)
        tags = predict_tags(self.model, flat, self.classes, self.device)
        return [self._tagged(*one) for one in zip(raw, texts, tags, strict=True)]

    def _inputs(self, words: Sequence[str]) -> Encoded:
        return Encoded(*(part.to(self.device) for part in self.front_end([words])))

    @torch.inference_mode()
    def _tagged(self, text: str, words: Sequence[Placed], tags: Sequence[str]) -> TaggedText:
        found_spans = spans(tags)
        if not found_spans:
            return TaggedText(text, ())
        emissions = self.model(*self._inputs([one.word for one in words]))[0]
        check_finite(emissions, "text")
        lattice = Lattice(self.model.crf, emissions)
        tagged = []
        for span in found_spans:
            start, end = words[span.start].start, words[span.end - 1].end
            p = self._probability(lattice, span, tags)
            tagged.append(TaggedSpan(text[start:end], span.type, start, end, p))
        return TaggedText(text, tuple(tagged))

    def _probability(self, lattice: Lattice, span: Span, tags: Sequence[str]) -> float:
        """P(tags of the span) - P(tags of the span, and it continues)."""
        tag_ids = {tag: n for n, tag in enumerate(self.classes)}
        inside = [tag_ids[tag] for tag in tags[span.start : span.end]]
        p = lattice.log_p(span.start, inside).exp()
        continued = tag_ids.get(f"I-{span.type}")
        if continued is not None and span.end < len(tags):
            p = p - lattice.log_p(span.start, [*inside, continued]).exp()
        return min(max(float(p), 0.0), 1.0)


def _words(raw: Any) -> list[Placed]:
    if not isinstance(raw, str):
        raise BadInput(f"expected a text, got {type(raw).__name__}")
    words = placed_words(raw)
    if not words:
        raise BadInput("the text has no words; expected a sentence")
    return words


def check_sizes(model: nn.Module, front_end: TagFrontEnd) -> None:
    """Check that network and front end have the same numbers of words and characters.

    Raises:
        BadInput: if they have not.
    """
    have: Any = model
    rows = have.vectors.num_embeddings, have.spelling.vectors.num_embeddings
    wanted = len(front_end.vocabulary), front_end.character_rows
    if rows != wanted:
        raise BadInput(
            f"the network has vocab_size={rows[0]} char_vocab_size={rows[1]}, the words need "
            f"vocab_size={wanted[0]} char_vocab_size={wanted[1]}"
        )


@torch.no_grad()
def predict_tags(
    model: Any, flat: Flat, classes: Sequence[str], device: torch.device
) -> list[list[str]]:
    """The most probable tags of each sentence, in batches of similar length."""
    tags: list[list[str]] = [[]] * len(flat.lengths)
    with eval_mode(model):
        for index in batches_by_length(flat.lengths):
            inputs = Encoded(*(part.to(device) for part in flat.pick(index)))
            best = model.crf.viterbi(model(*inputs), inputs.lengths)[1].tolist()
            for row, n, tag_ids in zip(index.tolist(), inputs.lengths.tolist(), best, strict=True):
                tags[row] = [classes[k] for k in tag_ids[:n]]
    return tags


def batches_by_length(lengths: Tensor) -> Iterator[Tensor]:
    """Indices of sentences in batches, shortest first; a padded batch has at most CHUNK words."""
    order = lengths.argsort(stable=True)
    while len(order):
        size = 1
        while size < len(order) and (size + 1) * int(lengths[order[size]]) <= CHUNK:
            size += 1
        yield order[:size]
        order = order[size:]


PREDICTOR = Tagger
