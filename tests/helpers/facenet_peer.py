"""Inception-ResNet-v1 in facenet-pytorch's names, without the zoo: a table, a state, a forward.

Written from the figures of arXiv:1602.07261 and the names of facenet-pytorch's published files.
"""

from functools import lru_cache

import torch
import torch.nn.functional as F

STEM = {  # name: channels in and out, kernel, stride, padding
    "conv2d_1a": (3, 32, 3, 2, 0), "conv2d_2a": (32, 32, 3, 1, 0), "conv2d_2b": (32, 64, 3, 1, 1),
    "conv2d_3b": (64, 80, 1, 1, 0), "conv2d_4a": (80, 192, 3, 1, 0),
    "conv2d_4b": (192, 256, 3, 2, 0),
}  # fmt: skip
A = {
    "branch0": (256, 32, 1, 1, 0),
    "branch1.0": (256, 32, 1, 1, 0), "branch1.1": (32, 32, 3, 1, 1),
    "branch2.0": (256, 32, 1, 1, 0), "branch2.1": (32, 32, 3, 1, 1), "branch2.2": (32, 32, 3, 1, 1),
}  # fmt: skip
B = {
    "branch0": (896, 128, 1, 1, 0),
    "branch1.0": (896, 128, 1, 1, 0), "branch1.1": (128, 128, (1, 7), 1, (0, 3)),
    "branch1.2": (128, 128, (7, 1), 1, (3, 0)),
}  # fmt: skip
C = {
    "branch0": (1792, 192, 1, 1, 0),
    "branch1.0": (1792, 192, 1, 1, 0), "branch1.1": (192, 192, (1, 3), 1, (0, 1)),
    "branch1.2": (192, 192, (3, 1), 1, (1, 0)),
}  # fmt: skip
MIXED_6A = {
    "branch0": (256, 384, 3, 2, 0),
    "branch1.0": (256, 192, 1, 1, 0), "branch1.1": (192, 192, 3, 1, 1),
    "branch1.2": (192, 256, 3, 2, 0),
}  # fmt: skip
MIXED_7A = {
    "branch0.0": (896, 256, 1, 1, 0), "branch0.1": (256, 384, 3, 2, 0),
    "branch1.0": (896, 256, 1, 1, 0), "branch1.1": (256, 256, 3, 2, 0),
    "branch2.0": (896, 256, 1, 1, 0), "branch2.1": (256, 256, 3, 1, 1),
    "branch2.2": (256, 256, 3, 2, 0),
}  # fmt: skip
BLOCKS = {  # name of a residual block: branches, maps joined, maps, scale, whether a ReLU follows
    **{f"repeat_1.{n}": (A, 96, 256, 0.17, True) for n in range(5)},
    **{f"repeat_2.{n}": (B, 256, 896, 0.10, True) for n in range(10)},
    **{f"repeat_3.{n}": (C, 384, 1792, 0.20, True) for n in range(5)},
    "block8": (C, 384, 1792, 1.0, False),
}
UNITS = {
    **STEM,
    **{f"{block}.{k}": v for block, (table, *_) in BLOCKS.items() for k, v in table.items()},
    **{f"mixed_6a.{k}": v for k, v in MIXED_6A.items()},
    **{f"mixed_7a.{k}": v for k, v in MIXED_7A.items()},
}


@lru_cache(maxsize=1)
def published():
    """Random tensors with the names and shapes of a published file, of seven people."""
    draw = torch.Generator().manual_seed(0)

    def normal(*shape, mean=0.0, std=1.0):
        return mean + std * torch.randn(*shape, generator=draw)

    def norm(name, maps):
        made[f"{name}.weight"] = normal(maps, mean=1.0, std=0.2)
        made[f"{name}.bias"] = normal(maps, std=0.2)
        made[f"{name}.running_mean"] = normal(maps, std=0.2)
        made[f"{name}.running_var"] = 0.5 + torch.rand(maps, generator=draw)
        made[f"{name}.num_batches_tracked"] = torch.tensor(7)

    made = {}
    for name, (c_in, c_out, kernel, _, _) in UNITS.items():
        high, wide = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        std = (2 / (c_in * high * wide)) ** 0.5
        made[f"{name}.conv.weight"] = normal(c_out, c_in, high, wide, std=std)
        norm(f"{name}.bn", c_out)
    for name, (_, joined, maps, _, _) in BLOCKS.items():
        made[f"{name}.conv2d.weight"] = normal(maps, joined, 1, 1, std=joined**-0.5)
        made[f"{name}.conv2d.bias"] = normal(maps, std=0.1)
    made["last_linear.weight"] = normal(512, 1792, std=1792**-0.5)
    norm("last_bn", 512)
    made["logits.weight"], made["logits.bias"] = normal(7, 512), normal(7)
    return made


def state():
    """The same without the people."""
    return {key: tensor for key, tensor in published().items() if not key.startswith("logits.")}


def unit(p, x, name):
    """Convolution, batch norm, ReLU."""
    _, _, _, stride, padding = UNITS[name]
    x = F.conv2d(x, p[f"{name}.conv.weight"], stride=stride, padding=padding)
    return norm(p, x, f"{name}.bn").relu()


def norm(p, x, name):
    """Batch norm with the running statistics."""
    at = (-1,) + (1,) * (x.dim() - 2)
    mean, var = p[f"{name}.running_mean"].view(at), p[f"{name}.running_var"].view(at)
    weight, bias = p[f"{name}.weight"].view(at), p[f"{name}.bias"].view(at)
    return (x - mean) / (var + 0.001).sqrt() * weight + bias


def branches(p, x, name, table):
    """The views of the same maps, side by side."""
    views = []
    for branch in dict.fromkeys(key.partition(".")[0] for key in table):
        view = x
        for key in (key for key in table if key.partition(".")[0] == branch):
            view = unit(p, view, f"{name}.{key}")
        views.append(view)
    return views


def residual(p, x, name):
    """x plus a scaled 1x1 convolution of its views."""
    table, _, _, scale, relu = BLOCKS[name]
    update = torch.cat(branches(p, x, name, table), 1)
    update = F.conv2d(update, p[f"{name}.conv2d.weight"], p[f"{name}.conv2d.bias"])
    return (x + scale * update).relu() if relu else x + scale * update


def reduction(p, x, name, table):
    """Half the size: branches with stride 2, and a max pooling."""
    return torch.cat([*branches(p, x, name, table), F.max_pool2d(x, 3, 2)], 1)


def forward(p, x):
    """Embeddings of images, from a state dict."""
    for name in ("conv2d_1a", "conv2d_2a", "conv2d_2b"):
        x = unit(p, x, name)
    x = F.max_pool2d(x, 3, 2)
    for name in ("conv2d_3b", "conv2d_4a", "conv2d_4b"):
        x = unit(p, x, name)
    for n in range(5):
        x = residual(p, x, f"repeat_1.{n}")
    x = reduction(p, x, "mixed_6a", MIXED_6A)
    for n in range(10):
        x = residual(p, x, f"repeat_2.{n}")
    x = reduction(p, x, "mixed_7a", MIXED_7A)
    for n in range(5):
        x = residual(p, x, f"repeat_3.{n}")
    x = residual(p, x, "block8").flatten(2).mean(2)
    x = norm(p, x @ p["last_linear.weight"].T, "last_bn")
    return x / x.square().sum(1, keepdim=True).sqrt()
