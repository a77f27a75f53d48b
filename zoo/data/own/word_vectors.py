"""The user's text for word vectors: UTF-8, plain or gzip, a file or a folder of them.

Proof: tests/data/own/test_word_vectors.py.
"""

from pathlib import Path

from zoo.data.own import LICENCE
from zoo.data.text.corpus import Corpus
from zoo.data.text.phrases import with_phrases

FORM = "plain text: a UTF-8 file, gzip or not, or a folder of them"


def own_data(
    path: Path, tokens: str = "blanks", paragraphs: bool = False, phrases: int = 0
) -> Corpus:
    """All of it; nothing is read before it is asked for.

    Args:
        tokens, paragraphs: as of ``Corpus``.
        phrases: passes that join words such as "new_york".

    Raises:
        BadInput, UnknownName, Missing: as ``Corpus`` and ``with_phrases``.
    """
    corpus = Corpus(path, tokens=tokens, paragraphs=paragraphs, licence=LICENCE)
    return with_phrases(corpus, phrases)
