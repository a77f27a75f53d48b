"""``zoo.create_model``: an architecture, with fresh weights or with a card's."""

import math
from typing import Any

from torch import Tensor, nn

from zoo import cards, registry
from zoo.cards import Card
from zoo.errors import BadInput, unknown
from zoo.pretrained.load import load_into, tensors_of


def create_model(name: str, *, pretrained: bool | str = False, **arguments: Any) -> nn.Module:
    """Build a model by name.

    Args:
        name: an architecture (``"lenet5"``) or weights (``"lenet5.mnist"``: loads them).
        pretrained: True for the architecture's first weights, or a tag such as ``"mnist"``.
        arguments: of the architecture. With weights, ``num_classes`` other than theirs gives a
            fresh head, and another ``in_chans`` adapts the first layer: kernels are repeated over
            the new channels and scaled, so that a grey picture in three channels gives what it
            gave in one; and summed where one channel takes the place of several.

    >>> create_model("lenet5", num_classes=5).get_classifier().out_features
    5

    Raises:
        UnknownName: for a model, weights or an argument that does not exist.
        BadInput: for an argument that its weights cannot be adapted to.
        BadFile: if the weights are damaged.
    """
    arch, _, tag = name.partition(".")
    if isinstance(pretrained, str) or tag:
        tag = tag or str(pretrained)
        return from_card(cards.card(f"{arch}.{tag}"), **arguments)
    if not pretrained:
        return registry.build(arch, **arguments)
    registry.entry(arch)  # an unknown architecture is said to be that
    found = cards.list_weights(f"{arch}.*")
    if not found:
        raise unknown(f"weights of {arch}", arch, cards.list_weights())
    return from_card(cards.card(found[0]), **arguments)


def from_card(card: Card, **arguments: Any) -> nn.Module:
    """The model of a card with its weights, adapted to ``arguments`` as ``create_model`` says."""
    about = registry.entry(card.arch)
    model = registry.build(card.arch, **{**card.arguments, **arguments})
    tensors = tensors_of(card)
    fresh = model.state_dict()
    if arguments.get("num_classes", len(card.classes)) != len(card.classes):
        head = f"{about.head}." if about.head else None
        tensors |= {k: v for k, v in fresh.items() if head and k.startswith(head)}
    stem = about.stem
    if stem in tensors and stem in fresh and fresh[stem].shape != tensors[stem].shape:
        if "in_chans" not in arguments:
            raise BadInput(f"the weights of {card.name} do not fit the arguments {arguments}")
        tensors[stem] = adapt_channels(
            tensors[stem], card.arguments.get("in_chans", about.input_shape[0]), fresh[stem].shape
        )
    load_into(model, tensors, card.name)
    return model


def adapt_channels(weight: Tensor, have: int, shape: tuple[int, ...]) -> Tensor:
    """First-layer weights for another number of input channels.

    Args:
        weight: (O, have, ...) of a convolution, or (O, have * P) of a linear layer over pixels.
        have: channels it was trained with.
        shape: what is wanted.
    """
    planes = weight.reshape(len(weight), have, -1)  # (O, have, P)
    want = math.prod(shape) // (planes.shape[0] * planes.shape[2])
    if planes.shape[0] * want * planes.shape[2] != math.prod(shape) or want < 1:
        raise BadInput(f"first-layer weights {tuple(weight.shape)} cannot become {tuple(shape)}")
    if want == 1:
        return planes.sum(1, keepdim=True).reshape(shape)
    repeats = -(-want // have)
    return (planes.repeat(1, repeats, 1)[:, :want] * (have / want)).reshape(shape)
