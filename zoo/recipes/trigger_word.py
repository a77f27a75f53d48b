"""A trigger word: "alexa" of Picovoice's benchmark.

The number to reach is a goal set for this zoo, since none is published for these clips alone: a
miss rate of at most 10 % at a signal-to-noise ratio of 10 dB and one false alarm per hour.
Notes: course 5, week 3, "Trigger word detection".
Proof: tests/recipes/test_trigger_word.py.
"""

from zoo.datasets.alexa import alexa
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import one_cycle
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.optimizers import ADAMW
from zoo.recipes.common.recipe import Claim, recipe
from zoo.tasks.trigger_word import TriggerWordTask

STEPS = 1200
ROUNDS = 6  # evaluations on dev in a run
EMA = 0.99  # decay of the average of the weights: single steps change the rare false alarms
ARCH = "trigger_word"  # the course's network takes another spectrum, at another sample rate


@recipe("trigger_word.alexa")
def trigger_word_alexa() -> FitRecipe:
    """A small GRU on log-mel features of streams mixed on the fly; the best weights on dev."""
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
        options=trigger_loop_options(STEPS),
        claim=Claim("miss_rate", paper=10.0, within=0.0, source="the goal set for this zoo"),
    )


def trigger_loop_options(steps: int) -> LoopOptions:
    """Loop options of a run of ``steps`` steps: ROUNDS evaluations of the averaged weights."""
    return LoopOptions(
        clip=1.0,
        ema=EMA,
        evaluate_every=max(steps // ROUNDS, 1),
        log_every=max(steps // (2 * ROUNDS), 1),
        watch="mean_miss_rate",
        patience=ROUNDS,  # all of them: never stops early, and keeps the best weights
    )
