"""Sentences with a tag for each word, and the ids that a tagger reads.

A word is represented by its token id (of its plain form, see ``plain``), its characters, and its
shape, one of a dozen kinds such as ``Title`` or ``@user``. Characters and shape also describe words
that are not in the training text: Ma & Hovy 2016, arXiv:1603.01354, sec.
2.1; Collobert et al. 2011, sec. 4.1 (capitals). Proof: tests/data/text/test_tagged.py.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor

from zoo.data.examples import Digests, Examples, digest
from zoo.data.front_end import FrontEnd, needed
from zoo.data.text.vocabulary import PAD, UNKNOWN, Vocabulary
from zoo.errors import BadFile, BadInput
from zoo.ops.tags import tag_set

Words = tuple[str, ...]
URL = re.compile(r"(https?://|www\.)\S+", re.IGNORECASE)
SHAPES = (  # of a word; the first is the padding's
    *("pad", "other", "lower", "UPPER", "Title", "camelCase", "U.S.A."),
    *("digits", "digit1s", "punctuation", "@user", "#tag", "url"),
)
FIRST = 2  # ids 0 and 1 of the characters are the padding and any unknown one


class Tagged(NamedTuple):
    """One sentence."""

    words: Words
    tags: Words  # as many


@dataclass(frozen=True, eq=False)
class Sentences:
    """A split: sentences, and the tags of the whole data set."""

    items: tuple[Tagged, ...]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.items)

    def digests(self) -> list[Digests]:
        """Of the words of each sentence, whatever their tags."""
        return [(digest(*item.words),) for item in self.items]

    @cached_property
    def lengths(self) -> Tensor:
        """Words of each sentence: (N,)."""
        return torch.tensor([len(item.words) for item in self.items])


class Encoded(NamedTuple):
    """A padded batch of N sentences of at most T words of at most L characters."""

    words: Tensor  # (N, T) token ids
    characters: Tensor  # (N, T, L)
    shapes: Tensor  # (N, T) rows of SHAPES
    lengths: Tensor  # (N,)


@dataclass(frozen=True, eq=False)
class Flat:
    """The ids of M words of N sentences, one after the other, without padding."""

    words: Tensor  # (M,)
    characters: Tensor  # (M, L), small integers
    shapes: Tensor  # (M,)
    lengths: Tensor  # (N,)

    @cached_property
    def starts(self) -> Tensor:
        """Where each sentence begins: (N,)."""
        return self.lengths.cumsum(0) - self.lengths

    def places(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Of some sentences: where their words are (N, T), and which of these are there."""
        lengths = self.lengths[index]
        along = torch.arange(int(lengths.max()))[None]
        inside = along < lengths[:, None]
        return (self.starts[index][:, None] + along) * inside, inside

    def pick(self, index: Tensor) -> Encoded:
        """Some sentences as a padded batch."""
        at, inside = self.places(index)
        words, shapes = (part[at].long() * inside for part in (self.words, self.shapes))
        characters = self.characters[at].long() * inside[:, :, None]
        return Encoded(words, characters, shapes, self.lengths[index])


@dataclass(frozen=True)
class TagFrontEnd(FrontEnd[Sequence[Sequence[str]], Encoded]):
    """Words to ids.

    Args:
        vocabulary: plain forms; has ``<pad>`` as token id 0, and ``<unk>``.
        characters: those that have an id of their own, in their order.
        longest: characters of a word that are used; of a longer word its two ends.
    """

    vocabulary: Vocabulary
    characters: str
    longest: int = 20
    _character_ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = {c: n for n, c in enumerate(self.characters, FIRST)}
        object.__setattr__(self, "_character_ids", ids)
        if self.vocabulary.words[0] != PAD or UNKNOWN not in self.vocabulary:
            raise BadFile(f"the vocabulary must begin with {PAD} and have {UNKNOWN}")

    @property
    def character_rows(self) -> int:
        """Vectors that the characters need: of each, of the padding, and of any unknown one."""
        return FIRST + len(self.characters)

    @classmethod
    def count(cls, sentences: Sequence[Tagged], least: int = 1, longest: int = 20) -> "TagFrontEnd":
        """The words of the training sentences that occur ``least`` times; characters, twice."""
        words = (plain(word) for item in sentences for word in item.words)
        vocabulary = Vocabulary.count(words, least=least, special=(PAD, UNKNOWN))
        counts = Counter(c for item in sentences for word in item.words for c in word)
        return cls(vocabulary, "".join(sorted(c for c, n in counts.items() if n >= 2)), longest)

    @classmethod
    def from_card(
        cls, record: Mapping[str, Any], vocabulary: Vocabulary | None = None
    ) -> "TagFrontEnd":
        """The reverse of ``to_card``.

        Raises:
            BadFile: if it is no such record, or there is no vocabulary.
        """
        try:
            return cls(needed(vocabulary), str(record["characters"]), int(record["longest"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BadFile(f"the card's front end is not a tagger's: {error!r}") from error

    def to_card(self) -> dict[str, Any]:
        """All but the vocabulary, which lies in the weights file."""
        return {"characters": self.characters, "longest": self.longest}

    def __call__(self, sentences: Sequence[Sequence[str]]) -> Encoded:
        """Words of sentences, as they are written, as one padded batch.

        Raises:
            BadInput: as ``encode``.
        """
        return self.encode(sentences).pick(torch.arange(len(sentences)))

    def encode(self, sentences: Sequence[Sequence[str]]) -> Flat:
        """Ids of sentences, each of one word or more.

        Raises:
            BadInput: for a sentence without words.
        """
        lengths = torch.tensor([len(words) for words in sentences])
        if not len(lengths) or not lengths.min():
            raise BadInput("a sentence has no words; expected at least one")
        flat = [word for words in sentences for word in words]
        different = {word: n for n, word in enumerate(dict.fromkeys(flat))}
        chosen = torch.tensor([different[word] for word in flat])
        words = torch.tensor(self.vocabulary.encode(map(plain, different)), dtype=torch.int32)
        shapes = torch.tensor([shape(word) for word in different], dtype=torch.uint8)
        spelt = torch.tensor([self._spell(word) for word in different], dtype=torch.int32)
        return Flat(words[chosen], spelt[chosen], shapes[chosen], lengths)

    def _spell(self, word: str) -> list[int]:
        if len(word) > self.longest:
            half = self.longest // 2
            word = word[: self.longest - half] + word[-half:]
        return [self._character_ids.get(c, 1) for c in word] + [0] * (self.longest - len(word))


@dataclass(frozen=True, eq=False)
class TaggedSplits:
    """A set for a tagger; ``test`` is looked at once, at the end."""

    name: str
    licence: str
    train: Sentences
    dev: Sentences
    test: Sentences
    front_end: TagFrontEnd
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    def parts(self) -> dict[str, Sentences]:
        """Name to split."""
        if self.only:
            return {self.only: self.test}
        return {"train": self.train, "dev": self.dev, "test": self.test}

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        return {name: part.digests() for name, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """The size of the vocabulary, and the tags."""
        return {
            "vocabulary": len(self.front_end.vocabulary),
            "classes": list(self.train.classes),
        }

    def digest(self) -> str:
        """A sha256 of what training depends on: train, dev, and the vocabulary."""
        sha = hashlib.sha256(repr(self.front_end.vocabulary.words).encode())
        for part in (self.train, self.dev):
            sha.update(repr(part.items).encode(errors="surrogatepass"))
        return sha.hexdigest()


def tagged_splits(
    name: str,
    licence: str,
    parts: dict[str, list[Tagged]],
    front_end: TagFrontEnd,
    notices: tuple[str, ...] = (),
) -> TaggedSplits:
    """Sentences of train, dev and test as a set whose classes are the tags of all three."""
    classes = classes_of(*parts.values())
    sentences = {split: Sentences(tuple(items), classes) for split, items in parts.items()}
    return TaggedSplits(name, licence, **sentences, front_end=front_end, notices=notices, only="")


def classes_of(*parts: Sequence[Tagged]) -> tuple[str, ...]:
    """All tags of some splits, ``O`` first."""
    return tag_set(item.tags for part in parts for item in part)


def plain(word: str) -> str:
    """The form of a word that is in the vocabulary.

    >>> [plain(word) for word in ("Paris", "@paul", "http://t.co/x", "1984", "#NP")]
    ['paris', '@user', '<url>', '0000', '#np']
    """
    if URL.match(word):
        return "<url>"
    if len(word) > 1 and word[0] == "@":
        return "@user"
    return re.sub(r"\d", "0", word.lower()).replace("\0", " ")


def shape(word: str) -> int:
    """The row of SHAPES that describes a word.

    >>> [SHAPES[shape(word)] for word in ("Paris", "USA", "iPhone", "S3", "42", "?!", "@paul")]
    ['Title', 'UPPER', 'camelCase', 'digit1s', 'digits', 'punctuation', '@user']
    """
    return SHAPES.index(_shape(word))


def _shape(word: str) -> str:
    if URL.match(word):
        return "url"
    if word[0] in "@#" and len(word) > 1:
        return "@user" if word[0] == "@" else "#tag"
    if not any(c.isalnum() for c in word):
        return "punctuation"
    if any(c.isdigit() for c in word):
        return "digit1s" if any(c.isalpha() for c in word) else "digits"
    return _letters(word)


def _letters(word: str) -> str:
    letters = [c for c in word if c.isalpha()]
    if "." in word and letters and all(c.isupper() for c in letters):
        return "U.S.A."
    upper = [c.isupper() for c in letters]
    if not any(upper):
        return "lower" if any(c.islower() for c in letters) else "other"
    if all(upper):
        return "UPPER" if len(upper) > 1 else "Title"
    return "Title" if upper[0] and not any(upper[1:]) else "camelCase"
