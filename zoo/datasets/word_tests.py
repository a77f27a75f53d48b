"""What word vectors are tested with: questions-words.txt, wordsim353.tsv, debiaswe's word lists.

Sources: tmikolov/word2vec (Mikolov et al. 2013, arXiv:1301.3781); Finkelstein et al. 2002,
"Placing search in context", in the copy of gensim; tolga-b/debiaswe (Bolukbasi et al. 2016,
arXiv:1607.06520). They lie in ``$ZOO_DATA/word_vectors``.
Proof: tests/datasets/test_word_tests.py.
"""

import json
from pathlib import Path
from typing import Any

from zoo import files
from zoo.data.root import data_folder
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
Sections = dict[str, list[Question]]
Pair = tuple[str, str, float]


def place(name: str) -> Path:
    """One of the files of ``SHA256``, where it lies, the right bytes.

    Raises:
        Missing: if it is not there.
        BadFile: if it is another one.
    """
    path = data_folder() / FOLDER / name
    if not path.is_file():
        raise Missing(f"no {path}; put {name} of the sources named in {__name__} there")
    if files.sha256(path) != SHA256[name]:
        raise BadFile(f"{path} is not the published file (its sha256 differs); get it again")
    return path


def questions(path: Path | None = None) -> Sections:
    """Section -> questions (a, b, c, d): a is to b as c is to d. 19,544 in the published file.

    Raises:
        Missing, BadFile: as ``place``; BadFile for a line that is no question.
    """
    path = path or place("questions-words.txt")
    sections: Sections = {}
    for number, line in _lines(path):
        words = line.split()
        if words[0] == ":":
            mine = sections.setdefault(" ".join(words[1:]), [])
        elif len(words) == 4 and sections:
            a, b, c, d = words
            mine.append((a, b, c, d))
        else:
            raise BadFile(f"{path} line {number}: expected ': section' or 4 words, got {line!r}")
    if not sections:
        raise BadFile(f"{path} holds no questions")
    return sections


def rated_pairs(path: Path | None = None) -> list[Pair]:
    """(word, word, how alike people find them): 353 in the published file, from 0 to 10.

    Raises:
        Missing, BadFile: as ``place``; BadFile for a line that is no pair and number.
    """
    path = path or place("wordsim353.tsv")
    pairs = []
    for number, line in _lines(path):
        if line.startswith("#"):
            continue
        cells = line.split("\t")
        try:
            first, second, rating = cells[0], cells[1], float(cells[2])
        except (IndexError, ValueError) as error:
            raise BadFile(f"{path} line {number}: expected word, word, number with tabs, "
                          f"got {line!r}") from error  # fmt: skip
        pairs.append((first, second, rating))
    if not pairs:
        raise BadFile(f"{path} holds no pairs")
    return pairs


def word_pairs(path: Path) -> list[tuple[str, str]]:
    """JSON: a list of pairs of words.

    Raises:
        BadFile: if it is anything else.
    """
    found = _json(path)
    if not all(isinstance(p, list) and len(p) == 2 and all(_is_word(w) for w in p) for p in found):
        raise BadFile(f'{path}: expected pairs of words, [["she", "he"], ...]')
    return [(first, second) for first, second in found]


def word_list(path: Path) -> list[str]:
    """JSON: a list of words, or of lists that begin with one (professions.json).

    Raises:
        BadFile: if it is anything else.
    """
    found = [item[0] if isinstance(item, list) and item else item for item in _json(path)]
    if not all(_is_word(word) for word in found):
        raise BadFile(f'{path}: expected words, ["nurse", ...]')
    return found


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _json(path: Path) -> list[Any]:
    try:
        found = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path} is not JSON: {error}") from error
    if not isinstance(found, list) or not found:
        raise BadFile(f"{path}: expected a list that is not empty")
    return found


def _lines(path: Path) -> list[tuple[int, str]]:
    numbered = enumerate(_text(path).splitlines(), 1)
    return [(number, line) for number, line in numbered if line.strip()]


def _text(path: Path) -> str:
    if not path.is_file():
        raise Missing(f"no file {path}")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is not UTF-8 text") from error
