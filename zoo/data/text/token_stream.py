"""Text as one long row of token ids, by characters or by words.

Reading is strict: text that is not UTF-8 is an error that names the place. Line ends CRLF and CR
become LF, and a byte-order mark is removed. By words, each line ends with ``<eos>``, a token like
any other (Zaremba et al. 2014; Merity et al. 2017).
Notes: course 5, week 1, "Language model and sequence generation". Proof:
tests/data/text/test_token_stream.py.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zoo import reading
from zoo.data.examples import Digests, Examples
from zoo.data.front_end import FrontEnd, needed
from zoo.data.text.line_digests import LineDigests
from zoo.data.text.text_file import BLOCK, TextFile, encode, pieces, words
from zoo.data.text.tokenizers import END, level_tokens
from zoo.data.text.vocabulary import UNKNOWN, Vocabulary
from zoo.engine.seed import generator
from zoo.errors import BadFile, BadInput

LINE = {"characters": 20, "words": 5}  # tokens of a line by which a text is recognised again


def read_text(path: Path) -> str:
    """A text file, packed or not.

    Raises:
        Missing: if it is not there.
        BadFile: if it is empty, not UTF-8 (the message says where), or as zoo/reading.py says.
    """
    return "".join(TextFile(path, reading.TEXT).blocks())


@dataclass(frozen=True)
class TextFrontEnd(FrontEnd[str, Tensor]):
    """A text to token ids.

    Args:
        level: "characters" or "words".

    Raises:
        BadInput: for another level.
    """

    level: str
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        level_tokens("", self.level)  # its error comes now

    def __call__(self, text: str) -> Tensor:
        """Token ids (T,) int64, by words with ``<eos>`` after each line.

        Raises:
            BadInput: for a character that the vocabulary lacks.
        """
        return torch.tensor(self.vocabulary.encode(level_tokens(text, self.level)))

    def to_card(self) -> dict[str, Any]:
        """The level."""
        return {"level": self.level}

    @classmethod
    def from_card(
        cls, record: Mapping[str, Any], vocabulary: Vocabulary | None = None
    ) -> "TextFrontEnd":
        """The reverse of ``to_card``.

        Raises:
            BadFile: if it is no such record, or there is no vocabulary.
        """
        try:
            return cls(record["level"], needed(vocabulary))
        except (KeyError, BadInput) as error:
            raise BadFile(f"the card's front end is not a language model's: {error}") from error


@dataclass(frozen=True, eq=False)
class Text:
    """One part of a text.

    Attributes:
        token_ids: (T,) whole numbers of as few bytes as the vocabulary needs, perhaps in a file.
    """

    token_ids: Tensor

    def __len__(self) -> int:
        return len(self.token_ids)

    def digests(self, end: int, least: int) -> Sequence[Digests]:
        """Of the ids of each line that is not short; of all of them if every line is.

        Args:
            end: the id that ends a line.
            least: tokens of a line; what is shorter may stand anywhere by chance.
        """
        return LineDigests(self.token_ids, end, least)

    @property
    def targets(self) -> int:
        """How many tokens are predicted: all but the first."""
        return len(self) - 1


@dataclass(frozen=True, eq=False)
class TextSplits:
    """A text ready for a task. ``test`` is looked at once, at the end."""

    name: str
    licence: str
    train: Text
    dev: Text
    test: Text
    front_end: TextFrontEnd
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none
    only: str = ""  # "all": there is one part, ``test``, under this name; see zoo.recipes.own

    @property
    def vocabulary(self) -> Vocabulary:
        """The front end's."""
        return self.front_end.vocabulary

    @property
    def level(self) -> str:
        """The front end's."""
        return self.front_end.level

    def parts(self) -> dict[str, Text]:
        """Name to split."""
        if self.only:
            return {self.only: self.test}
        return {"train": self.train, "dev": self.dev, "test": self.test}

    def to(self, device: torch.device) -> "TextSplits":
        """All splits on ``device``."""
        parts = replace(self, only="").parts()
        moved: dict[str, Any] = {k: Text(v.token_ids.to(device)) for k, v in parts.items()}
        return replace(self, **moved)

    def digest(self) -> str:
        """A sha256 of what training depends on: words, and the token ids of train and dev."""
        sha = hashlib.sha256(bytes(self.vocabulary.pack().tolist()))
        for part in (self.train, self.dev):
            for block in part.token_ids.split(BLOCK):
                sha.update(block.long().cpu().numpy().tobytes())
        return sha.hexdigest()

    def examples(self) -> Examples:
        """As ``Data.examples``."""
        words, end = self.level == "words", self.vocabulary.index.get(END)
        end = end if words else self.vocabulary.index.get("\n")
        at = -1 if end is None else end
        return {k: part.digests(at, LINE[self.level]) for k, part in self.parts().items()}

    def about(self) -> dict[str, Any]:
        """What ``zoo data`` prints besides the sizes, which are in characters or words."""
        return {"level": self.level, "vocabulary": len(self.vocabulary)}


def text_splits(
    name: str, licence: str, texts: tuple[str, str, str], front_end: TextFrontEnd
) -> TextSplits:
    """Train, dev and test text as token ids.

    Raises:
        BadInput: if a part has nothing to predict: fewer than two tokens.
    """
    ids = [encode(pieces(text), front_end.level, front_end.vocabulary) for text in texts]
    return splits_of(name, licence, ids, front_end)


def splits_of(
    name: str, licence: str, parts: Sequence[Tensor], front_end: TextFrontEnd
) -> TextSplits:
    """Train, dev and test of which the token ids are known.

    Raises:
        BadInput: as ``text_splits``.
    """
    for kind, token_ids in zip(("train", "dev", "test"), parts, strict=True):
        if len(token_ids) < 2:
            raise BadInput(
                f"{name}: the {kind} part has {len(token_ids)} {front_end.level}, which is too "
                "short to predict anything; expected 2 or more: use a longer text"
            )
    train, dev, test = map(Text, parts)
    return TextSplits(name, licence, train, dev, test, front_end)


def cut(text: str, dev: float = 0.05, test: float = 0.10, level: str = "characters") -> (
    tuple[str, str, str]
):  # fmt: skip
    """Train, dev and test text: the beginning, then ``dev`` of it, then the last ``test`` of it.

    By words the cuts are moved to the next end of line, if there is one before the next cut.

    >>> cut("abcdefghijklmnopqrst")
    ('abcdefghijklmnopq', 'r', 'st')
    """
    first, last = cut_places(text.find, len(text), dev, test, level)
    return text[:first], text[first:last], text[last:]


def cut_places(
    find: Callable[[str, int, int], int],
    length: int,
    dev: float = 0.05,
    test: float = 0.10,
    level: str = "characters",
) -> tuple[int, int]:
    """Where dev and test begin in a text of so many characters, as ``cut`` cuts it.

    Args:
        find: where a character first stands between two places; -1 if it does not.
    """
    last = int(length * (1 - test))
    first = int(length * (1 - test - dev) + 1e-9)
    if level == "words":
        first = _after_line(find, first, last)
        last = _after_line(find, last, length)
    return first, last


def _after_line(find: Callable[[str, int, int], int], at: int, most: int) -> int:
    """Where the line that holds ``at`` ends, if that is before ``most``; or the word."""
    end = find("\n", at, most - 1)
    if end < 0:
        end = find(" ", at, most - 1)
    return at if end < 0 else end + 1


def vocabulary_of(
    text: str, level: str, *, least: int = 1, most: int | None = None
) -> Vocabulary:  # fmt: skip
    """All characters of a text; or its words, ``<unk>`` and ``<eos>``, the frequent ones first.

    Args:
        least: how often a word must occur.
        most: how many words to keep.
    """
    if level == "characters":
        return Vocabulary(sorted(set(level_tokens(text, level))))
    return frequent_words(pieces(text), least=least, most=most)


def frequent_words(
    blocks: Iterable[str], *, least: int = 1, most: int | None = None
) -> Vocabulary:  # fmt: skip
    """The words of a text in blocks, ``<unk>`` and ``<eos>``, as ``vocabulary_of``."""
    counts: Counter[str] = Counter()
    for tokens in words(blocks):
        counts.update(tokens)
    missing = {UNKNOWN: UNKNOWN not in counts, END: counts[END] < least}
    special = [word for word, is_missing in missing.items() if is_missing]
    return Vocabulary.count(counts, least=least, most=most, special=special)


def chunks(
    part: Text, width: int, length: int, seed: int | None = None, epoch: int = 0, start: int = 0
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """Truncated backpropagation: (number, inputs, targets), both (B, T), from ``start`` on.

    The text is cut into B streams, read side by side; chunk k + 1 goes on where chunk k ended.
    With a ``seed`` each epoch begins at an offset of its own below T, so that cuts fall elsewhere.
    What does not fill the last chunk is left out; a short text has fewer streams
    or shorter chunks, and a text of one token none.

    >>> part = Text(torch.arange(12))
    >>> [(k, x.tolist()) for k, x, _ in chunks(part, 2, 2)]
    [(0, [[0, 1], [5, 6]]), (1, [[2, 3], [7, 8]])]
    """
    spare = part.targets
    width = max(1, min(width, spare))
    length = max(1, min(length, spare // width))
    offset = 0
    if seed is not None and (spare - length) // width >= length:
        offset = int(torch.randint(length, (), generator=generator(seed, "offset", epoch)))
        spare -= length - 1  # whatever the offset: every epoch has as many chunks
    steps = spare // width
    row = part.token_ids[offset:]
    inputs, targets = (row[at : at + width * steps].view(width, steps) for at in (0, 1))
    for number in range(start, steps // length):
        window = slice(number * length, (number + 1) * length)
        yield number, inputs[:, window].long(), targets[:, window].long()
