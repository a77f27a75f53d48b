"""Omniglot: 1,623 handwritten characters of 50 alphabets, each drawn once by 20 people.

Lake, Salakhutdinov, Tenenbaum 2015, Science 350; github.com/brendenlake/omniglot. 30 alphabets
are background, to learn from; 20 are for evaluation, in 20 official one-shot runs: which of 20
characters of an alphabet, drawn once each by one person, is it that another person drew?
The error on those 400 questions is what is published. Notes: course 4, week 4, "One shot learning".

Of the background alphabets every sixth is dev here (5 of 30), with one-shot runs that are drawn the
same way; no character and no alphabet of dev or test is learned from. Test are the 800 pictures of
the official runs. Strokes are light on a dark ground, 255 where there is ink.
Proof: tests/datasets/test_omniglot.py.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from zoo.data.image.identities.batches import groups_of
from zoo.data.image.identities.omniglot_files import (
    DRAWERS,
    SIDE,
    Drawings,
    Run,
    from_arrays,
    from_zip,
    runs_in,
)
from zoo.data.image.identities.splits import IdentitySplits
from zoo.data.image.identities.trials import Trial
from zoo.data.image.images import Images
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.resize import resized
from zoo.data.root import data_folder
from zoo.download import fetch
from zoo.engine.seed import generator
from zoo.errors import BadFile, BadInput

ADDRESS = "https://raw.githubusercontent.com/brendenlake/omniglot/master/python/"
OFFICIAL = {  # file -> (where it stands below ADDRESS, sha256, bytes)
    "images_background.zip": (
        "images_background.zip",
        "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640",
        9_464_212,
    ),
    "images_evaluation.zip": (
        "images_evaluation.zip",
        "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee",
        6_462_886,
    ),
    "all_runs.zip": (
        "one-shot-classification/all_runs.zip",
        "437c1eeab0af8484112e1b4cc0f3d541ec727f7c47b9b202da738af9dfd6c325",
        352_787,
    ),
}
CHARACTERS = {"background": 964, "evaluation": 659}
DEV = ("Alphabet of the Magi", "Bengali", "Futurama", "Japanese (hiragana)", "N Ko")
WAYS, RUNS = 20, 6  # candidates of a drawn run, as of an official one; runs of each alphabet
LICENCE = "MIT"


def omniglot(size: int = SIDE, all_alphabets: bool = False) -> IdentitySplits:
    """787 characters to train on, 177 for dev; the 200 of the official runs to test on.

    Args:
        size: pixels of a side, at most the 105 they have; smaller by antialiased bilinear.
        all_alphabets: train on all 964 characters of the 30 background alphabets, when all is
            settled: dev's are among them then, and its scores are no estimate.

    Raises:
        Missing: if a file is not in the data folder and cannot be downloaded; the message names
            the address and the place.
        BadFile: if one is damaged.
        BadInput: for a size that there is not.
    """
    if not 1 <= size <= SIDE:
        raise BadInput(f"size must be 1 to {SIDE} pixels, got {size}")
    folder = data_folder() / "omniglot"
    runs = runs_in(_official(folder, "all_runs.zip"))
    background = _drawings(folder, "background")
    learned = [all_alphabets or name not in DEV for name in background.alphabets]
    train = images(background, learned, size)
    dev = images(background, [name in DEV for name in background.alphabets], size)
    test, trials = official_runs(runs, _drawings(folder, "evaluation"), size)
    return IdentitySplits(
        f"Omniglot ({'30' if all_alphabets else '25'} background alphabets)",
        LICENCE,
        train,
        dev,
        test,
        front_end(size),
        trials={"train": drawn_runs(train, 2), "dev": drawn_runs(dev, RUNS), "test": trials},
        notices=("trained on dev's alphabets too: scores of dev are no estimate",)
        if all_alphabets
        else (),
    )


def front_end(size: int) -> ImageFrontEnd:
    """Values in [0, 1]; the ground is 0, as the padding of a convolution is."""
    return ImageFrontEnd((size, size), mean=(0.0,), std=(1.0,), ink="light")


def images(drawings: Drawings, chosen: list[bool], size: int) -> Images:
    """The chosen characters; a row is 20 times the character plus the person."""
    rows = [row for row, wanted in enumerate(chosen) if wanted]
    pixels = [light(drawings.ground[row], size) for row in rows]
    labels = torch.arange(len(rows)).repeat_interleave(DRAWERS)
    return Images(torch.cat(pixels), labels, tuple(drawings.characters[row] for row in rows))


def light(ground: np.ndarray, size: int) -> Tensor:
    """(N, 105, 105) bool, False where there is ink, to (N, 1, size, size) uint8, 255 where it is.

    They are what ``front_end`` makes of the files, bit for bit.
    """
    planes = torch.from_numpy(ground.astype(np.uint8) * 255)
    return 255 - resized(planes, (size, size))[:, None]


def drawn_runs(part: Images, runs: int, seed: int = 0) -> tuple[Trial, ...]:
    """One-shot runs like the official ones, in rows of ``images``: so many of each alphabet.

    Up to 20 characters of the alphabet; one person draws the candidates, another the questions.
    """
    groups = torch.tensor(groups_of(part.classes))
    draw, trials = generator(seed, "Omniglot runs"), []
    for group in range(int(groups.max()) + 1):
        members = (groups == group).nonzero().flatten()
        for _ in range(runs):
            chosen = members[torch.randperm(len(members), generator=draw)[:WAYS]]
            one, other = torch.randperm(DRAWERS, generator=draw)[:2]
            order = torch.randperm(len(chosen), generator=draw)
            trials.append(Trial(chosen * DRAWERS + one, chosen[order] * DRAWERS + other, order))
    return tuple(trials)


def official_runs(
    runs: list[Run], evaluation: Drawings, size: int
) -> tuple[Images, tuple[Trial, ...]]:
    """The pictures of the runs, run after run, labelled by character; and their trials.

    Which character a picture shows is found by its pixels among those of the evaluation set.

    Raises:
        BadFile: if a picture is not there, or shows another character than its answer.
    """
    shape = evaluation.ground.shape
    flat = evaluation.ground.reshape(-1, *shape[2:])
    known = {_digest(picture): row // shape[1] for row, picture in enumerate(flat)}
    found: list[int] = []
    trials = []
    for number, run in enumerate(runs, 1):
        start = len(found)
        support, query = (
            [known.get(_digest(picture), -1) for picture in pictures]
            for pictures in (run.training, run.test)
        )
        if -1 in support + query or query != [support[row] for row in run.answers]:
            raise BadFile(f"all_runs.zip, run {number}, does not fit the evaluation set; get both")
        found += support + query
        rows = start + torch.arange(len(support) + len(query))
        trials.append(Trial(rows[: len(support)], rows[len(support) :], torch.tensor(run.answers)))
    names = sorted(set(found))
    pixels = light(np.concatenate([p for run in runs for p in (run.training, run.test)]), size)
    labels = torch.tensor([names.index(character) for character in found])
    return Images(pixels, labels, tuple(evaluation.characters[row] for row in names)), tuple(trials)


def _digest(picture: np.ndarray) -> bytes:
    return hashlib.sha256(np.packbits(picture).tobytes()).digest()


def _drawings(folder: Path, part: str) -> Drawings:
    """The arrays if they are there, else the official zip, which is downloaded if need be."""
    arrays, names = folder / f"images_{part}.npz", folder / "characters.csv"
    if arrays.is_file() and names.is_file():
        found = from_arrays(arrays, names, part)
    else:
        arrays = _official(folder, f"images_{part}.zip")
        found = from_zip(arrays)
    if (count := len(found.characters)) != CHARACTERS[part]:
        raise BadFile(f"{arrays} has {count} characters, expected {CHARACTERS[part]}; get it anew")
    return found


def _official(folder: Path, name: str) -> Path:
    place, sha256, size = OFFICIAL[name]
    return fetch(f"{ADDRESS}{place}", folder / name, sha256, size=size)
