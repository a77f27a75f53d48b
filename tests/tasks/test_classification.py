"""The task: batches, loss, score, mistakes."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from tests.helpers import toy
from zoo.data.image.augment import shift
from zoo.data.image.images import Images, ImageSplits
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.engine.loop_options import LoopOptions
from zoo.engine.seed import generator, seed_everything
from zoo.errors import BadInput, UnknownName
from zoo.losses.rbf import map_loss
from zoo.models.googlenet_tv import googlenet_tv
from zoo.models.mlp import MLP
from zoo.tasks.classification import ClassificationTask


def flat(batches):
    return [(pictures, labels) for pictures, labels in batches]


def test_starting_in_mid_epoch_gives_the_same_batches():
    task = toy.task(augment=shift(2))
    whole, part = flat(task.batches(3)), flat(task.batches(3, start=4))
    assert len(whole) == 6
    assert len(part) == 2
    for (a, b), (c, d) in zip(whole[4:], part, strict=True):
        assert torch.equal(a, c)
        assert torch.equal(b, d)


def test_order_and_augmentation_change_with_epoch_and_seed_only():
    first = flat(toy.task(augment=shift(2)).batches(0))
    again = flat(toy.task(augment=shift(2)).batches(0))
    other = flat(toy.task(augment=shift(2)).batches(1))
    seeded = flat(toy.task(seed=1, augment=shift(2)).batches(0))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0][0], other[0][0])
    assert not torch.equal(first[0][0], seeded[0][0])


def test_ranks_share_the_global_batch(monkeypatch):
    from zoo.engine import distributed

    whole = flat(toy.task(augment=shift(2)).batches(0))
    monkeypatch.setattr(distributed, "world", lambda: 2)
    halves = []
    for rank in (0, 1):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        halves.append(flat(toy.task(augment=shift(2)).batches(0)))
    for (pictures, labels), (a, x), (b, y) in zip(whole, *halves, strict=True):
        assert torch.equal(pictures, torch.cat([a, b]))
        assert torch.equal(labels, torch.cat([x, y]))


@pytest.mark.parametrize("kind", ["mixup", "cutmix", "both"])
def test_mixtures_are_addressed_shared_by_ranks_and_start_anywhere(monkeypatch, kind):
    from zoo.engine import distributed

    def made(start=0, epoch=0, **options):
        torch.rand(5)  # torch's own state is somewhere else each time
        return flat(toy.task(augment=shift(2), mix=kind, **options).batches(epoch, start=start))

    whole, part, other = made(), made(start=4), made(epoch=1)
    for (a, b), (c, d) in zip(whole[4:], part, strict=True):
        assert torch.equal(a, c)
        assert torch.equal(b, d)
    assert not torch.equal(whole[0][1], other[0][1])
    plain = flat(toy.task(augment=shift(2)).batches(0))
    assert not any(torch.equal(a[0], b[0]) for a, b in zip(whole, plain, strict=True))
    monkeypatch.setattr(distributed, "world", lambda: 2)
    halves = []
    for rank in (0, 1):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        halves.append(made())
    for (pictures, q), (a, x), (b, y) in zip(whole, *halves, strict=True):
        assert torch.equal(pictures, torch.cat([a, b]))
        assert torch.equal(q, torch.cat([x, y]))
        assert q.shape == (16, 4)
        assert torch.allclose(q.sum(1), torch.ones(16))


def test_mixing_leaves_torchs_own_state_to_dropout():
    for options in ({}, {"mix": "both"}):
        task = toy.task(**options)
        torch.manual_seed(7)
        list(task.batches(0))
        assert torch.equal(torch.get_rng_state(), torch.Generator().manual_seed(7).get_state())


def test_loss_takes_mixtures_and_smooths_labels():
    task = toy.task(mix="cutmix", label_smoothing=0.1)
    task.model.eval()
    pictures, q = next(iter(task.batches(0)))
    soft = 0.9 * q + 0.1 / 4
    right = -(soft * task.model(pictures).log_softmax(1)).sum(1).mean()
    assert torch.allclose(task.loss((pictures, q)), right)
    smooth = toy.task(label_smoothing=0.1)
    smooth.model.eval()
    pictures, labels = next(iter(smooth.batches(0)))
    soft = 0.9 * torch.eye(4)[labels] + 0.1 / 4
    right = -(soft * smooth.model(pictures).log_softmax(1)).sum(1).mean()
    assert torch.allclose(smooth.loss((pictures, labels)), right)


@pytest.mark.parametrize("options", [{"mix": "mixup"}, {"label_smoothing": 0.1}])
def test_another_loss_takes_neither(options):
    with pytest.raises(BadInput, match="need cross-entropy"):
        toy.task(objective=F.multi_margin_loss, **options)


def test_a_wrong_mixture_or_smoothing_is_refused_at_once():
    with pytest.raises(UnknownName, match="no mixture 'mix'"):
        toy.task(mix="mix")
    with pytest.raises(BadInput, match="mix_alpha"):
        toy.task(mix="mixup", mix_alpha=0.0)
    with pytest.raises(BadInput, match="label_smoothing"):
        toy.task(label_smoothing=1.5)


def test_loss_is_cross_entropy_plus_the_notes_penalty():
    task = toy.task()
    task.model.eval()
    batch = next(iter(task.batches(0)))
    plain = F.cross_entropy(task.model(batch[0]), batch[1])
    assert torch.equal(task.loss(batch), plain)
    task.l2 = 3.0
    squares = sum(p.square().sum() for p in task.model.parameters() if p.dim() > 1)
    assert torch.allclose(task.loss(batch), plain + 3.0 / (2 * 96) * squares)


def test_error_counts_every_example_once_in_percent():
    task = toy.task()
    task.model.eval()
    dev = task.data.dev
    said = task.model(task.data.front_end.normalise(dev.pixels)).argmax(1)
    assert task.evaluate()["error"] == 100 * (said != dev.labels).sum().item() / 37
    assert task.evaluate("test")["error"] != task.evaluate("train")["error"]


def test_mistakes_are_wrong_and_most_confident_first(tmp_path):
    task = toy.task()
    found = task.mistakes("test", most=5)
    assert len(found) == 5
    assert all(one.label != one.predicted for one in found.items)
    sure = [one.probability for one in found.items]
    assert sure == sorted(sure, reverse=True)
    found.save(tmp_path / "mistakes.png")
    with Image.open(tmp_path / "mistakes.png") as sheet:
        assert sheet.width > 300
    first = found.items[0]
    assert str(found).startswith(f"{first.label}, predicted as {first.predicted} (")


def test_a_network_without_an_output_for_each_class_is_refused():
    made = toy.task()
    made.check()
    made.model.reset_classifier(3)
    with pytest.raises(BadInput, match="num_classes=3, but .* has 4 classes"):
        made.check()


def test_a_batch_size_below_one_is_refused():
    with pytest.raises(BadInput, match="at least 1"):
        toy.task(batch_size=0)


def test_a_network_with_auxiliary_heads_trains_and_is_evaluated():
    """Training gives a tuple, evaluation a tensor; neither fit nor the task is told of it."""
    seed_everything(0)
    model = googlenet_tv(num_classes=4, in_chans=1, auxiliary=True)
    front_end = ImageFrontEnd((32, 32), mean=(0.4,), std=(0.25,))
    parts = [large(toy.quadrants(count, seed)) for seed, count in enumerate((16, 12, 9))]
    task = ClassificationTask(
        model, ImageSplits("quadrants", "none", *parts, front_end), batch_size=16
    )
    batch = next(iter(task.batches(0)))
    heads = ("fc.weight", "aux1.fc2.weight", "aux2.fc2.weight")
    before = toy.weights(model)
    losses = []

    class Watched(ClassificationTask):
        def loss(self, batch):
            losses.append(super().loss(batch))
            return losses[-1]

    watched = Watched(model, task.data, batch_size=16)
    outcome = fit(watched, torch.optim.Adam(model.parameters()), lambda step: 1e-3, steps=8)
    assert outcome.steps == 8
    assert 0 <= outcome.scores["error"] <= 100
    assert losses[-1] < 0.7 * losses[0]
    after = toy.weights(model)
    assert not any(torch.equal(before[head], after[head]) for head in heads)
    logits, *others = model.train()(batch[0])
    assert [x.shape for x in (logits, *others)] == [(16, 4)] * 3
    assert isinstance(model.eval()(batch[0]), torch.Tensor)
    assert len(task.mistakes("test", most=2)) <= 2


def large(part):
    """Each pixel four times as wide and high: 8x8 to 32x32."""
    pixels = part.pixels.repeat_interleave(4, 2).repeat_interleave(4, 3)
    return Images(pixels, part.labels, part.classes)


def test_a_recipes_objective_is_used_instead():
    task = toy.task(objective=map_loss)
    task.model.eval()
    pictures, labels = next(iter(task.batches(0)))
    assert torch.equal(task.loss((pictures, labels)), map_loss(task.model(pictures), labels))


@pytest.mark.parametrize("kind", ["mixup", "both"])
def test_a_resumed_run_on_mixtures_is_the_uninterrupted_one(tmp_path, kind):
    def run(folder, steps, seed=11):
        task = toy.task(augment=shift(1), mix=kind, mix_alpha=0.4, label_smoothing=0.1)
        torch.manual_seed(seed)
        optimizer = torch.optim.AdamW(task.model.parameters(), lr=0.01)
        with Checkpoints(folder) as checkpoints:
            options = LoopOptions(save_every=4)
            fit(task, optimizer, lambda step: 0.01, steps, options=options, checkpoints=checkpoints)
        return toy.weights(task.model)

    straight = run(tmp_path / "a", 16)
    half = run(tmp_path / "b", 8)  # in the middle of the second epoch
    assert not toy.same(straight, half)
    assert toy.same(straight, run(tmp_path / "b", 16, seed=5))  # the checkpoint's state


# ---- classes of unequal size --------------------------------------------------------------------


def unequal(common, rare, seed=0):
    """Two kinds of noise that overlap: the rare one is a little brighter."""
    draw = generator("unequal", seed)
    pixels = torch.randint(0, 200, (common + rare, 1, 8, 8), generator=draw)
    pixels[common:] += 22
    labels = torch.tensor([0] * common + [1] * rare)
    return Images(pixels.to(torch.uint8), labels, ("common", "rare"))


def test_balanced_error_is_the_mean_over_the_classes():
    task = toy.task()
    dev = unequal(95, 5)
    task.data = replace(task.data, dev=dev)

    def common_or_all(right):  # logits that say "common" of all but the first ``right`` rare ones
        said = torch.zeros(100, dtype=torch.int64)
        said[95 : 95 + right] = 1
        return lambda x: torch.eye(2)[said[: len(x)]]

    for right, error, balanced in [(0, 5.0, 50.0), (2, 3.0, 30.0), (5, 0.0, 0.0)]:
        task.model.forward = common_or_all(right)
        assert task.evaluate() == {"error": error, "balanced_error": pytest.approx(balanced)}


def test_a_class_that_does_not_occur_does_not_count():
    task = toy.task()
    task.data = replace(task.data, dev=task.data.dev.pick(task.data.dev.labels == 2))
    scores = task.evaluate()
    assert scores["balanced_error"] == pytest.approx(scores["error"])


def test_balance_gets_a_better_balanced_error_from_95_to_5():
    scores = {}
    for balance in (False, True):
        seed_everything(0)
        front_end = toy.splits().front_end
        parts = unequal(380, 20), unequal(190, 10, 1), unequal(190, 10, 2)
        data = ImageSplits("unequal", "none", *parts, front_end)
        task = ClassificationTask(
            MLP(2, image_size=8, hidden_sizes=(8,)), data, batch_size=16, balance=balance
        )
        optimizer = torch.optim.Adam(task.model.parameters())
        fit(task, optimizer, lambda step: 0.003, 150)
        scores[balance] = task.evaluate("test")
    assert scores[True]["balanced_error"] < scores[False]["balanced_error"] - 5


def test_balance_weights_the_loss_by_the_training_set():
    task = toy.task(balance=True)
    task.model.eval()
    pictures, labels = next(iter(task.batches(0)))
    counts = task.data.train.labels.bincount()
    weights = (96 / (4 * counts))[labels]
    each = F.cross_entropy(task.model(pictures), labels, reduction="none")
    assert torch.allclose(task.loss((pictures, labels)), (weights * each).mean())


def test_balance_with_another_loss_is_refused():
    with pytest.raises(BadInput, match="balance=true is for the cross-entropy"):
        toy.task(balance=True, objective=F.multi_margin_loss)


def test_balance_goes_with_smoothing():
    task = toy.task(balance=True, label_smoothing=0.1)
    task.model.eval()
    pictures, labels = next(iter(task.batches(0)))
    weights = 96 / (4 * task.data.train.labels.bincount())
    target = 0.9 * F.one_hot(labels, 4) + 0.1 / 4
    by_hand = -(target * weights * task.model(pictures).log_softmax(1)).sum(1).mean()
    assert torch.allclose(task.loss((pictures, labels)), by_hand)


def test_confusion_counts_every_picture_and_agrees_with_the_error():
    task = toy.task()
    counts = task.confusion("test")
    assert counts.sum(1).tolist() == task.data.test.labels.bincount().tolist()
    right = counts.diagonal().sum().item()
    assert task.evaluate("test")["error"] == pytest.approx(100 * (1 - right / 41))
