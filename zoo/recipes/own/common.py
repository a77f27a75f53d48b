"""What all recipes for the user's data share: number of steps, evaluations, name, vocabulary.

The defaults need no tuning: the number of steps follows from the size of the data, the model is
evaluated on dev at regular intervals, the run stops when the score on dev no longer improves, and
the best weights on dev are kept.
Proof: tests/recipes/own/test_common.py.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from torch import nn

from zoo import registry
from zoo.cards import Card
from zoo.data.front_end import needed
from zoo.data.own.told import refuse_odd_names
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.loop_options import LoopOptions
from zoo.errors import BadInput
from zoo.options import convert
from zoo.pretrained.create import assemble, packed_vocabulary
from zoo.recipes.common.recipe import get_recipe
from zoo.streams import descriptor

EVALUATIONS = 20  # on dev in a run
SUFFIXES = (".gz", ".txt", ".csv", ".tsv", ".jsonl", ".json", ".conll")  # not part of a run's name


def run_length(steps: int, texts: Mapping[str, str], *, minimum: int, maximum: int) -> int:
    """The number of steps of a run: the user's, else ``steps`` clamped to the bounds.

    >>> run_length(100, {}, minimum=500, maximum=10_000)
    500
    >>> run_length(700, {"steps": "7"}, minimum=500, maximum=10_000)
    7
    """
    if "steps" in texts:  # read here because the evaluation interval depends on it
        return int(convert("steps", texts["steps"], int))
    return min(max(steps, minimum), maximum)


def skipping(texts: Mapping[str, str]) -> tuple[bool, dict[str, str]]:
    """Whether examples that cannot be used are to be left out, and the other fields.

    >>> skipping({"skip_bad": "true", "steps": "7"})
    (True, {'steps': '7'})
    """
    rest = dict(texts)
    return bool(convert("skip_bad", rest.pop("skip_bad", "false"), bool)), rest


def refuse_skipping(what: str, texts: Mapping[str, str]) -> None:
    """Raise BadInput if bad examples are to be left out of data that are read as a whole.

    Args:
        what: they are: "a text".
        texts: fields to change.
    """
    if skipping(texts)[0]:
        raise BadInput(f"{what} is read as a whole: --skip-bad has nothing to leave out of it")


def loop_options(
    steps: int,
    watch: str,
    better: Literal["lower", "higher"] = "lower",
    **more: Any,
) -> LoopOptions:
    """Loop options with EVALUATIONS on dev; half as many in a row without gain end the run."""
    return LoopOptions(
        evaluate_every=max(steps // EVALUATIONS, 1),
        log_every=max(steps // (3 * EVALUATIONS), 1),
        patience=EVALUATIONS // 2,
        watch=watch,
        better=better,
        **more,
    )


def run_name(arch: str, data: Path) -> str:
    """ARCH.TAG; the tag is made from the name of the user's file or folder.

    >>> run_name("lstm", Path("My novels.txt")), run_name("lstm", Path("My novels.txt.gz"))
    ('lstm.My-novels', 'lstm.My-novels-gz')

    Raises:
        BadInput: for a name with control characters.
    """
    name = "pipe" if descriptor(data) is not None else data.resolve().name
    refuse_odd_names([name], "name")
    packed = "-gz" if name.lower().endswith(".gz") else ""  # may lie beside the plain file
    while (suffix := Path(name).suffix.lower()) in SUFFIXES:
        name = name[: -len(suffix)]
    name += packed
    return f"{arch}.{''.join(c if c.isalnum() else '-' for c in name) or 'own'}"


def published_rate(arch: str, default: float) -> float:
    """The learning rate of the first recipe of ``arch``, or ``default`` if there is none."""
    recipes = registry.index()["recipes"]
    names = [name for name, about in sorted(recipes.items()) if about["arch"] == arch]
    return float(get_recipe(names[0]).settings()["lr"]) if names else default


def model_and_vocabulary(card: Card) -> tuple[nn.Module, Vocabulary]:
    """A card's network and vocabulary; the weights file is read once.

    Raises:
        BadFile: if the file has no vocabulary.
    """
    model, packed = assemble(card)
    return model, needed(None if packed is None else Vocabulary.unpack(packed), card.name)


def vocabulary_of(card: Card) -> Vocabulary:
    """The vocabulary of a weights file, without building the network.

    Raises:
        BadFile: if the file has no vocabulary.
    """
    packed = packed_vocabulary(card)
    return needed(None if packed is None else Vocabulary.unpack(packed), card.name)
