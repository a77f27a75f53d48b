"""CIFAR's residual networks against the paper's counts and against plain functions."""

import pytest
import torch
import torch.nn.functional as F

from tests.models import checks
from zoo import registry

COUNTS = {  # option A, option B
    "resnet20": (269_722, 272_474),
    "resnet32": (464_154, 466_906),
    "resnet44": (658_586, 661_338),
    "resnet56": (853_018, 855_770),
    "resnet110": (1_727_962, 1_730_714),
    "resnet1202": (19_421_274, 19_424_026),
}


@pytest.mark.parametrize(
    ("name", "option"),
    [(name, option) for name in COUNTS for option in "AB" if name != "resnet1202" or option == "A"],
)
def test_parameters_of_both_options(name, option):
    model = checks.on_paper(name, shortcut=option)
    assert sum(p.numel() for p in model.parameters()) == COUNTS[name]["AB".index(option)]


@pytest.mark.parametrize("name", ["resnet20", "resnet56", "resnet110"])
def test_layers_are_those_of_the_name(name):
    """6n + 2 layers with weights on the straight way; option A adds none."""
    with torch.device("meta"):
        model = registry.build(name)
    layers = [m for m in model.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    assert len(layers) == int(name.removeprefix("resnet"))


def test_shapes_of_the_papers_table():
    with torch.device("meta"):
        stages = registry.build("resnet20").forward_stages(torch.zeros(2, 3, 32, 32))
    assert [tuple(s.shape) for s in stages] == [(2, 16, 32, 32), (2, 32, 16, 16), (2, 64, 8, 8)]


def plain_resnet20(p, x, option):
    """The same network in nothing but functions on a dict of tensors."""

    def conv_norm(x, conv, norm, stride=1, padding=1):
        x = F.conv2d(x, p[f"{conv}.weight"], stride=stride, padding=padding)
        mean, var = p[f"{norm}.running_mean"], p[f"{norm}.running_var"]
        return F.batch_norm(x, mean, var, p[f"{norm}.weight"], p[f"{norm}.bias"])

    x = conv_norm(x, "conv1", "bn1").relu()
    for stage in (1, 2, 3):
        for block in (0, 1, 2):
            at, stride = f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1
            y = conv_norm(x, f"{at}.conv1", f"{at}.bn1", stride).relu()
            y = conv_norm(y, f"{at}.conv2", f"{at}.bn2")
            if stride == 2 and option == "A":
                few = x[:, :, 0::2, 0::2]
                x = torch.cat([few, torch.zeros_like(few)], 1)
            elif stride == 2:
                x = conv_norm(x, f"{at}.shortcut.0", f"{at}.shortcut.1", 2, 0)
            x = (x + y).relu()
    return x.mean((2, 3)) @ p["fc.weight"].T + p["fc.bias"]


@pytest.mark.parametrize("option", ["A", "B"])
def test_parity_with_plain_functions(option):
    model = checks.built("resnet20", shortcut=option).double()
    with torch.no_grad():
        draw = torch.Generator().manual_seed(3)
        for name, buffer in model.named_buffers():
            if buffer.is_floating_point():  # means around 0: else every ReLU is off, and all equal
                low = 0.5 if name.endswith("var") else -0.5
                buffer.uniform_(low, low + 1, generator=draw)
        pictures = checks.example("resnet20", 2).double()
        expected = plain_resnet20(model.state_dict(), pictures, option)
        assert expected.std(0).min() > 1e-4  # the answers depend on the pictures
        assert (model(pictures) - expected).abs().max() < 1e-10 * expected.abs().max().clamp(1)


def test_another_option_is_refused():
    with pytest.raises(ValueError, match="shortcut must be 'A' or 'B', got 'C'"):
        registry.build("resnet20", shortcut="C")


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check("resnet20")


@pytest.mark.long
@pytest.mark.parametrize("name", ["resnet56"])
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_what_every_deep_model_must_do(name, check):
    check(name)


def test_one_batch_is_learned_by_heart():
    checks.check_overfits("resnet20", steps=15, training=True)
