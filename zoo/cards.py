"""The Card: everything that is known about one weights file, in a JSON file beside it.

Cards are searched for in ``$ZOO_WEIGHTS``, in the installed package, and in the checkout's
weights/. Nothing in a card is ever run or used as a path: it only selects among names defined here.

Weights of others (torchvision's) are cards with a url and a ``converter``. They record what the
publisher states: possibly a prefix of the sha256, a rounded size, no seeds and no test vector.
"""

import json
import math
import os
import re
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_type_hints

from zoo import card_names, files, reading
from zoo.errors import OBEYED, BadFile, BadInput, Missing, UnknownName, unknown

FILE_NAME = r"\w[\w.+-]*"  # neither a path nor hidden
MOST_NUMBER = 1 << 62  # of any number in a card
LONGEST = 1_000_000  # characters of a text in it
MOST_DEPTH = 10  # of what lies in one another
NOT_IN_FILE = ("folder", "labels")  # known only once a card is read
SHIPPED = "safetensors"  # ``converter`` of others' weights that lie beside their card


@dataclass(frozen=True)
class Card:
    """One weights file. Error rates in percent, times in seconds, sizes in bytes."""

    name: str  # "lenet5.mnist": ARCH.TAG
    arch: str
    arguments: dict[str, Any]  # of the architecture's builder
    task: str  # the name of its files in zoo/tasks, zoo/predictors, zoo/recipes/own
    front_end: dict[str, Any]  # how raw input becomes a tensor
    classes: list[str]  # in the JSON also the name of a text file beside it, one class per line
    parameters: int  # trainable
    file: str  # beside the card, or in the cache after a download
    bytes: int  # with a converter: approximate, as published
    sha256: str  # 64 hex digits; with a converter: as many as are published, at least 8
    data: str
    data_licence: str
    weights_licence: str
    recipe: str
    settings: dict[str, Any]  # of the recipe: steps, batch size, optimizer, schedule, ...
    seeds: list[int]
    seconds: float  # of training, mean over the seeds
    device: str
    metric: str
    measured: list[float]  # on the test set, one for each seed
    shipped: float  # of these weights, which are those of the first seed
    paper: float | None  # the published number
    paper_source: str
    within: float  # tolerance: how much worse than the paper's number still meets the claim
    test_vector: dict[str, Any]  # {"input": a small raw input, "output": the expected output}
    url: str | None = None
    commit: str | None = None
    torch: str = ""
    notes: str = ""
    unit: str = "%"  # of the metric; "" for a plain number
    better: str = "lower"  # or "higher"
    decoder: dict[str, Any] = field(default_factory=dict)  # what belongs to the weights' answers
    also: dict[str, Any] = field(default_factory=dict)  # the task's other scores on the test set
    converter: str = ""  # module of zoo/pretrained that reads others' weights; "" if trained here
    folder: Path | None = field(default=None, compare=False)  # where it was read; not in the file
    labels: str = field(default="", compare=False)  # the file that held the classes; likewise

    @property
    def mean(self) -> float:
        """Mean of the measured values."""
        return sum(self.measured) / len(self.measured)

    @property
    def spread(self) -> float:
        """Standard deviation (n - 1) of the measured values; 0 for a single one."""
        n = len(self.measured)
        return math.sqrt(sum((v - self.mean) ** 2 for v in self.measured) / (n - 1)) if n > 1 else 0

    @property
    def met(self) -> bool | None:
        """Whether the claim is met; None where nothing is published."""
        if self.limit is None:
            return None
        sign = -1 if self.better == "higher" else 1
        return sign * self.mean <= sign * self.limit + 1e-9

    @property
    def limit(self) -> float | None:
        """The worst mean that meets the claim; None where nothing is published."""
        if self.paper is None:
            return None
        return self.paper - self.within if self.better == "higher" else self.paper + self.within

    def save(self, folder: Path) -> Path:
        """Write ``folder``/NAME.json atomically.

        Classes that were read from a file are written as that file's name if ``folder`` has it too.
        """
        record = {k: v for k, v in asdict(self).items() if k not in NOT_IN_FILE}
        for name in ("decoder", "also"):  # most have no decoder, others' weights one score
            if not record[name]:
                del record[name]
        class_file = folder / self.labels
        if self.labels and class_file.is_file() and _lines(class_file) == self.classes:
            record["classes"] = self.labels
        path = folder / f"{self.name}.json"
        files.write(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        return path


def read(path: Path) -> Card:
    """Read a card from its file.

    Raises:
        BadFile: if it is not a card: not JSON, or a field is missing, unknown or of the wrong type.
    """
    try:
        record = json.loads(reading.read_bytes(path, "a card", reading.SMALL).decode())
    except (Missing, ValueError, RecursionError) as error:
        raise BadFile(f"{path} is not a card: {error}") from error
    if not isinstance(record, dict):
        raise BadFile(f"{path} is not a card: expected a JSON object")
    record = card_names.with_current_names(record)
    labels = _check_record(path, record)
    card = Card(**record, folder=path.parent, labels=labels)
    if wrong := _invalid_fields(card):
        raise BadFile(f"{path} is not a card: {', '.join(wrong)} not in order")
    return card


def _check_record(path: Path, record: dict[str, Any]) -> str:
    """Check names, types and ranges; returns the name of the file of the classes, if they have one.

    Raises:
        BadFile: as ``read``.
    """
    hints = get_type_hints(Card)
    known = {f.name: f for f in fields(Card) if f.name not in NOT_IN_FILE}
    needed = {n for n, f in known.items() if f.default is f.default_factory}  # both MISSING
    if needed - record.keys() or record.keys() - known.keys():
        odd = sorted(needed - record.keys()) or sorted(record.keys() - known.keys())
        raise BadFile(f"{path} is not a card: fields missing or unknown: {', '.join(odd)}")
    labels = record["classes"] if isinstance(record["classes"], str) else ""
    if labels:
        record["classes"] = _read_classes(path, labels)
    for name, value in record.items():
        if not _has_type(value, hints[name]):
            raise BadFile(f"{path} is not a card: {name} is {type(value).__name__}")
    if wrong := [name for name, value in record.items() if not _in_range(value)]:
        raise BadFile(f"{path} is not a card: {', '.join(wrong)} not in order")
    return labels


def _invalid_fields(card: Card) -> list[str]:
    """The names of the fields whose values are invalid."""
    digits = r"[0-9a-f]{8,64}" if card.converter else r"[0-9a-f]{64}"
    valid = {
        "name": re.fullmatch(FILE_NAME, card.name),
        "file": re.fullmatch(FILE_NAME, card.file),
        "sha256": re.fullmatch(digits, card.sha256),
        "classes": all(isinstance(name, str) for name in card.classes),
        "seeds": all(type(seed) is int for seed in card.seeds),
        "bytes": card.bytes >= 0,
        "parameters": card.parameters >= 0,
        "measured": card.measured and all(_has_type(v, float) for v in card.measured),
        "better": card.better in ("lower", "higher"),
        "also": all(type(v) is list and {*map(type, v)} <= {float} for v in card.also.values()),
    }
    return [name for name, is_valid in valid.items() if not is_valid]


def _in_range(value: Any, depth: int = 0) -> bool:
    """Whether a JSON value holds only numbers and texts of a size that a card can have."""
    if isinstance(value, dict | list):
        inside = [*value, *value.values()] if isinstance(value, dict) else value
        return depth < MOST_DEPTH and all(_in_range(one, depth + 1) for one in inside)
    if isinstance(value, str):
        return len(value) <= LONGEST and OBEYED.search(value) is None
    return value is None or abs(value) < MOST_NUMBER  # NaN and infinity are not


def _read_classes(path: Path, name: str) -> list[str]:
    """The classes of the card at ``path``, from the file ``name`` beside it."""
    if not re.fullmatch(FILE_NAME, name):
        raise BadFile(f"{path} is not a card: classes not in order")
    try:
        return _lines(path.parent / name)
    except (OSError, ValueError) as error:
        raise BadFile(f"{path} is not a card: classes cannot be read: {error}") from error


def _lines(path: Path) -> list[str]:
    return reading.read_text(path, "a list of classes", reading.SMALL).splitlines()


def _has_type(value: Any, hint: Any) -> bool:
    """Whether a JSON value has the type of a field; only the types that cards use are known."""
    text = str(hint)
    if value is None:
        return "None" in text
    kinds: dict[str, Any] = {
        "dict": dict,
        "list": list,
        "str": str,
        "int": int,
        "float": (int, float),
    }
    name = text.removeprefix("<class '").split("[")[0].split(" |")[0].rstrip("'>")
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, kinds[name]) and not isinstance(value, bool)


def folders() -> list[Path]:
    """Where weights are searched for; the first match wins."""
    variable = os.environ.get("ZOO_WEIGHTS", "")
    user_folders = [files.expand_home(p) for p in variable.split(os.pathsep) if p]
    package = Path(__file__).parent
    return [*user_folders, package / "_weights", package.parent / "weights"]


def _card_paths() -> dict[str, Path]:
    """The paths of all cards, by the name of the weights."""
    paths: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
            paths.setdefault(path.stem, path)
    return paths


def card(name: str | Path) -> Card:
    """The card of some weights.

    Args:
        name: ``ARCH.TAG``, or the path of a card or of a folder that ``zoo train`` wrote.

    Raises:
        UnknownName: if there are no such weights; near names are given.
        Missing: if ``name`` is a path without a card.
        BadInput: for what is no name.
    """
    if not isinstance(name, str | Path):
        raise BadInput(
            f"weights are given by their name or the folder of a run, got {type(name).__name__}"
        )
    paths = _card_paths()
    if str(name) in paths:
        return read(paths[str(name)])
    place = Path(name)
    if place.suffix == ".json" and place.is_file():
        return read(place)
    if place.is_dir():
        written = sorted(place.glob("*.json"))
        inside = [path for path in written if path.with_suffix(".safetensors").exists()]
        if not inside and len(written) == 1:
            return _alone(written[0])
        if len(inside) != 1:
            raise Missing(f"{place} holds {len(inside)} cards; expected one, as zoo train writes")
        return read(inside[0])
    if os.sep in str(name):
        raise Missing(f"no card or folder at {name}")
    raise unknown("weights", str(name), paths)


def _alone(path: Path) -> Card:
    """A card without weights beside it: fine for those of others, which are downloaded."""
    found = read(path)
    if not found.converter:
        raise Missing(f"{path.parent} has the card {path.name}, but not its weights {found.file}")
    return found


def list_weights(pattern: str = "*", *, task: str | None = None) -> list[str]:
    """Names of all weights, sorted.

    Args:
        pattern: a shell pattern: ``"lenet5.*"``.
        task: only those for this task.
    """
    names = [name for name in _card_paths() if fnmatchcase(name, pattern)]
    return sorted(name for name in names if task is None or card(name).task == task)


def default(arch: str) -> Card:
    """The card of the weights that ``create_model(arch, pretrained=True)`` loads.

    Weights trained here come before those of others; among several trained here the first by name,
    among several of others the last, which is the newest (``tv_in1k_v2`` after ``tv_in1k_v1``).

    Raises:
        UnknownName: if there are no weights of this architecture.
    """
    candidates = [card(name) for name in list_weights(f"{arch}.*")]
    if not candidates:
        raise UnknownName(f"there are no weights of {arch}; zoo list shows those there are")
    return next((one for one in candidates if not one.converter), candidates[-1])
