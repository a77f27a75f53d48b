"""CTC beam search compared with flashlight and pyctcdecode; the CTC loss compared with torch's.

T = 500 frames, V = 29 labels, beam 50, no language model; 16 utterances at once, and one by one as
a predictor of one sound has them. Two kinds of emissions:
random ones with high entropy, and peaky ones as from a trained network, mostly blank. Peers:
flashlight's lexicon-free decoder, as torchaudio configures it but with log_add (without it, it
finds the most probable path, not the most probable labelling), and pyctcdecode with its defaults,
which prune. They decode one utterance at a time. One by one fewer are decoded; times are per
utterance. CPU times are compared; ln P of the first hypothesis measures the quality of the search.
The last rows: the zoo's readable loss and torch's, forward and backward.
Proof: tests/bench/test_ctc.py.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from zoo.decoding.ctc_beam import beam_search
from zoo.decoding.ctc_greedy import best_path
from zoo.engine.seed import generator
from zoo.engine.timing import Work, interleaved
from zoo.errors import Missing, unknown
from zoo.losses.ctc import ctc_forward_backward, ctc_loss
from zoo.ops.ctc import collapse

ROUNDS = 5
HEAD = ("what", "emissions", "CPU ms an utterance", "utterances per CPU s",
        "times the CPU time of ours", "ln P, first answer")  # fmt: skip
OURS, ALONE, GREEDY = "beam search", "beam search, one by one", "best path"
READABLE, FUSED = "loss, readable", "loss, torch's fused"
PEERS = ("flashlight", "pyctcdecode")
FLASHLIGHT, PYCTCDECODE = "flashlight, log_add", "pyctcdecode"
INSTALL = {
    FLASHLIGHT: "pip install flashlight-text",
    PYCTCDECODE: "pip install --no-deps pyctcdecode pygtrie",
}
Decoder = Callable[[Tensor], list[Sequence[int]]]  # (n, T, V) -> labels of each utterance


@dataclass(frozen=True)
class Size:
    """T, V, beam, N; the number of utterances for slow peers; labels per utterance for the loss."""

    frames: int = 500
    classes: int = 29
    beam: int = 50
    batch: int = 16
    slow_batch: int = 2
    labels: int = 60


SIZE = Size()


@dataclass(frozen=True)
class Row:
    """One side: median CPU seconds per utterance; ``ratio`` above 1: slower than the zoo."""

    what: str
    emissions: str
    cpu: float | None = None
    ratio: float | None = None  # the median over the rounds
    ln_p: float | None = None
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        if self.cpu is None:
            return (self.what, self.emissions, self.note, "", "", "")
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        ln_p = "" if self.ln_p is None else f"{self.ln_p:.2f}"
        times = f"{1e3 * self.cpu:.2f}", f"{1 / self.cpu:.1f}"
        return (self.what, self.emissions, *times, ratio, ln_p)


def run(
    rounds: int, size: Size = SIZE, *, peers: tuple[str, ...] = ("flashlight", "pyctcdecode")
) -> Iterator[Row]:
    """Measure all sides; for a peer that is not installed the row is the command to install it.

    Args:
        rounds: how often each side runs.
        peers: flashlight, pyctcdecode or both, with a comma; pyctcdecode is in no extra, since it
            asks for numpy<2, and is installed by hand.

    Raises:
        UnknownName: for another peer.
    """
    for peer in peers:
        if peer not in PEERS:
            raise unknown("peer", peer, PEERS)
    decoders, absent = _decoders(size, peers)
    for kind, make in (("random", random_emissions), ("peaky", peaky_emissions)):
        yield from _decoding(kind, make(size), decoders, size, rounds)
        yield from (replace(row, emissions=kind) for row in absent)
    yield from _losses(size, rounds)


def random_emissions(size: Size) -> Tensor:
    """Log-softmax of standard normal logits (N, T, V)."""
    draw = generator(0, "bench ctc", "random")
    return torch.randn(size.batch, size.frames, size.classes, generator=draw).log_softmax(2)


def peaky_emissions(size: Size) -> Tensor:
    """Log-probabilities (N, T, V) of blank, but in every seventh frame of two labels."""
    draw = generator(0, "bench ctc", "peaky")
    x = torch.randn(size.batch, size.frames, size.classes, generator=draw)
    x[:, :, 0] += 8
    x[:, 4::7, 0] -= 8
    shape = x[:, 4::7, :1].shape
    for low, span in ((5.0, 7.0), (0.0, 6.0)):
        label = torch.randint(1, size.classes, shape, generator=draw)
        logit = low + span * torch.rand(shape, generator=draw)
        x[:, 4::7] = x[:, 4::7].scatter_add(2, label, logit)
    return x.log_softmax(2)


def _decoding(
    kind: str, log_p: Tensor, decoders: dict[str, tuple[Decoder, int]], size: Size, rounds: int
) -> list[Row]:
    labels: dict[str, Sequence[int]] = {}

    def side(name: str) -> Callable[[], Work]:
        decode, count = decoders[name]
        return lambda: lambda: labels.update({name: decode(log_p[:count])[0]})

    times = interleaved({name: side(name) for name in decoders}, rounds)
    rows = []
    for name, (_, count) in decoders.items():
        ratio = times[name].cpu_ratio(times[OURS]) * size.batch / count
        ln_p = -float(ctc_loss(log_p[:1], [list(labels[name])]))
        rows.append(Row(name, kind, times[name].cpu_median / count, ratio, ln_p))
    return rows


def _decoders(size: Size, peers: Sequence[str]) -> tuple[dict[str, tuple[Decoder, int]], list[Row]]:
    """The decoder of each side and its number of utterances; rows for peers not installed."""
    sides: dict[str, tuple[Decoder, int]] = {
        OURS: (lambda x: [h[0].labels for h in beam_search(x, beam=size.beam)], size.batch),
        ALONE: (_one_by_one(size), size.slow_batch),
        GREEDY: (lambda x: [path.labels for path in best_path(x)], size.batch),
    }
    absent = []
    makers = {"flashlight": (FLASHLIGHT, _flashlight), "pyctcdecode": (PYCTCDECODE, _pyctcdecode)}
    for name, make in (makers[peer] for peer in peers):
        try:
            sides[name] = make(size), size.slow_batch
        except Missing as error:
            absent.append(Row(name, "", note=str(error)))
    return sides, absent


def _one_by_one(size: Size) -> Decoder:
    return lambda x: [beam_search(one[None], beam=size.beam)[0][0].labels for one in x]


def _peer(name: str, module: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings of the peer
            return import_module(module)
    except ImportError as error:
        raise Missing(f"not installed; {INSTALL[name]}") from error


def _flashlight(size: Size) -> Decoder:
    fl = _peer(FLASHLIGHT, "flashlight.lib.text.decoder")
    options = fl.LexiconFreeDecoderOptions(
        beam_size=size.beam, beam_size_token=size.classes + 1, beam_threshold=50, lm_weight=0,
        sil_score=0, log_add=True, criterion_type=fl.CriterionType.CTC,
    )  # fmt: skip
    silence = size.classes  # flashlight needs a label for both ends: one that never occurs
    decoder = fl.LexiconFreeDecoder(options, fl.ZeroLM(), silence, 0, [])

    def decode(log_p: Tensor) -> list[Sequence[int]]:
        results: list[Sequence[int]] = []
        for one in torch.nn.functional.pad(log_p, (0, 1), value=-1e4):
            best = decoder.decode(one.data_ptr(), *one.shape)[0].tokens
            results.append(collapse(best[1:-1]))  # without the silence at both ends
        return results

    return decode


def _pyctcdecode(size: Size) -> Decoder:
    module = _peer(PYCTCDECODE, "pyctcdecode")
    letters = "abcdefghijklmnopqrstuvwxyz' "[: size.classes - 1].ljust(size.classes - 1, " ")
    decoder = module.build_ctcdecoder(["", *letters])
    label_of = {letter: c for c, letter in enumerate(letters, 1)}

    def decode(log_p: Tensor) -> list[Sequence[int]]:
        texts = [decoder.decode(one.numpy(), beam_width=size.beam) for one in log_p]
        return [[label_of[letter] for letter in text] for text in texts]

    return decode


def _losses(size: Size, rounds: int) -> list[Row]:
    draw = generator(0, "bench ctc", "labels")
    log_p = random_emissions(size)
    labels = torch.randint(1, size.classes, (size.batch, size.labels), generator=draw)
    lengths = [size.labels] * size.batch

    def fused() -> Work:
        x = log_p.clone().requires_grad_()
        return lambda: ctc_loss(x, labels, target_lengths=lengths).backward()

    def readable() -> Work:
        return lambda: ctc_forward_backward(log_p, labels, target_lengths=lengths)

    times = interleaved({READABLE: readable, FUSED: fused}, rounds)
    n = size.batch
    return [
        Row(name, "random", side.cpu_median / n, side.cpu_ratio(times[READABLE]))
        for name, side in times.items()
    ]
