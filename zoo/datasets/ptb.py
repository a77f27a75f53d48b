"""The Penn Treebank in Mikolov's form: text of the Wall Street Journal, 10,000 different words.

Proof: tests/datasets/test_ptb.py.
"""

from zoo.data.root import data_folder
from zoo.data.text.three_files import lacking, splits_by_words
from zoo.data.text.token_stream import TextSplits
from zoo.errors import Missing

MD5 = {  # as torchtext publishes them
    "ptb.train.txt": "f26c4b92c5fdc7b3f8c7cdcb991d8420",
    "ptb.valid.txt": "aa0affc06ff7c36e977d7cd49e3839bf",
    "ptb.test.txt": "8b80168b89c18661a38ef683c0dc3721",
}


def ptb() -> TextSplits:
    """By words, in the published parts; 929,589 / 73,760 / 82,430 with ``<eos>``.

    It is not downloaded: the text is the Linguistic Data Consortium's.

    Raises:
        Missing: without the files, naming the folder.
        BadFile: for files with other bytes.
    """
    folder = data_folder() / "ptb"
    if missing := lacking(folder, MD5):
        raise Missing(
            f"{', '.join(missing)} not found in {folder}; put Mikolov's simple-examples/data/"
            "ptb.{train,valid,test}.txt there (the Penn Treebank is licensed by the LDC)"
        )
    return splits_by_words(folder, MD5, "md5", "Penn Treebank", "LDC (not redistributable)")
