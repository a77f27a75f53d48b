"""The recipe for WNUT-17: what it says of itself."""

from zoo.recipes.common.recipe import get_recipe


def test_the_recipe_says_what_it_does():
    run = get_recipe("tagger.wnut17")
    assert run.half
    assert run.claim.better == run.options.better == "higher"
    assert run.claim.metric == run.options.watch == "f1"
    assert run.settings()["data"] == "wnut17(least=2)"
    assert run.override(crf="false").arguments["crf"] is False
