"""Language models: characters of Shakespeare; words of Penn Treebank and WikiText-2.

``.tinyshakespeare`` runs on two CPU cores and its weights ship. The number to reach is a goal set
for this zoo: a cross-entropy of 1.55 nats on the last tenth. The three recipes of Zaremba et al.
2014, arXiv:1409.2329, follow the paper exactly (sec. 4.1; the small one follows its code); their
data must be put in place by hand (``zoo data ptb`` explains how). ``lstm.wikitext2`` is PyTorch's
example with tied weights.
Proof: tests/recipes/test_language_model.py.
"""

from functools import partial
from typing import Any

import torch
from torch import nn

from zoo import registry
from zoo.datasets.ptb import ptb
from zoo.datasets.tiny_shakespeare import tiny_shakespeare
from zoo.datasets.wikitext2 import wikitext2
from zoo.engine.loop_options import LoopOptions
from zoo.engine.schedule import cosine, manual, one_cycle
from zoo.models.language_model import draw_uniform
from zoo.recipes.common.fit_recipe import FitRecipe
from zoo.recipes.common.recipe import Claim, recipe
from zoo.recipes.common.tied_sizes import tied_sizes
from zoo.tasks.language_model import LanguageModelTask

GOAL = "the goal set for this zoo: at most 1.55 nats on the last tenth"
ADAMW = partial(torch.optim.AdamW, lr=0.0, betas=(0.9, 0.99), weight_decay=0.01)
SGD = partial(torch.optim.SGD, lr=0.0)
EPOCH = (981_546 - 99) // 32 // 100  # chunks: (targets - largest offset) / streams / length


def _shakespeare(arch: str, epochs: int) -> FitRecipe:
    """Chunks of 100 characters, a batch of 32 streams."""
    return FitRecipe(
        name=f"{arch}.tinyshakespeare",
        arch=arch,
        arguments={
            "vocab_size": 65,
            "embedding_dim": 64,
            "hidden_size": 512,
            "num_layers": 1,
            "dropout": 0.4,
        },
        data=tiny_shakespeare,
        task=partial(LanguageModelTask, sequence_length=100),
        optimizer=ADAMW,
        lr=0.004,
        schedule=one_cycle(rise=0.1),
        batch_size=32,
        steps=epochs * EPOCH,
        seeds=1,
        half=True,
        follow=tied_sizes,
        options=LoopOptions(clip=1.0, evaluate_every=EPOCH, watch="cross_entropy"),
        claim=Claim("cross_entropy", paper=1.55, within=0.0, source=GOAL, unit="nats"),
    )


@recipe("lstm.tinyshakespeare")
def lstm_tinyshakespeare() -> FitRecipe:
    """An LSTM of 512 units on the characters of Shakespeare."""
    return _shakespeare("lstm", epochs=10)


@recipe("gru.tinyshakespeare")
def gru_tinyshakespeare() -> FitRecipe:
    """A GRU of 512 units on the characters of Shakespeare."""
    return _shakespeare("gru", epochs=7)


def zaremba(
    tag: str,
    hidden: int,
    *,
    length: int,
    epochs: int,
    flat: int,
    decay: float,
    dropout: float,
    clip: float,
    init: float,
    perplexity: float,
) -> FitRecipe:
    """Sec. 4.1: two layers, 20 streams, SGD with learning rate 1, later divided by ``decay``.

    Args:
        flat: epochs before the learning rate is divided by ``decay``, then once per epoch.
        init: all weights are initialised uniformly in [-init, init].
        perplexity: the published perplexity on the test set.
    """
    epoch = (929_589 - 1) // 20 // length
    decays = [((flat + n) * epoch, decay ** -(n + 1)) for n in range(epochs - flat)]
    return FitRecipe(
        name=f"lstm.ptb_{tag}",
        arch="lstm",
        arguments={
            "vocab_size": 10_000,
            "embedding_dim": hidden,
            "hidden_size": hidden,
            "num_layers": 2,
            "dropout": dropout,
        },
        make_model=partial(uniform, half=init),
        init={"uniform": init},
        data=ptb,
        task=partial(
            LanguageModelTask, sequence_length=length, random_offset=False, sum_over_time=True
        ),
        optimizer=SGD,
        lr=1.0,
        schedule=manual(*decays),
        batch_size=20,
        steps=epochs * epoch,
        seeds=1,
        follow=tied_sizes,
        options=LoopOptions(clip=clip, evaluate_every=epoch, watch="perplexity"),
        claim=Claim("perplexity", perplexity, 1.0, "Zaremba 2014, Table 1 and its code", unit=""),
    )


def uniform(run: FitRecipe, half: float) -> nn.Module:
    """A model with all weights and biases drawn uniformly from [-half, half]."""
    model: Any = registry.build(run.arch, **run.arguments)
    draw_uniform(model, half)
    return model


@recipe("lstm.ptb_small")
def lstm_ptb_small() -> FitRecipe:
    """2 x 200 units without dropout, 13 epochs; test perplexity 114.5."""
    return zaremba(
        "small", 200, length=20, epochs=13, flat=4, decay=2.0,
        dropout=0.0, clip=5.0, init=0.1, perplexity=114.5,
    )  # fmt: skip


@recipe("lstm.ptb_medium")
def lstm_ptb_medium() -> FitRecipe:
    """2 x 650 units, dropout 0.5, 39 epochs; test perplexity 82.7."""
    return zaremba(
        "medium", 650, length=35, epochs=39, flat=6, decay=1.2,
        dropout=0.5, clip=5.0, init=0.05, perplexity=82.7,
    )  # fmt: skip


@recipe("lstm.ptb_large")
def lstm_ptb_large() -> FitRecipe:
    """2 x 1,500 units, dropout 0.65, 55 epochs; test perplexity 78.4."""
    return zaremba(
        "large", 1500, length=35, epochs=55, flat=14, decay=1.15,
        dropout=0.65, clip=10.0, init=0.04, perplexity=78.4,
    )  # fmt: skip


def _wikitext(tag: str, arguments: dict[str, Any], source: str) -> FitRecipe:
    """40 epochs of SGD as in PyTorch's example, but with a cosine schedule."""
    epoch = (2_088_628 - 1 - 34) // 20 // 35
    return FitRecipe(
        name=f"lstm.{tag}",
        arch="lstm",
        arguments={
            "vocab_size": 33_278,
            "embedding_dim": 650,
            "hidden_size": 650,
            "num_layers": 2,
            "dropout": 0.5,
            **arguments,
        },
        data=wikitext2,
        task=partial(LanguageModelTask, sequence_length=35),
        optimizer=SGD,
        lr=20.0,
        schedule=cosine(),
        batch_size=20,
        steps=40 * epoch,
        seeds=1,
        follow=tied_sizes,
        options=LoopOptions(clip=0.25, evaluate_every=epoch, watch="perplexity"),
        claim=Claim("perplexity", 86.68, 3.0, source, unit=""),
    )


@recipe("lstm.wikitext2")
def lstm_wikitext2() -> FitRecipe:
    """2 x 650 units, tied weights, dropout 0.5; test perplexity 86.68."""
    return _wikitext("wikitext2", {"tie_weights": True}, "pytorch/examples issue 281, tied 650")


@recipe("lstm.wikitext2_adaptive")
def lstm_wikitext2_adaptive() -> FitRecipe:
    """The same with an adaptive softmax instead of tied weights: a step is a few times faster."""
    source = "pytorch/examples issue 281, tied 650 (a full softmax)"
    return _wikitext("wikitext2_adaptive", {"cutoffs": (1_000, 5_000, 15_000)}, source)
