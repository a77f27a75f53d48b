"""The task that trains detectors: batches, loss, detections, what is refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from zoo.data.image.boxes.augment import flip_boxes
from zoo.data.image.boxes.front_end import BoxFrontEnd
from zoo.data.image.boxes.images import BoxedImages, BoxedSplits
from zoo.data.image.boxes.input_sizes import growing
from zoo.data.image.boxes.threshold import USUAL
from zoo.engine.fit import fit
from zoo.errors import BadInput
from zoo.models.yolov3_tiny import yolov3_tiny_half
from zoo.ops.boxes.objects import objects
from zoo.ops.letterbox import placement
from zoo.tasks.detection import DetectionTask

SIZE = (64, 96)
ANCHORS = ((12, 12), (16, 16), (20, 20), (24, 24), (28, 28), (34, 34))


def part(count: int, seed: int) -> BoxedImages:
    """Red and blue squares on black, none in every fourth image; raw images are twice the size."""
    draw = torch.Generator().manual_seed(seed)
    pixels = torch.zeros(count, 3, *SIZE, dtype=torch.uint8)
    truth = []
    for i in range(count):
        side, x, y, kind = (
            int(torch.randint(a, b, (), generator=draw))
            for a, b in ((14, 30), (0, 60), (0, 32), (0, 2))
        )
        if i % 4 == 3:
            truth.append(objects([], []))
            continue
        pixels[i, 2 * kind, y : y + side, x : x + side] = 255
        truth.append(objects([[x, y, x + side, y + side]], [kind]))
    places = (placement((128, 192), SIZE),) * count
    return BoxedImages(pixels, tuple(truth), places, ("red", "blue"))


def splits() -> BoxedSplits:
    parts = part(16, 0), part(8, 1), part(8, 2)
    return BoxedSplits("squares", "none", *parts, front_end=BoxFrontEnd(SIZE))


def task(**fields: object) -> DetectionTask:
    torch.manual_seed(0)
    model = yolov3_tiny_half(num_classes=2, anchors=ANCHORS)
    return DetectionTask(model=model, data=splits(), batch_size=4, **fields)  # type: ignore


def test_batches_depend_on_seed_epoch_and_number_only() -> None:
    one, two = (list(task(augment=flip_boxes()).batches(1)) for _ in range(2))
    late = list(task(augment=flip_boxes()).batches(1, start=2))
    assert [batch.seen for batch in one] == [16, 20, 24, 28]
    for a, b in zip([*one, *one[2:]], [*two, *late], strict=True):
        assert torch.equal(a.images, b.images)
        assert all(torch.equal(x.boxes, y.boxes) for x, y in zip(a.objects, b.objects, strict=True))


def test_images_grow() -> None:
    sizes = growing((32, 64), SIZE, until=8)
    shapes = [tuple(batch.images.shape[2:]) for batch in task(input_size=sizes).batches(0)]
    assert shapes == [(32, 64), (32, 64), SIZE, SIZE]


def test_boxes_are_measured_in_pixels_of_the_raw_image() -> None:
    _, truth = task().detections("dev")
    here = part(8, 1).objects
    assert all(torch.equal(a.boxes, 2 * b.boxes) for a, b in zip(truth, here, strict=True))


@pytest.fixture(scope="module")
def trained() -> DetectionTask:
    done = task(norm_momentum=0.1)
    rate = 2e-3
    fit(done, torch.optim.AdamW(done.model.parameters(), lr=rate), lambda step: rate, steps=80)
    return done


def test_it_learns(trained: DetectionTask) -> None:
    scores = trained.evaluate("train")
    assert scores.keys() == trained.scores.keys() == trained.units.keys()
    assert scores["map_voc10"] > 60 > 5 > task().evaluate("train")["map_voc10"]


def test_an_answer_does_not_depend_on_the_batch(trained: DetectionTask) -> None:
    together = trained.model.eval().detect(trained.data.front_end.normalise(splits().dev.pixels))
    for i, found in enumerate(together):
        image = trained.data.front_end.normalise(splits().dev.pixels[i : i + 1])
        (alone,) = trained.model.detect(image)
        assert alone.size == found.size
        assert torch.allclose(alone.boxes, found.boxes, atol=1e-3)
        assert torch.allclose(alone.scores, found.scores, atol=1e-5)


def test_the_threshold_is_chosen_and_goes_to_the_card(trained: DetectionTask) -> None:
    with pytest.raises(BadInput, match="choose"):
        replace(trained, threshold=None).card_facts()
    trained.choose("train")
    facts = trained.card_facts()
    assert 0.05 < facts["front_end"]["threshold"] < 1
    assert (facts["task"], facts["classes"]) == ("detection", ["red", "blue"])


def test_a_report_is_drawn_and_told(trained: DetectionTask, tmp_path: Path) -> None:
    trained.choose("train")
    text = trained.report(tmp_path, "squares")
    assert f"at threshold {trained.threshold:.3g} (IoU > .5)" in text
    assert all(word in text for word in ("red", "blue", "VOC07", "AR 100"))
    for name in ("precision_recall.png", "mistakes.png"):
        assert (tmp_path / name).stat().st_size
    mistakes = trained.mistakes("dev", most=3)
    assert len(mistakes.missed) <= 3 >= len(mistakes.alarms)
    assert mistakes.title == "squares, dev"


def test_the_threshold_of_a_card_is_used(trained: DetectionTask) -> None:
    here = replace(trained, threshold=None)
    here.read_as({**trained.data.front_end.to_card(), "threshold": 0.125})
    assert here.card_facts()["front_end"]["threshold"] == 0.125


def test_images_without_objects_train_and_are_evaluated() -> None:
    data = splits()
    bare = replace(data.train, objects=(objects([], []),) * len(data.train))
    empty = replace(task(), data=replace(data, train=bare, dev=bare.pick(slice(4))))
    for batch in empty.batches(0):
        loss = empty.loss(batch)
        assert loss.isfinite()
        loss.backward()
    assert set(empty.evaluate("dev").values()) == {0.0}
    empty.choose("dev")
    assert empty.threshold == USUAL


def test_what_does_not_fit_is_refused() -> None:
    fits = task()
    fits.check()
    one_class = replace(fits.data, train=replace(fits.data.train, classes=("red",)))
    odd_size = replace(fits.data, front_end=BoxFrontEnd((65, 96)))
    with pytest.raises(BadInput, match=r"2 classes, squares has 1: red"):
        replace(fits, data=one_class).check()
    with pytest.raises(BadInput, match=r"65 x 96 pixels; .* multiples of 32"):
        replace(fits, data=odd_size).check()
    with pytest.raises(BadInput, match="batch_size"):
        replace(fits, batch_size=0)
    with pytest.raises(BadInput, match="norm_momentum must be above 0"):
        replace(fits, norm_momentum=0.0)


def test_an_example_is_an_image(trained: DetectionTask, tmp_path: Path) -> None:
    assert Path(trained.example(tmp_path)).stat().st_size
