"""Deep Speech 2: strided convolutions, recurrent layers, CTC. Amodei et al. 2016.

Paper: arXiv:1512.02595, sec. 3 (layers), 3.2 (sequence-wise batch norm), 3.5 (2-D convolutions
over time and frequency), 3.6 (striding). Notes: course 5, week 3, "Speech recognition": their
cascade is sound -> spectrogram -> network -> CTC -> (language model) -> words; this file is the
third link, ``zoo/data/audio/log_mel.py`` the second, ``zoo.decoding`` the fourth.

Two convolutions over time and frequency, the first of stride 2 in time; bidirectional recurrent
layers (GRU; the directions are added: eq. 2, 3); a softmax over characters and the blank in each
frame. Lengths are integers all the way: a convolution of stride s turns T frames into ceil(T / s).
After every layer the padding is set to zero, so that the output for an utterance is the same alone
and in any batch.

With ``bidirectional=False`` every layer is causal (the convolutions too), and ``stream`` takes
features piece by piece: the state holds what each layer must remember.

Deviations: the paper's features are spectrograms of 161 frequencies (``n_mels=161``) where log-mel
is the default here; its largest network has a third convolution and seven layers of 1280 to 2560;
its unidirectional network has a row convolution over some frames ahead, ours has none.
Proof: tests/models/test_deep_speech.py (nn.GRU on packed sequences and nn.BatchNorm in float64;
padding; streaming).
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from zoo.errors import BadInput
from zoo.nn.sequence.gru import FusedGRU
from zoo.nn.sequence.recurrent import length_mask, reversed_steps
from zoo.nn.sequence.sequence_norm import SequenceNorm
from zoo.registry import register

CLIP = 20.0  # of the ReLU, sec. 3.1
KERNELS = ((41, 11), (21, 11))  # bands x frames, sec. 3.5
STRIDES = ((2, 2), (2, 1))  # likewise


class StreamState(NamedTuple):
    """The state of a causal network between two pieces of an utterance."""

    tails: tuple[
        Tensor, ...
    ]  # of each convolution: the inputs (N, C, t, n_mels) that the next frames need
    hidden: tuple[Tensor, ...]  # of each recurrent layer: (1, N, H)


class ClippedReLU(nn.Module):
    """min(max(x, 0), CLIP), sec. 3.1."""

    def forward(self, x: Tensor) -> Tensor:
        return x.clamp(0, CLIP)


class Convolution(nn.Module):
    """Convolution over time and bands, norm, clipped ReLU, mask: (N, C, T, B) to (N, C', T', B').

    Args:
        kernel, stride: (bands, frames).
        centred: whether half of the kernel lies in the future; else all of it in the past.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int],
        stride: tuple[int, int],
        centred: bool,
    ) -> None:
        super().__init__()
        bands, self.frames = kernel
        self.stride = stride[1]
        self.conv = nn.Conv2d(
            inputs, outputs, (self.frames, bands), stride[::-1], (0, bands // 2), bias=False
        )
        self.norm = SequenceNorm(outputs)
        self.relu = ClippedReLU()
        after = self.frames // 2 if centred else 0
        self.padding = (self.frames - 1 - after, after)  # zeros before and after in time

    def forward(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Masked maps and their lengths (N,)."""
        return self._finish(F.pad(x, (0, 0, *self.padding)), (lengths - 1) // self.stride + 1)

    def stream(self, x: Tensor, tail: Tensor | None) -> tuple[Tensor, Tensor]:
        """The maps that are complete, and the inputs that the next ones need."""
        if tail is None:
            tail = x.new_zeros(*x.shape[:2], self.padding[0], x.shape[3])
        x = torch.cat([tail, x], dim=2)
        count = max((x.shape[2] - self.frames) // self.stride + 1, 0)
        if count == 0:
            width = (x.shape[3] - 1) // self.conv.stride[1] + 1
            return x.new_zeros(len(x), self.conv.out_channels, 0, width), x
        done = torch.full((len(x),), count, device=x.device)
        maps, _ = self._finish(x[:, :, : (count - 1) * self.stride + self.frames], done)
        return maps, x[:, :, count * self.stride :]

    def _finish(self, x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        x = self.conv(x).permute(0, 2, 3, 1)  # (N, T', B', C')
        x = self.norm(x, length_mask(lengths, len(x), x.shape[1]))
        return self.relu(x).permute(0, 3, 1, 2), lengths


class Layer(nn.Module):
    """Norm and a GRU, or one in each direction, added: (N, T, D) to (N, T, H)."""

    def __init__(self, inputs: int, hidden: int, bidirectional: bool) -> None:
        super().__init__()
        self.norm = SequenceNorm(inputs)
        self.onward = FusedGRU(inputs, hidden)
        self.backward_ = FusedGRU(inputs, hidden) if bidirectional else None

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """The output is zero in the padding."""
        real = length_mask(lengths, len(x), x.shape[1])
        x = self.norm(x, real)
        out, _ = self.onward(x)
        if self.backward_ is not None:
            index = reversed_steps(lengths, x.shape[1])[:, :, None]
            back, _ = self.backward_(x.gather(1, index.expand_as(x)))
            out = out + back.gather(1, index.expand_as(back))
        return out * real[:, :, None]

    def stream(self, x: Tensor, hidden: Tensor | None) -> tuple[Tensor, Tensor]:
        """The same for a causal layer, with a state and without padding."""
        real = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        out, last = self.onward(self.norm(x, real), hidden)
        return out, last


class DeepSpeech(nn.Module):
    """Features (N, T, n_mels) to log-probabilities (N, T', V); label 0 is the blank."""

    def __init__(
        self,
        num_classes: int,
        n_mels: int,
        channels: int,
        kernel_sizes: tuple[tuple[int, int], ...],
        hidden_size: int,
        num_layers: int,
        bidirectional: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        if not (
            len(kernel_sizes) == len(STRIDES) and all(k % 2 for pair in kernel_sizes for k in pair)
        ):
            raise BadInput(f"kernel_sizes must be two pairs of odd numbers, got {kernel_sizes}")
        if num_layers < 1:
            raise BadInput(f"num_layers must be at least 1, got {num_layers}")
        self.n_mels, self.bidirectional = n_mels, bidirectional
        self.convolutions, self.layers = nn.ModuleList(), nn.ModuleList()
        for index, (kernel, stride) in enumerate(zip(kernel_sizes, STRIDES, strict=True)):
            inputs = channels if index else 1
            self.convolutions.append(Convolution(inputs, channels, kernel, stride, bidirectional))
            n_mels = (n_mels - 1) // stride[0] + 1
        for index in range(num_layers):
            inputs = hidden_size if index else channels * n_mels
            self.layers.append(Layer(inputs, hidden_size, bidirectional))
        self.dropout = nn.Dropout(dropout)
        self.norm = SequenceNorm(hidden_size)
        self.output = nn.Linear(hidden_size, num_classes)

    @property
    def stride(self) -> int:
        """Subsampling: frames of features for each frame of log-probabilities."""
        return STRIDES[0][1] * STRIDES[1][1]

    def frames(self, lengths: Tensor) -> Tensor:
        """Lengths (N,) of the log-probabilities for lengths (N,) of features."""
        for _, stride in STRIDES:
            lengths = (lengths - 1) // stride + 1
        return lengths

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Log-probabilities (N, T', V) and their lengths (N,).

        Args:
            lengths: real frames of each utterance, integers (N,); None: all are real.

        Raises:
            BadInput: for shapes or lengths that do not fit, and for T = 0.
        """
        self._check(x)
        if x.shape[1] == 0:
            raise BadInput(f"features must have at least one frame, got {tuple(x.shape)}")
        if lengths is None:
            lengths = torch.full((len(x),), x.shape[1], device=x.device)
        lengths = lengths.to(x.device)
        x = x * length_mask(lengths, len(x), x.shape[1])[:, :, None]
        maps = x[:, None]  # (N, 1, T, n_mels)
        for convolution in self.convolutions:
            maps, lengths = convolution(maps, lengths)
        x = maps.transpose(1, 2).flatten(2)  # (N, T', C B')
        for layer in self.layers:
            x = layer(self.dropout(x), lengths)
        return self._head(x, length_mask(lengths, len(x), x.shape[1])), lengths

    def stream(self, x: Tensor, state: StreamState | None = None) -> tuple[Tensor, StreamState]:
        """Log-probabilities (N, t', V) that new features (N, t, n_mels) complete, and the state.

        Pieces of any size, one after the other, give what ``forward`` gives for all of them.

        Raises:
            BadInput: for a bidirectional network, which needs the end of the utterance first.
        """
        if self.bidirectional:
            raise BadInput("a bidirectional network cannot stream; make it bidirectional=False")
        self._check(x)
        tails, hidden = [], []
        maps = x[:, None]
        for index, convolution in enumerate(self.convolutions):
            maps, tail = convolution.stream(maps, state.tails[index] if state else None)  # type: ignore
            tails.append(tail)
        x = maps.transpose(1, 2).flatten(2)
        if x.shape[1] == 0:  # not enough for one more frame
            zero = x.new_zeros(1, len(x), self.norm.num_features)
            hidden = list(state.hidden) if state else [zero] * len(self.layers)
            after = StreamState(tuple(tails), tuple(hidden))
            return x.new_zeros(len(x), 0, self.output.out_features), after
        for index, layer in enumerate(self.layers):
            x, last = layer.stream(x, state.hidden[index] if state else None)  # type: ignore
            hidden.append(last)
        real = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
        return self._head(x, real), StreamState(tuple(tails), tuple(hidden))

    def get_classifier(self) -> nn.Module:
        """The output layer."""
        return self.output

    def reset_classifier(self, num_classes: int) -> None:
        """A new output layer, for other characters."""
        device = self.output.weight.device
        self.output = nn.Linear(self.output.in_features, num_classes, device=device)

    def blocks(self) -> list[nn.Module]:
        """Convolutions, each recurrent layer, the output with its norm."""
        last = nn.ModuleList([self.norm, self.output])
        return [self.convolutions, *self.layers, last]

    def _head(self, x: Tensor, real: Tensor) -> Tensor:
        return self.output(self.dropout(self.norm(x, real))).log_softmax(2)

    def _check(self, x: Tensor) -> None:
        if x.dim() != 3 or x.shape[2] != self.n_mels:
            raise BadInput(f"features must be (N, T, {self.n_mels}), got {tuple(x.shape)}")


PAPER = "Amodei et al. 2016, arXiv:1512.02595"


@register(
    "deep_speech",
    paper=PAPER,
    task="speech_recognition",
    input_shape=(100, 80),
    stem="",
    head="output",
)
def deep_speech(
    num_classes: int = 29,
    n_mels: int = 80,
    channels: int = 32,
    kernel_sizes: tuple[tuple[int, int], ...] = KERNELS,
    hidden_size: int = 256,
    num_layers: int = 3,
    bidirectional: bool = True,
    dropout: float = 0.0,
) -> DeepSpeech:
    """Speech to characters: two convolutions, three bidirectional GRUs of 256 units, CTC."""
    return DeepSpeech(
        num_classes, n_mels, channels, kernel_sizes, hidden_size, num_layers, bidirectional, dropout
    )


@register(
    "deep_speech_medium",
    paper=PAPER,
    task="speech_recognition",
    input_shape=(100, 80),
    stem="",
    head="output",
)
def deep_speech_medium(
    num_classes: int = 29,
    n_mels: int = 80,
    channels: int = 32,
    hidden_size: int = 800,
    num_layers: int = 5,
    bidirectional: bool = True,
    dropout: float = 0.0,
) -> DeepSpeech:
    """The same with five bidirectional GRUs of 800 units."""
    return DeepSpeech(
        num_classes, n_mels, channels, KERNELS, hidden_size, num_layers, bidirectional, dropout
    )
