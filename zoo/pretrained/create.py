"""``zoo.create_model``: an architecture, newly initialised or with the weights of a card."""

from typing import Any

from torch import Tensor, nn

from zoo import cards, registry
from zoo.cards import Card
from zoo.errors import BadInput
from zoo.nn.classifier import Classifier
from zoo.nn.feature_maps import FeatureMaps
from zoo.nn.plain_torch import plain_torch
from zoo.pretrained.adapt import adapt_weights
from zoo.pretrained.load import VOCABULARY_KEY, convert_tensors, load_into, read_tensors
from zoo.pretrained.made_as import MadeAs, made_as, mark

NEW_HEAD = 100_000_000  # numbers


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
        pretrained: True for the architecture's default weights (``zoo.cards.default``: those of
            the zoo before others', of others' the newest), or a tag such as ``"mnist"``.
        features_only: a ``FeatureMaps`` backbone: images to the list of its stages' outputs.
        out_indices: which stages, all by default; negative numbers count from the last.
        arguments: of the architecture. With weights, another ``num_classes`` gives a new head, and
            another ``in_chans`` adapts the first layer: kernels are repeated over the new channels
            and scaled, so that a grey image in three channels gives the same output as in one; for
            one channel instead of several they are summed. ``num_classes=0`` takes the head off:
            images to features (N, ``model.num_features``).

    >>> create_model("lenet5", num_classes=5).get_classifier().out_features
    5

    Raises:
        UnknownName: for a model, weights or an argument that does not exist.
        BadInput: for an argument out of range, or channels that the weights cannot be adapted to.
        BadFile: if the weights are damaged, or do not match the other arguments.
    """
    if out_indices is not None and not features_only:
        raise BadInput("out_indices is for features_only=True")
    headless = type(arguments.get("num_classes")) is int and arguments["num_classes"] == 0
    kept = {k: v for k, v in arguments.items() if not (headless and k == "num_classes")}
    model = _create(name, pretrained, kept)
    arch = name.partition(".")[0]
    if headless:
        _without_head(model, arch)
    if not features_only:
        return model
    if not isinstance(model, Classifier):
        raise BadInput(f"features_only=True is for classifiers of images; {arch} is none")
    about = registry.entry(arch)
    shape = (arguments.get("in_chans", about.input_shape[0]), *about.input_shape[1:])
    return mark(FeatureMaps(model, shape, out_indices), made_as(model))


def _without_head(model: Any, arch: str) -> None:
    """Take the last layer off.

    Raises:
        BadInput: for a network that is no classifier of images, or whose last layer is fixed.
    """
    if not isinstance(model, Classifier):
        raise BadInput(f"num_classes must be at least 1, got 0; {arch} is no classifier of images")
    if not registry.entry(arch).head:
        raise BadInput(
            f"num_classes must be at least 1, got 0; the last layer of {arch} cannot be taken off: "
            "features_only=True gives its features"
        )
    model.reset_classifier(0)


def _create(name: str, pretrained: bool | str, arguments: dict[str, Any]) -> nn.Module:
    if not isinstance(name, str):
        raise BadInput(
            f"a model is made by the name of its architecture, got {type(name).__name__}"
        )
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
        model = registry.build(arch, **arguments)
        return mark(model, MadeAs(arch, arguments, None))
    registry.entry(arch)  # raises UnknownName for an unknown architecture
    return from_card(cards.default(arch), **arguments)


@plain_torch()
def from_card(card: Card, **arguments: Any) -> nn.Module:
    """The model of a card with its weights, adapted to ``arguments`` as in ``create_model``."""
    return assemble(card, **arguments)[0]


@plain_torch()
def assemble(card: Card, **arguments: Any) -> tuple[nn.Module, Tensor | None]:
    """The model as from ``from_card``, and the packed vocabulary if the file has one."""
    about = registry.entry(card.arch)
    # its file holds every number of the network in a byte or more; a new head may come on top
    most = card.bytes + (NEW_HEAD if arguments else 0)
    model = registry.build(card.arch, most, **{**card.arguments, **arguments})
    initial = model.state_dict()
    tensors = convert_tensors(card, read_tensors(card), initial)
    vocabulary = tensors.pop(VOCABULARY_KEY, None)
    load_into(model, adapt_weights(card, tensors, initial, about, arguments), card.name)
    mark(model, MadeAs(card.arch, arguments, card.front_end))
    return model, vocabulary


@plain_torch()
def packed_vocabulary(card: Card) -> Tensor | None:
    """The packed vocabulary of a weights file, if it has one, without building the network."""
    return read_tensors(card).get(VOCABULARY_KEY)
