"""Words of a message and where they stand in it: for taggers, whose answers are places in a text.

Contractions are parted as in the Penn Treebank (``do n't``, ``Paul 's``), as WNUT-17's are;
addresses, ``@user``, ``#tag``, abbreviations and emoticons stay whole. Every character but white
space is in exactly one word. Proof: tests/data/text/test_messages.py.
"""

import re
from typing import NamedTuple

WORD = re.compile(
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


class Placed(NamedTuple):
    """A word, and its first character in the text and the one after its last."""

    word: str
    start: int
    end: int


def placed_words(text: str) -> list[Placed]:
    """The words of a text in their order.

    >>> [placed.word for placed in placed_words("@anna isn't in Paul's U.S. office :-)")]
    ['@anna', 'is', "n't", 'in', 'Paul', "'s", 'U.S.', 'office', ':-)']
    >>> placed_words("see https://t.co/x.")[1]
    Placed(word='https://t.co/x', start=4, end=18)
    """
    return [Placed(m.group(), m.start(), m.end()) for m in WORD.finditer(text)]
