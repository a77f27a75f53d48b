"""debiaswe: the lists of words that hard debiasing of word vectors was published with.

Bolukbasi et al. 2016, arXiv:1607.06520; github.com/tolga-b/debiaswe.
Proof: tests/datasets/test_debiaswe.py.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zoo.data.examples import Examples
from zoo.data.text.word_tests import place, read_word_pairs, read_words

SHA256 = {
    "definitional_pairs": "f2387fdd4ae4d956083ee7594f1401b1ba112914d40a99bb61d481de73db9614",
    "equalize_pairs": "b6e7dda64461e7828f8d184a51216a87aefcfc2b726d3691aa15b7acc2a1994c",
    "gender_specific_full": "300068da1885e9dc8bf2235d987fd0cf5d0b08a6877a0a639ee0060a989bac1f",
    "professions": "32cc82c7761e7cfb14e37e06dc1aa9f758bc8441f79ca7288996d3fc7c24639a",
}


@dataclass(frozen=True)
class WordLists:
    """The four lists."""

    definitional_pairs: list[tuple[str, str]]  # their differences give the direction
    equalize_pairs: list[tuple[str, str]]
    gender_specific: list[str]
    professions: list[str]
    name: str = "debiaswe"
    licence: str = "MIT"
    notices: tuple[str, ...] = ()  # what was read and left out; a published set needs none

    def parts(self) -> Mapping[str, Sequence[object]]:
        """Name to list; nothing is trained on any of them."""
        return {
            "definitional_pairs": self.definitional_pairs,
            "equalize_pairs": self.equalize_pairs,
            "gender_specific": self.gender_specific,
            "professions": self.professions,
        }

    def digest(self) -> str:
        """A sha256 of all four."""
        return hashlib.sha256(repr(self.parts()).encode()).hexdigest()

    def examples(self) -> Examples:
        """None: nothing is trained on them."""
        return {}

    def about(self) -> dict[str, object]:
        """Nothing besides the sizes."""
        return {}


def debiaswe() -> WordLists:
    """All four lists.

    Raises:
        Missing, BadFile: if a published file is not in ``$ZOO_DATA/word_vectors/debiaswe``.
    """
    paths = {
        name: place(f"debiaswe/{name}.json", sha256, "github.com/tolga-b/debiaswe (data/)")
        for name, sha256 in SHA256.items()
    }
    return WordLists(
        read_word_pairs(paths["definitional_pairs"]),
        read_word_pairs(paths["equalize_pairs"]),
        read_words(paths["gender_specific_full"]),
        read_words(paths["professions"]),
    )
