"""WikiText-2: articles of Wikipedia, 33,278 different words with ``<eos>``.

Merity et al. 2017, arXiv:1609.07843. Proof: tests/datasets/test_wikitext2.py.
"""

from pathlib import Path

from zoo import files, reading
from zoo.data.root import data_folder
from zoo.data.text.three_files import lacking, splits_by_words
from zoo.data.text.token_stream import TextSplits
from zoo.download import exclusive, fetch
from zoo.errors import Missing

ADDRESS = "https://s3.amazonaws.com/research.metamind.io/wikitext/wikitext-2-v1.zip"
SHA256 = "92675f1d63015c1c8b51f1656a52d5bdbc33aafa60cc47a218a66e7ee817488c"
SHA1 = {  # of wiki.*.tokens, as gluon-nlp publishes them
    "train.txt": "863f29c46ef9d167fff4940ec821195882fe29d1",
    "valid.txt": "0418625c8b4da6e4b5c7a0b9e78d4ae8f7ee5422",
    "test.txt": "c7b8ce0aa086fb34dab808c5c49224211eb2b172",
}


def wikitext2() -> TextSplits:
    """By words, in the published parts; 2,088,628 / 217,646 / 245,569 with ``<eos>``.

    Raises:
        Missing: without the files and without a network, naming both.
        BadFile: for files with other bytes.
    """
    folder = data_folder() / "wikitext-2"
    if lacking(folder, SHA1):
        files.make_folder(folder)
        with exclusive(folder):
            if missing := lacking(folder, SHA1):
                _unpack(_archive(folder, missing), folder, missing)
    licence = "CC BY-SA 3.0 (text of Wikipedia)"
    return splits_by_words(folder, SHA1, "sha1", "WikiText-2", licence)


def _archive(folder: Path, missing: list[str]) -> Path:
    try:
        return fetch(ADDRESS, folder / "wikitext-2-v1.zip", SHA256, most=5_000_000)
    except Missing as error:
        raise Missing(
            f"{', '.join(missing)} not found in {folder} (wiki.*.tokens of WikiText-2 under these "
            f"names will do), and: {error}"
        ) from error


def _unpack(archive: Path, folder: Path, names: list[str]) -> None:
    """Take the named files out of the archive, each whole or not at all."""
    with reading.zip_archive(archive, "a data set", reading.DATA) as packed:
        for name in names:
            with files.atomic(folder / name) as file:
                file.write(packed.read(f"wikitext-2/wiki.{name.removesuffix('.txt')}.tokens"))
    archive.unlink()
