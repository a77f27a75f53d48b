"""Recipes for the user's boxes: anchors, sizes, new heads; what cannot be trained on is refused."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

import zoo
from tests.data.own.boxes.sets import write_voc, write_yolo
from tests.helpers.drawn_face import BOX as FACE
from tests.helpers.drawn_face import scene as face_scene
from tests.helpers.marks import long_if
from zoo import cards, registry
from zoo.errors import BadInput, UnknownName
from zoo.recipes.own.choice import Wanted
from zoo.recipes.own.detection import evaluation, finetune_recipe, own_recipe
from zoo.tasks.detection import DetectionTask

SIZES = (8, 9, 10, 12, 14, 16, 20, 24, 28, 32, 36, 40)  # of as many boxes
SET = {
    f"p{n}": [("cat" if n % 2 else "dog", n, n, n + side, n + side // 2)]
    for n, side in enumerate(SIZES)
}
ONE_CLASS = {name: [("cat", *box[1:]) for box in boxes] for name, boxes in SET.items()}
DETECTORS = [n for n in zoo.list_models(task="detection") if not registry.entry(n).not_trained]


@pytest.mark.parametrize("arch", ["yolov3_tiny_half", long_if(True, "yolov2_tiny")])
def test_anchors_and_size_follow_from_the_data(tmp_path, arch):
    recipe = own_recipe(arch, write_voc(tmp_path, SET), {})
    assert recipe.arguments["num_classes"] == 2
    task = recipe.build(torch.device("cpu"))
    assert task.data.train.pixels.shape[1:] == (3, 192, 256)
    widths = torch.tensor(task.network.anchors)[:, 0] * task.network.anchor_unit
    assert 8 * 4 <= widths.min() < widths.max() <= 40 * 4
    assert torch.isfinite(task.loss(next(iter(task.batches(0)))))
    count = str(len(task.network.anchors))
    assert [line.partition(" ")[0] for line in task.notices()] == ["read", "images", count]


def test_anchors_are_of_train_alone(tmp_path):
    write_voc(tmp_path, SET, "train")
    write_voc(tmp_path, {f"{name}_": [("dog", 0, 0, 64, 48)] for name in SET}, "test")
    anchors = own_recipe("yolov3_tiny", tmp_path, {}).arguments["anchors"]
    assert len(anchors) == 6
    assert max(width for width, _ in anchors) <= 40 * 4


def test_the_networks_own_anchors_are_kept_if_the_boxes_are_all_alike(tmp_path):
    alike = {f"p{n}": [("cat", n, n, n + 9, n + 9)] for n in range(12)}
    recipe = own_recipe("yolov3_tiny", write_voc(tmp_path, alike), {})
    assert recipe.arguments == {"num_classes": 1}
    assert recipe.data().notices[2].startswith("yolov3_tiny keeps its 6 anchors")


def test_one_class_will_do_and_fields_are_obeyed(tmp_path):
    recipe = own_recipe(
        "yolov3_tiny_half",
        write_yolo(tmp_path, ONE_CLASS),
        {"size": "64,96", "steps": "7", "lr": "0.01", "clip": "none"},
    )
    assert (recipe.steps, recipe.lr, recipe.options.clip) == (7, 0.01, None)
    assert recipe.options.watch == "map_voc10"
    task = recipe.build(torch.device("cpu"))
    assert task.data.front_end.size == (64, 96)
    assert task.network.num_classes == 2  # of classes.txt: that of no box is told
    assert "no box to train with of class dog" in task.notices()


def test_a_yolov3_from_scratch_has_the_rate_and_the_loss_that_were_measured(tmp_path):
    write_voc(tmp_path, SET)
    first = own_recipe("yolov3_tiny_half", tmp_path, {})
    assert (first.lr, first.build(torch.device("cpu"))._objective.ignore) == (0.002, 0.5)
    other = own_recipe("faster_rcnn_small", tmp_path, {})
    assert (other.lr, "objective" in other.settings()["task"]) == (0.001, False)


def test_training_at_several_sizes(tmp_path):
    write_voc(tmp_path, SET)
    wanted = {"size": "64,96", "batch_size": "2", "input_size": "multi_scale"}
    recipe = own_recipe("yolov3_tiny_half", tmp_path, wanted)
    assert "multi_scale" in recipe.settings()["task"]["input_size"]
    task = recipe.build(torch.device("cpu"))
    drawn = {tuple(next(iter(task.batches(n))).images.shape[2:]) for n in range(0, 200, 16)}
    assert (64, 96) in drawn
    assert {height for height, _ in drawn} <= {64, 96}
    assert {width for _, width in drawn} <= {64, 96, 128}
    assert len(drawn) > 2
    with pytest.raises(UnknownName, match=r"^no size of training images 'mosaic'"):
        own_recipe("yolov3_tiny_half", tmp_path, {"input_size": "mosaic"})


def test_faults_are_refused_before_anything_is_made(tmp_path):
    bad = {**SET, "p0": [("cat", 5, 5, 5, 9)]}
    with pytest.raises(BadInput, match=r"1 fault in 12 images .*p0.xml:3: cat: no area"):
        own_recipe("yolov3_tiny", write_voc(tmp_path, bad), {})
    recipe = own_recipe("yolov3_tiny", tmp_path, {"skip_bad": "true"})
    assert any("left out what cannot be used" in line for line in recipe.data().notices)
    with pytest.raises(BadInput, match="has no box to train with"):
        own_recipe("yolov3_tiny", write_voc(tmp_path / "empty", dict.fromkeys(SET, ())), {})


def test_finetuning_has_new_anchors_and_heads_and_the_size_of_the_images(tmp_path, monkeypatch):
    front_end = {"kind": "boxes", "size": [64, 96], "fit": "stretch", "mean": [0.1, 0.2, 0.3]}
    arguments = {
        "num_classes": 5,
        "anchors": [[10, 14], [23, 27], [37, 58]] * 2,
        "masks": [[3, 4, 5], [1, 2, 3]],  # as published: no head has the first anchor
    }
    card = SimpleNamespace(
        name="own", arch="yolov3_tiny_half", front_end=front_end, arguments=arguments
    )
    monkeypatch.setattr(cards, "card", lambda name: card)
    recipe = finetune_recipe("own", write_voc(tmp_path, SET), {"freeze": "3"})
    assert (recipe.start, recipe.arguments["num_classes"]) == ("own", 2)
    assert recipe.arguments["anchors"] != arguments["anchors"]
    assert {i for mask in recipe.arguments["masks"] for i in mask} == {*range(6)}
    assert (recipe.tuning.freeze, recipe.tuning.head_only) == (3, 0.1)
    reads = recipe.data().front_end
    assert (reads.size, reads.mean) == ((192, 256), (0.1, 0.2, 0.3))
    with pytest.raises(BadInput, match="freeze"):
        finetune_recipe("own", tmp_path, {"freeze": "99"})


@pytest.mark.long  # tests/test_readme.py trains and measures in fewer steps
@pytest.mark.usefixtures("undrawn")
def test_train_finetune_and_evaluate_end_to_end(tmp_path):
    write_voc(tmp_path / "pets", SET)
    fields = {"steps": 2, "size": "64,96", "precision": "float32", "channels_last": False}
    run = zoo.train("yolov3_tiny_half", tmp_path / "pets", out=tmp_path / "run", **fields)
    card = zoo.card(str(run.folder))
    assert list(card.classes) == ["cat", "dog"]
    assert 0 <= card.front_end["threshold"] <= 1  # chosen on dev
    answer = zoo.load(run.folder)(str(tmp_path / "pets" / "p11.png"))
    assert all(0 <= x <= 64 for x in answer.boxes[:, 0])
    measured = zoo.evaluate(run.folder, tmp_path / "pets")
    assert measured.scores == run.scores  # of the same images, which it recognises

    write_voc(tmp_path / "cats", ONE_CLASS)
    tuned = zoo.finetune(run.folder, tmp_path / "cats", out=tmp_path / "tuned", freeze=3, **fields)
    first, second = (
        load_file(next(Path(one.folder).glob("*.safetensors"))) for one in (run, tuned)
    )
    assert torch.equal(first["convs.0.conv.weight"], second["convs.0.conv.weight"])
    assert (len(first["heads.0.weight"]), len(second["heads.0.weight"])) == (3 * 7, 3 * 6)
    assert (tmp_path / "tuned" / "mistakes.png").is_file()


@pytest.mark.parametrize("arch", [long_if(True, name) for name in DETECTORS])
def test_every_detector_of_the_registry_takes_a_step_on_boxes(tmp_path, arch):
    recipe = own_recipe(arch, write_yolo(tmp_path, SET), {"batch_size": "2"})
    task = recipe.build(torch.device("cpu"))
    task.check()
    loss = task.loss(next(iter(task.batches(0))))
    loss.backward()
    assert torch.isfinite(loss)


def test_weights_are_measured_on_the_part_that_is_asked_for(tmp_path):
    for split in ("train", "test"):
        write_voc(tmp_path, SET, split)
    front_end = {"kind": "boxes", "size": [64, 96], "fit": "stretch", "threshold": 0.3}
    card = SimpleNamespace(name="own", front_end=front_end, classes=("dog", "cat", "cow"))
    model = zoo.create_model("yolov3_tiny_half", num_classes=3)
    found = evaluation(card, lambda: (model, None), tmp_path, Wanted("own"))
    assert isinstance(found.task, DetectionTask)
    assert (found.choice.split, list(found.task.data.parts())) == ("test", ["test"])
    assert found.task.threshold == 0.3
    assert set(found.task.evaluate("test")) == set(found.task.scores)


def faces_in(folder):
    """Three pictures of 420 x 260 and more with boxes "face", one without; COCO's JSON."""
    folder.mkdir()
    images, boxes = [], []
    for number, places in enumerate([((10, 30), (210, 50)), ((100, 20),), ()]):
        size = (420 + 20 * number, 260)
        face_scene(*places, size=size).save(folder / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "width": size[0], "height": 260})
        for left, top in places:
            x1, y1, x2, y2 = FACE
            box = [left + x1, top + y1, x2 - x1, y2 - y1]
            one = {"id": len(boxes) + 1, "image_id": number, "category_id": 1, "bbox": box}
            boxes.append({**one, "area": box[2] * box[3], "iscrowd": 0})
    record = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "face"}]}
    (folder / "faces.json").write_text(json.dumps(record))
    return folder


def test_faces_are_measured_at_the_images_own_sizes(tmp_path):
    folder = faces_in(tmp_path / "faces")
    measured = zoo.evaluate("mtcnn", folder, device="cpu")
    assert (measured.name, measured.examples) == ("mtcnn.wider_face", 3)
    assert measured.scores["map_voc10"] == 100
    task = measured.task
    assert task.data.front_end.fit == "own"
    assert tuple(task.data.test.pixels.shape) == (3, 3, 260, 460)  # no more room than they need
    found, _ = task.detections("all")
    alone = zoo.load("mtcnn.wider_face", device="cpu", threshold=0.005)(folder / "0.png")
    assert torch.allclose(found[0].boxes, alone.boxes, atol=1e-3)
    assert (task.overlap, task.threshold) == (0.7, 0.7)


@pytest.mark.parametrize("train", [zoo.train, zoo.finetune])
def test_what_is_not_trained_here_says_so(tmp_path, train):
    with pytest.raises(BadInput, match="mtcnn is not trained here"):
        train("mtcnn", tmp_path)
    with pytest.raises(BadInput, match="mtcnn is not trained here"):
        zoo.train("mtcnn")
