"""Arrays: each shape has one meaning or is refused, and values that are no image's are refused."""

import numpy as np
import pytest
import torch
from PIL import Image

from zoo.data.image.arrays import batch_of, channel_axis, image_of
from zoo.errors import BadInput

DRAW = np.random.default_rng(0)


def noise(*shape):
    return DRAW.integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        ((5, 7), None),
        ((3, 3), None),
        ((5, 7, 1), 2),
        ((5, 7, 3), 2),
        ((5, 7, 4), 2),
        ((4, 7, 3), 2),
        ((1, 5, 7), 0),
        ((3, 5, 7), 0),
        ((3, 4, 2), 0),
    ],
)
def test_one_axis_holds_the_channels(shape, axis):
    assert channel_axis(shape) == axis
    array = noise(*shape)
    image = image_of(array)
    planes = array if axis is None else np.moveaxis(array, axis, 2).squeeze()
    assert np.array_equal(np.array(image), planes)
    assert np.array_equal(np.array(image_of(torch.from_numpy(array))), planes)


@pytest.mark.parametrize(
    "shape", [(3, 3, 3), (3, 9, 3), (1, 9, 3), (3, 9, 1), (1, 9, 1), (3, 2, 4), (1, 1, 4)]
)
def test_channels_on_two_axes_are_refused(shape):
    for raw in (noise(*shape), torch.from_numpy(noise(*shape))):
        with pytest.raises(BadInput, match="can have its channels first or last"):
            image_of(raw)
    with pytest.raises(BadInput, match="can have its channels first or last"):
        batch_of(noise(2, *shape), 3)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 5, 7), (3, 32, 2)])
def test_three_grey_arrays_are_not_taken_for_one_in_colour(shape, channels):
    with pytest.raises(BadInput, match="can be one colour image or three grey ones; give a list"):
        batch_of(noise(*shape), channels)


def test_a_tensor_as_a_colour_network_takes_it_is_one_image():
    tensor = torch.from_numpy(noise(3, 28, 28))
    assert batch_of(tensor, 3) is None
    with pytest.raises(BadInput, match="three grey ones"):
        batch_of(tensor, 1)


@pytest.mark.parametrize("shape", [(2, 28, 28), (4, 28, 28), (64, 28, 28), (4, 5, 2)])
def test_a_stack_without_a_channel_axis_is_refused(shape):
    for raw in (noise(*shape), torch.from_numpy(noise(*shape))):
        for channels in (1, 3):
            with pytest.raises(BadInput, match=r"a batch \(N, C, H, W\)"):
                batch_of(raw, channels)


@pytest.mark.parametrize(
    "shape", [(3, 3, 5, 7), (2, 1, 5, 7), (4, 5, 7, 3), (3, 5, 7, 1), (3, 5, 7, 4), (0, 3, 5, 7)]
)
def test_a_batch_is_its_images(shape):
    batch = noise(*shape)
    for raw in (batch, torch.from_numpy(batch)):
        images = batch_of(raw, 1)
        assert len(images) == len(batch)
        for one, right in zip(images, batch, strict=True):
            assert np.array_equal(np.array(image_of(one)), np.array(image_of(right)))


@pytest.mark.parametrize("shape", [(2, 5, 5, 7), (2, 2, 5, 7)])
def test_a_batch_without_a_channel_axis_is_refused(shape):
    with pytest.raises(BadInput, match="a batch of images is"):
        batch_of(noise(*shape), 3)


@pytest.mark.parametrize("raw", ["a.png", None, [1, 2], Image.new("L", (3, 3)), b"x"])
def test_what_is_no_array_is_no_batch(raw):
    assert batch_of(raw, 1) is None


@pytest.mark.parametrize("shape", [(5, 784), (1, 784), (3, 3072)])
def test_flattened_images_are_not_taken_for_one(shape):
    for raw in (noise(*shape), torch.from_numpy(noise(*shape))):
        with pytest.raises(BadInput, match=rf"can be {shape[0]} flattened images or one grey one"):
            batch_of(raw, 1, {784, 3072})
        assert batch_of(raw, 1, {785}) is None
    assert batch_of(noise(784, 784), 1, {784}) is None


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (1, 5, 7), (5, 7, 3)])
def test_one_image_is_no_batch(shape):
    assert batch_of(noise(*shape), 1) is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([[0.0, 255.0]], "got 0 to 255; divide by 255, or give uint8"),
        ([[0.0, 1.5]], "got 0 to 1.5; divide by 255"),
        ([[-2.1, 2.6]], "got -2.1 to 2.6; the zoo normalises by itself"),
        ([[0.0, 65535.0]], "got 0 to 65535; the zoo normalises"),
        ([[0.0, np.nan]], "values from 0 to 1, all finite, got nan"),
        ([[0.0, np.inf]], "got 0 to inf"),
    ],
)
def test_floats_of_another_scale_are_refused_with_what_to_do(values, said):
    for raw in (np.array(values), torch.tensor(values)):
        with pytest.raises(BadInput, match=said):
            image_of(raw)


def test_floats_are_rounded_to_bytes():
    assert np.array(image_of(np.array([[0, 0.25, 0.5, 1]]))).tolist() == [[0, 64, 128, 255]]


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "int64", "bool"])
def test_other_integers_are_refused(dtype):
    with pytest.raises(BadInput, match="uint8"):
        image_of(np.zeros((4, 4), dtype))


@pytest.mark.parametrize(
    "raw",
    [torch.zeros(4, 4, device="meta"), torch.zeros(4, 4).to_sparse(), [[1], [2, 3]], object(), "a"],
)
def test_what_has_no_values_to_look_at_is_refused_in_one_line(raw):
    with pytest.raises(BadInput, match=r"^(the image cannot become an array|an image is)[^\n]*$"):
        image_of(raw)
