"""WordSim-353: 353 pairs of words with how alike people find them, from 0 to 10.

Finkelstein et al. 2002, "Placing search in context", in the copy of github.com/piskvorky/gensim.
Proof: tests/datasets/test_wordsim353.py.
"""

from zoo.data.text.word_tests import Pair, WordTest, place, read_rated_pairs

FILE = "wordsim353.tsv"
SHA256 = "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d"


def wordsim353() -> WordTest[Pair]:
    """One section, "pairs", of (word, word, rating).

    Raises:
        Missing, BadFile: if the published file is not in ``$ZOO_DATA/word_vectors``.
    """
    path = place(FILE, SHA256, "gensim (gensim/test/test_data)")
    return WordTest("WordSim-353", "not stated", {"pairs": read_rated_pairs(path)})
