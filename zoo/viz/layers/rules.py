"""How a signal passes back through an activation: by derivative, guided, or as in a deconvnet.

Papers: Zeiler & Fergus 2013, "Visualizing and Understanding Convolutional Networks",
arXiv:1311.2901, sec. 2.1; Springenberg et al. 2014, "Striving for Simplicity", arXiv:1412.6806,
sec. 3.4 and Fig. 1. All else passes back by its transpose at this image: convolution with the
transposed filters, max pooling to the place of the maximum (the switches), average pooling evenly.
With x what enters an activation f and g the signal from above, three rules give what goes down:

- derivative: f'(x) g, the gradient;
- guided: f'(x) max(g, 0);
- deconvnet: f(g), whatever x was: the signal becomes what such a layer can give, for ReLU
  max(g, 0).

The papers know ReLU only; f'(x) max(g, 0) and f(g) are the same words for leaky ReLU, PReLU, tanh.
Sigmoids are gates, not layers' activations: they pass back by their derivative.
Proof: tests/viz/layers/test_deconvnet.py, tests/viz/layers/test_gradients.py.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Function = Callable[[Tensor], Tensor]
Rule = Callable[[Any, tuple[Any, ...], Mapping[str, Any]], Tensor]

NAMES = (
    *("relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "selu", "celu", "gelu", "silu"),
    *("mish", "hardtanh", "hardswish", "tanh", "clamp", "clamp_min", "threshold"),
    *("relu_", "leaky_relu_", "rrelu_", "elu_", "selu_", "celu_", "hardtanh_", "tanh_"),
    *("clamp_", "clamp_min_", "threshold_"),
)
ACTIVATIONS = frozenset(
    vars(place)[name] for place in (F, torch, torch._C._nn) for name in NAMES if name in vars(place)
) | {vars(torch._C.TensorBase)[name] for name in NAMES if name in vars(torch._C.TensorBase)}


class _Mirrored(torch.autograd.Function):
    """f(x) onward, f(g) back."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, f: Function) -> Tensor:
        ctx.f = f
        return f(x)

    @staticmethod
    def backward(ctx: Any, *signals: Tensor) -> tuple[Tensor, None]:
        return ctx.f(signals[0]), None


def _as_deconvnet(f: Function, x: Tensor) -> Tensor:
    return _Mirrored.apply(x, f)


def _guided(f: Function, x: Tensor) -> Tensor:
    y = f(x)
    if y.requires_grad:
        y.register_hook(lambda signal: signal.clamp(min=0))
    return y


def _ruled(apply: Callable[[Function, Tensor], Tensor]) -> Rule:
    def rule(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Tensor:
        x: Tensor = args[0] if args else kwargs["input"]
        rest, named = args[1:], {k: v for k, v in kwargs.items() if k != "input"}
        in_place = False

        def f(t: Tensor) -> Tensor:
            nonlocal in_place
            copy = t.clone()
            result: Tensor = func(copy, *rest, **named)
            in_place = result is copy
            return result

        result = apply(f, x)
        return x.copy_(result) if in_place else result  # who called may go on with x

    return rule


deconvnet: Rule = _ruled(_as_deconvnet)
guided: Rule = _ruled(_guided)
RULES: dict[str, Rule | None] = {"gradient": None, "guided": guided, "deconvnet": deconvnet}
