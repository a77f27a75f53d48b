"""15 English novels of Project Gutenberg, text for word vectors.

Proof: tests/datasets/test_novels.py.
"""

from zoo.data.root import data_folder
from zoo.data.text.corpus import Corpus
from zoo.errors import Missing

BOOKS = 15


def novels() -> Corpus:
    """15 English novels, 22.7 million characters, 4 million words; a sentence is a paragraph.

    From Project Gutenberg, without headers, in the public domain. There is no official archive
    of this choice, so that nothing is downloaded.

    Raises:
        Missing: if ``$ZOO_DATA/gutenberg`` does not hold 15 books as .txt.gz.
    """
    folder = data_folder() / "gutenberg"
    books = sorted(folder.glob("*.txt.gz"))
    if len(books) != BOOKS:
        raise Missing(
            f"{len(books)} of {BOOKS} novels in {folder}; put them there as NAME.txt.gz, or train "
            "on your data with --data"
        )
    return Corpus(
        books, tokens="words", paragraphs=True, name="15 English novels",
        licence="public domain (Project Gutenberg texts without headers)",
    )  # fmt: skip
