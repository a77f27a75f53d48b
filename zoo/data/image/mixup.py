"""Training on mixtures of two images: mixup and cutmix, with an address for what they draw.

Papers: Zhang et al. 2017, arXiv:1710.09412, sec. 2 (mixup); Yun et al. 2019, arXiv:1905.04899,
sec. 3.1 (cutmix). torchvision.transforms.v2 mixes; it draws from torch's global state, so that is
set from the given generator for the time of the call and put back: a resumed run mixes bit for bit
as the uninterrupted one.
Deviations: as in torchvision, one lambda for the batch, and each image meets its neighbour in
the batch, which is shuffled anyway.
Proof: tests/data/image/test_mixup.py.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from zoo.errors import BadInput, unknown

Mix = Callable[[Tensor, Tensor, torch.Generator], tuple[Tensor, Tensor]]
KINDS = ("mixup", "cutmix", "both")


def mixing(kind: str, alpha: float, classes: int) -> Mix:
    """A function that mixes a batch: (images, labels, generator) -> (images, probabilities).

    Args:
        kind: "mixup" blends whole images, "cutmix" pastes a box of one into the other, "both"
            draws one of the two for each batch.
        alpha: lambda is drawn from Beta(alpha, alpha): 0.2 for mixup on ImageNet (sec. 3.1), 1 for
            cutmix (sec. 4.1).
        classes: K.

    The function takes images (N, C, H, W) as floats and labels (N,) as integers, and gives new
    images and the probabilities (N, K) of the classes in them.

    Raises:
        UnknownName: for another kind.
        BadInput: unless alpha is above 0.
    """
    from torchvision.transforms import v2  # late: it takes a second to import

    if kind not in KINDS:
        raise unknown("mixture", kind, KINDS)
    if not 0 < alpha < float("inf"):
        raise BadInput(f"mix_alpha must be above 0, got {alpha}")
    ways = {"mixup": [v2.MixUp], "cutmix": [v2.CutMix], "both": [v2.MixUp, v2.CutMix]}[kind]
    made = [way(alpha=alpha, num_classes=classes) for way in ways]

    def apply(images: Tensor, labels: Tensor, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        chosen = made[int(torch.randint(len(made), (), generator=draw))]
        with torch.random.fork_rng(devices=[]):  # torch's own state comes back afterwards
            torch.set_rng_state(draw.get_state())
            images, probabilities = chosen(images, labels)
        return images, probabilities

    return apply
