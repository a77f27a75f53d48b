"""A trigger word: "alexa" of Picovoice's benchmark.

The number to reach is a goal of this zoo, for nobody has published one on these clips alone: at
most 10 % of the held-out words missed at 10 dB of signal-to-noise ratio, at one false alarm per
hour. Notes: course 5, week 3, "Trigger word detection".
Proof: tests/recipes/test_trigger_word.py.
"""

from functools import partial

import torch

from zoo.datasets.alexa import alexa
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import one_cycle
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.trigger_word import TriggerWordTask

ADAMW = partial(torch.optim.AdamW, lr=0.0, weight_decay=0.01)
STEPS = 1200
ROUNDS = 6  # evaluations on dev in a run
EMA = 0.99  # of the weights: a step more or less moves the few false alarms that count
ARCH = "trigger_word"  # the course's network reads another spectrum, at another rate


@recipe("trigger_word.alexa")
def trigger_word_alexa() -> FitRecipe:
    """A small GRU on log-mel, on streams made on the fly; what was best on dev is kept."""
    return FitRecipe(
        name="trigger_word.alexa",
        arch=ARCH,
        data=alexa,
        task=TriggerWordTask,
        optimizer=ADAMW,
        lr=0.005,
        schedule=one_cycle(rise=0.2),
        batch_size=16,
        steps=STEPS,
        half=True,
        options=loop(STEPS),
        claim=Claim("miss_rate", paper=10.0, within=0.0, source="the goal set for this zoo"),
    )


def loop(steps: int) -> LoopOptions:
    """The moving average is evaluated so often, and what was best on dev is kept."""
    return LoopOptions(
        clip=1.0,
        ema=EMA,
        evaluate_every=max(steps // ROUNDS, 1),
        log_every=max(steps // (2 * ROUNDS), 1),
        watch="mean_miss_rate",
        patience=ROUNDS,  # all of them: it never stops early, and the best is kept
    )
