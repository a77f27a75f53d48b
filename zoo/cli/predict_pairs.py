"""The inputs of ``zoo predict NAME --verify``, taken two by two: A B, C D; or a CSV of pairs.

A CSV has two names a line; a name that is not absolute counts from the CSV's own folder. A first
line of two words that name no file is a heading and left out, which is told.
Proof: tests/cli/test_predict_pairs.py.
"""

import argparse
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.cli.predict_inputs import BATCH, Batch, Input
from zoo.errors import BadFile, BadInput, ZooError, note

if TYPE_CHECKING:
    from zoo.predictors.predictor import Predictor

TABLE = ".csv"
ADDRESS = ("http://", "https://")


def pair_predictor(predictor: "Predictor[Any]", args: argparse.Namespace) -> "Predictor[Any]":
    """The predictor of pairs that ``--verify`` asks for.

    Raises:
        BadInput: if these weights compare nothing; for a command line without pairs.
    """
    found = predictor.in_pairs()
    if found is None:
        raise BadInput(f"{args.name} does not compare two inputs; leave out --verify")
    if args.file or args.text:
        raise BadInput("--verify compares images; leave out --file and --text")
    files = [word for word in args.input if not _is_table(word)]
    if len(files) % 2 or not args.input:
        raise BadInput(
            f"--verify takes images two by two (A B, C D), or a .csv with a pair a line; "
            f"got {len(files)} images"
        )
    return found


def pairs(words: Sequence[str]) -> Iterator[Batch]:
    """The pairs of a command line in batches: those of two words, then those of tables."""
    files = [word for word in words if not _is_table(word)]
    found: list[Input | ZooError] = [
        _pair(a, b) for a, b in zip(files[::2], files[1::2], strict=True)
    ]
    for table in filter(_is_table, words):
        found += _of_table(Path(table))
    for at in range(0, len(found), BATCH):
        yield found[at : at + BATCH]


def _is_table(word: str) -> bool:
    return word.lower().endswith(TABLE) and not word.lower().startswith(ADDRESS)


def _pair(a: str, b: str, place: str = "") -> Input:
    return Input((a, b), place, pair=(a, b))


def _of_table(path: Path) -> list[Input | ZooError]:
    """The pairs of a CSV; in place of a line without two names the error."""
    from zoo import reading

    try:
        text = reading.read_text(path, "a CSV with a pair of images a line")
        rows = [
            (number, [cell.strip() for cell in row])
            for number, row in enumerate(csv.reader(text.splitlines()), 1)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        return [BadFile(f"{path} is not a CSV: {error}")]
    except ZooError as error:
        return [error]
    if rows and len(rows[0][1]) == 2 and not any(_is_name(cell, path) for cell in rows[0][1]):
        note(f"{path}: line {rows[0][0]} is taken for a heading: {', '.join(rows[0][1])}")
        del rows[0]
    if not rows:
        return [BadInput(f"{path} holds no pair; expected two names of images a line")]
    return [_row(path, number, row) for number, row in rows]


def _row(path: Path, number: int, row: Sequence[str]) -> Input | ZooError:
    place = f"{path} line {number}"
    if len(row) != 2 or not all(row):
        return BadInput(f"{place}: {len(row)} cells; expected two names of images")
    a, b = (_from(path, cell) for cell in row)
    return _pair(a, b, place)


def _from(path: Path, cell: str) -> str:
    return cell if cell.lower().startswith(ADDRESS) else str(path.parent / cell)


def _is_name(cell: str, path: Path) -> bool:
    """Whether a cell may name an image: it has an end, or there is such a file."""
    return bool(Path(cell).suffix) or _from(path, cell) == cell or (path.parent / cell).exists()
