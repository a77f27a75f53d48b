"""What word vectors are tested with: questions-words.txt, wordsim353.tsv, debiaswe's word lists.

Sources: tmikolov/word2vec (Mikolov et al. 2013, arXiv:1301.3781); Finkelstein et al. 2002,
"Placing search in context", in the copy of gensim; tolga-b/debiaswe (Bolukbasi et al. 2016,
arXiv:1607.06520). They lie in ``$ZOO_DATA/word_vectors``. Proof: tests/data/test_word_evaluation.py.
"""

import json
from pathlib import Path
from typing import Any

from zoo import files
from zoo.download import data_folder
from zoo.errors import BadFile, Missing

FOLDER = "word_vectors"
SHA256 = {
    "questions-words.txt": "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36",
    "wordsim353.tsv": "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
    "debiaswe/definitional_pairs.json": (
        "f2387fdd4ae4d956083ee7594f1401b1ba112914d40a99bb61d481de73db9614"
    ),
    "debiaswe/equalize_pairs.json": (
        "b6e7dda64461e7828f8d184a51216a87aefcfc2b726d3691aa15b7acc2a1994c"
    ),
    "debiaswe/gender_specific_full.json": (
        "300068da1885e9dc8bf2235d987fd0cf5d0b08a6877a0a639ee0060a989bac1f"
    ),
    "debiaswe/professions.json": (
        "32cc82c7761e7cfb14e37e06dc1aa9f758bc8441f79ca7288996d3fc7c24639a"
    ),
}
Question = tuple[str, str, str, str]
