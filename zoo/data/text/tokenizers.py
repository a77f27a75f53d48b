"""Text to words: one function for each way, and what each is for.

    level_tokens     characters, or words between white space with ``<eos>``: language models
    sentence_words   words and signs in lower case: classifiers of sentences
    placed_words     words as they are written, with their places: taggers
    prose_words      words of letters in lower case: word vectors

Proof: tests/data/text/test_tokenizers.py.
"""

import re
import unicodedata
from typing import NamedTuple

from zoo.errors import BadInput

END = "<eos>"  # of a line
LEVELS = ("characters", "words")
RULES = "words-1"  # the name of sentence_words' rules in a card

_CLITIC = r"n't\b|'(?:s|re|ve|d|ll|m)\b"
_SENTENCE = re.compile(rf"{_CLITIC}|\w+?(?=n't\b)|\w+(?:-\w+)*|--|[^\w\s]")
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201b\u2032`\x91\x92", "'"),  # \x91: as Windows numbers it
        **dict.fromkeys("\u201c\u201d\u201e\u2033\x93\x94", '"'),
        **dict.fromkeys("\u2013\u2014\u2015\x96\x97", " -- "),
        **dict.fromkeys("\u2010\u2011", "-"),
        **dict.fromkeys("\u2026\x85", "..."),
    }
)
_MESSAGE = re.compile(
    r"""
      (?:https?://|www\.)\S*[\w/]     # an address, without the full stop behind it
    | [@\#]\w+                        # @user, #tag
    | [:;=8][-o']?[()\[\]dpDP/\\|*]+(?!\w) | <3   # :-)
    | (?:[^\W\d_]\.){2,}              # U.S.
    | \d+(?:[.,:/]\d+)+               # 1,000.50  10:30
    | \w+(?=n['\u2019]t\b) | n['\u2019]t\b      # do n't
    | ['\u2019](?:s|m|d|re|ve|ll)\b        # 's
    | \w+(?:[-&]\w+)*                 # words, H&M, well-known
    | \.{2,}                          # ...
    | \S                              # any other sign by itself
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PROSE = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def level_tokens(text: str, level: str) -> list[str]:
    r"""The characters, or the words between white space with ``<eos>`` after each line.

    >>> level_tokens("to be\nor", "words")
    ['to', 'be', '<eos>', 'or', '<eos>']

    Raises:
        BadInput: for a level that is neither.
    """
    if level not in LEVELS:
        raise BadInput(f"level must be characters or words, got {level!r}")
    if level == "characters":
        return list(text)
    lines = text.removesuffix("\n").split("\n")
    return [token for line in lines for token in (*line.split(), END)]


def joined(parts: list[str], level: str) -> str:
    """Text of tokens; words with one space between them, ``<eos>`` as the end of a line."""
    before = [END, *parts]
    return "".join(spaced(*pair, level) for pair in zip(before, parts, strict=False))


def spaced(before: str, token: str, level: str) -> str:
    """``token`` as it stands in a text after ``before``."""
    if level == "characters":
        return token
    return "\n" if token == END else token if before == END else f" {token}"


def sentence_words(text: str) -> list[str]:
    """The words and signs of a sentence in lower case, by these rules, in their order.

    - one form of Unicode (NFC), lower case; typesetters' quotes and dashes become ``'``, ``"``,
      ``--``;
    - ``n't 's 're 've 'd 'll 'm`` are words of their own: ``don't`` is ``do n't``;
    - a run of letters and digits is a word, hyphens within it included: ``well-made``;
    - ``--`` is one; any other sign is a word of its own.

    A text of such words with spaces between them gives the same words again.

    >>> sentence_words("A gorgeous, well-made film; you won't regret it!")
    ['a', 'gorgeous', ',', 'well-made', 'film', ';', 'you', 'wo', "n't", 'regret', 'it', '!']
    """
    plain = unicodedata.normalize("NFC", text.lower()).translate(_PLAIN)
    return _SENTENCE.findall(plain)


class Placed(NamedTuple):
    """A word, and its first character in the text and the one after its last."""

    word: str
    start: int
    end: int


def placed_words(text: str) -> list[Placed]:
    """The words of a message, as they are written, and where they stand in it.

    For taggers, whose answers are places in a text. Contractions are parted as in the Penn Treebank
    (``do n't``, ``Paul 's``), as WNUT-17's are; addresses, ``@user``, ``#tag``, abbreviations and
    emoticons stay whole. Every character but white space is in exactly one word.

    >>> [placed.word for placed in placed_words("@anna isn't in Paul's U.S. office :-)")]
    ['@anna', 'is', "n't", 'in', 'Paul', "'s", 'U.S.', 'office', ':-)']
    >>> placed_words("see https://t.co/x.")[1]
    Placed(word='https://t.co/x', start=4, end=18)
    """
    return [Placed(m.group(), m.start(), m.end()) for m in _MESSAGE.finditer(text)]


def prose_words(text: str) -> list[str]:
    """The words of prose in lower case: letters of any script, apostrophes within.

    >>> prose_words("Don't ask -- it's the _dog's_!")
    ["don't", 'ask', "it's", 'the', "dog's"]
    """
    return _PROSE.findall(text.lower().replace("\u2019", "'"))
