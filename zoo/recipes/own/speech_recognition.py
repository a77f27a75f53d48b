"""A recipe for the user's speech: ``zoo train deep_speech --data MANIFEST``, ``zoo finetune``.

The defaults need no tuning: the labels are the characters of the training texts, the number of
steps follows from the number of recordings, the run stops when the score on dev no longer improves,
and the best weights on dev are kept. Proof: tests/recipes/own/test_speech_recognition.py.
"""

from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn

from zoo import cards
from zoo.data.audio.log_mel import LogMel
from zoo.data.audio.utterances import character_vocabulary, joined, utterance_splits
from zoo.data.front_end import needed
from zoo.data.own import LICENCE
from zoo.data.own.speech_recognition import (
    FRONT_END,
    SPLITS,
    Manifests,
    manifests,
    own_data,
    refuse_unknown,
    to_measure,
    utterances,
)
from zoo.data.own.told import counted
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.schedule import one_cycle
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim
from zoo.recipes.deep_speech import SMALL
from zoo.recipes.own.choice import Measurable, Wanted
from zoo.recipes.own.common import (
    loop_options,
    model_and_vocabulary,
    run_length,
    run_name,
    skipping,
)
from zoo.recipes.own.find import Load
from zoo.tasks.speech_recognition import SpeechRecognitionTask
from zoo.tasks.speech_text_model import decoder_of

BATCH, EPOCHS = 16, 30
NEW = 2.0  # by how much the logit bias of a new label is below the lowest of the others
CHANGES: dict[str, Any] = {
    **{"speed": 10, "min_snr": 15.0, "freq_mask": 8, "time_mask": 10},
    **{"pad_silence": 0.3, "silent_utterances": 1, "lm_order": 3},
}
LEVELLED: dict[str, Any] = {"softest": -85.0}  # rounded as soft recordings are
AS_IT_IS: dict[str, Any] = {"gain": 10.0}  # for weights whose front end hears how loud it is


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train ``arch`` from scratch on a manifest, or a folder of manifests.

    Args:
        texts: fields to change.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
        UnknownName: for a field that does not exist.
    """
    skip_bad, texts = skipping(texts)
    found = manifests(data, skip_bad=skip_bad)
    labels = character_vocabulary([one.text for one in found.recordings["train"]])
    small = {**SMALL, "channels": 16, "hidden_size": 256} if arch == "deep_speech" else {}
    arguments = {"num_classes": len(labels), "n_mels": 80, **small}
    read = partial(own_data, data, FRONT_END, None, found, skip_bad=skip_bad)
    return _recipe(arch, data, read, arguments, found, texts).override(**texts)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Fine-tune weights, at their sample rate and with their features.

    Characters that the weights do not know become labels after the known ones, with new rows in the
    output layer.

    Args:
        texts: fields to change.
    """
    card = cards.card(weights)
    model, known = model_and_vocabulary(card)
    front_end = LogMel.from_card(card.front_end)
    skip_bad, texts = skipping(texts)
    found = manifests(data, skip_bad=skip_bad)
    needed = character_vocabulary([one.text for one in found.recordings["train"]])
    labels = Vocabulary([*known.words, *(c for c in needed.words if c not in known)])
    read = partial(own_data, data, front_end, labels, found, skip_bad=skip_bad)
    arguments = {**card.arguments, "num_classes": len(labels)}
    recipe = _recipe(card.arch, data, read, arguments, found, texts)
    if front_end.levelling == "none":
        recipe = replace(recipe, task=partial(SpeechRecognitionTask, **CHANGES, **AS_IT_IS))
    make_model = partial(with_more_labels, model)
    recipe = replace(recipe, start=weights, make_model=make_model, lr=recipe.lr / 3)
    return recipe.override(**texts)


def evaluation(card: cards.Card, load: Load, data: Path, wanted: Wanted) -> Measurable:
    """The task that evaluates weights on a manifest, or on a manifest of a folder."""
    front_end = LogMel.from_card(card.front_end)
    recordings, left_out = to_measure(data, wanted.needed, skip_bad=wanted.skip_bad)
    read, used, bad = utterances(recordings, front_end.sample_rate, skip_bad=wanted.skip_bad)
    for some in used.values():
        refuse_unknown(some, Vocabulary(card.classes))
    choice = wanted.choose(data, {name: part.digests() for name, part in read.items()})
    part = joined(list(read.values())).pick(choice.chosen)
    decoder, how = decoder_of(card.name, card.folder, card.decoder, card.classes)
    model, vocabulary = load()
    labels = needed(vocabulary, card.name)
    told = [choice.read(counted(len(part), "recordings")), *left_out, *bad, *how]
    parts = dict.fromkeys(SPLITS, part)
    splits = utterance_splits(data.stem, LICENCE, parts, front_end, labels, tuple(told))
    task = SpeechRecognitionTask(model, replace(splits, only=choice.split), decoder=decoder)
    return Measurable(task, choice)


def with_more_labels(trained: nn.Module, recipe: FitRecipe) -> nn.Module:
    """A copy of ``trained`` with an output for each label of the recipe.

    New labels start with a low probability: zero weights, and the lowest bias minus NEW.
    """
    model: Any = deepcopy(trained)
    old, count = model.output, recipe.arguments["num_classes"]
    if count > old.out_features:
        model.reset_classifier(count)
        with torch.no_grad():
            model.output.weight[: old.out_features] = old.weight
            model.output.weight[old.out_features :] = 0
            model.output.bias[: old.out_features] = old.bias
            model.output.bias[old.out_features :] = old.bias.min() - NEW
    return model


def _recipe(
    arch: str,
    data: Path,
    read: Any,
    arguments: dict[str, Any],
    found: Manifests,
    texts: dict[str, str],
) -> FitRecipe:
    epoch_steps = EPOCHS * len(found.recordings["train"]) // BATCH
    steps = run_length(epoch_steps, texts, minimum=300, maximum=50_000)
    return FitRecipe(
        name=run_name(arch, data),
        arch=arch,
        arguments=arguments,
        data=read,
        task=partial(SpeechRecognitionTask, **CHANGES, **LEVELLED),
        optimizer=ADAMW,
        lr=0.002,
        schedule=one_cycle(rise=0.15),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        options=loop_options(steps, "wer", clip=20.0),
        claim=Claim("wer", paper=None, within=0.0, source="your data"),
    )
