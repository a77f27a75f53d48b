"""What is run: odd files by every shipped predictor and by readers, cards and fields by verbs."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import torch
from PIL import Image

from tests.odd.hostile_cards import card_cases, shipped
from tests.odd.limits import Case, End, in_child
from tests.odd.odd_fields import field_cases
from tests.odd.odd_files import odd_file
from zoo import cards, loading

KINDS = ("files", "cards", "fields")


def run(kind: str, seed: int, count: int, folder: Path, weights: int | None = None) -> list[End]:
    """Make ``count`` odd ones from a seed and run them.

    Args:
        weights: how many of the shipped weights predict from each file; None: all.
    """
    draw = random.Random(f"{kind} {seed}")
    torch.set_num_threads(1)
    if kind == "files":
        return _files(draw, count, folder, weights)
    data = some_data(folder)
    cases = (card_cases if kind == "cards" else field_cases)(draw, count, folder, data)
    return in_child(cases)


def some_data(folder: Path) -> dict[str, Path]:
    """Small data for each task and recipe that trains on the user's, and example inputs."""
    rng = np.random.default_rng(0)
    for name in ("red", "green"):
        (folder / "images" / name).mkdir(parents=True)
        for n in range(12):
            pixels = rng.integers(0, 255, (28, 28), np.uint8)
            Image.fromarray(pixels).save(folder / "images" / name / f"{n}.png")
    table = "".join(f"a {'good' if n % 2 else 'bad'} film {n},{n % 2}\n" for n in range(40))
    (folder / "table.csv").write_text("text,label\n" + table)
    (folder / "text.txt").write_text("To be, or not to be, that is the question.\n" * 60)
    (folder / "tags.conll").write_text("Ann B-PER\nsaw O\nRome B-LOC\n\n" * 30)
    Image.new("L", (28, 28), 80).save(folder / "example.png")
    soundfile.write(folder / "example.wav", 0.1 * rng.standard_normal(8000), 8000)
    images, text = folder / "images", folder / "text.txt"
    return {
        "classification": images,
        "lenet5.digits_100": images,
        "mlp": images,
        "language_model": text,
        "lstm": text,
        "word2vec": text,
        "word_vectors": text,
        "text_classification": folder / "table.csv",
        "sentiment": folder / "table.csv",
        "sentiment_cnn": folder / "table.csv",
        "tagging": folder / "tags.conll",
        "tagger": folder / "tags.conll",
        "example.png": folder / "example.png",
        "example.wav": folder / "example.wav",
    }


def _files(draw: random.Random, count: int, folder: Path, weights: int | None) -> list[End]:
    made = [odd_file(draw, folder, number) for number in range(count)]
    names = [n for n in cards.list_weights() if not cards.card(n).converter]
    if weights is not None:
        names = draw.sample(names, weights)
    ends: list[End] = []
    for name in names:
        kind = loading.predictor_file(cards.card(name).task).PREDICTOR
        cases = []
        for path, about in made:
            file = kind.reads_text and draw.random() < 0.7
            words = ("--file", str(path)) if file else (*_written(draw, folder), "--", str(path))
            cases.append(Case(("predict", name, "--json", *words), f"{about} for {name}"))
        ends += in_child(cases, Keep())
    each = 3 if weights is None else 1
    more = [case for path, about in made for case in _readers(draw, path, about, each)]
    return ends + in_child(more)


def _written(draw: random.Random, folder: Path) -> tuple[str, ...]:
    """Now and then, where the answers go besides."""
    kind, place = draw.choice(("json", "txt", "crops")), str(folder / "written")
    ways = ((), (), ("--save", kind, "--out", place), ("--plot", f"{place}.gif"))
    return draw.choice((*ways, ("--plot", f"{place}/")))


def _readers(draw: random.Random, path: Path, about: str, each: int) -> list[Case]:
    """A verb that reads such a file as data, as vectors, as n-grams, or writes to its name."""
    name, out = str(path), str(path.with_name(f"out{draw.randrange(10**9)}"))
    lines: dict[str, tuple[str, ...]] = {
        "text": ("train", "lstm", "--data", name, "steps=1", "--out", out),
        "table": ("train", "sentiment", "--data", name, "steps=1", "--out", out),
        "tags": ("train", "tagger", "--data", name, "steps=1", "--out", out),
        "images": ("train", "lenet5", "--data", name, "steps=1", "--out", out),
        "manifest": ("train", "deep_speech", "--data", name, "steps=1", "--out", out),
        "corpus": ("train", "word2vec", "--data", name, "epochs=1", "--out", out),
        "vectors": ("debias", name),
        "start vectors": (
            "train",
            "sentiment",
            "--data",
            str(path.parent / "none"),
            f"vectors={name}",
        ),
        "n-grams": ("predict", "deep_speech.fsdd", "none.wav", "--lm", name),
        "n-gram text": ("ngram", name, "--out", out),
        "card": ("predict", name, "x.png"),
        "run": ("evaluate", name, "--data", name),
        "plot": ("predict", "lenet5.mnist", "none.png", "--plot", name),
        "export": ("export", "lenet5.mnist", "--format", "torch", "--to", name),
        "ledger": ("reproduce", "--ledger", name),
    }
    chosen = draw.sample(list(lines), each)
    if path.is_file() and not path.is_symlink():  # what may be written over is no mistake
        chosen = [one for one in chosen if one not in ("plot", "export", "ledger")]
    return [Case(lines[one], f"{about} as {one}") for one in chosen]


class Keep:
    """In a child: weights are loaded once and kept."""

    def __call__(self) -> None:
        plain, kept = loading.load, {}

        def load(name: Any, **options: Any) -> Any:
            if name not in kept:
                kept[name] = plain(name, **options)
            return kept[name]

        loading.load = load


__all__ = ["KINDS", "run", "shipped"]
