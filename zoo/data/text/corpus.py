"""A corpus of text for word vectors: any UTF-8, plain or gzip, larger than memory if need be.

A sentence is a line, or a paragraph. The text is read twice: once to count its words, and once to
write their token ids to a temporary file, from which every epoch is read; only the counts are in
memory. A sentence of more than 10,000 words is cut into pieces of 10,000: nothing is left out, but
no context window crosses the cut.
Notes: course 5, week 2, "Learning word embeddings". Proof: tests/data/text/test_corpus.py.
"""

import hashlib
import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from zoo import files, reading
from zoo.data.examples import Examples
from zoo.data.text.lines import parts_of_lines
from zoo.data.text.mapped import append, mapped, temporary
from zoo.data.text.tokenizers import prose_words
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadInput, Missing, unknown

LONGEST = 10_000  # words of a sentence; what is longer is cut


TOKENS: dict[str, Callable[[str], list[str]]] = {
    "blanks": str.split,
    "lower": lambda text: text.lower().split(),
    "words": prose_words,
}


@dataclass(frozen=True)
class Encoded:
    """A corpus as token ids: what the trainers read.

    Attributes:
        tokens: (T,) int32, token ids, sentence after sentence.
        offsets: (S + 1,) int64; sentence s is ``tokens[offsets[s]:offsets[s + 1]]``.
    """

    tokens: np.ndarray[Any, Any]
    offsets: np.ndarray[Any, Any]

    def shares(self, count: int) -> list[tuple[int, int]]:
        """``count`` runs of sentences (first, end) of about as many words each."""
        even = np.linspace(0, self.offsets[-1], count + 1)
        cuts = np.searchsorted(self.offsets, even)
        cuts[0], cuts[-1] = 0, len(self.offsets) - 1
        return [(int(a), int(b)) for a, b in pairwise(cuts)]


class Corpus:
    """Text files, one after the other.

    Attributes:
        paths: the files, in the order in which they are read.
        name, licence: what a card says of it.
    """

    notices: tuple[str, ...] = ()  # what was read and left out

    def __init__(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        tokens: str = "blanks",
        paragraphs: bool = False,
        name: str = "",
        licence: str = "",
    ) -> None:
        """Nothing is read yet.

        Args:
            paths: a file, several, or a folder (its .txt and .gz files by name).
            tokens: "blanks" (as the text stands), "lower" (the same in lower case), "words"
                (see ``zoo.data.text.tokenizers.prose_words``).
            paragraphs: a sentence ends at an empty line and not at every line.

        Raises:
            Missing: if a file is not there, or a folder holds none.
            UnknownName: for another way to cut text into words.
        """
        if tokens not in TOKENS:
            raise unknown("way to cut text into words", tokens, TOKENS)
        given = [paths] if isinstance(paths, str | Path) else list(paths)
        self.paths = tuple(path for one in given for path in _listed(Path(one)))
        if not self.paths:
            raise BadInput("a corpus needs at least one file, got none")
        self.tokens, self.paragraphs = tokens, paragraphs
        self.name, self.licence = name or Path(given[0]).name, licence

    def sentences(self) -> Iterator[list[str]]:
        """The words of each sentence, at most 10,000 of one in a list.

        Raises:
            BadFile: for what is not UTF-8 text, with the line; for a damaged gzip file.
        """
        cut = TOKENS[self.tokens]
        for path in self.paths:
            waiting: list[str] = []
            for part, ended in parts_of_lines(path):
                waiting += cut(part)
                while len(waiting) > LONGEST:
                    yield waiting[:LONGEST]
                    waiting = waiting[LONGEST:]
                if waiting and ended and not (self.paragraphs and part.strip()):
                    yield waiting
                    waiting = []
            if waiting:
                yield waiting

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word occurs; the first reading.

        Raises:
            BadInput: if there is no word at all, or only one.
            BadFile: as ``sentences``.
        """
        counts: Counter[str] = Counter()
        for sentence in self.sentences():
            counts.update(sentence)
        if len(counts) < 2:
            found = f"one word only, {next(iter(counts))!r}" if counts else "no words"
            raise BadInput(f"{self.name} holds {found}; expected text of two different words")
        return counts

    def frequent(
        self, min_count: int = 5, most: int | None = None
    ) -> tuple[Vocabulary, np.ndarray[Any, Any]]:
        """The words that occur ``min_count`` times, frequent ones first, and their counts (V,).

        Args:
            most: keep only so many.

        Raises:
            BadInput: if fewer than two words are left; as ``counts``.
        """
        if min_count < 1 or (most is not None and most < 2):
            raise BadInput(
                f"min_count must be at least 1 and most at least 2, got {min_count} and {most}"
            )
        ranked = sorted(self.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        kept = [(word, n) for word, n in ranked if n >= min_count][:most]
        if len(kept) < 2:
            raise BadInput(
                f"{self.name}: {len(kept)} of {len(ranked):,} words occur {min_count} times or "
                f"more; expected two; lower min_count (the most frequent occurs {ranked[0][1]:,} "
                "times)"
            )
        vocabulary = Vocabulary(word for word, _ in kept)
        return vocabulary, np.array([n for _, n in kept], dtype=np.int64)

    def encode(self, vocabulary: Vocabulary) -> Encoded:
        """The second reading: the corpus as token ids, in a temporary file.

        Words that are not in ``vocabulary`` are dropped, and the words on their two sides become
        neighbours. Needs 4 bytes a word and 8 a sentence in the folder for temporary files.

        Raises:
            BadInput: if nothing is left.
            CannotWrite: if the disk is full.
        """
        index = vocabulary.index
        get = index.__getitem__
        with temporary() as tokens, temporary() as offsets:
            total, waiting, ends = 0, array("i"), array("q", [0])
            for sentence in self.sentences():
                before = len(waiting)
                waiting.extend(map(get, filter(index.__contains__, sentence)))
                if len(waiting) > before:
                    ends.append(total + len(waiting))
                if len(waiting) > 1_000_000:
                    total += len(waiting)
                    append(waiting, tokens)
                    append(ends, offsets)
                    waiting, ends = array("i"), array("q")
            total += len(waiting)
            if not total:
                raise BadInput(f"{self.name} holds no word of the vocabulary")
            append(waiting, tokens)
            append(ends, offsets)
            return Encoded(mapped(tokens, np.int32), mapped(offsets, np.int64))

    def __len__(self) -> int:
        """How many words there are; the first reading, as ``counts``."""
        return self.counts.total()

    def parts(self) -> dict[str, "Corpus"]:
        """All of it is learned from."""
        return {"train": self}

    def examples(self) -> Examples:
        """None: word vectors have no score on a text."""
        return {}

    def about(self) -> dict[str, object]:
        """What ``zoo data`` prints besides the number of words."""
        return {"files": len(self.paths), "different words": len(self.counts)}

    def digest(self) -> str:
        """sha256 of the files and of how they are cut into words."""
        parts = [files.sha256(path) for path in self.paths]
        return hashlib.sha256(repr((parts, self.tokens, self.paragraphs)).encode()).hexdigest()


def _listed(path: Path) -> list[Path]:
    """The file itself, or a folder's texts."""
    if os.path.isdir(path):  # False for odd names, where Path.is_dir raises
        texts = sorted(p for p in path.iterdir() if p.suffix in (".txt", ".gz") and p.is_file())
        if not texts:
            raise Missing(f"no text in {path}; expected files that end in .txt or .txt.gz")
        return texts
    reading.check(path, "UTF-8 text, plain or packed, or a folder of it")
    return [path]
