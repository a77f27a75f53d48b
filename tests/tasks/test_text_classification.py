"""The task: batches, loss, scores, mistakes; what it says to a card."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from zoo.data.text.sentences import SPECIAL, SentenceFrontEnd, Sentences, SentenceSplits
from zoo.data.text.tokenizers import RULES
from zoo.data.text.vocabulary import Vocabulary
from zoo.engine.fit import fit
from zoo.errors import BadInput
from zoo.models.sentiment_average import SentimentAverage
from zoo.predictors.text_classification import logits_of
from zoo.tasks.text_classification import TextClassificationTask

WORDS = ["good", "bad", "film", "very", "not", "plot"]
V = Vocabulary([*SPECIAL, *WORDS])
CLASSES = ("bad", "good")


def part(count, seed):
    """Sentences of 1 to 6 words; good ones hold "good", bad ones "bad"; two thirds are good."""
    draw = torch.Generator().manual_seed(seed)
    texts, labels = [], []
    for i in range(count):
        words = [WORDS[int(w)] for w in torch.randint(2, 6, (i % 6,), generator=draw)]
        labels.append(int(i % 3 > 0))
        texts.append(" ".join([*words, CLASSES[labels[-1]]]))
    return Sentences.encode(texts, labels, CLASSES, SentenceFrontEnd(V))


def task(**options):
    torch.manual_seed(0)
    model = SentimentAverage(2, len(V), 4)
    splits = SentenceSplits(
        "toy", "none", part(60, 0), part(20, 1), part(30, 2), SentenceFrontEnd(V)
    )
    return TextClassificationTask(model, splits, **{"batch_size": 8, **options})


def test_batches_start_anywhere_and_ranks_share_them(monkeypatch):
    from zoo.engine import distributed

    whole, rest = list(task().batches(1)), list(task().batches(1, start=5))
    assert len(whole) == 7
    assert len(rest) == 2
    for (a, b), (c, d) in zip(whole[5:], rest, strict=True):
        assert torch.equal(a, c)
        assert torch.equal(b, d)
    monkeypatch.setattr(distributed, "world", lambda: 2)
    halves = []
    for rank in (0, 1):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        halves.append(list(task().batches(1)))
    for (numbers, labels), (a, x), (b, y) in zip(whole, *halves, strict=True):
        wide = numbers.shape[1]
        both = [F.pad(half, (0, wide - half.shape[1])) for half in (a, b)]
        assert torch.equal(torch.cat(both), numbers)
        assert torch.equal(torch.cat([x, y]), labels)


def test_the_loss_is_cross_entropy_or_balanced():
    plain, even = task(), task(balance=True)
    numbers, labels = next(iter(plain.batches(0)))
    plain.model.eval(), even.model.eval()
    logits = plain.model(numbers)
    each = F.cross_entropy(logits, labels, reduction="none")
    assert torch.allclose(plain.loss((numbers, labels)), each.mean())
    weight = torch.tensor([1.5, 0.75])[labels]  # 20 of 60, 40 of 60
    assert torch.allclose(even.loss((numbers, labels)), (weight * each).mean())
    smooth = task(label_smoothing=0.2)
    smooth.model.eval()
    expected = F.cross_entropy(logits, labels, label_smoothing=0.2)
    assert torch.allclose(smooth.loss((numbers, labels)), expected)


class Says(nn.Module):
    """Class 1 with more certainty the longer the sentence; class 0 for one word."""

    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.zeros(()))

    def forward(self, numbers):
        count = (numbers != 0).sum(1).float()
        return torch.stack([self.p + count * 0, count - 1.5], 1)


def test_scores_confusion_and_mistakes():
    made = task()
    made.model = Says()
    test = made.data.test
    answers = (test.lengths > 1).long()
    wrong = answers != test.labels
    scores = made.evaluate("test")
    assert scores["error"] == pytest.approx(100 * wrong.double().mean().item())
    rates = [wrong[test.labels == k].double().mean().item() for k in (0, 1)]
    assert scores["balanced_error"] == pytest.approx(50 * sum(rates))
    loss = F.cross_entropy(logits_of(made.model, test), test.labels).item()
    assert scores["loss"] == pytest.approx(loss, rel=1e-5)
    counts = made.confusion("test")
    assert counts.sum() == 30
    assert counts[0, 1] + counts[1, 0] == wrong.sum()
    mistakes = made.mistakes("test", most=3).items
    assert len(mistakes) == 3
    assert [m.probability for m in mistakes] == sorted(
        (m.probability for m in mistakes), reverse=True
    )
    assert len(mistakes[0].text.split()) >= len(mistakes[-1].text.split())
    assert str(mistakes[0]).startswith("bad, predicted as good (")
    assert len(made.mistakes("test")) == int(wrong.sum())


def test_answers_come_in_the_order_of_the_set(monkeypatch):
    made = task()
    one_by_one = torch.cat(
        [logits_of(made.model, made.data.dev.pick(slice(i, i + 1))) for i in range(20)]
    )
    assert torch.allclose(logits_of(made.model, made.data.dev), one_by_one, atol=1e-6)
    monkeypatch.setattr("zoo.predictors.text_classification.CHUNK", 7)
    assert torch.allclose(logits_of(made.model, made.data.dev), one_by_one, atol=1e-6)
    assert made.model.training


def test_it_learns_what_the_words_say():
    made = task()
    fit(made, torch.optim.Adam(made.model.parameters(), lr=0.0), lambda step: 0.05, 60)
    assert made.evaluate("dev")["error"] == 0


def test_what_a_card_and_a_reader_are_told(tmp_path):
    made = task()
    assert made.vocabulary is V
    assert made.card_facts() == {
        "task": "text_classification",
        "front_end": {"tokenizer": RULES},
        "classes": ["bad", "good"],
    }
    made.model = Says()
    assert "(30 sentences)" in made.report(tmp_path, "toy")
    assert (tmp_path / "confusion.png").exists()
    lines = (tmp_path / "mistakes.txt").read_text().splitlines()
    assert lines == str(made.mistakes("test")).splitlines()
    assert made.example(tmp_path) == made.data.test.texts[0]


def test_settings_out_of_range():
    with pytest.raises(BadInput, match="batch_size"):
        task(batch_size=0)
    with pytest.raises(BadInput, match="label_smoothing"):
        task(label_smoothing=1.0)
