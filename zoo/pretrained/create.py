"""``zoo.create_model``: an architecture, with fresh weights or with a card's."""

from typing import Any

from torch import Tensor, nn

from zoo import cards, registry
from zoo.cards import Card
from zoo.errors import BadInput
from zoo.nn.feature_maps import FeatureMaps
from zoo.pretrained.adapt import adapted
from zoo.pretrained.load import WORDS, converted, load_into, tensors_of


def create_model(
    name: str,
    *,
    pretrained: bool | str = False,
    features_only: bool = False,
    out_indices: tuple[int, ...] | None = None,
    **arguments: Any,
) -> nn.Module:
    """Build a model by name.

    Args:
        name: an architecture (``"lenet5"``) or weights (``"lenet5.mnist"``: loads them).
        pretrained: True for the architecture's default weights (``zoo.cards.default``: our own
            before others', others' newest), or a tag such as ``"mnist"``.
        features_only: a ``FeatureMaps`` backbone: pictures to the list of its stages' outputs.
        out_indices: which stages, all by default; negative numbers count from the last.
        arguments: of the architecture. With weights, ``num_classes`` other than theirs gives a
            fresh head, and another ``in_chans`` adapts the first layer: kernels are repeated over
            the new channels and scaled, so that a grey picture in three channels gives what it
            gave in one; and summed where one channel takes the place of several.

    >>> create_model("lenet5", num_classes=5).get_classifier().out_features
    5

    Raises:
        UnknownName: for a model, weights or an argument that does not exist.
        BadInput: for an argument that makes no sense, or channels that the weights cannot take.
        BadFile: if the weights are damaged, or do not fit the other arguments.
    """
    if out_indices is not None and not features_only:
        raise BadInput("out_indices is for features_only=True")
    model = _created(name, pretrained, arguments)
    if not features_only:
        return model
    about = registry.entry(name.partition(".")[0])
    shape = (arguments.get("in_chans", about.input_shape[0]), *about.input_shape[1:])
    return FeatureMaps(model, shape, out_indices)


def _created(name: str, pretrained: bool | str, arguments: dict[str, Any]) -> nn.Module:
    arch, _, tag = name.partition(".")
    if isinstance(pretrained, str):
        of, dot, rest = pretrained.partition(".")
        if dot and of != arch:
            raise BadInput(f"{pretrained} are weights of {of}, not of {arch}")
        pretrained = rest if dot else pretrained
    if isinstance(pretrained, str) or tag:
        if tag and isinstance(pretrained, str) and pretrained != tag:
            raise BadInput(f"{name} with pretrained={pretrained!r}: which of the two weights?")
        tag = tag or str(pretrained)
        return from_card(cards.card(f"{arch}.{tag}"), **arguments)
    if not pretrained:
        return registry.build(arch, **arguments)
    registry.entry(arch)  # an unknown architecture is said to be that
    return from_card(cards.default(arch), **arguments)


def from_card(card: Card, **arguments: Any) -> nn.Module:
    """The model of a card with its weights, adapted to ``arguments`` as ``create_model`` says."""
    return assemble(card, **arguments)[0]


def assemble(card: Card, **arguments: Any) -> tuple[nn.Module, Tensor | None]:
    """As ``from_card``; also the packed vocabulary, where the file holds one."""
    about = registry.entry(card.arch)
    model = registry.build(card.arch, **{**card.arguments, **arguments})
    fresh = model.state_dict()
    tensors = converted(card, tensors_of(card), fresh)
    words = tensors.pop(WORDS, None)
    load_into(model, adapted(card, tensors, fresh, about, arguments), card.name)
    return model, words


def words_of(card: Card) -> Tensor | None:
    """The packed vocabulary of a weights file, if it holds one; the network is not built."""
    return tensors_of(card).get(WORDS)
