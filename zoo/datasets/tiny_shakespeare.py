"""Tiny Shakespeare: what Karpathy's char-rnn reads; 1,115,394 characters, 65 different ones.

The test part is its last tenth (nanoGPT's validation part).
Proof: tests/datasets/test_tiny_shakespeare.py.
"""

from zoo.data.root import data_folder
from zoo.data.text.token_stream import (
    TextFrontEnd,
    TextSplits,
    read_text,
    text_splits,
    vocabulary_of,
)
from zoo.download import fetch

ADDRESS = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"
)
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"


def tiny_shakespeare() -> TextSplits:
    """By characters: the last tenth is the test, a fiftieth from the middle dev, the rest train.

    The test is most of The Taming of the Shrew and the beginning of The Tempest. The dev part does
    not lie just before it: so the first scenes of the former, with its names, are learned from.
    """
    path = data_folder() / "tinyshakespeare" / "input.txt"
    text = read_text(fetch(ADDRESS, path, SHA256, size=1_115_394))
    vocabulary = vocabulary_of(text, "characters")
    first, last = int(0.4 * len(text)), int(0.9 * len(text))
    dev = text[first : first + len(text) // 50]
    parts = text[:first] + text[first + len(dev) : last], dev, text[last:]
    front_end = TextFrontEnd("characters", vocabulary)
    return text_splits("Tiny Shakespeare", "public domain text", parts, front_end)
