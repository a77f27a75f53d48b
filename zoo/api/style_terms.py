"""From the options of ``zoo.stylize`` to the terms of its loss.

Proof: tests/api/test_stylizing.py.
"""

from zoo.api.style_options import StyleOptions
from zoo.errors import BadInput
from zoo.losses.style import convention
from zoo.nn.features import FeatureNetwork, wanted_layers
from zoo.trainers.style.objective import Terms

LEAST, MOST = 16, 20_000  # pixels of a side
RELATIVE = "moments"
SMOOTH = 10.0  # weights of total variation and of values out of range, in that convention


def terms_of(network: FeatureNetwork, options: StyleOptions) -> Terms:
    """The terms of the loss that options ask for, with the defaults of a network."""
    name = options.convention or network.convention
    how, smooth = convention(name), SMOOTH if name == RELATIVE else 0.0

    def given(value: float | None, default: float) -> float:
        return default if value is None else value

    return Terms(
        name,
        wanted_layers(options.content_layers or network.content_layers, network.layers),
        wanted_layers(options.style_layers or network.style_layers, network.layers),
        given(options.content_weight, how.content_weight),
        given(options.style_weight, how.style_weight),
        given(options.variation_weight, smooth),
        smooth,
        options.pooling,
    )


def check_options(options: StyleOptions) -> None:
    """Raise BadInput for options out of range."""
    if not LEAST <= options.size <= MOST:
        raise BadInput(f"size must be {LEAST} to {MOST} pixels, got {options.size}")
    if options.tile is not None and options.tile < 0:
        raise BadInput(f"tile must be at least 0, got {options.tile}")
    if not 0 < options.style_scale <= 8:
        raise BadInput(f"style_scale must be above 0 and at most 8, got {options.style_scale}")
    for name in ("content_weight", "style_weight", "variation_weight"):
        value = vars(options)[name]
        if value is not None and not 0 <= value < float("inf"):
            raise BadInput(f"{name} must be at least 0, got {value}")


def style_shares(weights: tuple[float, ...], count: int) -> list[float]:
    """The share of each style; they sum up to 1.

    Raises:
        BadInput: for another number of weights, or weights that are no shares.
    """
    if not weights:
        return [1 / count] * count
    if len(weights) != count:
        raise BadInput(f"style_weights has {len(weights)} numbers for {count} styles")
    if min(weights) < 0 or not 0 < sum(weights) < float("inf"):
        raise BadInput(f"style_weights must be at least 0, and not all 0, got {weights}")
    return [one / sum(weights) for one in weights]
