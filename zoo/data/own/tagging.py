"""The user's tagged sentences: a CoNLL file (zoo/data/text/conll.py), or a folder of three.

Proof: tests/data/own/test_tagging.py.
"""

from pathlib import Path

from zoo.data.own import LICENCE, Needed
from zoo.data.own.split_names import split_files
from zoo.data.own.told import (
    counted,
    few,
    in_train_too,
    refuse_odd_names,
    unknown_share,
    what_was_read,
)
from zoo.data.splits import SPLITS, divide
from zoo.data.text.conll import read_conll
from zoo.data.text.conll_columns import Asked
from zoo.data.text.tagged import TagFrontEnd, Tagged, TaggedSplits, plain, tagged_splits
from zoo.errors import BadInput, Missing

FORM = "tagged words: a CoNLL file, or a folder with train, dev and test"
ENDINGS = (".conll", ".conllu", ".txt", ".tsv", ".iob2", ".bio")


def own_data(
    path: Path, front_end: TagFrontEnd | None = None, asked: Asked | None = None
) -> TaggedSplits:
    """A file, a tenth each set aside for dev and test; or a folder that holds three.

    Args:
        path: a file, or a folder with ``train``, ``dev`` and ``test`` (.conll, .conllu, .txt, .tsv,
            .iob2 or .bio; the latter two are set aside if they are not there).
        front_end: of weights to go on from; by default counted on train.
        asked: columns that the user names.

    Raises:
        Missing, BadFile, BadInput: as ``read_conll``; BadInput for fewer than ten sentences.
    """
    parts, notes = own_parts(path, asked)
    tags = {name: {tag for item in part for tag in item.tags} for name, part in parts.items()}
    refuse_odd_names(sorted(tags["train"]), "tag")
    if strange := sorted((tags["dev"] | tags["test"]) - tags["train"]):
        notes += (f"tags of dev or test that train lacks, so none can be found: {few(strange)}",)
    if front_end is not None:
        words = (plain(word) for item in parts["train"] for word in item.words)
        unknown = unknown_share(words, front_end.vocabulary)
        notes += (f"words are read as the weights read them: {unknown}, and read by characters",)
    notes += in_train_too({name: [item.words for item in part] for name, part in parts.items()})
    front_end = front_end or TagFrontEnd.count(parts["train"])
    return tagged_splits(path.stem, LICENCE, parts, front_end, notes)


def own_parts(
    path: Path, asked: Asked | None = None
) -> tuple[dict[str, list[Tagged]], tuple[str, ...]]:
    """Train, dev and test of a file or a folder, and what each file was understood as."""
    found = split_files(path, ENDINGS) if path.is_dir() else {"train": path}
    if not found:
        raise Missing(f"no train file in {path}; expected train{', train'.join(ENDINGS)}")
    read = {"train": read_conll(found.pop("train"), asked)}
    asked = asked or read["train"].columns.as_asked()
    for split, file in found.items():  # may be small: the columns are those of train
        read[split] = read_conll(file, asked, may_be_empty=True)
    parts = {split: conll.sentences for split, conll in read.items()}
    wanted = {split: 0 for split in SPLITS if split not in parts}
    train = parts["train"]
    if wanted:
        if len(train) < 10:
            raise BadInput(
                f"{path} has {len(train)} sentences to train with; expected 10 or more (a blank "
                "line ends a sentence)"
            )
        index = divide(len(train), {"train": 0, **{k: len(train) // 10 for k in wanted}})
        parts |= {k: [train[i] for i in sorted(v.tolist())] for k, v in index.items()}
    parts = {split: parts[split] for split in SPLITS}
    sizes = {split: len(part) for split, part in parts.items()}
    total = counted(sum(sizes.values()), "sentences")
    return parts, (*(one.note for one in read.values()), what_was_read(total, sizes, [*wanted]))


def to_measure(path: Path, needed: Needed) -> tuple[dict[str, list[Tagged]], tuple[str, ...]]:
    """What to measure a tagger on, by the files of a folder, "" for one file; and the notes.

    Args:
        needed: which of the parts to read.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
    """
    if not path.is_dir():
        conll = read_conll(path)
        return {"": conll.sentences}, (conll.note,)
    stated = split_files(path, ENDINGS, train=False)
    if not stated:
        raise Missing(f"no test file in {path}; expected test{', test'.join(ENDINGS)}")
    known = {"train": read_conll(stated["train"])} if "train" in stated else {}
    asked = known["train"].columns.as_asked() if known else None
    read = {
        name: known.get(name) or read_conll(stated[name], asked, may_be_empty=True)
        for name in needed(stated)
    }
    parts = {name: conll.sentences for name, conll in read.items()}
    return parts, tuple(conll.note for conll in read.values())
