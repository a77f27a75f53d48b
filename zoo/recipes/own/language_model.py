"""A recipe for a text of your own: ``zoo train lstm --data FILE.txt``, ``zoo finetune WEIGHTS``.

By characters, or with ``level=words`` by words. The numbers here are chosen so that nothing has to
be set: the run is as long as the text, it stops when the dev part no longer gains, and what is kept
is what was best there. Proof: tests/recipes/own/test_language_model.py.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo import cards, registry
from zoo.data.own.language_model import own_data, own_test, own_vocabulary
from zoo.data.text.token_stream import TextSplits
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.loop import Extras
from zoo.engine.schedule import one_cycle
from zoo.errors import BadInput
from zoo.pretrained.create import assemble
from zoo.recipes.override import convert
from zoo.recipes.recipe import Claim, FitRecipe
from zoo.tasks.language_model import LanguageModelTask

STREAMS = 32  # read side by side at most
LENGTH = {"characters": 100, "words": 35}  # of a chunk
PASSES = 20  # over the text, if that is neither very few steps nor very many
FEWEST, MOST = 200, 20_000  # steps
ROUNDS = 20  # evaluations on dev in a run
NETWORK = {
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
    """Train ``arch`` from fresh weights on a text.

    Args:
        texts: fields to change; ``level=words`` reads words instead of characters.

    Raises:
        Missing, BadFile, BadInput: for a text that cannot be read or is too short.
    """
    level = texts.get("level", "characters")
    if level not in NETWORK:
        raise BadInput(f"level must be characters or words, got {level!r}")
    vocabulary = own_vocabulary(data, level)
    arguments: dict[str, Any] = {"vocab_size": len(vocabulary), **NETWORK[level]}
    recipe = _recipe(arch, data, level, vocabulary, arguments, texts)
    return recipe.override(**{k: v for k, v in texts.items() if k != "level"})


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Go on from weights; what they have not seen joins their vocabulary with fresh rows.

    An adaptive softmax keeps the vocabulary it has: its clusters are by frequency.

    Args:
        texts: fields to change; the level is the weights' own.
    """
    card = cards.card(weights)
    level = str(card.front_end["level"])
    if texts.get("level", level) != level:
        raise BadInput(f"{weights} reads {level}, got level={texts['level']}")
    known = vocabulary = _words(card)
    if not card.arguments.get("cutoffs"):
        vocabulary = own_vocabulary(data, level, known)
    arguments = {**card.arguments, "vocab_size": len(vocabulary)}
    recipe = _recipe(card.arch, data, level, vocabulary, arguments, texts)
    recipe = replace(recipe, start=weights, begin=grown, lr=0.001)
    return recipe.override(**{k: v for k, v in texts.items() if k != "level"})


def evaluation(card: cards.Card, model: nn.Module, data: Path) -> LanguageModelTask:
    """The task that measures ``model`` on all of a text."""
    return LanguageModelTask(model, own_test(data, str(card.front_end["level"]), _words(card)))


def grown(run: FitRecipe) -> nn.Module:
    """The network of ``run.start`` with room for more words; the rows of new ones are fresh."""
    old, _ = assemble(cards.card(str(run.start)))
    new = registry.build(run.arch, **run.arguments)
    mine = new.state_dict()
    with torch.no_grad():
        for name, tensor in old.state_dict().items():
            have, want = tuple(tensor.shape), tuple(mine[name].shape)
            grows = name.startswith(("embedding.", "output.")) and want[0] > have[0]
            if have[1:] != want[1:] or not (grows or have == want):
                raise BadInput(f"{name} of {run.start} is {have}; the fields ask for {want}")
            mine[name][: len(tensor)] = tensor
    return new


def _words(card: cards.Card) -> Vocabulary:
    packed = assemble(card)[1]
    if packed is None:
        raise BadInput(f"{card.name} has no vocabulary; it is no language model")
    return Vocabulary.unpack(packed)


def _recipe(
    arch: str,
    data: Path,
    level: str,
    vocabulary: Vocabulary,
    arguments: dict[str, Any],
    texts: dict[str, str],
) -> FitRecipe:
    found: TextSplits = own_data(data, level, vocabulary)
    length = min(LENGTH[level], max(1, found.train.targets // 4))
    streams = max(1, min(STREAMS, found.train.targets // (4 * length)))
    steps = min(max(PASSES * found.train.targets // (streams * length), FEWEST), MOST)
    if "steps" in texts:  # the rounds follow
        steps = convert("steps", texts["steps"], int)
    tag = "".join(c if c.isalnum() else "-" for c in data.name.partition(".")[0]) or "own"
    return FitRecipe(
        name=f"{arch}.{tag}",
        arch=arch,
        arguments=arguments,
        data=partial(own_data, data, level, vocabulary),
        task=partial(LanguageModelTask, sequence_length=length),
        optimizer=partial(torch.optim.AdamW, lr=0.0, betas=(0.9, 0.99), weight_decay=0.01),
        lr=0.004,
        schedule=one_cycle(rise=0.1),
        batch_size=streams,
        steps=steps,
        seeds=1,
        extras=Extras(
            clip=1.0,
            evaluate_every=max(steps // ROUNDS, 1),
            log_every=max(steps // (3 * ROUNDS), 1),
            patience=ROUNDS // 2,
            watch="nats",
        ),
        claim=Claim("nats", paper=None, within=0.0, source="your own text", unit="nats"),
    )
