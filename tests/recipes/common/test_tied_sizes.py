"""Fields that depend on each other: one of them is enough, and what was given stays."""

import pytest

from zoo import registry
from zoo.errors import BadInput
from zoo.recipes.common.recipe import get_recipe
from zoo.recipes.common.tied_sizes import tied_sizes
from zoo.recipes.own.language_model import own_recipe

TIED = {"embedding_dim": 256, "hidden_size": 256, "tie_weights": True}


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("to be or not to be that is\nthe question\n" * 40)
    return path


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        ({}, (256, 256)),
        ({"hidden_size": 32}, (32, 32)),
        ({"embedding_dim": 48}, (48, 48)),
        ({"embedding_dim": 48, "hidden_size": 32}, (48, 32)),
        ({"hidden_size": 32, "tie_weights": False}, (256, 32)),
        ({"hidden_size": 32, "cutoffs": (5,)}, (256, 32)),
    ],
)
def test_the_size_that_was_not_given_follows(given, sizes):
    new = tied_sizes({**TIED, **given}, given)
    assert (new["embedding_dim"], new["hidden_size"]) == sizes


def test_of_tied_weights_and_clusters_the_given_one_stays():
    both = {**TIED, "cutoffs": (5, 9)}
    assert tied_sizes(both, ["cutoffs"])["tie_weights"] is False
    assert tied_sizes(both, ["tie_weights"])["cutoffs"] == ()
    assert tied_sizes(both, ["cutoffs", "tie_weights"]) == both  # the network says why not
    assert tied_sizes({"hidden_size": 3}, ["hidden_size"]) == {"hidden_size": 3}


@pytest.mark.parametrize(
    "fields",
    [
        {"level": "words", "hidden_size": "32"},
        {"level": "words", "embedding_dim": "24"},
        {"level": "words", "cutoffs": "4,8", "hidden_size": "16"},
        {"tie_weights": "true"},
        {"tie_weights": "true", "hidden_size": "16"},
        {"hidden_size": "16"},
    ],
)
def test_a_run_on_own_text_builds_its_network(text, fields):
    run = own_recipe("lstm", text, fields)
    model = registry.build(run.arch, **run.arguments)
    for name in ("hidden_size", "embedding_dim"):
        if name in fields:
            assert run.arguments[name] == int(fields[name])
    if run.arguments.get("tie_weights"):
        assert model.embedding.embedding_dim == model.hidden_size


def test_sizes_that_contradict_each_other_are_one_line(text):
    run = own_recipe("gru", text, {"level": "words", "hidden_size": "8", "embedding_dim": "9"})
    with pytest.raises(BadInput, match="tie_weights needs embedding_dim equal to hidden_size"):
        registry.build(run.arch, **run.arguments)


def test_the_published_recipe_with_tied_weights_too():
    run = get_recipe("lstm.wikitext2").override(hidden_size="200")
    assert run.arguments["embedding_dim"] == run.arguments["hidden_size"] == 200
    same = get_recipe("lstm.wikitext2")
    assert same.override(lr="3").arguments == same.arguments
    assert (
        get_recipe("lstm.ptb_small").override(hidden_size="100").arguments["embedding_dim"] == 200
    )
