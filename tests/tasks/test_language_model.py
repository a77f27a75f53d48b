"""The hidden state in training, kept through a kill; the scores; what a card needs."""

import math
from itertools import islice

import pytest
import torch

from tests.helpers import toy
from zoo import registry
from zoo.data.text.token_stream import TextFrontEnd, cut, text_splits, vocabulary_of
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.checkpoint_contents import renewed
from zoo.engine.fit import fit
from zoo.engine.loop_options import LoopOptions
from zoo.engine.seed import seed_everything
from zoo.errors import BadInput
from zoo.tasks import language_model
from zoo.tasks.language_model import LanguageModelTask

TEXT = "the cat sat on the mat and the dog ate the hat. " * 14


def data(text=TEXT, level="characters"):
    front_end = TextFrontEnd(level, vocabulary_of(text, level))
    return text_splits("toy", "none", cut(text, level=level), front_end)


def task(text=TEXT, level="characters", arch="lstm", **options):
    seed_everything(0)
    splits = data(text, level)
    sizes = {
        "vocab_size": len(splits.vocabulary),
        "embedding_dim": 5,
        "hidden_size": 8,
        "dropout": 0.2,
    }
    model = registry.build(arch, **sizes)
    return LanguageModelTask(model, splits, **{"batch_size": 4, "sequence_length": 10, **options})


def test_the_state_is_carried_inside_an_epoch_and_fresh_at_its_start():
    one = task()
    one.model.eval()
    (n0, x0, y0), (n1, x1, y1) = islice(one.batches(0), 2)
    with torch.no_grad():
        one.loss((n0, x0, y0))
        second = one.loss((n1, x1, y1))
        both, _ = one.model(torch.cat([x0, x1], 1), None, torch.cat([y0, y1], 1))
        again = one.loss((n0, x0, y0))
    assert second == pytest.approx(both[:, x0.shape[1] :].mean().item(), rel=1e-6)
    assert again == pytest.approx(both[:, : x0.shape[1]].mean().item(), rel=1e-6)


def test_no_gradient_goes_back_into_the_chunk_before():
    one = task()
    for batch in islice(one.batches(0), 3):
        one.loss(batch).backward()  # a second pass through the first chunk's graph would raise
    assert not one.state["hidden"].requires_grad


def run(folder, steps, stop=None):
    one = task()
    torch.manual_seed(5)
    plain = one.loss
    left = [stop]

    def loss(batch):
        if left[0] is not None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
        return plain(batch)

    one.loss = loss
    optimizer = torch.optim.AdamW(one.model.parameters(), lr=0.01)
    options = LoopOptions(save_every=3, evaluate_every=8, patience=99, watch="cross_entropy")
    with Checkpoints(folder) as checkpoints:
        fit(one, optimizer, lambda step: 0.01, steps, options=options, checkpoints=checkpoints)
    return toy.weights(one.model), one


def test_a_run_killed_inside_an_epoch_ends_with_the_same_bits(tmp_path):
    chunks = len(list(task().batches(0)))
    steps, stop = chunks + 9, chunks + 4  # in the second epoch, mid-way
    straight, _ = run(tmp_path / "a", steps)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "b", steps, stop)
    tensors, facts = Checkpoints(tmp_path / "b").latest()
    assert facts["batch"] > 0  # not at the start of an epoch
    assert tensors["task_state.hidden"].abs().sum() > 0
    resumed, one = run(tmp_path / "b", steps)
    assert toy.same(straight, resumed)
    assert one.state["hidden"].shape == (1, 2, 4, 8)


def test_a_checkpoint_with_the_names_of_november_2026_is_read(tmp_path):
    """Tensors of the task under "carried.", and the loop's facts by their old names."""
    steps = len(list(task().batches(0))) + 9
    straight, _ = run(tmp_path / "a", steps)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "b", steps, steps - 5)
    tensors, facts = Checkpoints(tmp_path / "b").latest()
    today = {"since": "steps_since_row", "score": "best_score", "strikes": "evaluations_since_best"}
    names = {new: old for old, new in today.items()}
    old_facts = {names.get(k, k): v for k, v in facts.items() if k != "seconds"}
    old_tensors = {k.replace("task_state.", "carried."): v for k, v in tensors.items()}
    assert set(names).isdisjoint(old_facts)
    assert set(old_tensors) != set(tensors)
    with Checkpoints(tmp_path / "c") as checkpoints:
        checkpoints.save(facts["step"], old_tensors, old_facts)
    resumed, _ = run(tmp_path / "c", steps)
    assert toy.same(straight, resumed)


@pytest.mark.parametrize(("layout", "now"), [("default", "contiguous"), ("channels_last",) * 2])
def test_a_memory_format_was_called_a_layout(layout, now):
    setting = {"threads": 1, "layout": layout}
    _, facts = renewed({}, {"setting": setting})
    assert facts["setting"] == {"threads": 1, "memory_format": now}
    assert renewed({}, facts) == ({}, facts)


def test_without_the_saved_state_the_bits_would_differ(tmp_path):
    """That the test above can fail."""
    chunks = len(list(task().batches(0)))
    straight, _ = run(tmp_path / "a", chunks + 9)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "b", chunks + 9, chunks + 4)
    plain = LanguageModelTask.loss
    forgot = [True]

    def forgetful(self, batch):
        if forgot[0]:
            self.state.clear()
            forgot[0] = False
        return plain(self, batch)

    LanguageModelTask.loss = forgetful
    try:
        resumed, _ = run(tmp_path / "b", chunks + 9)
    finally:
        LanguageModelTask.loss = plain
    assert not toy.same(straight, resumed)


def test_a_short_run_learns_and_scores_add_up():
    one = task()
    before = one.evaluate("test")
    optimizer = torch.optim.AdamW(one.model.parameters(), lr=0.02)
    fit(one, optimizer, lambda step: 0.02, 80, options=LoopOptions(watch="cross_entropy"))
    after = one.evaluate("test")
    assert after["cross_entropy"] < before["cross_entropy"] - 0.5
    assert after["perplexity"] == pytest.approx(math.exp(after["cross_entropy"]))
    assert after["bits_per_character"] == pytest.approx(after["cross_entropy"] / math.log(2))
    assert one.evaluate("test", width=5) == pytest.approx(after, rel=1e-5)
    assert one.model.training


def test_words_have_no_bits_and_the_sum_over_steps_is_the_mean_times_them():
    one = task(level="words", sum_over_time=True, batch_size=2)
    assert set(one.evaluate("test")) == {"cross_entropy", "perplexity"}
    batch = next(iter(one.batches(0)))
    one.model.eval()
    mean = task(level="words", batch_size=2)
    mean.model.eval()
    assert one.loss(batch).item() == pytest.approx(10 * mean.loss(batch).item())


def test_a_vocabulary_of_one_is_known_for_sure():
    one = task("a" * 200)
    assert one.evaluate("test")["perplexity"] == 1
    assert one.loss(next(iter(one.batches(0)))).item() == 0


def test_a_network_for_another_vocabulary_is_refused():
    other = LanguageModelTask(registry.build("rnn", vocab_size=7, hidden_size=3), data())
    with pytest.raises(BadInput, match="vocab_size=7, but the vocabulary of toy has"):
        other.check()
    task().check()
    for name in ("batch_size", "sequence_length"):
        with pytest.raises(BadInput, match=f"{name} must be at least 1"):
            task(**{name: 0})


def test_the_least_expected_tokens_come_first_and_nothing_is_changed():
    one = task()
    before = toy.weights(one.model)
    found = one.mistakes("test")
    probabilities = [float(str(line).split()[2].rstrip(":")) for line in found.items]
    assert len(found) == 24
    assert probabilities == sorted(probabilities)
    ids = one.data.test.token_ids.long()
    one.model.eval()
    costs = one.model(ids[None, :-1], None, ids[None, 1:])[0][0].detach()
    assert probabilities[0] == pytest.approx(math.exp(-float(costs.max())), rel=0.1)
    assert toy.same(before, toy.weights(one.model))


def test_what_a_card_and_a_reader_get(tmp_path, monkeypatch):
    monkeypatch.setattr(language_model, "SAMPLE", 20)
    one = task()
    assert one.card_facts()["front_end"] == {"level": "characters"}
    assert one.vocabulary.words[0] == " "
    said = one.report(tmp_path, "toy")
    assert "temperature 0.8" in said
    assert (tmp_path / "samples.txt").read_text().count("temperature") == 3
