"""Our networks and ``zoo.optimize`` beside torchvision's networks with the same weights.

Three questions for each network: does our forward pass cost more than theirs, do our training
passes, and how much faster is ``zoo.optimize`` than torchvision's eager default? With
``channels_last``: is training faster in that memory format? Auxiliary heads are off in the forward
pass and on, with weight 0.3, in the training pass, on both sides.
Proof: tests/bench/test_models.py.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo import registry
from zoo.engine.timing import Times, Work, interleaved
from zoo.errors import BadFile, BadInput, unknown
from zoo.pretrained.load import load_into
from zoo.pretrained.optimize import optimize

ROUNDS = 7
HEAD = ("network", "what", "batch", "ours, ms", "theirs, ms", "ratio", "ours, CPU ms", "theirs")
MOST = 90.0  # seconds for one row: slow machines do fewer rounds


@dataclass(frozen=True)
class Peer:
    """torchvision's network and how it is built like ours."""

    name: str
    size: int = 224
    ours: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] = field(default_factory=dict)


AUXILIARY = {"aux_logits": True, "init_weights": False}  # which would take half a minute
PEERS = {
    "alexnet_owt": Peer("alexnet"),
    "vgg16": Peer("vgg16"),
    "resnet18": Peer("resnet18"),
    "resnet50": Peer("resnet50"),
    "googlenet_tv": Peer("googlenet", 224, {"auxiliary": True}, AUXILIARY),
    "inception_v3": Peer("inception_v3", 299, {"auxiliary": True}, AUXILIARY),
}


@dataclass(frozen=True)
class Row:
    """Two sides' medians; times in seconds. The ratio is ours to theirs, below 1 is quicker."""

    network: str
    what: str
    batch: int
    ours: float
    theirs: float
    ratio: float
    ours_cpu: float
    theirs_cpu: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table, times in milliseconds."""
        times = [f"{1e3 * t:.1f}" for t in (self.ours, self.theirs, self.ours_cpu, self.theirs_cpu)]
        return (self.network, self.what, str(self.batch), *times[:2], f"{self.ratio:.2f}",
                *times[2:])  # fmt: skip


def run(
    rounds: int,
    *,
    models: tuple[str, ...] = (),
    batch: tuple[int, ...] = (1, 8),
    size: int | None = None,
    channels_last: bool = False,
) -> Iterator[Row]:
    """Measure the networks; training at the largest batch only.

    Args:
        rounds: how often each side runs.
        models: which of them, with commas; default all.
        batch: batch sizes, with commas.
        size: of the images, if not the network's own.
        channels_last: instead, our training passes in channels-last beside the default.

    Raises:
        BadInput: for a batch size below 1.
        UnknownName: for a network that is not compared.
        BadFile: if the two sides do not give the same numbers.
    """
    if min(batch, default=0) < 1:
        raise BadInput(f"--batch must be at least 1, got {','.join(map(str, batch))!r}")
    for name in models:
        if name not in PEERS:
            raise unknown("network to compare", name, PEERS)
    measure = _channels_last_rows if channels_last else _rows
    for name in models or PEERS:
        yield from measure(name, rounds, batch, size)


def pair(name: str) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's, with the same weights. torchvision is imported here, as a peer."""
    about = PEERS[name]
    torch.manual_seed(0)
    peer = getattr(import_module("torchvision.models"), about.name)(**about.theirs)
    ours = registry.build(name, **about.ours)
    load_into(ours, peer.state_dict(), f"torchvision's {about.name}")
    return ours, peer


def _rows(name: str, rounds: int, batches: tuple[int, ...], size: int | None) -> Iterable[Row]:
    ours, peer = pair(name)
    for batch in batches:
        pictures = _pictures(batch, size or PEERS[name].size)
        ours.eval()
        peer.eval()
        fast = optimize(ours, pictures)
        _agree(name, [ours, peer, fast], pictures)
        forward = {
            "ours": _inference(ours, pictures),
            "theirs": _inference(peer, pictures),
            "fast": _inference(fast, pictures),
        }
        times = interleaved(forward, rounds, most=MOST)
        yield _row(name, "forward", batch, times["ours"], times["theirs"])
        yield _row(name, f"optimized ({fast.form})", batch, times["fast"], times["theirs"])
    pictures = _pictures(max(batches), size or PEERS[name].size)
    both = {"ours": _training(ours, pictures), "theirs": _training(peer, pictures)}
    times = interleaved(both, rounds, most=MOST)
    yield _row(name, "forward + backward", max(batches), times["ours"], times["theirs"])


def _channels_last_rows(
    name: str, rounds: int, batches: tuple[int, ...], size: int | None
) -> Iterable[Row]:
    """Ours in channels-last (first) beside ours in the default memory format (second)."""
    pictures = _pictures(max(batches), size or PEERS[name].size)
    default, last = (registry.build(name, **PEERS[name].ours) for _ in range(2))
    last.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    both = {"default": _training(default, pictures), "last": _training(last, pictures)}
    times = interleaved(both, rounds, most=MOST)
    yield _row(name, "training: channels-last", max(batches), times["last"], times["default"])


def _row(name: str, what: str, batch: int, ours: Times, theirs: Times) -> Row:
    return Row(name, what, batch, ours.median, theirs.median, ours.ratio(theirs),
               ours.cpu_median, theirs.cpu_median)  # fmt: skip


def _pictures(batch: int, size: int) -> Tensor:
    return torch.randn(batch, 3, size, size, generator=torch.Generator().manual_seed(0))


@torch.inference_mode()
def _agree(name: str, networks: list[nn.Module], pictures: Tensor) -> None:
    """A faster network that computes something else would not be faster."""
    ours, *others = (network(pictures) for network in networks)
    for other in others:
        if not (ours - other).abs().max() <= 1e-4 * ours.abs().max():
            raise BadFile(f"{name}: the sides give different numbers; nothing to compare")


def _inference(network: nn.Module, pictures: Tensor) -> Callable[[], Work]:
    @torch.inference_mode()
    def work() -> None:
        network(pictures)

    return lambda: work


def _training(network: nn.Module, pictures: Tensor) -> Callable[[], Work]:
    labels = torch.arange(len(pictures))

    def work() -> None:
        outputs = network(pictures)
        main, *auxiliary = outputs if isinstance(outputs, tuple) else (outputs,)
        loss = F.cross_entropy(main, labels)
        for logits in auxiliary:
            loss = loss + 0.3 * F.cross_entropy(logits, labels)
        loss.backward()

    def prepare() -> Work:
        network.train()
        network.zero_grad()
        return work

    return prepare
