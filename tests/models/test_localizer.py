"""The notes' localizer and landmarks: counts, shapes, the two readings of y, the usual checks."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F

from tests.models import checks
from zoo import registry
from zoo.errors import BadInput
from zoo.losses.localizer import localizer_loss
from zoo.models.localizer import Landmark, Localizer

SMALL = {"image_size": 32, "size": 32, "hidden_size": 16}
NAMES = ("localizer", "landmark")


def conv(c_in, c_out, kernel):
    """Parameters of a convolution without bias, and of its batch norm."""
    return c_in * c_out * kernel**2 + 2 * c_out


def test_parameters():
    """By hand: convolutions, the layer that sees 32 maps of 12 x 12, heads of 1 + 4 + 3 units."""
    widths = [3, 24, 48, 48, 96, 96, 96]
    trunk = sum(conv(a, b, 3) for a, b in pairwise(widths)) + conv(96, 32, 1)
    trunk += 32 * 12 * 12 * 128 + 128
    for name, outputs in (("localizer", 1 + 4 + 3), ("landmark", 1 + 2 * 5)):
        expected = trunk + outputs * (128 + 1)
        made = checks.on_paper(name)
        assert sum(p.numel() for p in made.parameters()) == expected
        assert f"{expected:,} parameters" in registry.entry(name).summary


def test_shapes_follow_the_notes():
    images = torch.zeros(2, 3, 32, 32)
    assert Localizer(3, image_size=32)(images).shape == (2, 1 + 4 + 3)
    assert Landmark(64, image_size=32)(images).shape == (2, 1 + 2 * 64)  # the notes: 64 landmarks
    assert Localizer(2, in_chans=1, image_size=64)(torch.zeros(1, 1, 64, 64)).shape == (1, 7)


def test_another_implementation_gives_the_same():
    """The trunk and the heads with torch.nn.functional, from the parameters by name."""
    model, images = checks.built("localizer", **SMALL), checks.example("localizer", **SMALL)
    p, x = model.state_dict(), images
    for number, stride in enumerate((2, 2, 1, 2, 1, 1, 1)):
        unit = f"trunk.convolutions.{number}"
        weight = p[f"{unit}.conv.weight"]
        x = F.conv2d(x, weight, stride=stride, padding=weight.shape[2] // 2)
        mean, var = p[f"{unit}.bn.running_mean"], p[f"{unit}.bn.running_var"]
        x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
        x = (x * p[f"{unit}.bn.weight"][:, None, None] + p[f"{unit}.bn.bias"][:, None, None]).relu()
    x = (x.flatten(1) @ p["trunk.hidden.weight"].T + p["trunk.hidden.bias"]).relu()
    heads = [x @ p[f"{name}.weight"].T + p[f"{name}.bias"] for name in ("box", "classes")]
    with torch.no_grad():
        assert torch.allclose(model(images), torch.cat(heads, 1), atol=1e-5)


def test_boxes_are_read_as_the_notes_write_them():
    """bx, by is the middle; bh comes before bw; corners in any order mean the same box."""
    corners = torch.tensor([[[0.3, 0.55], [0.7, 0.85]]])
    where = Localizer.encode(corners)
    assert torch.allclose(where, torch.tensor([[0.5, 0.7, 0.3, 0.4]]))
    assert torch.allclose(Localizer.encode(corners.flip(1)), where)
    other = torch.tensor([[[0.7, 0.55], [0.3, 0.85]]])  # mirrored
    assert torch.allclose(Localizer.encode(other), where)
    assert torch.allclose(Localizer.decode(where), corners)


def test_points_are_read_as_the_notes_write_them():
    points = torch.tensor([[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]])
    where = Landmark.encode(points)
    assert torch.allclose(where, torch.tensor([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]]))
    assert torch.equal(Landmark.decode(where), points)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_finite_and_everywhere(name):
    model = checks.built(name, **{k: v for k, v in SMALL.items() if k != "size"}).train()
    outputs = model(checks.example(name, **SMALL))
    numbers = 4 if name == "localizer" else 10
    where = torch.rand(3, numbers, generator=torch.Generator().manual_seed(0))
    localizer_loss(outputs, torch.ones(3).bool(), where, torch.tensor([0, 1, 2])).backward()
    for key, parameter in model.named_parameters():
        assert torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().sum() > 0, key


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "check", [checks.check_alone_and_in_a_batch, checks.check_export_and_compile]
)
def test_what_every_model_must_do(name, check):
    check(name, **{k: v for k, v in SMALL.items() if k != "size"}, **{"size": 32})


def test_a_batch_is_learned_by_heart():
    torch.manual_seed(0)
    model = Localizer(2, image_size=32, hidden_size=32).train()
    draw = torch.Generator().manual_seed(1)
    images, labels = torch.randn(8, 3, 32, 32, generator=draw), torch.arange(8) % 3 - 1
    where = 0.2 + 0.6 * torch.rand(8, 4, generator=draw)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(120):
        optimizer.zero_grad()
        loss = localizer_loss(model(images), labels >= 0, where, labels, 20.0)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        y = model(images)
    there = labels >= 0
    assert torch.equal(y[:, 0] > 0, there)
    assert torch.equal(y[there, 5:].argmax(1), labels[there])
    assert (y[there, 1:5].sigmoid() - where[there]).abs().max() < 0.03


def test_new_classes_keep_p_and_the_box():
    model, images = checks.built("localizer", image_size=32), torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        before = model(images)
        model.reset_classifier(7)
        after = model(images)
    assert after.shape == (2, 12)
    assert torch.equal(after[:, :5], before[:, :5])


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_in_one_block(name):
    model = checks.on_paper(name)
    found = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(found) == sorted(id(p) for p in model.parameters())


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("localizer", {"image_size": 60}), ("localizer", {"image_size": 4}),
     ("localizer", {"hidden_size": 0}), ("landmark", {"num_points": 0})],
)  # fmt: skip
def test_sizes_that_do_not_work_are_refused(name, arguments):
    with pytest.raises(BadInput, match="must be"):
        registry.build(name, **arguments)
