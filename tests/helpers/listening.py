"""A listener small enough for any test: random weights, a threshold that its output crosses."""

from dataclasses import replace

import torch
from safetensors.torch import save
from torch import nn

from tests.helpers.small_weights import plain_card, vector
from zoo import registry
from zoo.data.audio.log_mel import LogMel
from zoo.engine.seed import generator, seed_everything
from zoo.predictors.trigger_word import TriggerWordDetector

FRONT_END = LogMel(sample_rate=8000, win_length=200, hop_length=80, n_fft=256, n_mels=8)


class Echo(nn.Module):
    """A network with the contract of zoo/models/trigger_word.py: convolution, GRU, a logit."""

    stride = 4

    def __init__(self, bands=8, hidden=6):
        super().__init__()
        self.conv = nn.Conv1d(bands, hidden, 6, stride=4)
        self.norm = nn.BatchNorm1d(hidden)
        self.gru = nn.GRU(hidden, hidden, batch_first=True)
        self.output = nn.Linear(hidden, 1)

    def stream(self, features, state=None):
        x = features.transpose(1, 2)
        cache, hidden = state or (x.new_zeros(len(x), x.shape[1], 2), None)
        x = torch.cat([cache, x], 2)
        count = max((x.shape[2] - 6) // 4 + 1, 0)
        kept = x[:, :, 4 * count :]
        if not count:
            return x.new_zeros(len(x), 0), (kept, hidden)
        x, hidden = self.gru(self.norm(self.conv(x)).transpose(1, 2), hidden)
        return self.output(x)[:, :, 0], (kept, hidden)

    def forward(self, features, lengths=None):
        return self.stream(features)[0]


def echo():
    """With weights large enough that its output moves."""
    model, source = Echo(), generator(3, "weights")
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape, generator=source))
    return model.eval()


def sound(seconds, seed=0, rate=8000):
    """Noise that comes and goes."""
    source = generator(seed, "sound")
    loud = torch.rand(round(4 * seconds) + 1, generator=source).repeat_interleave(rate // 4)
    wave = torch.randn(round(seconds * rate), generator=source)
    return (wave * 0.2 * loud[: len(wave)] ** 3).clamp(-1, 1)


def listener(threshold=0.5, refractory=0.3):
    return TriggerWordDetector(
        echo(), FRONT_END, "alexa", threshold=threshold, refractory=refractory
    )


def write_listener(folder):
    """Write ``folder``/trigger_word.tiny.json and .safetensors, an ``Echo``'s size; the card."""
    folder.mkdir(parents=True, exist_ok=True)
    seed_everything(0)
    arguments = {"in_chans": 8, "channels": 6, "hidden_size": 6}
    model = registry.build("trigger_word", **arguments).eval()
    with torch.no_grad():
        logits = model(FRONT_END(sound(6))[None])
        model.output.weight.div_(logits.std() / 2)  # the output moves, around 0.5
        model.output.bias.sub_(model(FRONT_END(sound(6))[None]).median())
    data = save({key: tensor.contiguous() for key, tensor in model.state_dict().items()})
    card = replace(
        plain_card("trigger_word.tiny", data),
        arguments=arguments,
        task="trigger_word",
        classes=["alexa"],
        front_end={**FRONT_END.to_card(), "threshold": 0.5, "refractory": 0.3},
        test_vector=vector(TriggerWordDetector(model, FRONT_END, "alexa")),
    )
    (folder / card.file).write_bytes(data)
    card.save(folder)
    return replace(card, folder=folder)
