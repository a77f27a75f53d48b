"""The task: batches, loss, scores, mistakes, a resumed run, data without an object."""

from dataclasses import replace

import pytest
import torch
from PIL import Image

from tests.helpers import located, toy
from zoo.data.image.located_augment import in_turn, mirrored, shifted_and_scaled, transposed
from zoo.data.image.located_images import NOTHING
from zoo.engine.checkpoint import Checkpoints
from zoo.engine.fit import fit
from zoo.engine.loop_options import LoopOptions
from zoo.engine.seed import seed_everything
from zoo.errors import BadInput
from zoo.models.localizer import Landmark, Localizer
from zoo.tasks.localization import LocalizationTask

AUGMENT = in_turn(mirrored(), transposed(), shifted_and_scaled())


def task(seed=0, model=None, data=None, **options):
    seed_everything(seed)
    model = model or Localizer(2, image_size=32, hidden_size=32)
    return LocalizationTask(
        model, data or located.splits(), **{"batch_size": 12, "seed": seed, **options}
    )


def trained(made, steps=100):
    watch, better = next(iter(made.scores.items()))
    options = LoopOptions(watch=watch, better=better)
    optimizer = torch.optim.AdamW(made.model.parameters(), lr=0.0)
    return fit(made, optimizer, lambda step: 0.004, steps=steps, options=options)


def test_it_learns_to_find_shapes():
    made = task(augment=mirrored(), where_weight=20.0)
    before = made.evaluate("test")
    trained(made)
    after = made.evaluate("test")
    assert after.keys() == made.scores.keys()
    assert after["iou"] > before["iou"] + 0.1
    by_heart = made.evaluate("train")
    assert by_heart["iou"] > 0.5
    assert by_heart["p_error"] < 5
    assert "disc" in made._of_each_class("test")


def test_starting_in_mid_epoch_gives_the_same_batches():
    whole = list(task(augment=AUGMENT).batches(2))
    part = list(task(augment=AUGMENT).batches(2, start=3))
    assert len(whole) == 5
    assert len(part) == 2
    for a, b in zip(whole[3:], part, strict=True):
        assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_ranks_share_the_global_batch(monkeypatch):
    from zoo.engine import distributed

    whole = list(task(augment=AUGMENT).batches(0))
    monkeypatch.setattr(distributed, "world", lambda: 2)
    halves = []
    for rank in (0, 1):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        halves.append(list(task(augment=AUGMENT).batches(0)))
    for all_of_it, one, two in zip(whole, *halves, strict=True):
        for a, b, c in zip(all_of_it, one, two, strict=True):
            assert torch.equal(a, torch.cat([b, c]))


def test_scores_do_not_depend_on_the_batch():
    made = task()
    part = made.data.test
    whole = made.found(part)
    alone = [made.found(part.pick(torch.tensor([i]))) for i in range(len(part))]
    for at, field in enumerate(whole):
        assert torch.allclose(
            field.float(), torch.cat([one[at] for one in alone]).float(), atol=1e-5
        )


def test_a_resumed_run_is_the_uninterrupted_one(tmp_path):
    def run(folder, steps):
        made = task(augment=AUGMENT)
        optimizer = torch.optim.AdamW(made.model.parameters(), lr=0.01)
        options = LoopOptions(save_every=3, watch="iou", better="higher")
        with Checkpoints(folder) as checkpoints:
            fit(made, optimizer, lambda step: 0.01, steps, options=options, checkpoints=checkpoints)
        return toy.weights(made.model)

    straight, half = run(tmp_path / "a", 12), run(tmp_path / "b", 6)
    assert not toy.same(straight, half)
    assert toy.same(straight, run(tmp_path / "b", 12))


def emptied(part):
    return replace(part, labels=torch.full_like(part.labels, NOTHING), points=part.points * 0)


@pytest.mark.parametrize("model", [Localizer(2, image_size=32), Landmark(2, image_size=32)])
def test_data_without_an_object_train_and_are_evaluated(model, tmp_path):
    data = located.splits()
    parts = {name: emptied(part) for name, part in data.parts().items()}
    made = task(model=model, data=replace(data, **parts))
    trained(made, steps=20)
    scores = made.evaluate("test")
    assert all(value == value for value in scores.values())
    assert scores["p_error"] == 0
    assert all(p.isfinite().all() for p in made.model.parameters())
    assert made.report(tmp_path, "nothing") == "test has no object"


def test_landmarks_are_learned():
    data = located.splits()
    made = task(model=Landmark(2, image_size=32, hidden_size=32), data=data, where_weight=20.0)
    made.check()
    before = made.evaluate("test")
    trained(made)
    after = made.evaluate("test")
    assert after.keys() == {"distance", "p_error"}
    assert after["distance"] < 0.8 * before["distance"]
    assert made.evaluate("train")["distance"] < 6


def test_what_the_person_gets(tmp_path):
    made = task()
    found = made.mistakes("test", most=5)
    assert 0 < len(found) <= 5
    assert "found" in str(found).splitlines()[0]
    assert "iou" in made.report(tmp_path, "shapes")
    with Image.open(tmp_path / "mistakes.png") as sheet:
        assert sheet.width > 300
    with Image.open(made.example(tmp_path)) as image:
        assert image.size == (32, 32)
    facts = made.card_facts()
    assert facts["classes"] == ["disc", "square"]
    assert facts["task"] == "localization"


def test_the_worst_mistake_comes_first():
    made = task()
    items = made.mistakes("test", most=50)
    part = made.data.test
    found, truth = made.found(part), made.truth(part)
    off = made._how_wrong(found, truth)
    assert len(items) == int((off > 0).sum())
    assert off[made.truth(part).p == 0].max() <= 2


def test_what_does_not_fit_is_refused():
    with pytest.raises(BadInput, match="num_classes=3, but shapes has 2 classes"):
        task(model=Localizer(3, image_size=32)).check()
    with pytest.raises(BadInput, match="num_points=5, but shapes has 2 points"):
        task(model=Landmark(5, image_size=32)).check()
    with pytest.raises(BadInput, match="batch_size"):
        task(batch_size=0)
    with pytest.raises(BadInput, match="where_weight"):
        task(where_weight=0.0)
