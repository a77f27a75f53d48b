"""The receptive field of each unit: which pixels of the image it can see.

The functions that are called are followed: a convolution, a pooling, padding or a slice changes
where the first unit's field begins and ends and how far the next unit's is away; where branches
meet, the field is what any of them sees; what mixes all places (a fully connected layer, global
pooling) sees all. Statistics that a norm takes over the places of an image are not counted.
Proof: tests/viz/layers/test_fields.py (where the gradient of positive weights is above zero).
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from torch import Tensor
from torch.utils._pytree import tree_leaves
from torch.utils.weak import WeakIdKeyDictionary


class Span(NamedTuple):
    """Along one axis: unit i sees the pixels from ``first + i step`` to before ``end + i step``."""

    first: float
    end: float
    step: float

    def over(self, size: int, step: int, pad: int) -> "Span":
        """What a window of so many units sees."""
        first = self.first - pad * self.step
        return Span(first, self.end + (size - 1 - pad) * self.step, self.step * step)

    def joined(self, other: "Span") -> "Span":
        """What either sees."""
        return Span(
            min(self.first, other.first), max(self.end, other.end), max(self.step, other.step)
        )


class Field(NamedTuple):
    """The receptive fields of a map's units."""

    rows: Span
    columns: Span

    @property
    def size(self) -> tuple[float, float]:
        """Height and width in pixels, beyond the image's border too; infinite for all of it."""
        return self.rows.end - self.rows.first, self.columns.end - self.columns.first

    def box(self, row: int, column: int, height: int, width: int) -> tuple[int, int, int, int]:
        """Top, left, bottom, right of what a unit sees of an image of this size."""
        top, bottom = _pixels(self.rows, row, height)
        left, right = _pixels(self.columns, column, width)
        return top, left, bottom, right


ALL = Span(-math.inf, math.inf, 0.0)


def _pixels(span: Span, unit: int, size: int) -> tuple[int, int]:
    if math.isinf(span.end):
        return 0, size
    first, end = span.first + unit * span.step, span.end + unit * span.step
    low = min(max(math.floor(first), 0), size - 1)
    return low, max(min(math.ceil(end), size), low + 1)


class Known(NamedTuple):
    """What is known of a tensor: the fields of the map that it is, or was before a reshaping."""

    field: Field
    size: tuple[int, int]  # of that map


class Fields:
    """Follows the functions that are called with what is made of ``image`` (N, C, H, W)."""

    def __init__(self, image: Tensor) -> None:
        one = Span(0.0, 1.0, 1.0)
        self.known: Any = WeakIdKeyDictionary()
        self.known[image] = Known(Field(one, one), (image.shape[2], image.shape[3]))

    def of(self, map: Tensor) -> Field:
        """The field of a map (N, C, h, w)."""
        found: Known = self.known.get(map, Known(Field(ALL, ALL), (0, 0)))
        return found.field

    def follow(
        self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any
    ) -> None:
        """Note the fields of what a function has given."""
        leaves = tree_leaves((args, dict(kwargs)))
        inputs = [self.known[x] for x in leaves if isinstance(x, Tensor) and x in self.known]
        outputs = [one for one in tree_leaves(result) if isinstance(one, Tensor)]
        for output in outputs if inputs else []:
            name = str(func.__name__)
            if name in GLOBAL or name.startswith("adaptive"):
                self.known[output] = Known(Field(ALL, ALL), (1, 1))
            elif output.dim() != 4:
                self.known[output] = inputs[0]
            else:
                size = (output.shape[2], output.shape[3])
                spans = [_along(axis, name, args, kwargs, inputs, size) for axis in (0, 1)]
                self.known[output] = Known(Field(*spans), size)


def _along(
    axis: int,
    name: str,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    inputs: list[Known],
    size: tuple[int, int],
) -> Span:
    """The span along rows (0) or columns (1)."""
    if name in STEPS:
        names, step = STEPS[name]
        given = dict(zip(names, args, strict=False)) | dict(kwargs)
        return step(inputs[0].field[axis], axis, given)
    spans = [_resampled(one.field[axis], one.size[axis], size[axis]) for one in inputs]
    joined = spans[0]
    for span in spans[1:]:
        joined = joined.joined(span)
    return joined


def _resampled(span: Span, before: int, after: int) -> Span:
    """Of one size: the same; of another (a resizing, a reshaping): a unit wider on both sides."""
    if before == after or math.isinf(span.end):
        return span
    if before == 1:  # what is broadcast sees for all units the same
        return span._replace(step=0.0)
    step = span.step * before / after
    margin = max(span.step, step)
    return Span(span.first - margin, span.end + margin, step)


Given = Mapping[str, Any]


def _pair(value: Any, axis: int) -> Any:
    numbers = list(value) if isinstance(value, list | tuple) else [value]
    return numbers[axis if len(numbers) == 2 else 0]


def _window(span: Span, axis: int, given: Given, size: int, stride: int) -> Span:
    reach = _pair(given.get("dilation", 1), axis) * (size - 1) + 1
    padding = given.get("padding", 0)
    if padding == "same":
        pad = (reach - 1) // 2
    else:
        pad = 0 if padding == "valid" else _pair(padding, axis)
    return span.over(reach, stride, pad)


def _convolution(span: Span, axis: int, given: Given) -> Span:
    stride = _pair(given.get("stride", 1), axis)
    return _window(span, axis, given, given["weight"].shape[2 + axis], stride)


def _transposed(span: Span, axis: int, given: Given) -> Span:
    stride = _pair(given.get("stride", 1), axis)
    reach = math.ceil(given["weight"].shape[2 + axis] / stride) * span.step
    return Span(span.first - reach, span.end + reach, span.step / stride)


def _pool(span: Span, axis: int, given: Given) -> Span:
    size = _pair(given["kernel_size"], axis)
    return _window(span, axis, given, size, _pair(given.get("stride") or size, axis))


def _pad(span: Span, axis: int, given: Given) -> Span:
    before = list(given["pad"])[0::2]  # columns first
    at = 1 - axis
    return span.over(1, 1, int(before[at])) if at < len(before) else span


def _index(span: Span, axis: int, given: Given) -> Span:
    """``x[..., 1:, ::2]``; what else is indexed leaves fields as they are."""
    index = given["index"] if isinstance(given["index"], tuple) else (given["index"],)
    if Ellipsis in index:
        at = index.index(Ellipsis)
        index = (*index[:at], *[slice(None)] * (5 - len(index)), *index[at + 1 :])
    part = index[2 + axis] if len(index) > 2 + axis else None
    if not isinstance(part, slice):
        return span
    start = max(part.start or 0, 0)
    return span.over(1, part.step or 1, -start)


CONVOLUTION = ("input", "weight", "bias", "stride", "padding", "dilation")
TRANSPOSED = ("input", "weight", "bias", "stride")
POOL = ("input", "kernel_size", "stride", "padding")
STEPS: dict[str, tuple[tuple[str, ...], Callable[[Span, int, Given], Span]]] = {
    "conv2d": (CONVOLUTION, _convolution),
    "conv_transpose2d": (TRANSPOSED, _transposed),
    "max_pool2d": ((*POOL, "dilation"), _pool),
    "avg_pool2d": (POOL, _pool),
    "pad": (("input", "pad"), _pad),
    "__getitem__": (("input", "index"), _index),
}
GLOBAL = {"mean", "sum", "amax", "linear", "matmul", "bmm", "mm", "__matmul__", "addmm"}
