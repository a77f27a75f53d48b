"""The task: targets, loss, the draw, and what events say of networks that say nothing."""

import pytest
import torch
from torch import nn

from zoo.data.audio.trigger_recordings import RATE, Clip, split_clips
from zoo.engine.seed import generator
from zoo.errors import BadInput
from zoo.models.trigger_word import TriggerWord
from zoo.tasks import trigger_word as module
from zoo.tasks.trigger_word import TriggerWordTask, targets


def tone(name, hertz, size=0.1):
    time = torch.arange(RATE) / RATE
    wave = size * torch.sin(2 * torch.pi * hertz * time) * ((time >= 0.2) & (time < 0.7))
    return Clip(name, wave, round(0.2 * RATE), round(0.7 * RATE))


def data():
    """Words at 400 Hz, others at 1500, background of noise."""
    words = [tone(f"{n:02}", 380 + 4 * n) for n in range(12)]
    others = [tone(f"{n:02}", 1400 + 20 * n) for n in range(9)]
    noise = 0.01 * torch.randn(9 * RATE, generator=generator("noise"))
    background = [Clip("noise", noise, 0, len(noise))]
    return split_clips("tones", "ours", "a tone", words, others, background)


SPLITS = data()


def task(model=None, **options):
    torch.manual_seed(0)
    model = model or TriggerWord(channels=8, hidden_size=8)
    small = {
        "batch_size": 4,
        "seconds": 2.0,
        "negative_hours": 1 / 60,
        "repeats": 2,
        "steps_per_epoch": 3,
    }
    return TriggerWordTask(model, SPLITS, **{**small, **options})


class Says(nn.Module):
    """A network that has made up its mind."""

    stride = 4

    def __init__(self, logit):
        super().__init__()
        self.logit = nn.Parameter(torch.tensor(float(logit)))

    def forward(self, features):
        return self.logit.expand(len(features), features.shape[1] // 4)


class Hears(Says):
    """A network that knows tones: on while the last third of a second was a low one."""

    def forward(self, features):
        low, high = features[:, :, :12].amax(2), features[:, :, 16:].amax(2)
        score = torch.nn.functional.avg_pool1d((low - high)[:, None], 4)[:, 0]
        return 8 * (score - 0.3)


def test_ones_follow_each_word_and_nobody_is_asked_just_before():
    target, counts = targets([[0.5], []], 25, 0.04)
    times = (torch.arange(25) + 1) * 0.04
    ones = times[target[0] == 1]
    assert ones.min() == pytest.approx(0.52)
    assert ones.max() == pytest.approx(0.84)  # 9 steps: 0.36 s
    unsure = times[counts[0] == 0]
    assert (unsure.min(), unsure.max()) == pytest.approx((0.40, 0.48))
    assert target[1].sum() == 0
    assert (counts[1] == 1).all()


def test_a_word_right_after_another_keeps_its_ones():
    target, counts = targets([[0.5, 0.6]], 25, 0.04)
    assert (counts[0][target[0] == 1] == 1).all()


def test_the_loss_weighs_ones_and_zeros_as_it_is_told():
    made = task(Says(0.0), positive_share=0.3)
    target = torch.tensor([[0.0, 0, 0, 1]])
    counts = torch.tensor([[1.0, 1, 0, 1]])
    batch = module.TriggerBatch(torch.zeros(1, 16, 40), target, counts)
    made.loss(batch).backward()
    assert made.model.logit.grad == pytest.approx(0.7 * 0.5 - 0.3 * 0.5)


def test_batches_depend_on_seed_epoch_and_number_only():
    whole = list(task().batches(1))
    assert len(whole) == 3
    late = next(iter(task().batches(1, start=2)))
    for ours, theirs in zip(whole[2], late, strict=True):
        assert torch.equal(ours, theirs)
    assert not torch.equal(whole[0].features, whole[1].features)
    assert not torch.equal(next(iter(task(seed=1).batches(1))).features, whole[0].features)
    assert whole[0].features.shape == (4, 198, 40)
    assert whole[0].target.shape == (4, 49)
    assert sum(float(batch.target.sum()) for batch in whole) > 0


@pytest.mark.parametrize("logit", [-100.0, -1.0, 0.0, 3.0, 100.0])
def test_a_network_that_says_always_the_same_is_useless(logit):
    found = task(Says(logit)).evaluate("dev")
    assert found["miss_rate"] > 90
    assert found["mean_miss_rate"] > 90


def test_a_network_that_hears_the_word_misses_little():
    found = task(Hears(0.0)).evaluate("dev")
    assert found["miss_rate"] <= 10


def test_evaluating_chooses_nothing():
    made = task(Hears(0.0))
    assert set(made.evaluate("dev")) == {"miss_rate", "mean_miss_rate"}
    assert made.threshold is None
    with pytest.raises(BadInput, match="no threshold is chosen yet"):
        made.card_facts()


def test_the_threshold_is_chosen_on_dev_and_goes_to_the_card():
    made = task(Hears(0.0))
    made.choose("dev")
    chosen = made.threshold
    test = made.evaluate("test")
    assert made.threshold == chosen
    facts = made.card_facts()
    other = task(Hears(0.0))
    other.choose("test")
    assert other.evaluate("test")["false_alarms_per_hour"] <= module.PER_HOUR
    assert facts["front_end"]["threshold"] == round(made.threshold, 6)
    assert facts["front_end"]["refractory"] == 1.0
    assert facts["front_end"]["sample_rate"] == 16_000
    assert facts["classes"] == ["a tone"]
    assert "train: 00 to 07" in facts["notes"]
    fixed = task(Hears(0.0), threshold=0.9999)
    name = "false_alarms_per_hour"
    assert fixed.evaluate("test")[name] <= test[name]
    assert fixed.threshold == 0.9999


def test_mistakes_are_the_words_missed_and_the_false_alarms():
    made = task(Says(-5.0), threshold=0.5)
    count = sum(len(ends) for ends in made.held_out("test").spoken[module.SNR][1])
    missed = made.mistakes("test")
    assert len(missed) == min(count, 24)
    assert all("missed at" in str(line) and "at most 0.7 %" in str(line) for line in missed.items)
    noisy = task(Says(5.0), threshold=0.5).mistakes("test")  # one long detection in each stream
    assert "false alarm at 0.04 s of stream 0" in str(noisy)


def test_held_out_sound_is_the_same_for_every_seed_and_holds_every_word():
    one, other = task(seed=0).held_out("dev"), task(seed=5).held_out("dev")
    assert torch.equal(one.negative, other.negative)
    assert len(one.negative) == 2  # streams of 30 s
    features, ends = one.spoken[10.0]
    assert torch.equal(features, other.spoken[10.0][0])
    assert sum(map(len, ends)) == 2 * len(SPLITS.dev.words)


def test_the_report_and_the_example(tmp_path):
    made = task(Hears(0.0))
    text = made.report(tmp_path, "tones")
    assert (tmp_path / "detection_error.png").is_file()
    assert "clean" in text
    assert text.count("false alarms per hour (") == 2 * len(module.RATES) + len(module.TABLE)
    assert made.example(tmp_path).endswith("example.wav")
    assert (tmp_path / "example.wav").stat().st_size == 44 + 2 * 12 * RATE


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        *[({"batch_size": 0}, "batch_size"), ({"positive_share": 1.0}, "positive_share")],
        *[
            ({"freq_mask": 41}, "freq_mask 41, .* 0 to 40 bands"),
            ({"time_mask": -1}, "time_mask -1"),
        ],
        *[({"seconds": 0.3}, "seconds 0.3; expected .* 0.48 s or more")],
        *[
            ({"repeats": 0}, "repeats"),
            ({"negative_hours": 0.001}, "negative_hours 0.001; expected 1 and 0.008"),
        ],
    ],
)
def test_numbers_out_of_range_are_refused(options, reason):
    with pytest.raises(BadInput, match=reason):
        task(**options)
