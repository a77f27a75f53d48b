"""Fully connected layers as convolutions: the same answers as cropping at every position."""

import pytest
import torch
from torch import nn

from tests.models import checks
from zoo import registry
from zoo.errors import BadInput
from zoo.practice.sliding_window import by_crops, convolutional, deviation

EXACT = {  # a network that pads nothing -> window, stride, and what makes it small
    "lenet5": (32, 4, {}),
    "mlp": (28, 1, {"hidden_sizes": (12, 8)}),
    "mlp with batch norm": (28, 1, {"hidden_sizes": (12, 8), "batch_norm": True}),
    "logistic_regression": (28, 1, {}),
}
PADDED = {
    "resnet20": (32, 4), "vgg_small": (28, 4), "network_in_network": (32, 4),
    "googlenet_small": (32, 4), "resnet18": (32, 32),
}  # fmt: skip


def built(name, arguments):
    return checks.built(name.split()[0], **arguments)


@pytest.mark.parametrize("name", EXACT)
def test_every_position_is_what_the_network_says_of_the_crop(name):
    window, stride, arguments = EXACT[name]
    model = built(name, arguments).double()
    sliding = convolutional(model, window)
    assert sliding.exact
    assert sliding.stride == (stride, stride)
    images = torch.randn(2, 1, window + 2 * stride + 1, window + 3 * stride, dtype=torch.float64)
    with torch.no_grad():
        logits = sliding(images)
        assert logits.shape == (2, 10, 3 if stride > 1 else 4, 4)
        for row in range(logits.shape[2]):
            for column in range(logits.shape[3]):
                y, x = row * stride, column * stride
                crop = images[:, :, y : y + window, x : x + window]
                assert torch.allclose(logits[:, :, row, column], model(crop), atol=1e-10)
        assert torch.allclose(by_crops(model, sliding, images, 5), logits, atol=1e-10)


def test_the_notes_network():
    """14 x 14 to 10 x 10, 5 x 5, FC 400, FC 400, 4 classes; of 16 x 16 a map of 2 x 2."""
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(3, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 400), nn.ReLU(), nn.Linear(400, 400), nn.ReLU(), nn.Linear(400, 4)),
    ).eval()
    sliding = convolutional(model, 14)
    assert sliding.stride == (2, 2)
    assert sliding.exact
    assert sliding(torch.zeros(1, 3, 16, 16)).shape == (1, 4, 2, 2)
    assert sliding(torch.zeros(1, 3, 28, 28)).shape == (1, 4, 8, 8)  # the notes' last figure
    kernels = [m.kernel_size for m in sliding.modules() if isinstance(m, nn.Conv2d)]
    assert kernels == [(5, 5), (5, 5), (1, 1), (1, 1)]


@pytest.mark.parametrize("name", PADDED)
def test_networks_that_pad_say_so(name):
    """An image of the window's size is answered the same; a larger one nearly, and it is said."""
    window, stride = PADDED[name]
    model = registry.build(name).eval()
    sliding = convolutional(model, window)
    assert sliding.stride == (stride, stride)
    assert not sliding.exact
    assert deviation(sliding, model) > 1e-3
    image = checks.example(name, 2, window)
    with torch.no_grad():
        assert checks.near(sliding(image)[:, :, 0, 0], model(image))
        crops = by_crops(model, sliding, torch.cat([image, image], 3), 3)
        assert checks.near(crops[:, :, 0, 0], model(image))


def test_alexnet_and_vgg_have_their_fully_connected_layers_turned():
    for name, kernel in (("alexnet", 6), ("vgg11", 7)):
        model = registry.build(name, hidden_size=8, num_classes=5).eval()
        sliding = convolutional(model, 224)
        assert sliding.stride == (32, 32)
        sizes = [m.kernel_size for m in sliding.modules() if isinstance(m, nn.Conv2d)]
        assert sizes[-3:] == [(kernel, kernel), (1, 1), (1, 1)]
        assert sliding(torch.zeros(1, 3, 224, 288)).shape == (1, 5, 1, 3)
        image = torch.randn(1, 3, 224, 224)
        assert checks.near(sliding(image)[:, :, 0, 0], model(image))


def test_the_model_itself_is_left_alone():
    model = registry.build("lenet5").train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    sliding = convolutional(model, 32)
    assert model.training
    assert isinstance(model.f6, nn.Linear)
    with torch.no_grad():
        next(sliding.parameters()).zero_()
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def test_windows_and_their_boxes():
    sliding = convolutional(registry.build("lenet5"), (32, 32))
    assert sliding.positions(39, 40) == (2, 3)
    assert sliding.boxes(36, 40).tolist()[:4] == [
        [0, 0, 32, 32], [4, 0, 36, 32], [8, 0, 40, 32], [0, 4, 32, 36]
    ]  # fmt: skip
    with pytest.raises(BadInput, match="28 x 40 pixels is smaller than the window of 32 x 32"):
        sliding(torch.zeros(1, 1, 28, 40))


class Branches(nn.Module):
    def forward(self, x):
        return x.flatten(1) if x.sum() > 0 else x.flatten(1) * 2


@pytest.mark.parametrize(
    ("model", "window", "expected"),
    [
        (lambda: registry.build("lenet5_1998"), 32, "square of flattened maps is no step"),
        (lambda: registry.build("vgg11", hidden_size=8), 64, "2 x 2 are pooled to 7 x 7"),
        (lambda: nn.Sequential(nn.Conv2d(1, 2, 3), Branches()), 8, "cannot be turned"),
        (lambda: nn.Sequential(nn.Conv2d(1, 2, 3)), 8, "no logits"),
        (lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.Linear(6, 3)), 8, "does not see flattened"),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 3), nn.Softmax(1)), 8, "Softmax"),
        (lambda: nn.ReLU(), 8, "no convolution and no linear layer"),
        (lambda: registry.build("lenet5"), 20, "does not take images of"),
    ],
)
def test_what_cannot_be_turned_is_refused_in_one_line(model, window, expected):
    with pytest.raises(BadInput, match=expected) as refused:
        convolutional(model(), window)
    assert "\n" not in str(refused.value)
