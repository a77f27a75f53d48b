"""Tagging: a text in, its named spans out (``TaggedText``).

Proof: tests/predictors/test_tagging.py.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from zoo.cards import Card
from zoo.data.batches import by_length
from zoo.data.text.tagged import SHAPES, Encoded, Flat, TagFrontEnd
from zoo.data.text.tokenizers import Placed, placed_words
from zoo.data.text.vocabulary import UNKNOWN, Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.nn.eval_mode import eval_mode
from zoo.nn.sequence.crf import Lattice
from zoo.ops.tags import Span, spans
from zoo.predictors.predictor import Predictor, check_classes, check_finite
from zoo.predictors.tagging_answer import TaggedSpan, TaggedText

CHUNK = 4_000  # words in one forward pass, padding included
VECTOR = "Paul isn't in Paris, see https://t.co/x @anna #NYC U.S. 2017"


@dataclass(frozen=True)
class Options:
    """No options."""


class Tagger(Predictor[Options]):
    """Raw text in, ``TaggedText`` out; each line of a text is a sentence."""

    reads_text = draws = True

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
        words = [one.word for line in _lines(0, text) for one in line.words]
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
        lines = [line for number, text in enumerate(raw) for line in _lines(number, text)]
        if not lines:
            return []
        flat = self.front_end.encode([[one.word for one in line.words] for line in lines])
        spans_of: list[list[TaggedSpan]] = [[] for _ in raw]
        for row, found, p in self._tagged(flat):
            number, words = lines[row]
            for span, share in zip(found, p, strict=True):
                start, end = words[span.start].start, words[span.end - 1].end
                tagged = TaggedSpan(raw[number][start:end], span.type, start, end, share)
                spans_of[number].append(tagged)
        owner = torch.tensor([line.number for line in lines])
        counts = owner.bincount(minlength=len(raw)).tolist()
        known = torch.zeros(len(raw)).index_add(0, owner, self._known(flat)).tolist()
        return [
            TaggedText(text, tuple(sorted(found, key=_start)), count, not words)
            for text, found, count, words in zip(raw, spans_of, counts, known, strict=True)
        ]

    def _inputs(self, words: Sequence[str]) -> Encoded:
        return Encoded(*(part.to(self.device) for part in self.front_end([words])))

    def _known(self, flat: Flat) -> Tensor:
        """How many words of each sentence are in the vocabulary; signs are no words: (N,)."""
        unknown = self.front_end.vocabulary.index[UNKNOWN]
        known = (flat.words != unknown) & (flat.shapes != SHAPES.index("punctuation"))
        sentence = torch.arange(len(flat.lengths)).repeat_interleave(flat.lengths)
        return torch.zeros(len(flat.lengths)).index_add(0, sentence, known.float())

    @torch.inference_mode()
    def _tagged(self, flat: Flat) -> Iterator[tuple[int, list[Span], list[float]]]:
        """Number of a sentence, its spans and their probabilities; only of those with spans.

        The probabilities of all spans of a batch are computed at once, from the emissions of which
        the tags were found.
        """
        for index, e, tags, lengths in tagged_batches(self.model, flat, self.device):
            check_finite(e, "text")
            by_row = [
                spans([self.classes[k] for k in tag_ids[:n]])
                for tag_ids, n in zip(tags.tolist(), lengths.tolist(), strict=True)
            ]
            rows = [row for row, found in enumerate(by_row) if found]
            if rows:
                lattice = Lattice(self.model.crf, e[rows], tags[rows], lengths[rows])
                p = self._probabilities(lattice, [by_row[row] for row in rows], lengths[rows])
                yield from zip(index[rows].tolist(), [by_row[row] for row in rows], p, strict=True)

    def _probabilities(
        self, lattice: Lattice, by_row: Sequence[Sequence[Span]], lengths: Tensor
    ) -> list[list[float]]:
        """P(tags of the span) - P(tags of the span, and it continues), of each span of each row."""
        tag_ids = {tag: n for n, tag in enumerate(self.classes)}
        pieces = [
            (row, span.start, span.end - 1, tag_ids.get(f"I-{span.type}", -1))
            for row, found in enumerate(by_row)
            for span in found
        ]
        rows, first, last, then = torch.tensor(pieces, device=self.device).t()
        p = lattice.log_p(rows, first, last).exp()
        may = ((then >= 0) & (last + 1 < lengths[rows])).nonzero()[:, 0]
        longer = lattice.continued(*(part[may] for part in (rows, first, last, then))).exp()
        p = p.index_add(0, may, longer, alpha=-1).clamp(0, 1)
        return [part.tolist() for part in p.cpu().split([len(found) for found in by_row])]


class Line(NamedTuple):
    """A line of a text that has words, with their places in the whole text."""

    number: int  # of the text
    words: list[Placed]


def _lines(number: int, text: Any) -> list[Line]:
    """The lines of a text; raises BadInput if it is no text, or has no words."""
    if not isinstance(text, str):
        raise BadInput(f"expected a text, got {type(text).__name__}")
    lines, start = [], 0
    for line in text.splitlines(keepends=True):
        words = placed_words(line)
        if start:
            words = [Placed(word, start + a, start + b) for word, a, b in words]
        if words:
            lines.append(Line(number, words))
        start += len(line)
    if not lines:
        raise BadInput("the text has no words; expected a sentence")
    return lines


def _start(span: TaggedSpan) -> int:
    return span.start


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


def predict_tags(
    model: Any, flat: Flat, classes: Sequence[str], device: torch.device
) -> list[list[str]]:
    """The most probable tags of each sentence, in batches of similar length."""
    tags: list[list[str]] = [[]] * len(flat.lengths)
    for index, _, best, lengths in tagged_batches(model, flat, device):
        for row, n, tag_ids in zip(index.tolist(), lengths.tolist(), best.tolist(), strict=True):
            tags[row] = [classes[k] for k in tag_ids[:n]]
    return tags


@torch.no_grad()
def tagged_batches(
    model: Any, flat: Flat, device: torch.device
) -> Iterator[tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Batches of sentences of similar length, the network in evaluation mode.

    Yields:
        Which sentences they are (N,); emissions (N, T, K); the most probable tags (N, T); lengths
        (N,).
    """
    for index in by_length(flat.lengths, CHUNK):
        with eval_mode(model):
            inputs = Encoded(*(part.to(device) for part in flat.pick(index)))
            e = model(*inputs)
            tags = model.crf.viterbi(e, inputs.lengths)[1]
        yield index, e, tags, inputs.lengths


PREDICTOR = Tagger
