"""The user's text for word vectors: UTF-8, plain or gzip, a file or a folder of them.

Proof: tests/data/own/test_word_vectors.py.
"""

from pathlib import Path

from zoo.data.own import LICENCE
from zoo.data.own.told import LeftOut, counted, what_was_read
from zoo.data.text.corpus import Corpus
from zoo.data.text.phrases import with_phrases
from zoo.errors import BadInput

FORM = "plain text: a UTF-8 file, gzip or not, or a folder of them"


def own_data(
    path: Path, tokens: str = "blanks", paragraphs: bool = False, phrases: int = 0
) -> Corpus:
    """All of it; nothing is read before it is asked for.

    Args:
        tokens, paragraphs: as of ``Corpus``.
        phrases: passes that join words such as "new_york".

    Raises:
        BadInput, UnknownName, Missing: as ``Corpus`` and ``with_phrases``; BadInput also for a
            folder that holds a file and its packed copy.
    """
    corpus = Corpus(path, tokens=tokens, paragraphs=paragraphs, licence=LICENCE)
    names = {file.name for file in corpus.paths}
    if both := sorted(name for name in names if f"{name}.gz" in names):
        raise BadInput(
            f"{path} holds {both[0]} and {both[0]}.gz, perhaps one text twice; leave one of them"
        )
    corpus, left_out = with_phrases(corpus, phrases), LeftOut()
    if path.is_dir():
        left_out.add("not .txt or .gz", *sorted({*path.iterdir()} - {*corpus.paths}))
    corpus.notices = left_out.told()
    return corpus


def notices(corpus: Corpus) -> tuple[str, ...]:
    """What was read, which this does if it was not done before, and what was left out."""
    files = counted(len(corpus.paths), "files")
    words = {"train": len(corpus), "different": len(corpus.counts)}
    return (
        what_was_read(f"{files}, cut into words by tokens={corpus.tokens}", words),
        *corpus.notices,
    )
