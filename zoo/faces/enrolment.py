"""From a folder of people to vectors: FOLDER/NAME/*.jpg, a face found in each picture.

The folders of identities are listed one at a time. What cannot be used is told, and costs the
others nothing. Proof: tests/faces/test_enrolment.py.
"""

import os
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

from zoo.data.image.sniff import is_meant_as_image
from zoo.data.own.told import counted, few
from zoo.errors import BadInput, ZooError, in_line
from zoo.predictors.verification import ImageVerifier

AT_ONCE = 64  # pictures
EQUAL = 1e-8  # squared distance of two vectors of the very same picture
NEAR = 0.05  # of the threshold: below, two pictures are nearly the same
MOST_TABLE = 200_000_000  # dissimilarities that a search for odd pictures may take
TOLD = 5  # pictures that are named for each kind


@dataclass
class Enrolment:
    """What became of the pictures of a folder. The texts name files; the book does not.

    Attributes:
        added: vectors of each identity.
        unusable: picture and reason: not readable, no face in it.
        several: pictures with several faces, of which the largest was taken.
        again: pictures whose vector is in the book already, left out.
        suspects: pictures that resemble another identity more than their own, or are nearly the
            same as another of theirs.
        notices: anything else.
    """

    added: dict[str, int] = field(default_factory=dict)
    unusable: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    suspects: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """One line of each kind; of many pictures the first are named."""
        pictures = sum(self.added.values())
        lines = [f"{counted(pictures, 'pictures')} of {len(self.added):,} identities enrolled"]
        kinds = {
            "could not be used": self.unusable,
            "have several faces, the largest was taken": self.several,
            "are in the book already": self.again,
        }
        for what, found in kinds.items():
            if found:
                lines.append(f"{len(found):,} {what}: {few(found, TOLD, '; ')}")
        return [*lines, *self.suspects[: 2 * TOLD], *self._more(), *self.notices]

    def _more(self) -> list[str]:
        more = len(self.suspects) - 2 * TOLD
        return [f"{more:,} more pictures look wrong (--json names all)"] if more > 0 else []

    def why(self) -> str:
        """Why there is none."""
        return "; ".join([*self.unusable[:2], *self.notices[:1]]) or "there is none"

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return dict(vars(self))


@dataclass
class Gathered:
    """Vectors of pictures, with the names of identities and files."""

    vectors: list[Tensor] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def identities(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """Each identity with its pictures, by name; the files of one folder are listed at a time.

    A name is that of the folder right below, however deep its pictures lie; hidden ones are left
    out. Names are compared as Unicode's NFC, whatever the file system made of them.

    Raises:
        BadInput: if it is no folder, or has no folder in it.
    """
    if not folder.is_dir():
        raise BadInput(f"{folder} is no folder; expected FOLDER/NAME/ with pictures of each")
    with os.scandir(folder) as entries:
        found = sorted(one.name for one in entries if one.is_dir() and one.name[0] != ".")
    if not found:
        raise BadInput(f"{folder} has no folder in it; expected FOLDER/NAME/ with pictures of each")
    for name in found:
        yield unicodedata.normalize("NFC", name), _pictures(folder / name)


def _pictures(folder: Path) -> list[Path]:
    paths = []
    for place, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if name[0] != ".")
        shown = (Path(place, name) for name in sorted(names) if name[0] != ".")
        paths += [path for path in shown if is_meant_as_image(path)]
    return paths


def gather(folder: Path, verifier: ImageVerifier, known: Gathered, told: Enrolment) -> Gathered:
    """The vectors of a folder's pictures; what cannot be used goes to ``told``.

    Args:
        known: what is in the book already; its files need no names.
    """
    made, there = Gathered(), defaultdict[str, list[Tensor]](list)
    for name, vector in zip(known.names, known.vectors, strict=True):
        there[name].append(vector)
    bar = tqdm(desc="enrolling", unit="picture", leave=False, disable=not sys.stderr.isatty())
    with bar:
        for name, paths in identities(folder):
            if not paths:
                told.notices.append(f"{in_line(name)} has no picture")
            own = there[name]
            for at in range(0, len(paths), AT_ONCE):
                some = paths[at : at + AT_ONCE]
                for path, vector in _vectors(some, folder, verifier, told):
                    if own and _nearest(vector, own) < EQUAL:
                        told.again.append(path)
                        continue
                    own.append(vector)
                    made.vectors.append(vector)
                    made.names.append(name)
                    made.files.append(path)
                    told.added[name] = told.added.get(name, 0) + 1
                bar.update(len(some))
    return made


def _vectors(
    paths: Sequence[Path], folder: Path, verifier: ImageVerifier, told: Enrolment
) -> Iterator[tuple[str, Tensor]]:
    for path, answer in zip(paths, verifier.embeddings(paths, keep_errors=True), strict=True):
        name = in_line(path.relative_to(folder))
        if isinstance(answer, ZooError):
            reason = str(answer).removeprefix(str(path)).strip(" :")
            told.unusable.append(f"{name} ({reason})")
            continue
        if answer.remark:
            told.several.append(name)
        yield name, answer.vector


def _nearest(vector: Tensor, others: Sequence[Tensor]) -> float:
    return float((torch.stack(list(others)) - vector).square().sum(1).min())


def suspects(
    vectors: Tensor,
    owners: Tensor,
    new: Sequence[str],
    names: Sequence[str],
    apart: Any,
    threshold: float,
    told: Enrolment,
) -> None:
    """Look for new pictures that seem to be someone else's, or twice there; the last are new.

    Args:
        vectors: (N, D), all of the book.
        owners: (N,) rows of ``names``.
        new: the files of the last vectors.
        apart: how unlike each of (N, D) is to each of (M, D).
        threshold: the greatest dissimilarity of the same identity.
    """
    first, count = len(vectors) - len(new), min(len(new), MOST_TABLE // len(vectors))
    if count < len(new):
        told.notices.append(f"{len(new) - count:,} pictures were not compared with all others")
    for at in range(0, count, AT_ONCE):
        rows = torch.arange(first + at, first + min(at + AT_ONCE, count))
        table = apart(vectors[rows], vectors)
        one = owners[rows, None] == owners
        itself = rows[:, None] == torch.arange(len(vectors))
        own = table.masked_fill(~one | itself, torch.inf).amin(1).tolist()
        other = table.masked_fill(one, torch.inf).min(1)
        for row, mine, theirs, who in zip(
            rows.tolist(), own, other.values.tolist(), other.indices.tolist(), strict=True
        ):
            file, nearest = new[row - first], in_line(names[int(owners[who])])
            if theirs < mine and theirs <= threshold:
                than = "" if mine == torch.inf else f", than to its own ({mine:.3f})"
                told.suspects.append(
                    f"{file} is nearer to {nearest} ({theirs:.3f}){than}: the wrong folder?"
                )
            elif 0 <= mine < NEAR * threshold:
                told.suspects.append(f"{file} is nearly the same as another picture ({mine:.3f})")
