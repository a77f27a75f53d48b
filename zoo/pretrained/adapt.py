"""Weights for another number of classes or input channels: a new head, an adapted first layer.

``zoo.create_model`` describes ``num_classes`` and ``in_chans``; channels are adapted as in timm.
Proof: tests/pretrained/test_create.py.
"""

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from zoo.cards import Card
from zoo.errors import BadInput
from zoo.registry import Entry


def adapt_weights(
    card: Card,
    tensors: Mapping[str, Tensor],
    initial: Mapping[str, Tensor],
    about: Entry,
    arguments: Mapping[str, Any],
) -> dict[str, Tensor]:
    """The tensors of a card, changed where the new network differs from the card's.

    Args:
        tensors: of the weights file.
        initial: the state of the new network, newly initialised.
        about: the architecture, with the parameter of its first layer and its heads.
        arguments: ``num_classes`` and ``in_chans`` of the new network, if they are given.

    Raises:
        BadInput: for a first layer that differs in more than its channels.
    """
    new = dict(tensors)
    if about.head and arguments.get("num_classes", len(card.classes)) != len(card.classes):
        heads = tuple(f"{head}." for head in about.head.split())
        new |= {name: tensor for name, tensor in initial.items() if name.startswith(heads)}
        stem_is_new = any(about.stem.startswith(head) for head in heads)  # a one-layer network
    else:
        stem_is_new = False
    have = card.arguments.get("in_chans", about.input_shape[0] if about.input_shape else 1)
    want = arguments.get("in_chans", have)
    if want != have and not stem_is_new and about.stem in tensors.keys() & initial.keys():
        shape = tuple(initial[about.stem].shape)
        new[about.stem] = adapt_channels(tensors[about.stem], have, want, shape)
    return new


def adapt_channels(weight: Tensor, have: int, want: int, shape: tuple[int, ...]) -> Tensor:
    """First-layer weights for another number of input channels.

    Args:
        weight: (O, have, ...) of a convolution, or (O, have * P) of a linear layer over pixels.
        have: number of channels of ``weight``.
        want: number of channels of the result.
        shape: of the result, (O, want, ...) or (O, want * P).

    Raises:
        BadInput: if the shapes differ in more than the channels.
    """
    if weight.numel() * want != math.prod(shape) * have or weight.numel() % (len(weight) * have):
        raise BadInput(f"first-layer weights {tuple(weight.shape)} cannot become {tuple(shape)}")
    planes = weight.reshape(len(weight), have, -1)  # (O, have, P)
    if want == 1:
        return planes.sum(1, keepdim=True).reshape(shape)
    repeats = -(-want // have)
    return (planes.repeat(1, repeats, 1)[:, :want] * (have / want)).reshape(shape)
