"""Words and their token ids. Notes: course 5, week 1, "Language model and sequence generation".

A vocabulary travels inside the weights file as one tensor of bytes, so that the sha256 of that
file covers the words too. Proof: tests/data/text/test_vocabulary.py.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

import torch
from torch import Tensor

from zoo.errors import BadFile, BadInput

UNKNOWN = "<unk>"  # stands for every word that is not in the vocabulary
PAD = "<pad>"  # fills short sentences up; no word of any text


class Vocabulary:
    """Words to token ids 0..V-1 and back; words are any strings: characters, words, tags.

    >>> vocabulary = Vocabulary(["<unk>", "to", "be"])
    >>> vocabulary.encode("to be or".split())
    [1, 2, 0]
    >>> vocabulary.decode([2, 1])
    ['be', 'to']
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Give ``words`` token ids in their order; ``<unk>``, if there is one, stands for others.

        Raises:
            BadInput: if there is none, or one occurs twice or contains a zero byte.
        """
        self.words = tuple(words)
        if not self.words:
            raise BadInput("a vocabulary needs at least one word, got none")
        if len(self.index) != len(self.words):
            twice = next(word for word, count in Counter(self.words).items() if count > 1)
            raise BadInput(f"the word {twice!r} is in the vocabulary twice")
        if any("\0" in word for word in self.words):
            raise BadInput("a word of the vocabulary holds a zero byte")

    @classmethod
    def count(
        cls,
        tokens: Iterable[str] | Counter[str],
        *,
        least: int = 1,
        most: int | None = None,
        special: Sequence[str] = (UNKNOWN,),
    ) -> "Vocabulary":
        """The words of a text, frequent ones first, equally frequent ones by code point.

        Args:
            tokens: the words of the text, or how often each occurs.
            least: how often a word must occur.
            most: how many words to keep besides ``special``.
            special: words that come before all others, whether they occur or not.
        """
        counts = Counter(tokens)
        ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        kept = [word for word, n in ranked if n >= least and word not in special]
        return cls([*special, *kept[:most]])

    @cached_property
    def index(self) -> dict[str, int]:
        """Word to token id."""
        return {word: token_id for token_id, word in enumerate(self.words)}

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.index

    def encode(self, tokens: Iterable[str]) -> list[int]:
        """Token ids of ``tokens``; that of ``<unk>`` for unknown ones.

        Raises:
            BadInput: for an unknown word where there is no ``<unk>``.
        """
        other = self.index.get(UNKNOWN)
        token_ids = [self.index.get(token, other) for token in tokens]
        if other is None and None in token_ids:
            odd = next(token for token in tokens if token not in self.index)
            raise BadInput(
                f"{odd!r} is not in the vocabulary of {len(self)}, which has no {UNKNOWN}"
            )
        return token_ids  # type: ignore[return-value]

    def decode(self, token_ids: Iterable[int]) -> list[str]:
        """Words of ``token_ids``."""
        return [self.words[token_id] for token_id in token_ids]

    def pack(self) -> Tensor:
        """The words as one tensor (bytes,) uint8: UTF-8, zero bytes between them."""
        return torch.frombuffer(bytearray("\0".join(self.words).encode()), dtype=torch.uint8)

    @classmethod
    def unpack(cls, packed: Tensor) -> "Vocabulary":
        """What ``pack`` packed.

        Raises:
            BadFile: if it is no packed vocabulary.
        """
        try:
            return cls(bytes(packed.tolist()).decode().split("\0"))
        except (UnicodeDecodeError, TypeError, ValueError) as error:
            raise BadFile(
                f"the weights file holds no vocabulary that can be read: {error}"
            ) from error
