"""WNUT-17: messages with six types of names; no name of the test messages is in training.

Derczynski et al. 2017, https://aclanthology.org/W17-4418: messages of Twitter (train), YouTube
(dev), Reddit and StackExchange (test). Proof: tests/datasets/test_wnut17.py.
"""

from zoo.data.root import data_folder
from zoo.data.text.conll import read_conll
from zoo.data.text.tagged import TagFrontEnd, TaggedSplits, tagged_splits
from zoo.download import fetch

ADDRESS = "https://raw.githubusercontent.com/leondz/emerging_entities_17/master/"
FILES = {  # split: file and sha256
    "train": (
        "wnut17train.conll",
        "731820e13f71af324c6b55a1575ec2ce59fbaa2a0806f8f0400b98d56cd6a7a5",
    ),
    "dev": (
        "emerging.dev.conll",
        "e053b752b8155113ca66e7db08af5f2f5f43ab993694e4774f1ec5bad42312d8",
    ),
    "test": (
        "emerging.test.annotated",
        "2aa79b764e56ec9264a1b30fdd9b70195bd00ff400b62edd8f399d5f13c178f0",
    ),
}


def wnut17(least: int = 1) -> TaggedSplits:
    """3,394 / 1,009 / 1,287 messages; words that occur ``least`` times in train have a vector.

    Raises:
        BadFile: if a file is damaged.
        Missing: if it is not there and there is no network.
    """
    parts = {}
    for split, (name, sha256) in FILES.items():
        path = fetch(ADDRESS + name, data_folder() / "wnut17" / name, sha256)
        parts[split] = read_conll(path).sentences
    return tagged_splits("WNUT-17", "CC BY 4.0", parts, TagFrontEnd.count(parts["train"], least))
