"""Texts that language models are measured on: tiny Shakespeare, Penn Treebank, WikiText-2.

Tiny Shakespeare is what Karpathy's char-rnn reads: 1,115,394 characters, 65 different ones; the
test part is its last tenth (nanoGPT's validation part). Penn Treebank is in Mikolov's form, 10,000
words; WikiText-2 is that of Merity et al. 2017, arXiv:1609.07843, 33,278 words with ``<eos>``.
Every file's published hash is checked on each reading. Proof:
tests/datasets/test_language_modelling.py.
"""

import hashlib
import zipfile
from pathlib import Path

from zoo import files
from zoo.data.root import data_folder
from zoo.data.text.token_stream import TextSplits, read_text, splits_of, vocabulary_of
from zoo.download import alone, fetch
from zoo.errors import BadFile, Missing

SHAKESPEARE = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
)
SHAKESPEARE_SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
WIKITEXT = "https://s3.amazonaws.com/research.metamind.io/wikitext/wikitext-2-v1.zip"
WIKITEXT_SHA256 = "92675f1d63015c1c8b51f1656a52d5bdbc33aafa60cc47a218a66e7ee817488c"
WIKITEXT_SHA1 = {  # of wiki.*.tokens, as gluon-nlp publishes them
    "train.txt": "863f29c46ef9d167fff4940ec821195882fe29d1",
    "valid.txt": "0418625c8b4da6e4b5c7a0b9e78d4ae8f7ee5422",
    "test.txt": "c7b8ce0aa086fb34dab808c5c49224211eb2b172",
}
PTB_MD5 = {  # as torchtext publishes them
    "ptb.train.txt": "f26c4b92c5fdc7b3f8c7cdcb991d8420",
    "ptb.valid.txt": "aa0affc06ff7c36e977d7cd49e3839bf",
    "ptb.test.txt": "8b80168b89c18661a38ef683c0dc3721",
}


def tiny_shakespeare() -> TextSplits:
    """By characters: the last tenth is the test, a fiftieth from the middle dev, the rest train.

    The test is most of The Taming of the Shrew and the beginning of The Tempest. The dev part does
    not lie just before it: so the first scenes of the former, with its names, are learned from.
    """
    path = data_folder() / "tinyshakespeare" / "input.txt"
    text = read_text(fetch(SHAKESPEARE, path, SHAKESPEARE_SHA256, size=1_115_394))
    vocabulary = vocabulary_of(text, "characters")
    first, last = int(0.4 * len(text)), int(0.9 * len(text))
    dev = text[first : first + len(text) // 50]
    parts = text[:first] + text[first + len(dev) : last], dev, text[last:]
    return splits_of(parts, vocabulary, "characters", "Tiny Shakespeare", "public domain text")


def wikitext2() -> TextSplits:
    """By words, in the published parts; 2,088,628 / 217,646 / 245,569 with ``<eos>``.

    Raises:
        Missing: without the files and without a network, naming both.
        BadFile: for files with other bytes.
    """
    folder = data_folder() / "wikitext-2"
    if _lacking(folder, WIKITEXT_SHA1):
        files.make_folder(folder)
        with alone(folder):
            if lacking := _lacking(folder, WIKITEXT_SHA1):
                _unpack(_wikitext_archive(folder, lacking), folder, lacking)
    licence = "CC BY-SA 3.0 (text of Wikipedia)"
    return _by_words(folder, WIKITEXT_SHA1, "sha1", "WikiText-2", licence)


def ptb() -> TextSplits:
    """By words, in the published parts; 929,589 / 73,760 / 82,430 with ``<eos>``.

    It is not downloaded: the text is the Linguistic Data Consortium's.

    Raises:
        Missing: without the files, naming the folder.
        BadFile: for files with other bytes.
    """
    folder = data_folder() / "ptb"
    if lacking := _lacking(folder, PTB_MD5):
        raise Missing(
            f"{', '.join(lacking)} not found in {folder}; put Mikolov's simple-examples/data/"
            "ptb.{train,valid,test}.txt there (the Penn Treebank is licensed by the LDC)"
        )
    return _by_words(folder, PTB_MD5, "md5", "Penn Treebank", "LDC (not redistributable)")


def _by_words(
    folder: Path, hashes: dict[str, str], kind: str, name: str, licence: str
) -> TextSplits:
    """Train, dev and test from three files; the vocabulary is train's."""
    for file, expected in hashes.items():
        found = hashlib.new(kind, (folder / file).read_bytes(), usedforsecurity=False).hexdigest()
        if found != expected:
            raise BadFile(
                f"{folder / file} is not that of {name}: its {kind} is {found[:12]}..., expected "
                f"{expected[:12]}...; remove it"
            )
    train, dev, test = (read_text(folder / file) for file in hashes)
    vocabulary = vocabulary_of(train, "words")
    return splits_of((train, dev, test), vocabulary, "words", name, licence)


def _lacking(folder: Path, names: dict[str, str]) -> list[str]:
    return [name for name in names if not (folder / name).is_file()]


def _wikitext_archive(folder: Path, lacking: list[str]) -> Path:
    try:
        return fetch(WIKITEXT, folder / "wikitext-2-v1.zip", WIKITEXT_SHA256, most=5_000_000)
    except Missing as error:
        raise Missing(
            f"{', '.join(lacking)} not found in {folder} (wiki.*.tokens of WikiText-2 under these "
            f"names will do), and: {error}"
        ) from error


def _unpack(archive: Path, folder: Path, names: list[str]) -> None:
    """Take the named files out of the archive, each whole or not at all."""
    with zipfile.ZipFile(archive) as packed:
        for name in names:
            with files.atomic(folder / name) as file:
                file.write(packed.read(f"wikitext-2/wiki.{name.removesuffix('.txt')}.tokens"))
    archive.unlink()
