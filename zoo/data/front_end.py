"""What stands before a network: from raw input to its tensors, and the card's record of how.

Each medium has one, and training and ``zoo.load`` use the same: ``ImageFrontEnd``
(zoo/data/image/preprocess.py), ``BoxFrontEnd`` (zoo/data/image/boxes/front_end.py), ``LogMel``
(zoo/data/audio/log_mel.py), ``TextFrontEnd`` (zoo/data/text/token_stream.py), ``SentenceFrontEnd``
(zoo/data/text/sentences.py), ``TagFrontEnd`` (zoo/data/text/tagged.py) and ``WordFrontEnd``
(zoo/data/text/word_front_end.py).
Proof: tests/data/test_front_end.py.
"""

from collections.abc import Mapping
from typing import Any, Protocol, Self, TypeVar

from zoo.data.text.vocabulary import Vocabulary
from zoo.errors import BadFile

Raw = TypeVar("Raw", contravariant=True)
Input = TypeVar("Input", covariant=True)


class FrontEnd(Protocol[Raw, Input]):
    """Raw input to the network's: a tensor, or a tuple of tensors."""

    def __call__(self, raw: Raw, /) -> Input:
        """The input of the network, on the CPU.

        Raises:
            BadInput: for raw input that cannot be used.
        """

    def to_card(self) -> dict[str, Any]:
        """All of it as JSON holds it, but the vocabulary, which lies in the weights file."""

    @classmethod
    def from_card(cls, record: Mapping[str, Any], vocabulary: Vocabulary | None = None) -> Self:
        """The reverse of ``to_card``.

        Args:
            vocabulary: that of the weights file, if it holds one.

        Raises:
            BadFile: if it is no such record, or there is no vocabulary where one is needed.
        """


def needed(vocabulary: Vocabulary | None, name: str = "") -> Vocabulary:
    """The vocabulary of a weights file that should hold one.

    Args:
        name: of the weights, for the message.

    Raises:
        BadFile: if it does not.
    """
    if vocabulary is None:
        of = f" of {name}" if name else ""
        raise BadFile(f"the weights{of} hold no vocabulary; do not use them")
    return vocabulary
