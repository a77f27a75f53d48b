import pytest
import torch
from PIL import Image
from torch import nn

import zoo
from tests.viz.layers.small import Reused, Small, image, same, state
from zoo.api.seeing import METHODS, see, seen_layers
from zoo.errors import BadFile, BadInput, Missing, UnknownName


@pytest.fixture(scope="module")
def digit(tmp_path_factory):
    path = tmp_path_factory.mktemp("see") / "digit.png"
    drawn = Image.new("L", (40, 40), 0)
    drawn.paste(255, (18, 6, 22, 34))
    drawn.save(path)
    return path


def test_all_of_it_with_shipped_weights(digit, tmp_path):
    seen = zoo.see("lenet5.mnist", digit)
    assert seen.target.startswith("1 ")
    assert list(seen.maps) == list(METHODS[:4])
    assert {tuple(map.shape[-2:]) for map in seen.maps.values()} == {(32, 32)}
    assert [layer.name for layer in seen.layers] == ["c1", "c3", "c5"]
    assert seen.filters[0].kernels.shape == (6, 1, 5, 5)
    assert seen.image.shape == (1, 32, 32)
    assert any("tanh" in line for line in seen.notices)
    seen.save(tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").stat().st_size > 10_000


def test_one_layer_one_target_one_method(digit):
    seen = see("lenet5.mnist", digit, method="deconvnet", layer="c3", target="7")
    assert seen.target.startswith("7 ")
    assert [layer.name for layer in seen.layers] == ["c3"]
    assert not seen.maps
    assert not seen.filters
    both = see("lenet5.mnist", digit, method=["filters", "grad-cam"], layer="c3")
    assert list(both.maps) == ["grad-cam"]
    assert both.filters[0].maps.shape == (16, 10, 10)


def test_patches_of_a_folder_of_a_list_and_of_the_image(digit, tmp_path):
    for number in range(12):
        drawn = Image.new("L", (28, 28), 0)
        drawn.paste(255, (number, 4, number + 4, 24))
        drawn.save(tmp_path / f"{number:02}.png")
    paths = sorted(tmp_path.glob("*.png"))
    chosen = {"method": "patches", "layer": "c1"}
    of_folder = see("lenet5.mnist", digit, data=tmp_path, **chosen)
    of_list = see("lenet5.mnist", digit, data=paths, **chosen)
    alone = see("lenet5.mnist", digit, **chosen)
    for one, other in zip(of_folder.layers, of_list.layers, strict=True):
        assert one.filters == other.filters
        assert [u.value for f in one.units for u in f] == [u.value for f in other.units for u in f]
    assert {len(units) for units in of_folder.layers[0].units} == {9}
    assert max(len(units) for units in alone.layers[0].units) > 1
    assert all(len(see("lenet5.mnist", digit, layer="c1").layers[0].units[0]) == 1 for _ in "1")


def test_a_detector_and_a_localizer(tmp_path):
    picture = tmp_path / "cell.png"
    Image.new("RGB", (90, 70), (200, 180, 190)).save(picture)
    methods = ["grad-cam", "guided", "deconvnet"]
    cells = see(
        "yolov3_tiny_half.bccd", picture, method=methods, target="WBC", layer="convs.1.conv"
    )
    assert cells.target.startswith("WBC ")
    located = see("localizer.bccd", picture, method=methods, target="object")
    assert located.target.startswith("object ")
    assert all(map.isfinite().all() for map in located.maps.values())


def test_a_module_of_the_zoo_and_one_of_the_user(digit):
    model = zoo.create_model("lenet5.mnist").train()
    before = state(model)
    seen = see(model, digit, method="grad-cam")
    assert same(before, state(model))
    assert seen.target.startswith("output 1 ") or "%" in seen.target
    named = see("lenet5.mnist", digit, method="grad-cam")
    assert torch.equal(seen.maps["grad-cam"], named.maps["grad-cam"])
    own = Reused(True)
    assert see(own, image()[0], method="integrated").maps["integrated"].shape == (2, 12, 12)
    with pytest.raises(BadInput, match="float tensor"):
        see(own, digit)


def test_fresh_weights_are_said(digit):
    seen = see("lenet5", digit, method="filters")
    assert seen.notices[0].startswith("lenet5: fresh weights")


@pytest.mark.parametrize(
    ("what", "given", "error", "words"),
    [
        ("lenet5.mnits", {}, UnknownName, "did you mean lenet5.mnist"),
        ("lenet5.mnist", {"layer": "c4"}, UnknownName, "no layer .c4.; did you mean"),
        ("lenet5.mnist", {"target": "cat"}, BadInput, "target must be one of 0, 1, 2"),
        ("lenet5.mnist", {"target": 10}, BadInput, "target must be one of"),
        ("lenet5", {"target": 10, "method": "filters"}, BadInput, "below 10"),
        ("lenet5.mnist", {"method": "gradcam"}, UnknownName, "did you mean grad-cam"),
        ("lenet5.mnist", {"data": "nowhere"}, BadInput, "a folder of images"),
        ("lenet5.mnist", {"data": []}, BadInput, "holds no image"),
        ("lenet5.mnist", {"window": 0}, BadInput, "at least 1"),
        ("mlp.mnist", {}, BadInput, "no two-dimensional convolution"),
        ("sentiment.polarity", {}, BadInput, "for images"),
        ("deep_speech.fsdd", {}, BadInput, "for images"),
    ],
)
def test_errors_in_one_line(digit, what, given, error, words):
    with pytest.raises(error, match=words):
        see(what, digit, **given)


def test_an_image_that_is_none(digit, tmp_path):
    with pytest.raises(Missing):
        see("lenet5.mnist", tmp_path / "no.png")
    (tmp_path / "bad.png").write_text("no image")
    with pytest.raises(BadFile):
        see("lenet5.mnist", tmp_path / "bad.png")
    with pytest.raises(BadInput, match="one image"):
        see("lenet5.mnist", [digit, digit])


def test_what_was_compiled_or_optimized_is_refused(digit):
    model = zoo.create_model("lenet5.mnist")
    for closed in (torch.compile(model), zoo.optimize(zoo.create_model("lenet5.mnist"))):
        with pytest.raises(BadInput, match="give the network itself"):
            see(closed, digit)
    inside = nn.Sequential(torch.compile(Small(nn.ReLU())))
    with pytest.raises(BadInput, match="give the network itself"):
        see(inside, image()[0])


def test_the_layers():
    found = seen_layers("lenet5_1998.mnist")
    assert [layer.name for layer in found.convolutions] == ["c1", "c3", "c5"]
    assert found.find("s2").shape == (6, 14, 14)
