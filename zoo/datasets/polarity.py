"""Sentence polarity: 5,331 positive and 5,331 negative sentences of film reviews.

Pang & Lee 2005, ACL, arXiv:cs/0506075 ("rt-polarity", version 1.0). One sentence a line, lower
case, words and signs apart. The archive of the authors is in Latin-1, copies of it are in UTF-8;
both are read. Nobody published a split: papers cross-validate. Ours: the last tenth of each class
is the test set; dev is a tenth of the rest, drawn with a fixed seed.
Proof: tests/datasets/test_polarity.py.
"""

import tarfile
import zipfile
from pathlib import Path

import torch

from zoo import reading
from zoo.data.root import data_folder
from zoo.data.splits import stratified
from zoo.data.text.sentences import SPECIAL, SentenceFrontEnd, Sentences, SentenceSplits
from zoo.data.text.tokenizers import sentence_words
from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile, Missing
from zoo.files import sha256

ADDRESS = "https://www.cs.cornell.edu/people/pabo/movie-review-data/rt-polaritydata.tar.gz"
KNOWN = {  # file in the folder sentence_polarity -> sha256, where one is known
    "sentence_polarity.zip": "6e1ed4405b65c7eabf1d199a7f7c437091ac21da0ea7467b410a74062574566b",
    "rt-polaritydata.tar.gz": None,
}
FILES = ("rt-polarity.neg", "rt-polarity.pos")
CLASSES = ("negative", "positive")
EACH = 5331
LICENCE = "none stated by the authors (citation asked); CC BY 4.0 as NLTK distributes it"


def polarity(words: int | None = None) -> SentenceSplits:
    """8,638 / 958 / 1,066 sentences.

    Args:
        words: how many of the training set's most frequent words get a token id; None: all of them.

    Raises:
        Missing: if the archive is not in the data folder; the message says where to get it.
        BadFile: if it is damaged.
    """
    lines = read(data_folder() / "sentence_polarity")
    return divided(lines, words)


def divided(lines: dict[str, list[str]], words: int | None = None) -> SentenceSplits:
    """The split of the module's docstring, of the sentences of each class."""
    texts = {"rest": [], "test": []}  # type: dict[str, list[str]]
    labels = {"rest": [], "test": []}  # type: dict[str, list[int]]
    for label, name in enumerate(CLASSES):
        cut = len(lines[name]) - len(lines[name]) // 10
        for part, chosen in (("rest", lines[name][:cut]), ("test", lines[name][cut:])):
            texts[part] += chosen
            labels[part] += [label] * len(chosen)
    dev = len(texts["rest"]) // 10 // 2 * 2
    index = stratified(torch.tensor(labels["rest"]), {"train": 0, "dev": dev})
    train = [texts["rest"][i] for i in index["train"].tolist()]
    vocabulary = Vocabulary.count(
        (word for text in train for word in sentence_words(text)), most=words, special=SPECIAL
    )
    front_end = SentenceFrontEnd(vocabulary)
    rest = Sentences.encode(texts["rest"], labels["rest"], CLASSES, front_end)
    test = Sentences.encode(texts["test"], labels["test"], CLASSES, front_end)
    learned, dev_part = (rest.pick(index[name]) for name in ("train", "dev"))
    return SentenceSplits("Sentence polarity", LICENCE, learned, dev_part, test, front_end)


def read(folder: Path) -> dict[str, list[str]]:
    """Class to its sentences, from the first archive of KNOWN that is in ``folder``."""
    for name, known in KNOWN.items():
        path = folder / name
        if path.is_file():
            if known and sha256(path) != known:
                raise BadFile(f"{path} is damaged (its sha256 is not {known[:12]}...); remove it")
            return {c: _lines(path, data) for c, data in zip(CLASSES, _unpack(path), strict=True)}
    raise Missing(
        f"no {' or '.join(KNOWN)} in {folder}: download {ADDRESS} and put it into that folder"
    )


def _unpack(path: Path) -> list[bytes]:
    """The two files, wherever in the archive they stand."""
    try:
        if path.suffix == ".zip":
            with reading.zip_archive(path, "a data set", reading.DATA) as packed:
                places = {Path(name).name: name for name in packed.namelist()}
                return [packed.read(places[name]) for name in FILES]
        with (
            reading.unpacked(path, "a data set", reading.DATA) as file,
            tarfile.open(fileobj=file, mode="r:") as tar,
        ):
            places = {Path(name).name: name for name in tar.getnames()}
            return [tar.extractfile(places[name]).read() for name in FILES]  # type: ignore
    except KeyError as error:
        raise BadFile(f"{path} holds no {error}; expected {' and '.join(FILES)}") from error
    except BadFile:
        raise
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError) as error:
        raise BadFile(f"{path} is damaged: {error}; fetch it again") from error


def _lines(path: Path, data: bytes) -> list[str]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = [line.strip() for line in text.replace("\r\n", "\n").split("\n")]
    lines = [line for line in lines if line]
    if len(lines) != EACH:
        raise BadFile(f"{path} has {len(lines)} sentences of a class, expected {EACH}")
    return lines
