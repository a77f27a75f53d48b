"""Named entity recognition on WNUT-17, compared with the systems of its shared task.

Derczynski et al. 2017, https://aclanthology.org/W17-4418: entity F1 on the test set from 26.30
(Drexel-CCI) to 41.86 (UH-RiTUAL: Aguilar et al. 2017, arXiv:1906.04135, with word vectors of
Twitter and gazetteers). Here only the 3,394 training messages are used.
Proof: tests/recipes/test_tagger.py.
"""

from functools import partial

from zoo.datasets.wnut17 import wnut17
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import one_cycle
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.tagging import TaggingTask

VOCABULARY, CHARACTERS = 3_462, 94  # of the training messages


@recipe("tagger.wnut17")
def tagger_wnut17() -> FitRecipe:
    """BiLSTM-CRF with character features, on vectors of the words that occur twice."""
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
        options=LoopOptions(clip=5.0, evaluate_every=4 * 106, watch="f1", better="higher"),
        claim=Claim(
            "f1",
            paper=26.30,
            within=0.0,  # no external resources; chosen on dev, before evaluating on test
            source="Derczynski et al. 2017, results of the shared task: Drexel-CCI",
            better="higher",
        ),
    )
