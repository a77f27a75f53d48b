"""A small causal network for keyword spotting: convolutions, a GRU, a logit a step.

Notes: course 5, week 3, "Trigger word detection": features, a convolution that shortens time, a
recurrent network, and a 1 for a while after the word. Arik et al. 2017, arXiv:1703.05390 ("CRNN"
for keyword spotting): that order of layers in less than 230k weights; Zhang et al. 2017,
arXiv:1711.07128, sec. 3: depthwise separable convolutions are the cheap ones.

All layers are causal, so that a stream can be given in chunks of any size: the inputs that the
convolutions still need and the GRU's state go in and come out with each chunk. Output j depends on
frames up to 4 j + 3. With frames of 25 ms every 10 ms a sample first changes an output that is due
at most 40 ms later, and the newest frame of that output began 25 ms ago: 65 ms in all
(``latency``).

Deviations: one logit a step and a GRU that looks back only (Arik et al.: a bidirectional one over a
second and a half, and two classes).
Proof: tests/models/test_trigger_word.py.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from zoo.nn.sequence.gru import FusedGRU
from zoo.registry import register

NO_WORD = -20.0  # the logit of steps after the end of an example


class State(NamedTuple):
    """The state of the stream; its size does not depend on the length of the past."""

    first: Tensor  # (N, D, at most 4 frames): the first convolution's
    second: Tensor  # (N, channels, at most 6)
    hidden: Tensor  # (1, N, hidden_size): the GRU's


class CausalConv(nn.Module):
    """A strided causal convolution in time: output j depends on inputs up to j s + s - 1."""

    def __init__(self, conv: nn.Conv1d) -> None:
        super().__init__()
        self.conv = conv
        self.reach, self.stride = conv.kernel_size[0], conv.stride[0]

    def start(self, x: Tensor) -> Tensor:
        """The zeros before the first input: (N, C, k - s)."""
        return x.new_zeros(x.shape[0], self.conv.in_channels, self.reach - self.stride)

    def forward(self, x: Tensor, cache: Tensor) -> tuple[Tensor, Tensor]:
        """(N, C, t) and the cache of the chunk before to (N, K, t') and the new cache."""
        x = torch.cat([cache, x], 2)
        count = max((x.shape[2] - self.reach) // self.stride + 1, 0)
        cache = x[:, :, count * self.stride :]
        if not count:
            return x.new_zeros(x.shape[0], self.conv.out_channels, 0), cache
        out: Tensor = self.conv(x)
        return out, cache


class TriggerWord(nn.Module):
    """Log-mel features to a logit for every fourth frame."""

    stride = 4  # frames per output

    def __init__(
        self,
        in_chans: int = 40,
        channels: int = 64,
        hidden_size: int = 96,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.first = CausalConv(nn.Conv1d(in_chans, channels, 5, stride=2, bias=False))
        self.norm1 = nn.BatchNorm1d(channels)
        self.relu = nn.ReLU()
        self.second = CausalConv(
            nn.Conv1d(channels, channels, 7, stride=2, groups=channels, bias=False)
        )
        self.mix = nn.Conv1d(channels, hidden_size, 1, bias=False)
        self.norm2 = nn.BatchNorm1d(hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.gru = FusedGRU(hidden_size, hidden_size)
        self.output = nn.Linear(hidden_size, 1)
        nn.init.constant_(self.output.bias, -2.0)  # words are rare: a small initial probability

    def start(self, features: Tensor) -> State:
        """The state before the first frame; of ``features`` (N, t, D) only N and dtype count."""
        x = features.transpose(1, 2)
        hidden = features.new_zeros(1, x.shape[0], self.gru.hidden_size)
        return State(self.first.start(x), self.second.start(x), hidden)

    def stream(self, features: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """The logits that a chunk completes, and the state to give back with the next chunk.

        Args:
            features: (N, t, D), any t, 0 too.
            state: None at the start.

        Returns:
            (N, t'), where the t' of all chunks add up to T // 4. In evaluation mode the logits of
            all chunks, one after the other, are those of the whole.
        """
        first, second, hidden = state or self.start(features)
        x, first = self.first(features.transpose(1, 2), first)
        x = self.relu(self.norm1(x)) if x.shape[2] else x
        x, second = self.second(x, second)
        if not x.shape[2]:
            return features.new_zeros(len(features), 0), State(first, second, hidden)
        x = self.dropout(self.relu(self.norm2(self.mix(x))))  # (N, hidden_size, t')
        x, hidden = self.gru(x.transpose(1, 2), hidden)
        return self.output(self.dropout(x))[:, :, 0], State(first, second, hidden)

    def forward(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(N, T, D) to logits (N, T // 4).

        Args:
            lengths: frames of each example (N,); the steps after them get ``NO_WORD``.
        """
        logits, _ = self.stream(features)
        if lengths is None:
            return logits
        step = torch.arange(logits.shape[1], device=logits.device)
        return logits.masked_fill(step >= (lengths // self.stride)[:, None], NO_WORD)

    def latency(self, window: float = 0.025, hop: float = 0.010) -> float:
        """Seconds, at most, from a sample to the first output that depends on it.

        The frames of one output begin ``hop`` apart, and the last of them ends a ``window`` after
        it began.
        """
        return self.stride * hop + window


@register(
    "trigger_word",
    paper="Arik et al. 2017, arXiv:1703.05390",
    task="trigger_word",
    input_shape=(100, 40),
    stem="first.conv.weight",
    head="output",
)
def trigger_word(
    in_chans: int = 40, channels: int = 64, hidden_size: int = 96, dropout: float = 0.1
) -> TriggerWord:
    """Keyword spotting in a stream: causal convolutions, GRU; 40 ms a step, latency 65 ms."""
    return TriggerWord(in_chans, channels, hidden_size, dropout)
