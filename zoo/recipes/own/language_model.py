"""A recipe for the user's text: ``zoo train lstm --data FILE.txt``, ``zoo finetune WEIGHTS``.

The tokens are characters, or words with ``level=words``. The defaults need no tuning: the number of
steps follows from the length of the text, the run stops when the score on dev no longer improves,
and the best weights on dev are kept. Proof: tests/recipes/own/test_language_model.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo import cards, registry
from zoo.data.front_end import needed
from zoo.data.own.language_model import own_data, texts_at, to_measure
from zoo.data.own.told import what_was_read
from zoo.data.text.token_stream import TextSplits
from zoo.engine.schedule import one_cycle
from zoo.errors import BadInput
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim
from zoo.recipes.common.tied_sizes import tied_sizes
from zoo.recipes.own.choice import ALL, Measurable, Wanted
from zoo.recipes.own.common import (
    loop_options,
    model_and_vocabulary,
    refuse_skipping,
    run_length,
    run_name,
)
from zoo.recipes.own.find import Load
from zoo.tasks.language_model import LanguageModelTask

STREAMS = 32  # largest batch size
LENGTH = {"characters": 100, "words": 35}  # tokens of a chunk
EPOCHS = 20
NETWORK: dict[str, dict[str, Any]] = {
    "characters": {"embedding_dim": 64, "hidden_size": 512, "num_layers": 1, "dropout": 0.3},
    "words": {
        "embedding_dim": 256,
        "hidden_size": 256,
        "num_layers": 2,
        "dropout": 0.5,
        "tie_weights": True,
    },
}


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from scratch on a text.

    Args:
        texts: fields to change; ``level=words`` makes words the tokens instead of characters.

    Raises:
        Missing, BadFile, BadInput: for a text that cannot be read or is too short.
    """
    refuse_skipping("a text", texts)
    level = texts.get("level", "characters")
    if level not in NETWORK:
        raise BadInput(f"level must be characters or words, got {level!r}")
    read = cache(partial(own_data, data, level))
    recipe = _recipe(arch, data, level, read, NETWORK[level], texts)
    return recipe.override(**{k: v for k, v in texts.items() if k != "level"})


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Fine-tune weights; new tokens are added to their vocabulary with newly initialised rows.

    The vocabulary of an adaptive softmax stays unchanged, since its clusters are by frequency.

    Args:
        texts: fields to change; the level must be that of the weights.
    """
    refuse_skipping("a text", texts)
    card = cards.card(weights)
    level = str(card.front_end["level"])
    if texts.get("level", level) != level:
        raise BadInput(f"{weights} reads {level}, got level={texts['level']}")
    model, known = model_and_vocabulary(card)
    grow = not card.arguments.get("cutoffs")
    read = cache(partial(own_data, data, level, known, grow=grow))
    recipe = _recipe(card.arch, data, level, read, card.arguments, texts)
    make_model = partial(with_larger_vocabulary, model)
    recipe = replace(recipe, start=weights, make_model=make_model, lr=0.001)
    return recipe.override(**{k: v for k, v in texts.items() if k != "level"})


def evaluation(card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that evaluates weights on a text, or on a part of the text they were trained on."""
    wanted.refuse_skipping("a text")
    texts = texts_at(data)  # what is no text is refused before the weights are read
    model, vocabulary = load()
    level, words = str(card.front_end["level"]), needed(vocabulary, card.name)
    whole, parts = to_measure(texts, data.name, level, words)
    choice = wanted.choose_part(data, (parts or replace(whole, only=ALL)).examples(), "lines")
    part = whole.test if choice.split == ALL or not parts else parts.parts()[choice.split]
    told = what_was_read(f"{len(part):,} {level}", {choice.split: len(part)})
    splits = replace(whole, train=part, dev=part, test=part, only=choice.split, notices=(told,))
    return Measurable(LanguageModelTask(model, splits), choice)


def with_larger_vocabulary(old: nn.Module, run: FitRecipe) -> nn.Module:
    """The network ``old`` with rows for the new tokens, which are newly initialised.

    Raises:
        BadInput: if the fields of the run change the network's shape otherwise.
    """
    new = registry.build(run.arch, **run.arguments)
    state = new.state_dict()
    with torch.no_grad():
        for name, tensor in old.state_dict().items():
            have, want = tuple(tensor.shape), tuple(state[name].shape)
            grows = name.startswith(("embedding.", "output.")) and want[0] > have[0]
            if have[1:] != want[1:] or not (grows or have == want):
                raise BadInput(f"{name} of {run.start} is {have}; the fields ask for {want}")
            state[name][: len(tensor)] = tensor
    return new


def _recipe(
    arch: str,
    data: Path,
    level: str,
    read: Callable[[], TextSplits],
    arguments: Mapping[str, Any],
    texts: dict[str, str],
) -> FitRecipe:
    splits = read()
    targets = splits.train.targets
    length = min(LENGTH[level], max(1, targets // 4))
    streams = max(1, min(STREAMS, targets // (4 * length)))
    epoch_steps = EPOCHS * targets // (streams * length)
    steps = run_length(epoch_steps, texts, minimum=200, maximum=20_000)
    return FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        arguments={**arguments, "vocab_size": len(splits.vocabulary)},
        data=read,
        task=partial(LanguageModelTask, sequence_length=length),
        optimizer=partial(torch.optim.AdamW, lr=0.0, betas=(0.9, 0.99), weight_decay=0.01),
        lr=0.004,
        schedule=one_cycle(rise=0.1),
        batch_size=streams,
        steps=steps,
        seeds=1,
        options=loop_options(steps, "cross_entropy", clip=1.0),
        follow=tied_sizes,
        claim=Claim("cross_entropy", paper=None, within=0.0, source="your data", unit="nats"),
    )
