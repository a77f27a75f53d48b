import pytest
import torch
import torch.nn.functional as F
from torch import nn

from zoo.viz.layers.places import layers
from zoo.viz.layers.walk import map_at


class Odd(nn.Module):
    """A bit of everything that changes a field."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 2, (3, 5), stride=(2, 1), padding=(1, 0))
        self.b = nn.Conv2d(2, 2, 3, dilation=2, padding="same")
        self.c = nn.Conv2d(2, 2, 1)
        self.d = nn.Conv2d(4, 2, 3, stride=2)
        self.e = nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, x):
        x = F.pad(self.a(x), (1, 2, 0, 1))
        x = torch.cat([self.b(x), self.c(x)], 1)
        x = F.avg_pool2d(self.d(x), 2, stride=1)[..., 1:, 1:]
        x = self.e(x[:, :, ::2, ::2])
        return x.mean((2, 3))


def nets():
    pooled = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.MaxPool2d(3, 2, ceil_mode=True), nn.ReLU(True),
        nn.Conv2d(2, 2, 3, padding=1), nn.MaxPool2d(2), nn.Conv2d(2, 1, 2), nn.Flatten(),
    )  # fmt: skip
    return {"odd": Odd(), "pooled": pooled}


@pytest.mark.parametrize("name", ["odd", "pooled"])
def test_a_unit_sees_the_pixels_on_which_it_depends(name):
    """With positive weights, and means in place of maxima, all that a unit sees moves it."""
    model = nets()[name].double()
    for parameter in model.parameters():
        parameter.data.abs_()
    x = torch.rand(1, 1, 37, 41, dtype=torch.float64)
    found = layers(model, model, x)
    for part in list(model.children()):
        if isinstance(part, nn.MaxPool2d):
            mean = nn.AvgPool2d(part.kernel_size, part.stride, ceil_mode=part.ceil_mode)
            model._modules[next(k for k, v in model._modules.items() if v is part)] = mean
    for layer in found.convolutions:
        leaf = x.clone().requires_grad_()
        map = map_at(model, leaf * 1, layer.call)
        _, _, height, width = map.shape
        middle = (height // 2, width // 2)
        for row, column in {middle, (0, 0), (height - 1, width - 1), (min(1, height - 1), 0)}:
            moved = torch.autograd.grad(map[0, 0, row, column], leaf, retain_graph=True)[0][0, 0]
            there = moved.nonzero()
            if not len(there):  # it sees padding alone
                continue
            (top, left), (bottom, right) = there.amin(0).tolist(), (there.amax(0) + 1).tolist()
            box = layer.field.box(row, column, 37, 41)
            assert box[0] <= top, (layer.name, row, column)
            assert box[1] <= left
            assert box[2] >= bottom
            assert box[3] >= right
            if (row, column) == middle:  # at a border a dilated kernel may hang over it with a hole
                assert box == (top, left, bottom, right), layer.name


def test_known_sizes():
    """VGG-16's first stages and ResNet-18's: figures that everybody computes."""
    convs = [nn.Conv2d(1, 1, 3, padding=1) for _ in range(4)]
    vgg = nn.Sequential(*convs[:2], nn.MaxPool2d(2), *convs[2:], nn.MaxPool2d(2), nn.Flatten())
    sizes = [one.field.size for one in layers(vgg, vgg, torch.zeros(1, 1, 32, 32)).convolutions]
    assert sizes == [(3, 3), (5, 5), (10, 10), (14, 14)]


def test_what_sees_everything():
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.gate, self.last = (nn.Conv2d(1, 1, 3) for _ in range(3))

        def forward(self, x):
            x = self.conv(x)
            gate = F.adaptive_avg_pool2d(x, 3)
            return self.last(x * self.gate(gate)).mean((2, 3))

    found = layers(gated := Gated(), gated, torch.zeros(1, 1, 12, 12))
    assert found.find("conv").field.size == (3, 3)
    for name in ("gate", "last"):
        assert found.find(name).field.size == (torch.inf, torch.inf)
        assert found.find(name).field.box(0, 0, 12, 12) == (0, 0, 12, 12)


@pytest.mark.parametrize(
    ("larger", "step"),
    [(lambda x: F.interpolate(x, scale_factor=2), 1), (lambda x: F.pixel_shuffle(x, 2), 1)],
)
def test_upsampling_is_never_too_narrow(larger, step):
    class Up(nn.Module):
        def __init__(self):
            super().__init__()
            self.down = nn.Conv2d(1, 4, 3, stride=2, padding=1)
            self.up = nn.Conv2d(4 if larger(torch.zeros(1, 4, 2, 2)).shape[1] == 4 else 1, 1, 1)

        def forward(self, x):
            return self.up(larger(self.down(x))).mean((2, 3))

    model, x = Up().double(), torch.rand(1, 1, 16, 16, dtype=torch.float64)
    layer = layers(model, model, x).find("up")
    assert layer.field.rows.step == step
    leaf = x.clone().requires_grad_()
    map = map_at(model, leaf * 1, layer.call)
    for at in range(16):
        moved = torch.autograd.grad(map[0, 0, at, at], leaf, retain_graph=True)[0][0, 0].nonzero()
        top, left, bottom, right = layer.field.box(at, at, 16, 16)
        assert moved.amin() >= max(top, 0)
        assert moved.amax() < bottom
        assert (top, bottom) == (left, right)
