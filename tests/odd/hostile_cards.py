"""Hostile cards: shipped cards of every task with fields set to what a card should never hold."""

import copy
import json
import os
import random
from pathlib import Path
from typing import Any

from tests.odd.limits import Case
from zoo import cards

Draw = random.Random
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    7,
    3.5,
    10**6,
    10**12,
    10**18,
    10**400,
    -(10**30),
    1e308,
    1e-320,
    float("nan"),
    float("inf"),
    "",
    "x",
    "x" * 100_000,
    "\x1b[31mred\x1b[0m",
    "a\nb\r\tc",
    "\u202eabc",
    "../../etc/passwd",
    "/dev/zero",
    "\0",
    [],
    [None],
    [10**12],
    [0.5] * 1000,
    [[[[[]]]]],
    {},
    {"a": {}},
    ["a", "a"],
    [""],
    ["\x1b[2J"] * 10,
    [1e39],
    {"kind": "picture"},
    "A" * 201,
    [10**9, 10**9],
)
SAID = {  # an input that each task takes
    "classification": "example.png",
    "detection": "example.png",
    "speech_recognition": "example.wav",
    "trigger_word": "example.wav",
    "word_vectors": "king",
}


def shipped() -> dict[str, cards.Card]:
    """One small card of each task, whose weights are here."""
    found: dict[str, cards.Card] = {}
    for name in cards.list_weights():
        card = cards.card(name)
        if card.folder and (card.folder / card.file).is_file():
            best = found.setdefault(card.task, card)
            found[card.task] = card if card.bytes < best.bytes else best
    return found


def places(record: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a record, at most three deep; lists by their first items."""
    pairs: Any = ()
    if isinstance(record, dict):
        pairs = record.items()
    elif isinstance(record, list):
        pairs = enumerate(record[:2])
    below = [place for key, value in pairs for place in places(value, (*path, key))]
    return ([path] if path else []) + (below if len(path) < 3 else [])


def hostile(draw: Draw, record: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A record with one to three values changed, taken out or added, and which they are."""
    record, about = copy.deepcopy(record), []
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        fields = [p for p in places(record) if p[0] in ("front_end", "arguments")]
        all_places = places(record)
        *way, last = draw.choice(fields if fields and draw.random() < 0.5 else all_places)
        inside: Any = record
        for key in way:
            inside = inside[key]
        how, value = draw.random(), copy.deepcopy(draw.choice(VALUES))
        if how < 0.1 and isinstance(inside, dict):
            del inside[last]
        elif how < 0.2 and isinstance(inside, dict):
            inside[draw.choice(("more", "size", "hidden_sizes", "num_layers", "__class__"))] = value
        else:
            inside[last] = value
        about.append(f"{'.'.join(map(str, (*way, last)))}={str(value)[:30]}")
    return record, " ".join(about)


def card_cases(draw: Draw, count: int, folder: Path, data: dict[str, Path]) -> list[Case]:
    """Command lines with hostile cards of every task.

    Args:
        data: task -> data for finetune and evaluate, where there are some; and example inputs.
    """
    cases, tasks = [], shipped()
    for number in range(count):
        task, card = list(tasks.items())[number % len(tasks)]
        assert card.folder is not None
        place = folder / f"card{number}"
        place.mkdir()
        os.symlink(card.folder / card.file, place / card.file)
        record, about = hostile(draw, json.loads((card.folder / f"{card.name}.json").read_text()))
        path = place / f"{card.name}.json"
        path.write_text(json.dumps(record))
        raw = str(data.get(SAID.get(task, ""), SAID.get(task, "this is a text")))
        environment: tuple[tuple[str, str], ...] = ()
        words = ("predict", str(place), raw)
        verb = draw.choice(
            ("predict", "predict", "predict", "info", "list", "evaluate", "finetune", "export")
        )
        if verb in ("info", "list"):
            environment = (("ZOO_WEIGHTS", str(place)),)
            words = ("info", card.name) if verb == "info" else ("list",)
        elif verb == "evaluate" and task in data:
            words = (verb, str(place), "--data", str(data[task]))
        elif verb == "finetune" and task in data:
            out = ("--out", str(place / "run"), "--json")
            words = (verb, str(place), "--data", str(data[task]), "steps=1", *out)
        elif verb == "export":
            words = (verb, str(place), "--to", str(place / "net.pt2"))
        cases.append(Case(words, f"card of {task}: {about}", environment))
    return cases
