"""Residual networks for ImageNet against the paper's counts and against torchvision."""

import pytest
import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.helpers.marks import long_if
from tests.models import checks
from zoo import registry
from zoo.models.resnet import BasicBlock, Bottleneck, ResNet, bottleneck_v1

COUNTS = {
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "resnet50_v1": 25_557_032,
    "resnet101_v1": 44_549_160,
    "resnet152_v1": 60_192_808,
}
PEERS = [name for name in COUNTS if not name.endswith("_v1")]


@pytest.mark.parametrize("name", COUNTS)
def test_parameters(name):
    with torch.device("meta"):
        model = registry.build(name)
    assert sum(p.numel() for p in model.parameters()) == COUNTS[name]


def test_shapes_of_table_1():
    with torch.device("meta"):
        stages = registry.build("resnet50").forward_stages(torch.zeros(1, 3, 224, 224))
        assert [tuple(s.shape[1:]) for s in stages] == [
            (64, 112, 112), (256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7)
        ]  # fmt: skip
        stages = registry.build("resnet34").forward_stages(torch.zeros(1, 3, 224, 224))
        assert [s.shape[1] for s in stages] == [64, 64, 128, 256, 512]


@pytest.mark.parametrize(
    ("name", "paper"),
    [
        ("resnet18", 1.814),
        long_if(True, "resnet34", 3.664),
        ("resnet50", 4.089),
        ("resnet50_v1", 3.858),
        long_if(True, "resnet101_v1", 7.570),
        long_if(True, "resnet152_v1", 11.282),
    ],
)
def test_the_papers_form_is_cheaper(name, paper):
    """Table 1 says 1.8, 3.6, 3.8, 7.6 and 11.3; torchvision 4.089 for its form of 50 layers.

    Counted are multiplications of one picture, in thousand millions.
    """
    model, picture = checks.on_paper(name), torch.zeros(1, 3, 224, 224, device="meta")
    with FlopCounterMode(display=False) as counter:
        model(picture)
    assert counter.get_total_flops() / 2e9 == pytest.approx(paper, abs=0.001)


def pair(name):
    """(ours, torchvision's) in float64 with the same, asymmetric weights and statistics."""
    torch.manual_seed(0)
    theirs = getattr(torchvision.models, name)(weights=None, num_classes=11).double()
    with torch.no_grad():
        for module in theirs.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1)
                module.bias.normal_(0, 0.2)
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 2)
    ours = registry.build(name, num_classes=11).double()
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return ours, theirs


@pytest.mark.parametrize(
    "name",
    [long_if(n not in ("resnet18", "resnet50"), n) for n in PEERS],
)
def test_parity_with_torchvision(name):
    ours, theirs = pair(name)
    pictures = torch.randn(2, 3, 64, 96, generator=torch.Generator().manual_seed(1)).double()
    with torch.no_grad():
        for mode in (False, True, False):  # the last one with the statistics of the training pass
            a, b = ours.train(mode)(pictures), theirs.train(mode)(pictures)
            assert (a - b).abs().max() <= 1e-10 * b.abs().max()
        single = ours.float()(pictures.float()).double()
        assert (single - b).abs().max() <= 1e-4 * b.abs().max()
    for (key, mine), other in zip(
        ours.state_dict().items(), theirs.float().state_dict().values(), strict=True
    ):
        assert torch.allclose(mine, other), key


def test_gradients_equal_torchvisions():
    ours, theirs = pair("resnet18")
    pictures = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1)).double()
    for model in (ours, theirs):
        model.train()(pictures).square().sum().backward()
    for (key, mine), other in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert (mine.grad - other.grad).abs().max() <= 1e-9 * other.grad.abs().max(), key


def test_v1_has_its_strides_in_the_first_1x1():
    ours, published = Bottleneck(64, 32, 2), bottleneck_v1(64, 32, 2)
    assert (ours.conv1.stride, ours.conv2.stride) == ((1, 1), (2, 2))
    assert (published.conv1.stride, published.conv2.stride) == ((2, 2), (1, 1))
    published.load_state_dict(ours.state_dict())  # the same shapes ...
    pictures = torch.randn(1, 64, 8, 8, generator=torch.Generator().manual_seed(0))
    assert not torch.allclose(published.eval()(pictures), ours.eval()(pictures))  # ... not the same


def test_v1_equals_plain_functions():
    """The published bottleneck against the formula, one line for each layer."""
    block = bottleneck_v1(8, 4, 2).double().eval()
    p = block.state_dict()
    x = torch.randn(2, 8, 6, 6, generator=torch.Generator().manual_seed(0)).double()

    def norm(y, name):
        scale = p[f"{name}.weight"] / (p[f"{name}.running_var"] + 1e-5).sqrt()
        shifted = y - p[f"{name}.running_mean"][:, None, None]
        return shifted * scale[:, None, None] + p[f"{name}.bias"][:, None, None]

    def one(y, name):
        return torch.einsum("oi,nihw->nohw", p[f"{name}.weight"][:, :, 0, 0], y)

    y = norm(one(x[:, :, ::2, ::2], "conv1"), "bn1").clamp(min=0)
    y = norm(torch.conv2d(y, p["conv2.weight"], padding=1), "bn2").clamp(min=0)
    y = norm(one(y, "conv3"), "bn3")
    y = y + norm(one(x[:, :, ::2, ::2], "downsample.0"), "downsample.1")
    with torch.no_grad():
        assert torch.allclose(block(x), y.clamp(min=0), atol=1e-10)


SMALL = {"size": 64, "num_classes": 10}


@pytest.mark.parametrize("name", ["resnet18"])
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_model_must_do(name, check):
    check(name, **SMALL)


@pytest.mark.long
@pytest.mark.parametrize("name", ["resnet34", "resnet50", "resnet50_v1"])
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_deep_model_must_do(name, check):
    check(name, **SMALL)


def test_one_batch_is_learned_by_heart():
    checks.check_overfits("resnet18", lr=0.001, steps=12, size=32, training=True, num_classes=8)


def test_initial_weights_keep_the_variance():
    torch.manual_seed(0)
    model = ResNet(BasicBlock, (1, 1, 1, 1), 10)
    weight = model.layer4[0].conv2.weight
    assert weight.std().item() == pytest.approx((2 / (9 * 512)) ** 0.5, rel=0.01)
