"""How the user's images are read, and that it is told."""

import numpy as np
import pytest
import torch
from PIL import Image

import zoo
from zoo.data.image.preprocess import ImageFrontEnd
from zoo.data.image.read import read
from zoo.errors import BadInput
from zoo.recipes.own.classification import finetune_recipe, own_recipe
from zoo.recipes.own.image_reading import is_coloured, reading_of

GREY = ImageFrontEnd((28, 28), mean=(0.3,), std=(0.4,), pad=2, ink="light")
RGB = ImageFrontEnd((224, 224), (0.5, 0.4, 0.3), (0.2, 0.3, 0.4), shorter=256)
RED, GREEN = (200, 40, 40), (40, 122, 40)  # of the same grey


def images(folder, *colours, size=(40, 30), rim=None):
    """One image of each colour, with another grey around it if there is a ``rim``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:03}.png" for number in range(len(colours))]
    for path, colour in zip(paths, colours, strict=True):
        image = Image.new("RGB", size, colour if rim is None else (rim,) * 3)
        image.paste(colour, (8, 8, 20, 20))
        image.save(path)
    return paths


@pytest.mark.parametrize("level", [0, 90, 255])
@pytest.mark.parametrize("tint", [(0, 0, 0), (8, 0, -12)])
def test_grey_and_tinted_scans_have_no_colour(level, tint):
    noise = np.random.default_rng(0).integers(-40, 40, (30, 30, 1))
    array = np.clip(level + noise + np.array(tint), 0, 255).astype(np.uint8)
    assert not is_coloured(read(array))


def test_a_small_stroke_of_colour_is_colour():
    array = np.full((100, 100, 3), 255, dtype=np.uint8)
    array[40:50, 40:46] = RED
    assert is_coloured(read(array))


def test_weights_of_grey_images_read_colour_if_there_is_some(tmp_path):
    reading = reading_of("lenet5.x", GREY, images(tmp_path, *[(9, 9, 9)] * 99, RED), {})
    assert not reading.adapted  # one of a hundred may be missed
    reading = reading_of("lenet5.x", GREY, images(tmp_path, *[RED] * 40), {})
    assert reading.adapted
    assert reading.front_end == ImageFrontEnd((28, 28), (0.3,) * 3, (0.4,) * 3, pad=2)
    assert reading.notice == (
        "images are read as lenet5.x reads them: resized to 28 x 28 pixels, framed by 2 black ones "
        "(yours have up to 40 x 30; image_size=N changes that), but in colour, since yours have it "
        "(in_chans=1 reads grey), dark ink stays dark (ink=light makes it light, as the weights do)"
    )


def test_what_is_asked_for_is_obeyed(tmp_path):
    paths = images(tmp_path, RED, GREEN)
    asked = {"in_chans": "1", "image_size": "56", "ink": "light"}
    reading = reading_of("lenet5.x", GREY, paths, asked)
    assert not reading.adapted
    assert reading.front_end == ImageFrontEnd((56, 56), (0.3,), (0.4,), pad=2, ink="light")
    assert "in grey" in reading.notice
    assert "ink" not in reading.notice  # as the weights do it
    assert "dark ink is made light" in reading_of("x", RGB, paths, {"ink": "light"}).notice
    for wrong in ({"in_chans": "2"}, {"image_size": "0"}, {"ink": "dark"}):
        with pytest.raises(BadInput, match=next(iter(wrong))):
            reading_of("lenet5.x", GREY, paths, wrong)


def test_what_is_cut_off_keeps_its_share_in_another_size(tmp_path):
    paths = images(tmp_path, RED)
    assert reading_of("resnet18.x", RGB, paths, {}).front_end == RGB
    reading = reading_of("resnet18.x", RGB, paths, {"image_size": "112"})
    assert (reading.front_end.size, reading.front_end.shorter) == ((112, 112), 128)
    said = "the middle 112 x 112 after resizing the shorter side to 128 pixels (yours"
    assert said in reading.notice


def test_a_mean_of_each_pixel_becomes_one_of_each_channel(tmp_path):
    per_pixel = ImageFrontEnd((2, 2), (0.1, 0.2, 0.3, 0.4), (0.5,))
    front_end = reading_of(
        "x", per_pixel, images(tmp_path, (9,) * 3), {"image_size": "8"}
    ).front_end
    assert front_end.mean == pytest.approx((0.25,))


def test_images_that_cannot_be_read_are_left_to_the_reader(tmp_path):
    paths = images(tmp_path, RED, RED, RED)
    paths[0].write_bytes(b"")
    assert reading_of("x", GREY, paths, {}).adapted
    for path in paths:
        path.write_bytes(b"")
    assert "pixels, framed by 2 black ones (image_size=N" in reading_of("x", GREY, paths, {}).notice


@pytest.fixture(scope="module")
def lamps(tmp_path_factory):
    """Red and green lamps of the same grey, somewhere on grey ground."""
    root, draw = tmp_path_factory.mktemp("lamps"), np.random.default_rng(0)
    for name, colour in (("red", RED), ("green", GREEN)):
        (root / name).mkdir()
        for number in range(30):
            array = np.full((28, 28, 3), draw.integers(50, 150), dtype=np.uint8)
            top, left = draw.integers(4, 12, 2)
            array[top : top + 12, left : left + 12] = np.array(colour) + number - 15
            Image.fromarray(array).save(root / name / f"{number:03}.png")
    return root


@pytest.mark.usefixtures("undrawn")
def test_red_from_green(lamps, tmp_path):
    """As grey half of them would be wrong; and predictions read as the training did."""
    grey = finetune_recipe("lenet5.fashion", lamps, {"in_chans": "1"}).data()
    inside = grey.train.pixels[:, 0, 15, 15].float()
    red, green = (inside[grey.train.labels == label].mean() for label in (1, 0))
    assert abs(red - green) < 5  # of 255: nothing to learn from
    short = {"steps": 40, "batch_size": 16, "evaluate_every": 40, "lr": 0.01}
    run = zoo.finetune("lenet5.fashion", lamps, out=tmp_path, **short)
    assert run.scores["error"] == 0
    assert any("images are read as lenet5.fashion reads them" in line for line in run.notices)
    assert run.card.front_end["mean"] == (0.286,) * 3
    predict = zoo.load(tmp_path, device="cpu")
    answers = predict([lamps / name / "003.png" for name in ("red", "green")])
    assert [answer.label for answer in answers] == ["red", "green"]


def test_images_of_either_ink_are_read_as_they_are(tmp_path):
    """lenet5.mnist turns dark ink light, by the rim: light and dark discs would look the same."""
    for name, level in (("dark", 40), ("light", 215)):
        images(tmp_path / name, *[(level,) * 3] * 12, size=(28, 28), rim=255 - level)
    assert zoo.card("lenet5.mnist").front_end["ink"] == "light"
    for fields, ink in (({}, None), ({"ink": "light"}, "light")):
        data = finetune_recipe("lenet5.mnist", tmp_path, fields).data()
        assert data.front_end.to_card()["ink"] == ink
        middles = data.train.pixels[:, 0, 16, 16].unique().tolist()
        assert middles == ([215] if ink else [40, 215])


def test_training_from_scratch_reads_colour_too(lamps):
    recipe = own_recipe("lenet5", lamps, {})
    assert recipe.arguments["in_chans"] == 3
    assert recipe.data().train.pixels.shape[1:] == (3, 32, 32)
    assert "flip" not in recipe.settings()["task"]["augment"]  # lenet5 is for writing


def test_another_size_is_read_where_the_network_takes_it(lamps):
    recipe = finetune_recipe("resnet20.fashion", lamps, {"image_size": "20", "steps": "1"})
    task = recipe.build(torch.device("cpu"))
    assert task.data.train.pixels.shape[1:] == (3, 20, 20)
    assert torch.isfinite(task.loss(next(iter(task.batches(0)))))
