"""The networks and ``zoo.optimize`` compared with torchvision's networks with the same weights.

Measured for each network: the forward pass, the training passes, and ``zoo.optimize`` against
torchvision's eager default and against onnxruntime; where the CPU computes in bfloat16, also with
``precision="bfloat16"``. With ``channels_last``: training in that memory format. Auxiliary heads
are off in the forward pass and on, with weight 0.3, in the training passes, on both sides.
Proof: tests/bench/test_models.py.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo import registry
from zoo.engine.timing import Times, Work, interleaved
from zoo.errors import BadFile, BadInput, unknown
from zoo.pretrained.load import load_into
from zoo.pretrained.onnx_session import onnx_session
from zoo.pretrained.optimize import has_bfloat16, optimize

ROUNDS = 7
HEAD = ("network", "what", "batch", "ours, ms", "theirs, ms", "ratio", "ours, CPU ms", "theirs")
ONNX, ABSENT = "onnxruntime", "not installed; pip install 'deep-zoo[export]'"
MOST = 90.0  # seconds per row: slow machines run fewer rounds


@dataclass(frozen=True)
class Peer:
    """torchvision's network, the image size, and the arguments of both builders."""

    name: str
    size: int = 224
    ours: dict[str, Any] = field(default_factory=dict)
    theirs: dict[str, Any] = field(default_factory=dict)


AUXILIARY = {"aux_logits": True, "init_weights": False}  # initialisation takes half a minute
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
    """Median seconds of two sides; ``ratio``: the zoo's over the peer's, below 1 is faster."""

    network: str
    what: str
    batch: int
    ours: float = 0.0
    theirs: float = 0.0
    ratio: float = 0.0
    ours_cpu: float = 0.0
    theirs_cpu: float = 0.0
    note: str = ""  # why nothing was measured

    def cells(self) -> tuple[str, ...]:
        """Text for a table, times in milliseconds."""
        if self.note:
            return (self.network, f"{self.what}: {self.note}", str(self.batch), *[""] * 5)
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
    onnxruntime: bool = True,
) -> Iterator[Row]:
    """Measure the networks; training at the largest batch only.

    Args:
        rounds: how often each side runs.
        models: names of the networks, with commas; default all.
        batch: batch sizes, with commas.
        size: of the images; default that of the network.
        channels_last: compare training in channels-last with the default memory format instead.
        onnxruntime: compare with onnxruntime too.

    Raises:
        BadInput: for a batch size below 1.
        UnknownName: for a network that is not compared.
        BadFile: if the two sides do not give the same outputs.
    """
    if min(batch, default=0) < 1:
        raise BadInput(f"--batch must be at least 1, got {','.join(map(str, batch))!r}")
    for name in models:
        if name not in PEERS:
            raise unknown("network to compare", name, PEERS)
    for name in models or PEERS:
        if channels_last:
            yield from _channels_last_rows(name, rounds, batch, size)
        else:
            yield from _rows(name, rounds, batch, size, onnxruntime)


def matched_networks(name: str) -> tuple[nn.Module, nn.Module]:
    """The zoo's network and torchvision's, with the same weights."""
    about = PEERS[name]
    torch.manual_seed(0)
    peer = getattr(import_module("torchvision.models"), about.name)(**about.theirs)
    ours = registry.build(name, **about.ours)
    load_into(ours, peer.state_dict(), f"torchvision's {about.name}")
    return ours, peer


def _rows(
    name: str, rounds: int, batches: tuple[int, ...], size: int | None, onnxruntime: bool
) -> Iterable[Row]:
    ours, peer = matched_networks(name)
    side = size or PEERS[name].size
    session = _session(ours.eval(), side) if onnxruntime else None
    for batch in batches:
        networks = {"ours": ours.eval(), "theirs": peer.eval()}
        if session is not None:
            networks[ONNX] = session
        yield from _forward_rows(name, rounds, networks, _images(batch, side))
        if onnxruntime and session is None:
            yield Row(name, f"optimized beside {ONNX}", batch, note=ABSENT)
    images = _images(max(batches), side)
    both = {"ours": _training(ours, images), "theirs": _training(peer, images)}
    times = interleaved(both, rounds, most=MOST)
    yield _row(name, "forward + backward", max(batches), times["ours"], times["theirs"])


def _forward_rows(
    name: str, rounds: int, networks: dict[str, nn.Module], images: Tensor
) -> Iterable[Row]:
    """The network, and what ``optimize`` makes of it, beside the others in ``networks``."""
    fast = optimize(networks["ours"], images)
    networks = {**networks, "fast": fast}
    _check_same_outputs(name, list(networks.values()), images)
    if has_bfloat16(images):
        networks["rough"] = optimize(networks["ours"], images, precision="bfloat16")
    sides = {key: _inference(network, images) for key, network in networks.items()}
    times, batch = interleaved(sides, rounds, most=MOST), len(images)
    yield _row(name, "forward", batch, times["ours"], times["theirs"])
    yield _row(name, f"optimized ({fast.form})", batch, times["fast"], times["theirs"])
    if ONNX in times:
        yield _row(name, f"optimized beside {ONNX}", batch, times["fast"], times[ONNX])
    if "rough" in times:
        yield _row(name, "optimized, bfloat16 allowed", batch, times["rough"], times["theirs"])


def _session(network: nn.Module, size: int) -> nn.Module | None:
    """``network`` as onnxruntime runs it; None where it is not installed."""
    if find_spec(ONNX) is None or find_spec("onnxscript") is None:
        return None
    return onnx_session(network, _images(1, size))


def _channels_last_rows(
    name: str, rounds: int, batches: tuple[int, ...], size: int | None
) -> Iterable[Row]:
    """Training in channels-last (first) and in the default memory format (second)."""
    images = _images(max(batches), size or PEERS[name].size)
    default, last = (registry.build(name, **PEERS[name].ours) for _ in range(2))
    last.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    both = {"default": _training(default, images), "last": _training(last, images)}
    times = interleaved(both, rounds, most=MOST)
    yield _row(name, "training: channels-last", max(batches), times["last"], times["default"])


def _row(name: str, what: str, batch: int, ours: Times, theirs: Times) -> Row:
    return Row(name, what, batch, ours.median, theirs.median, ours.ratio(theirs),
               ours.cpu_median, theirs.cpu_median)  # fmt: skip


def _images(batch: int, size: int) -> Tensor:
    return torch.randn(batch, 3, size, size, generator=torch.Generator().manual_seed(0))


@torch.inference_mode()
def _check_same_outputs(name: str, networks: list[nn.Module], images: Tensor) -> None:
    """Raise BadFile if the networks give different outputs."""
    ours, *others = (network(images) for network in networks)
    for other in others:
        if not (ours - other).abs().max() <= 1e-4 * ours.abs().max():
            raise BadFile(f"{name}: the sides give different numbers; nothing to compare")


def _inference(network: nn.Module, images: Tensor) -> Callable[[], Work]:
    @torch.inference_mode()
    def work() -> None:
        network(images)

    return lambda: work


def _training(network: nn.Module, images: Tensor) -> Callable[[], Work]:
    labels = torch.arange(len(images))

    def work() -> None:
        outputs = network(images)
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
