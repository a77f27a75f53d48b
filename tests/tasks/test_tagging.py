"""The task: batches, loss, scores, what there is to look at."""

import pytest
import torch

from tests.helpers import tagging
from zoo.engine import distributed
from zoo.errors import BadInput
from zoo.metrics.spans import count_spans, total


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip((*a[0], a[1]), (*b[0], b[1]), strict=True))


def test_batches_depend_on_seed_epoch_and_number_only():
    whole = list(tagging.task().batches(3))
    torch.rand(7)
    assert len(whole) == 5
    again = list(tagging.task().batches(3, start=2))
    assert all(same(a, b) for a, b in zip(whole[2:], again, strict=True))
    assert not same(whole[0], next(iter(tagging.task().batches(4))))
    assert not same(whole[0], next(iter(tagging.task(seed=1).batches(3))))


def test_ranks_share_the_global_batch(monkeypatch):
    whole = list(tagging.task().batches(0))
    monkeypatch.setattr(distributed, "world", lambda: 2)
    halves = []
    for rank in (0, 1):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        halves.append(list(tagging.task().batches(0)))
    for one, a, b in zip(whole, *halves, strict=True):
        assert torch.equal(one.tags, torch.cat([a.tags, b.tags]))
        assert torch.equal(one.inputs.words, torch.cat([a.inputs.words, b.inputs.words]))
    with pytest.raises(BadInput, match="cannot be shared"):
        next(tagging.task(batch_size=3).batches(0))


def test_words_are_hidden_as_often_as_asked_and_tags_are_not():
    task = tagging.task(word_dropout=0.5)
    hidden = total_words = 0
    for inputs, tags in task.batches(0):
        inside = inputs.words > 0
        hidden += (inputs.words == 1).sum().item()
        total_words += inside.sum().item()
        assert torch.equal(inside, inputs.shapes > 0)
        assert not tags[~inside].any()
    assert 0.3 < hidden / total_words < 0.7
    assert not any((b.inputs.words == 1).any() for b in tagging.task(word_dropout=0.0).batches(0))


def test_training_finds_the_names_and_scores_are_those_of_the_metric():
    task = tagging.task()
    assert task.evaluate()["f1"] < 60
    optimizer = torch.optim.Adam(task.model.parameters(), lr=0.02)
    task.model.train()
    for epoch in range(12):
        for batch in task.batches(epoch):
            loss = task.loss(batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    scores = task.evaluate("test")
    assert task.model.training
    assert scores["f1"] > 95
    said, items = task.tags_of("test"), task.data.test.items
    assert [len(tags) for tags in said] == [len(item.words) for item in items]
    counts = total(count_spans([item.tags for item in items], said))
    assert scores["f1"] == counts.f1
    assert scores["recall"] == counts.recall
    assert scores["error"] < 2


def test_what_there_is_to_look_at(tmp_path):
    task = tagging.task()
    text = task.report(tmp_path, "tagger.toy")
    assert text.split("\n")[1].split()[0] == "loc"
    assert "different names: F1" in text
    written = (tmp_path / "mistakes.txt").read_text(encoding="utf-8")
    assert written.startswith("tagger.toy, test\n")
    assert "  - per: " in written
    assert isinstance(task.example(tmp_path), str)
    facts = task.card_facts()
    assert facts["classes"] == ["O", "B-loc", "I-loc", "B-per"]
    assert facts["front_end"] == task.data.front_end.to_card()
    assert task.vocabulary is task.data.front_end.vocabulary


@pytest.mark.parametrize(
    ("options", "said"),
    [({"batch_size": 0}, "at least 1"), ({"word_dropout": 1.0}, "word_dropout must be")],
)
def test_numbers_out_of_range(options, said):
    with pytest.raises(BadInput, match=said):
        tagging.task(**options)


def test_a_network_for_another_vocabulary_is_refused():
    with pytest.raises(BadInput, match="has vocab_size=7 .* the words need vocab_size="):
        tagging.task(vocabulary=7)


def test_a_tag_set_of_one():
    data = tagging.splits({"per": "O", "loc": "O"})
    task = tagging.task(data=data)
    assert task.data.train.classes == ("O",)
    assert task.loss(next(iter(task.batches(0)))).item() == pytest.approx(0, abs=1e-4)
    assert task.evaluate() == {
        **dict.fromkeys(("f1", "precision", "recall", "surface_f1"), 0.0),
        "error": 0.0,
    }
