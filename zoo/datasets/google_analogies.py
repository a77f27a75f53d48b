"""questions-words.txt: 19,544 analogies in 14 sections, "Athens is to Greece as Baghdad to Iraq".

Mikolov et al. 2013, arXiv:1301.3781; github.com/tmikolov/word2vec.
Proof: tests/datasets/test_google_analogies.py.
"""

from zoo.data.text.word_tests import Question, WordTest, place, read_analogies

FILE = "questions-words.txt"
SHA256 = "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36"


def google_analogies() -> WordTest[Question]:
    """Sections of questions (a, b, c, d): a is to b as c is to d.

    Raises:
        Missing, BadFile: if the published file is not in ``$ZOO_DATA/word_vectors``.
    """
    path = place(FILE, SHA256, "github.com/tmikolov/word2vec")
    return WordTest("Google analogies", "Apache-2.0", read_analogies(path))
