"""Weights for another number of classes or input channels: a fresh head, an adapted first layer.

What ``zoo.create_model`` says of ``num_classes`` and ``in_chans``; channels as timm adapts them.
Proof: tests/pretrained/test_create.py.
"""

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from zoo.cards import Card
from zoo.errors import BadInput
from zoo.registry import Entry


def adapted(
    card: Card,
    tensors: Mapping[str, Tensor],
    fresh: Mapping[str, Tensor],
    about: Entry,
    arguments: Mapping[str, Any],
) -> dict[str, Tensor]:
    """The tensors of a card, changed where the network that is wanted differs from the card's.

    Args:
        tensors: of the weights file.
        fresh: the state of the network that is wanted, with fresh weights.
        about: the architecture: which parameter is its first layer, which are its heads.
        arguments: ``num_classes`` and ``in_chans`` of the network, where they are given.

    Raises:
        BadInput: for a first layer that differs in more than its channels.
    """
    new = dict(tensors)
    if about.head and arguments.get("num_classes", len(card.classes)) != len(card.classes):
        heads = tuple(f"{head}." for head in about.head.split())
        new |= {name: tensor for name, tensor in fresh.items() if name.startswith(heads)}
        is_new = any(about.stem.startswith(head) for head in heads)  # a network of one layer
    else:
        is_new = False
    have = card.arguments.get("in_chans", about.input_shape[0] if about.input_shape else 1)
    want = arguments.get("in_chans", have)
    if want != have and not is_new and about.stem in tensors.keys() & fresh.keys():
        shape = tuple(fresh[about.stem].shape)
        new[about.stem] = adapt_channels(tensors[about.stem], have, want, shape)
    return new


def adapt_channels(weight: Tensor, have: int, want: int, shape: tuple[int, ...]) -> Tensor:
    """First-layer weights for another number of input channels.

    Args:
        weight: (O, have, ...) of a convolution, or (O, have * P) of a linear layer over pixels.
        have: channels it was trained with.
        want: channels it is to have.
        shape: of the result, (O, want, ...) or (O, want * P).

    Raises:
        BadInput: if more than the channels would have to change.
    """
    if weight.numel() * want != math.prod(shape) * have or weight.numel() % (len(weight) * have):
        raise BadInput(f"first-layer weights {tuple(weight.shape)} cannot become {tuple(shape)}")
    planes = weight.reshape(len(weight), have, -1)  # (O, have, P)
    if want == 1:
        return planes.sum(1, keepdim=True).reshape(shape)
    repeats = -(-want // have)
    return (planes.repeat(1, repeats, 1)[:, :want] * (have / want)).reshape(shape)
