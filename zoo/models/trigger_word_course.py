"""The course's network for a trigger word: 10 seconds of spectrogram in, 1375 probabilities out.

Notes: course 5, week 3, programming assignment 2, "Trigger word detection" (Model.png): 101
frequencies at 5511 times; a convolution of 196 filters, 15 wide, stride 4; two GRUs of 128; dropout
of 0.8 and batch normalisation between; a sigmoid at every step. 522,425 parameters learn (and 904
running averages do not).

As the assignment's library has it, and other libraries do not: the two numbers of a GRU's gates are
added after the recurrent product is biased (``reset_after``: each gate has two biases); batch
normalisation has eps 0.001 and keeps 0.99 of its averages; dropout of 0.8 drops four fifths.

Deviations: the output is a logit (the sigmoid is in ``probabilities``), for the loss's sake.
Proof: tests/models/test_trigger_word_course.py.
"""

from torch import Tensor, nn

from zoo.registry import register

FREQUENCIES, TIMES, STEPS = 101, 5511, 1375
FILTERS, WIDTH, STRIDE, UNITS = 196, 15, 4, 128


def norm(features: int) -> nn.BatchNorm1d:
    """Batch normalisation with the assignment's library's constants."""
    return nn.BatchNorm1d(features, eps=1e-3, momentum=0.01)


class TriggerWordCourse(nn.Module):
    """Convolution, two GRUs, a logit a step."""

    stride = STRIDE

    def __init__(self, in_chans: int = FREQUENCIES, dropout: float = 0.8) -> None:
        super().__init__()
        self.conv = nn.Conv1d(in_chans, FILTERS, WIDTH, stride=STRIDE)
        self.norm1 = norm(FILTERS)
        self.relu = nn.ReLU()
        self.gru1 = nn.GRU(FILTERS, UNITS, batch_first=True)
        self.norm2 = norm(UNITS)
        self.gru2 = nn.GRU(UNITS, UNITS, batch_first=True)
        self.norm3 = norm(UNITS)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(UNITS, 1)
        for gru in (self.gru1, self.gru2):
            _initialise(gru)
        for layer in (self.conv, self.output):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, spectrogram: Tensor) -> Tensor:
        """(N, T, 101) to logits (N, (T - 15) // 4 + 1)."""
        x = self.conv(spectrogram.transpose(1, 2))  # (N, 196, T')
        x = self.dropout(self.relu(self.norm1(x))).transpose(1, 2)
        x = self.dropout(self.gru1(x)[0])
        x = self.norm2(x.transpose(1, 2)).transpose(1, 2)
        x = self.dropout(self.gru2(x)[0])
        x = self.dropout(self.norm3(x.transpose(1, 2))).transpose(1, 2)
        logits: Tensor = self.output(x)[:, :, 0]
        return logits

    def probabilities(self, spectrogram: Tensor) -> Tensor:
        """The assignment's output: (N, T, 101) to (N, T') from 0 to 1."""
        return self(spectrogram).sigmoid()


def _initialise(gru: nn.GRU) -> None:
    """Glorot for the inputs, orthogonal for the recurrence, no bias; gate by gate."""
    for name, parameter in gru.named_parameters():
        for gate in parameter.data.chunk(3):
            if "bias" in name:
                nn.init.zeros_(gate)
            elif "_hh_" in name:
                nn.init.orthogonal_(gate)
            else:
                nn.init.xavier_uniform_(gate)


@register(
    "trigger_word_course",
    paper="Ng, Deep Learning Specialization, course 5, week 3",
    task="trigger_word",
    input_shape=(TIMES, FREQUENCIES),
    stem="conv.weight",
    head="output",
)
def trigger_word_course(in_chans: int = FREQUENCIES, dropout: float = 0.8) -> TriggerWordCourse:
    """The course's network: 5511 spectra of 10 s to 1375 steps; 522,425 parameters."""
    return TriggerWordCourse(in_chans, dropout)
