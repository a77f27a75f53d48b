"""Every recipe trains on a toy text; Zaremba's runs are to the letter."""

from dataclasses import replace

import pytest
import torch

from zoo.data.text.token_stream import TextFrontEnd, cut, text_splits
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.fit import fit
from zoo.recipes.common.recipe import get_recipe
from zoo.recipes.language_model import uniform

NAMES = (
    *("lstm.tinyshakespeare", "gru.tinyshakespeare", "lstm.wikitext2", "lstm.wikitext2_adaptive"),
    *("lstm.ptb_small", "lstm.ptb_medium", "lstm.ptb_large"),
)


def toy():
    text = "to be or not to be that is the question\n" * 60
    front_end = TextFrontEnd("characters", Vocabulary(sorted(set(text))))
    return text_splits("toy", "none", cut(text), front_end)


@pytest.mark.parametrize("name", NAMES)
def test_smoke(name):
    """Some steps of the real recipe, with a small network, on a toy text lower its score."""
    run = get_recipe(name)
    small = {"hidden_size": 24, "embedding_dim": 24, "vocab_size": len(toy().vocabulary)}
    small |= {"cutoffs": (5, 9)} if "cutoffs" in run.arguments else {}
    run = replace(run, data=toy, arguments={**run.arguments, **small}, steps=24, batch_size=4)
    task = run.build(torch.device("cpu"))
    before = task.evaluate()["cross_entropy"]
    plain, slower = (
        replace(run.options, evaluate_every=None),
        0.1 if run.make_model else 1,
    )  # small: wild
    optimizer = run.optimizer(task.model.parameters())
    end = fit(task, optimizer, lambda n: slower * run.rate(n), run.steps, options=plain)
    assert end.scores["cross_entropy"] < before
    assert run.settings()["data"] in ("tiny_shakespeare", "wikitext2", "ptb", "toy")


def test_zarembas_three_runs():
    """arXiv:1409.2329, sec. 4.1, and main.lua: sizes, epochs, decay, clip, dropout, init."""
    told = {
        "small": (200, 20, 13, 4, 2, 5, 0.0, 0.1, 114.5),
        "medium": (650, 35, 39, 6, 1.2, 5, 0.5, 0.05, 82.7),
        "large": (1500, 35, 55, 14, 1.15, 10, 0.65, 0.04, 78.4),
    }
    for tag, (hidden, length, epochs, flat, decay, clip, dropout, init, paper) in told.items():
        run = get_recipe(f"lstm.ptb_{tag}")
        expected = {
            "vocab_size": 10_000,
            "embedding_dim": hidden,
            "hidden_size": hidden,
            "num_layers": 2,
        }
        assert run.arguments == {**expected, "dropout": dropout}
        assert run.task.keywords == {
            "sequence_length": length,
            "random_offset": False,
            "sum_over_time": True,
        }
        epoch = (929_589 // 20 - 1) // length
        assert run.steps == epochs * epoch
        rates = [run.rate(n * epoch) for n in range(epochs)]
        assert rates[:flat] == [1.0] * flat
        assert rates[flat] == run.rate((flat + 1) * epoch - 1) == pytest.approx(1 / decay)
        assert rates[-1] == pytest.approx(decay ** -(epochs - flat))
        assert (run.batch_size, run.options.clip, run.claim.paper) == (20, clip, paper)
        assert run.make_model.keywords == {"half": init}


def test_zarembas_weights_have_no_open_forget_gate():
    run = replace(
        get_recipe("lstm.ptb_small"), arguments={"vocab_size": 9, "hidden_size": 5, "num_layers": 2}
    )
    torch.manual_seed(0)
    model = uniform(run, 0.1)
    assert max(parameter.abs().max() for parameter in model.parameters()) <= 0.1


def test_an_epoch_of_shakespeare_has_as_many_chunks_as_the_recipe_counts(zoo_data):
    run = get_recipe("lstm.tinyshakespeare").override(hidden_size="4", embedding_dim="4")
    task = run.build(torch.device("cpu"))
    for epoch in (0, 1):
        assert sum(1 for _ in task.batches(epoch)) == run.options.evaluate_every
