"""The optimizers that several recipes share, and those that a field ``optimizer=NAME`` may name.

Each is a constructor without a learning rate: the schedule sets it before every step. Notes:
course 2, week 2, "Gradient descent with momentum", "RMSprop", "Adam".
"""

from collections.abc import Callable
from functools import partial

import torch

ADAMW = partial(torch.optim.AdamW, lr=0.0, weight_decay=0.01)
NESTEROV = partial(torch.optim.SGD, lr=0.0, momentum=0.9, nesterov=True, weight_decay=5e-4)

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": partial(torch.optim.SGD, lr=0.0),
    "momentum": partial(torch.optim.SGD, lr=0.0, momentum=0.9),
    "rmsprop": partial(torch.optim.RMSprop, lr=0.0),
    "adam": partial(torch.optim.Adam, lr=0.0),
    "adamw": partial(torch.optim.AdamW, lr=0.0),
}
