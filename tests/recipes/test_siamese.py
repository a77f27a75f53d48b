"""Koch's recipe has what the paper states."""

import pytest

from zoo.recipes.siamese import siamese_omniglot, siamese_small_omniglot


def test_koch_states_batches_and_the_decay():
    recipe = siamese_omniglot()
    assert recipe.batch_size == 128
    assert recipe.settings()["task"]["objective"] == "drawn_pairs"
    epoch = 150_000 // 128
    assert recipe.rate(20 + epoch - 1) == recipe.lr
    assert recipe.rate(20 + epoch) == pytest.approx(0.99 * recipe.lr)


def test_both_have_the_same_yardstick():
    claims = {recipe().claim for recipe in (siamese_omniglot, siamese_small_omniglot)}
    assert len(claims) == 1
