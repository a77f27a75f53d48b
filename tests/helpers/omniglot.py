"""A tiny Omniglot in all its forms: random strokes, written as a test needs them."""

import csv
import io
import zipfile

import numpy as np
from PIL import Image

from zoo.data.image.identities.omniglot_files import DRAWERS, SIDE
from zoo.datasets import omniglot
from zoo.files import sha256


def drawn(alphabets, seed=0):
    """{(alphabet, number): (20, 105, 105) bool}; each picture another one."""
    draw = np.random.default_rng(seed)
    return {
        (name, number): np.stack([_strokes(draw) for _ in range(DRAWERS)])
        for name, count in alphabets.items()
        for number in range(1, count + 1)
    }


def _strokes(draw):
    """A few lines, three pixels thick, with white around them."""
    picture = np.ones((SIDE, SIDE), bool)
    for x, y, length in draw.integers(12, 70, (4, 3)):
        picture[y : y + 3, x : x + length // 3] = False
        picture[x : x + length // 3, y : y + 3] = False
    return picture


def png(picture):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def archive(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def official(path, characters):
    """As images_background.zip: folders with underscores, files in no order."""
    return archive(path, official_files(path.stem, characters))


def official_files(top, characters):
    return {
        f"{top}/{name.replace(' ', '_')}/character{number:02}/0{number:03}_{who + 1:02}.png": png(
            pictures[who]
        )
        for (name, number), pictures in characters.items()
        for who in reversed(range(DRAWERS))
    }


def arrays(folder, parts, spelling=lambda name: name):
    """NAME.npz of each part and characters.csv; rows in the order of ``parts``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "characters.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["character_id", "split", "row", "alphabet", "character_in_alphabet"])
        for part, characters in parts.items():
            for row, (name, number) in enumerate(characters):
                out.writerow([row + 1, part, row, spelling(name), number])
            np.savez_compressed(
                folder / f"images_{part}.npz", images=np.array(list(characters.values()))
            )


def runs(path, characters, ways=3, top=""):
    """all_runs.zip with one run for each alphabet: persons 1 and 2, in turned order."""
    files = {}
    names = sorted({name for name, _ in characters})
    for number, name in enumerate(names, 1):
        own = [pictures for (of, _), pictures in characters.items() if of == name][:ways]
        lines = []
        for row, pictures in enumerate(own):
            training = f"run{number:02}/training/class{row + 1:02}.png"
            test = f"run{number:02}/test/item{(row + 1) % len(own) + 1:02}.png"
            files[top + training] = png(pictures[0])
            files[top + test] = png(pictures[1])
            lines.append(f"{test} {training}\n")
        files[f"{top}run{number:02}/class_labels.txt"] = "".join(sorted(lines))
    return archive(path, files)


def written(root, background, evaluation):
    """The three official zips in a folder of data."""
    folder = root / "omniglot"
    return [
        official(folder / "images_background.zip", background),
        official(folder / "images_evaluation.zip", evaluation),
        runs(folder / "all_runs.zip", evaluation),
    ]


def accepted(monkeypatch, made, background, evaluation):
    """What ``written`` made has the digests and sizes that are expected."""
    counts = {"background": len(background), "evaluation": len(evaluation)}
    monkeypatch.setattr(omniglot, "CHARACTERS", counts)
    facts = {path.name: (path.name, sha256(path), path.stat().st_size) for path in made}
    monkeypatch.setattr(omniglot, "OFFICIAL", facts)


def installed(root, monkeypatch, background, evaluation):
    """A tiny set that ``zoo data omniglot`` reads; its folder."""
    made = written(root, background, evaluation)
    accepted(monkeypatch, made, background, evaluation)
    monkeypatch.setenv("ZOO_DATA", str(root))
    return root / "omniglot"
