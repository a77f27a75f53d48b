"""Sentences with labels, in memory as token ids, and as padded batches.

Notes: course 5, week 1, "Notation" (lower-case words, a vocabulary, ``<unk>``) and week 2,
"Sentiment classification". Words are those of ``zoo.data.text.tokenizers.sentence_words``.
Proof: tests/data/text/test_sentences.py.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from zoo.data.examples import Digests, Examples, digest
from zoo.data.front_end import FrontEnd, needed
from zoo.data.text.tokenizers import RULES, sentence_words
from zoo.data.text.vocabulary import PAD, UNKNOWN, Vocabulary
from zoo.errors import BadFile, BadInput

SPECIAL = (PAD, UNKNOWN)  # token ids 0 and 1
LONGEST = 10_000  # words of a text


@dataclass(frozen=True)
class SentenceFrontEnd(FrontEnd[Sequence[str], Tensor]):
    """Texts to token ids, by the words of ``sentence_words``.

    Args:
        vocabulary: token ids 0 and 1 are ``<pad>`` and ``<unk>``.

    Raises:
        BadInput: for another vocabulary.
    """

    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        if self.vocabulary.words[: len(SPECIAL)] != SPECIAL:
            raise BadInput(f"the vocabulary of a classifier begins with {' '.join(SPECIAL)}")

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Token ids (N, T) int64 of N texts, the shorter ones filled up with 0.

        Raises:
            BadInput: as ``token_ids``.
        """
        return padded([self.token_ids(text) for text in texts])

    def token_ids(self, text: str) -> list[int]:
        """Those of a text's words.

        Raises:
            BadInput: as ``words``.
        """
        return self.vocabulary.encode(self.words(text))

    def words(self, text: str) -> list[str]:
        """A text's words.

        Raises:
            BadInput: for a text without words, or with more than ``LONGEST``.
        """
        words = sentence_words(text)
        if not words:
            raise BadInput(f"no words in the text {text[:40]!r}; expected a sentence")
        if len(words) > LONGEST:
            got = f"a text of {len(words)} words"
            raise BadInput(f"{got}; at most {LONGEST} are read at once: cut it")
        return words

    def to_card(self) -> dict[str, Any]:
        """The rules by which texts become words."""
        return {"tokenizer": RULES}

    @classmethod
    def from_card(
        cls, record: Mapping[str, Any], vocabulary: Vocabulary | None = None
    ) -> "SentenceFrontEnd":
        """The reverse of ``to_card``.

        Raises:
            BadFile: for other rules, no vocabulary, or one that is not for sentences.
        """
        if record.get("tokenizer") != RULES:
            got = record.get("tokenizer")
            raise BadFile(f"the card's front end parts words by {got!r}, expected {RULES!r}")
        try:
            return cls(needed(vocabulary))
        except BadInput as error:
            raise BadFile(f"the weights do not fit: {error}") from error


@dataclass(frozen=True, eq=False)
class Sentences:
    """Labelled sentences, in memory as token ids.

    Attributes:
        texts: as they were written, N of them.
        token_ids: (M,) int32, of all words of all sentences, one after another.
        offsets: (N + 1,) int64: sentence i is ``token_ids[offsets[i] : offsets[i + 1]]``.
        labels: (N,) int64, the row of ``classes``.
    """

    texts: tuple[str, ...]
    token_ids: Tensor
    offsets: Tensor
    labels: Tensor
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        count = len(self.texts)
        if self.labels.shape != (count,) or self.offsets.shape != (count + 1,):
            got = f"{tuple(self.labels.shape)} labels, {tuple(self.offsets.shape)} offsets"
            raise ValueError(f"{count} sentences but {got}")

    @classmethod
    def encode(
        cls,
        texts: Sequence[str],
        labels: Sequence[int],
        classes: tuple[str, ...],
        front_end: SentenceFrontEnd,
    ) -> "Sentences":
        """The token ids of some texts.

        Raises:
            BadInput: as ``SentenceFrontEnd.token_ids``.
        """
        of_each = [front_end.token_ids(text) for text in texts]
        lengths = torch.tensor([0, *(len(ids) for ids in of_each)])
        token_ids = torch.tensor([i for ids in of_each for i in ids], dtype=torch.int32)
        marks = torch.tensor(labels, dtype=torch.int64)
        return cls(tuple(texts), token_ids, lengths.cumsum(0), marks, classes)

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def lengths(self) -> Tensor:
        """Words of each sentence (N,)."""
        return self.offsets.diff()

    def digests(self) -> list[Digests]:
        """Of the words of each sentence."""
        return [(words_digest(text),) for text in self.texts]

    def pick(self, index: Tensor | slice) -> "Sentences":
        """The chosen sentences, in that order."""
        chosen = torch.arange(len(self))[index]
        padded = self.padded(chosen.to(self.labels.device))
        lengths = self.lengths[index]
        inside = torch.arange(padded.shape[1], device=padded.device) < lengths[:, None]
        return replace(
            self,
            texts=tuple(self.texts[i] for i in chosen.tolist()),
            token_ids=padded[inside].int(),
            offsets=torch.cat([lengths.new_zeros(1), lengths.cumsum(0)]),
            labels=self.labels[index],
        )

    def to(self, device: torch.device) -> "Sentences":
        """The same sentences with their token ids on ``device``."""
        moved = {
            name: getattr(self, name).to(device) for name in ("token_ids", "offsets", "labels")
        }
        return replace(self, **moved)

    def padded(self, index: Tensor) -> Tensor:
        """Some sentences as one batch (n, T) int64, the shorter ones filled up with 0."""
        lengths = self.lengths[index]
        longest = int(lengths.max()) if len(lengths) else 0
        along = torch.arange(longest, device=self.token_ids.device)
        inside = along < lengths[:, None]  # (n, T)
        place = (self.offsets[index][:, None] + along) * inside
        return self.token_ids[place].long() * inside if len(self.token_ids) else inside.long()


def words_digest(text: str) -> str:
    """How a text is recognised again, in whatever case and with whatever spaces."""
    return digest(*sentence_words(text))


def padded(token_ids: Sequence[Sequence[int]]) -> Tensor:
    """Lists of token ids as one batch (N, T) int64, the shorter ones filled up with 0."""
    longest = max(map(len, token_ids), default=0)
    rows = [[*ids, *[0] * (longest - len(ids))] for ids in token_ids]
    return torch.tensor(rows, dtype=torch.int64).view(len(rows), longest)


@dataclass(frozen=True, eq=False)
class SentenceSplits:
    """A set of sentences ready for a task. ``test`` is looked at once, at the end."""

    name: str
    licence: str
    train: Sentences
    dev: Sentences
    test: Sentences
    front_end: SentenceFrontEnd
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    @property
    def vocabulary(self) -> Vocabulary:
        """The front end's."""
        return self.front_end.vocabulary

    def parts(self) -> dict[str, Sentences]:
        """Name to split."""
        if self.only:
            return {self.only: self.test}
        return {"train": self.train, "dev": self.dev, "test": self.test}

    def to(self, device: torch.device) -> "SentenceSplits":
        """All splits on ``device``."""
        parts = replace(self, only="").parts()
        moved: dict[str, Any] = {name: part.to(device) for name, part in parts.items()}
        return replace(self, **moved)

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        return {name: part.digests() for name, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """What else there is to say of it."""
        return {"classes": list(self.train.classes), "words": len(self.vocabulary)}

    def digest(self) -> str:
        """A sha256 of what training depends on: words, token ids and labels of train and dev."""
        sha = hashlib.sha256(self.vocabulary.pack().numpy().tobytes())
        for part in (self.train, self.dev):
            for tensor in (part.token_ids, part.offsets, part.labels):
                sha.update(tensor.cpu().numpy().tobytes())
        return sha.hexdigest()
