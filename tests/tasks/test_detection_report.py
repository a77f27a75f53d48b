"""The mistakes of a set: cut out of what the network saw, named in pixels of the image."""

import torch

from zoo.data.image.boxes.images import BoxedImages
from zoo.metrics.detection.scores import evaluate
from zoo.ops.boxes.objects import Detections, objects
from zoo.ops.letterbox import placement
from zoo.tasks.detection_report import mistakes_of, report_text

PLACE = placement((200, 400), (100, 100))  # half as large, 25 grey rows above


def part(names=("a.jpg", "b.jpg")):
    truth = objects([[10, 35, 30, 55]], [0])  # of the input
    pixels = torch.zeros(2, 3, 100, 100, dtype=torch.uint8)
    return BoxedImages(pixels, (truth, objects([], [])), (PLACE,) * 2, ("cat",), names=names)


def scores():
    truth = [one._replace(boxes=PLACE.to_image(one.boxes)) for one in part().objects]
    boxes = torch.tensor([[200.0, 100, 280, 180]])
    stray = Detections(boxes, torch.tensor([0]), torch.tensor([0.75]))
    nothing = Detections(boxes[:0], torch.zeros(0).long(), torch.zeros(0))
    return evaluate([nothing, stray], truth, 1)


def test_a_line_names_the_image_and_where_in_it():
    mistakes = mistakes_of(scores(), part(), 0.5, 9, "set, test")
    assert str(mistakes).split("\n") == [
        "a.jpg: cat missed at 40, 40, 120, 120: nothing found",
        "b.jpg: cat 0.75, false alarm at 200, 100, 280, 180: nothing there",
    ]
    assert mistakes.title == "set, test"


def test_a_cut_is_of_what_the_network_saw():
    mistakes = mistakes_of(scores(), part(names=()), 0.5, 9, "")
    (missed,), (alarm,) = mistakes.missed, mistakes.alarms
    assert (missed.box[2:] - missed.box[:2]).tolist() == [20, 20]  # of the input
    assert torch.equal(missed.box, missed.truth[0])
    assert alarm.text == "cat 0.75\nnothing there"
    assert alarm.line.startswith("image 1: ")


def test_the_text_holds_the_table_and_the_twelve_numbers():
    text = report_text(scores(), ("cat",), 0.5)
    assert "at threshold 0.5" in text
    assert "AR large" in text
