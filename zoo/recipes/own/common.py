"""What all recipes for the user's data share: length, evaluations, name, vocabulary.

Nothing has to be set by hand: a run is as long as the data ask for, it is evaluated on dev so many
times, it stops when dev no longer gains, and what is kept is what was best there.
Proof: tests/recipes/own/test_common.py.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from torch import nn

from zoo import registry
from zoo.cards import Card
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.loop_options import LoopOptions
from zoo.errors import BadFile
from zoo.options import convert
from zoo.pretrained.create import assemble, words_of
from zoo.recipes.common.recipe import get_recipe

EVALUATIONS = 20  # on dev in a run
SUFFIXES = (".gz", ".txt", ".csv", ".jsonl", ".json", ".conll")  # that are no part of a name


def run_length(steps: int, texts: Mapping[str, str], *, fewest: int, most: int) -> int:
    """Steps of a run: those of so many passes over the data within bounds, or the user's.

    >>> run_length(100, {}, fewest=500, most=10_000)
    500
    >>> run_length(700, {"steps": "7"}, fewest=500, most=10_000)
    7
    """
    if "steps" in texts:  # the evaluations follow
        return int(convert("steps", texts["steps"], int))
    return min(max(steps, fewest), most)


def loop_options(
    steps: int,
    watch: str,
    better: Literal["lower", "higher"] = "lower",
    *,
    evaluations: int = EVALUATIONS,
    patience: int = EVALUATIONS // 2,
    **more: Any,
) -> LoopOptions:
    """Evaluations at even distances; the run is over after ``patience`` of them without gain."""
    return LoopOptions(
        evaluate_every=max(steps // evaluations, 1),
        log_every=max(steps // (3 * evaluations), 1),
        patience=patience,
        watch=watch,
        better=better,
        **more,
    )


def run_name(arch: str, data: Path) -> str:
    """ARCH.TAG with a tag from the name of the user's file or folder.

    >>> run_name("lstm", Path("My novels.txt.gz"))
    'lstm.My-novels'
    """
    name = data.resolve().name
    while (suffix := Path(name).suffix.lower()) in SUFFIXES:
        name = name[: -len(suffix)]
    return f"{arch}.{''.join(c if c.isalnum() else '-' for c in name) or 'own'}"


def published_rate(arch: str, otherwise: float) -> float:
    """The learning rate of the published run of ``arch``, or ``otherwise`` where there is none."""
    runs = registry.index()["recipes"]
    names = [name for name, about in sorted(runs.items()) if about["arch"] == arch]
    return float(get_recipe(names[0]).settings()["lr"]) if names else otherwise


def with_words(card: Card) -> tuple[nn.Module, Vocabulary]:
    """A card's network and the vocabulary of its weights file, which is read once.

    Raises:
        BadFile: if it holds no vocabulary.
    """
    model, packed = assemble(card)
    return model, known_words(card, None if packed is None else Vocabulary.unpack(packed))


def vocabulary_of(card: Card) -> Vocabulary:
    """The vocabulary of a weights file; the network is not built.

    Raises:
        BadFile: if it holds none.
    """
    packed = words_of(card)
    return known_words(card, None if packed is None else Vocabulary.unpack(packed))


def known_words(card: Card, vocabulary: Vocabulary | None) -> Vocabulary:
    """The vocabulary that a card's network cannot do without.

    Raises:
        BadFile: if there is none.
    """
    if vocabulary is None:
        raise BadFile(f"the weights of {card.name} hold no vocabulary; do not use them")
    return vocabulary
