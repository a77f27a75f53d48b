"""Batches, scores beside loops, the threshold, a resumed run, what is refused."""

import pytest
import torch

from tests.helpers import identities
from zoo.data.image.augment import shift
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.errors import BadInput, UnknownName
from zoo.models.siamese_small import siamese_small
from zoo.tasks.verification import VerificationTask


def task(batch_size=16, **fields):
    return VerificationTask(identities.TinyFaceNet(), identities.splits(), batch_size, **fields)


def train(one, steps, **more):
    optimizer = torch.optim.Adam(one.model.parameters(), lr=0.02)
    return fit(one, optimizer, lambda step: 0.02, steps, **more)


def test_a_batch_has_p_identities_with_k_images_each():
    one = task(batch_size=12, images=3)
    assert one.people == 4
    images, labels = next(iter(one.batches(0)))
    assert images.shape == (12, 1, 32, 32)
    assert labels.device.type == "cpu"
    assert (labels.view(4, 3) == labels.view(4, 3)[:, :1]).all()
    assert len(labels.unique()) == 4


def test_augmentation_depends_on_seed_epoch_and_batch():
    batches = [
        torch.cat([images for images, _ in task(seed=seed, augment=shift(4)).batches(0)])
        for seed in (1, 1, 2)
    ]
    assert torch.equal(batches[0], batches[1])
    assert not torch.equal(batches[0], batches[2])


def test_scores_are_those_of_loops():
    one = task()
    train(one, 5)
    scores = one.evaluate("test")
    part, wrong, asked = one.data.test, 0, 0
    vectors = one.vectors(part)
    for trial in one.data.trials_of("test"):
        for query, answer in zip(trial.query.tolist(), trial.answer.tolist(), strict=True):
            apart = [(vectors[query] - vectors[row]).square().sum() for row in trial.support]
            wrong += min(range(len(apart)), key=apart.__getitem__) != answer
            asked += 1
    assert scores["one_shot_error"] == pytest.approx(100 * wrong / asked)
    assert 0 < scores["eer"] < 50
    assert list(scores) == list(one.scores)
    one.choose("test")
    errors = {False: [], True: []}
    for i in range(len(part)):
        for j in range(i):
            same = bool(part.labels[i] == part.labels[j])
            taken = bool((vectors[i] - vectors[j]).square().sum() <= one.decoder.threshold)
            errors[same].append(taken != same)
    scores = one.evaluate("test")
    for name, same in (("false_accept", False), ("false_reject", True)):
        assert scores[name] == pytest.approx(100 * sum(errors[same]) / len(errors[same]))
    assert scores["false_accept"] == pytest.approx(scores["eer"], abs=6)


def test_what_was_learned_holds_for_other_identities():
    one = task()
    before = one.evaluate("test")["eer"]
    train(one, 150)
    assert one.evaluate("test")["eer"] < min(before, 15)


def test_a_resumed_run_has_the_same_bits(tmp_path):
    straight, half, resumed = task(), task(), task()
    train(straight, 14)
    train(half, 7, checkpoints=Checkpoints(tmp_path))
    train(resumed, 14, checkpoints=Checkpoints(tmp_path))
    pairs = zip(straight.model.parameters(), resumed.model.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_the_card_has_the_threshold_and_no_identity(tmp_path):
    one = task()
    with pytest.raises(BadInput, match="call choose"):
        one.card_facts()
    train(one, 30)
    one.choose()
    facts = one.card_facts()
    assert facts["classes"] == []
    assert facts["decoder"].keys() == {"threshold", "false_accept", "false_reject"}
    text = one.report(tmp_path, "patterns")
    assert f"threshold {one.decoder.threshold:.4f} (squared L2), chosen on dev" in text
    part, vectors = one.data.test, one.vectors(one.data.test)
    nearest = torch.cdist(vectors, vectors).fill_diagonal_(torch.inf).argmin(1)
    wrong = 100 * float((part.labels[nearest] != part.labels).double().mean())
    assert f"who is it, by the nearest other image: {wrong:.2f} % wrong, by most of 5: " in text
    assert (tmp_path / "mistakes.png").stat().st_size > 1000
    assert (tmp_path / "roc.png").stat().st_size > 1000
    for item in one.mistakes("test").items:
        far = item.dissimilarity > one.decoder.threshold
        assert far != item.accepted


def test_a_siamese_network_learns_by_the_same_task():
    model = siamese_small(image_size=65, embedding_dim=8)
    data = identities.splits(4, 3, 3, 2)
    front_end = type(data.front_end)((65, 65), (0.5,), (0.5,))
    one = VerificationTask(model, data, 8, images=2, objective="drawn_pairs")
    one.data = type(data)(**{**vars(one.data), "front_end": front_end})
    images = torch.randn(8, 1, 65, 65, generator=torch.Generator().manual_seed(0))
    loss = one.loss((images, torch.arange(4).repeat_interleave(2)))
    loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"batch_size": 10, "images": 4}, "multiple of images, got batch_size=10 images=4"),
        ({"batch_size": 4, "images": 4}, "two identities or more"),
        ({"images": 1}, "two images or more each"),
        ({"margin": 0.0}, "margin must be above 0, got 0"),
        ({"grouped": 1.5}, "grouped is a part of the epochs, 0 to 1, got 1.5"),
        ({"objective": "pairs"}, "trains networks that compare by -logit"),
    ],
)
def test_what_cannot_work_is_refused(fields, text):
    with pytest.raises(BadInput, match=text):
        task(**fields)


def test_an_unknown_objective_names_the_near_ones():
    with pytest.raises(UnknownName, match="batch_hard"):
        task(objective="batchhard")
