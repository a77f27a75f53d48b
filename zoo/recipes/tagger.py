"""Names in messages: WNUT-17, beside the systems of its shared task; taggers for one's own tags.

Derczynski et al. 2017, https://aclanthology.org/W17-4418: entity F1 on test of 26.30 (Drexel-CCI)
to 41.86 (UH-RiTUAL: Aguilar et al. 2017, arXiv:1906.04135, with vectors of Twitter and
gazetteers). Here nothing is known but the 3,394 training messages.
Proof: tests/recipes/test_tagger.py.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from zoo import cards
from zoo.cards import Card
from zoo.data.own import LICENCE
from zoo.data.own.tagging import own_data, own_test
from zoo.data.text.tagged import Sentences, TagFrontEnd, TaggedSplits, classes_of
from zoo.data.text.vocabulary import Vocabulary
from zoo.datasets.wnut17 import wnut17
from zoo.engine.finetune import Tuning
from zoo.engine.loop import Extras
from zoo.engine.schedule import one_cycle
from zoo.errors import BadFile, BadInput
from zoo.pretrained.load import WORDS, tensors_of
from zoo.recipes.override import convert
from zoo.recipes.recipe import Claim, FitRecipe, recipe
from zoo.tasks.tagging import TaggingTask

VOCABULARY, CHARACTERS = 3_462, 94  # of the training messages
ADAMW = partial(torch.optim.AdamW, lr=0.0, weight_decay=0.01)
BATCH = 16
PASSES = 20  # over the user's set, if that is neither very few steps nor very many
FEWEST, MOST = 400, 20_000  # steps
ROUNDS = 20  # evaluations on dev in a run


@recipe("tagger.wnut17")
def tagger_wnut17() -> FitRecipe:
    """Vectors of the words that occur twice, spelling, BiLSTM, CRF."""
    return FitRecipe(
        name="tagger.wnut17",
        arch="tagger",
        arguments={"num_classes": 13, "vocab_size": VOCABULARY, "char_vocab_size": CHARACTERS},
        data=partial(wnut17, least=2),
        task=partial(TaggingTask, word_dropout=0.1),
        optimizer=ADAMW,
        lr=0.003,
        schedule=one_cycle(rise=0.2),
        batch_size=32,
        steps=12 * 106,
        half=True,
        extras=Extras(clip=5.0, evaluate_every=4 * 106),
        claim=Claim(
            "f1",
            paper=26.30,
            within=0.0,  # nothing from outside is used; set from dev, before a look at test
            source="Derczynski et al. 2017, results of the shared task: Drexel-CCI",
            better="higher",
        ),
    )


def own_recipe(arch: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Train a tagger from fresh weights on a CoNLL file, or a folder of train, dev and test.

    Args:
        texts: fields to change.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
    """
    whole = own_data(data)
    sizes = {
        "vocab_size": len(whole.front_end.vocabulary),
        "char_vocab_size": whole.front_end.character_rows,
    }
    made = _recipe(arch, data, whole, sizes, texts)
    return replace(made, data=partial(own_data, data)).override(**texts)


def finetune_recipe(weights: str, data: Path, texts: dict[str, str]) -> FitRecipe:
    """Go on from a tagger's weights, with a new head for the tags of a CoNLL file.

    The head learns alone for a tenth of the run; by a third of it the vectors do too. Words that
    the weights do not know stay unknown; their spelling is read all the same.

    Args:
        texts: fields to change.

    Raises:
        Missing, BadFile, BadInput: as ``own_data``.
    """
    card = cards.card(weights)
    made = _recipe(card.arch, data, conll_for(data, weights), dict(card.arguments), texts)
    return replace(
        made,
        start=weights,
        lr=0.001,
        tuning=Tuning(alone=0.1, unfreeze=1 / 3),
        data=partial(conll_for, data, weights=weights),
    ).override(**texts)


def evaluation(card: Card, model: Any, data: Path) -> TaggingTask:
    """The task that measures a tagger on a CoNLL file, or on the test file of a folder.

    Raises:
        BadInput: for a tag that the tagger does not have.
    """
    front_end, classes = front_end_of(card), tuple(card.classes)
    test = own_test(data)
    for tag in classes_of(test):
        if tag not in classes:
            raise BadInput(f"{data}: {card.name} has no tag {tag!r}; it has {', '.join(classes)}")
    part = Sentences(tuple(test), classes)
    return TaggingTask(model, TaggedSplits(data.stem, LICENCE, part, part, part, front_end))


def conll_for(path: Path, weights: str) -> TaggedSplits:
    """A user's file as the words and characters of some weights see it."""
    return own_data(path, front_end_of(cards.card(weights)))


def front_end_of(card: Card) -> TagFrontEnd:
    """The words of a weights file with the rest of the card's front end.

    Raises:
        BadFile: if there are none.
    """
    words = tensors_of(card).get(WORDS)
    if words is None:
        raise BadFile(f"the weights of {card.name} hold no vocabulary; do not use them")
    return TagFrontEnd.from_card(card.front_end, Vocabulary.unpack(words))


def _recipe(
    arch: str,
    data: Path,
    whole: TaggedSplits,
    arguments: dict[str, Any],
    texts: dict[str, str],
) -> FitRecipe:
    steps = min(max(PASSES * len(whole.train) // BATCH, FEWEST), MOST)
    if "steps" in texts:  # the rounds follow
        steps = convert("steps", texts["steps"], int)
    name = data.resolve().stem if data.is_file() else data.resolve().name
    tag = "".join(c if c.isalnum() else "-" for c in name) or "own"
    return FitRecipe(
        name=f"{arch}.{tag}",
        arch=arch,
        arguments={**arguments, "num_classes": len(whole.train.classes)},
        data=partial(own_data, data),
        task=TaggingTask,
        optimizer=ADAMW,
        lr=0.003,
        schedule=one_cycle(rise=0.2),
        batch_size=BATCH,
        steps=steps,
        seeds=1,
        extras=Extras(
            clip=5.0,
            evaluate_every=max(steps // ROUNDS, 1),
            log_every=max(steps // (3 * ROUNDS), 1),
            patience=ROUNDS // 2,
            watch="missed",
        ),
        claim=Claim("f1", paper=None, within=0.0, source="your own data", better="higher"),
    )
