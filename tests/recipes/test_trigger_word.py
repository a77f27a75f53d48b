"""The recipe for "alexa": what it keeps, what it must reach."""

import json

from zoo.recipes.common.recipe import get_recipe


def test_the_recipe_keeps_the_best_on_dev_and_says_what_it_must_reach():
    made = get_recipe("trigger_word.alexa")
    assert made.options.patience * made.options.evaluate_every >= made.steps  # never stops early
    assert made.options.watch == "mean_miss_rate"
    assert (made.claim.metric, made.claim.paper, made.claim.within) == ("miss_rate", 10.0, 0.0)
    json.dumps(made.settings())
