"""GoogLeNet as published: the rows of Table 1, and parity with plain functions."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.models import checks
from zoo.errors import BadInput
from zoo.models.googlenet import TABLE_1, googlenet

QUICK = [check for check in checks.ALL if check is not checks.check_export_and_compile]
CLASSES = 5

ROWS = {  # Table 1: parameters in K, operations in M, side of the maps; and how many there are
    "conv1": (2.7, 34, 112, 64),
    "conv2 conv3": (112, 360, 56, 192),
    "inception3a": (159, 128, 28, 256),
    "inception3b": (380, 304, 28, 480),
    "inception4a": (364, 73, 14, 512),
    "inception4b": (437, 88, 14, 512),
    "inception4c": (463, 100, 14, 512),
    "inception4d": (580, 119, 14, 528),
    "inception4e": (840, 170, 14, 832),
    "inception5a": (1072, 54, 7, 832),
    "inception5b": (1388, 71, 7, 1024),
    "fc": (1000, 1, 1, 1000),
}
UNEXPLAINED = {"conv1": 118, "inception5a": 51}  # operations of the kernels the row itself names


def weights_of(model, names):
    """Weights without biases: Table 1 leaves them out."""
    parts = [model.get_submodule(name) for name in names.split()]
    return sum(p.numel() for part in parts for p in part.parameters() if p.dim() > 1)


@pytest.mark.parametrize("auxiliary", [False, True])
def test_parameters(auxiliary):
    with torch.device("meta"):
        model = googlenet(auxiliary=auxiliary)
    expected = 13_378_280 if auxiliary else 6_998_552
    assert sum(p.numel() for p in model.parameters()) == expected


def test_parameters_of_an_auxiliary_head():
    """Sec. 5: 1x1 convolution with 128 filters, 1024 units, a linear layer."""
    with torch.device("meta"):
        model = googlenet(auxiliary=True)
    for head, maps in ((model.aux1, 512), (model.aux2, 528)):
        expected = (maps + 1) * 128 + (4 * 4 * 128 + 1) * 1024 + 1025 * 1000
        assert sum(p.numel() for p in head.parameters()) == expected
        assert head.dropout.p == 0.7
    assert model.dropout.p == 0.4


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_table_1(row):
    """A convolution's operations are its weights times its pixels; to the last digit they agree.

    The column of parameters (K = 1024) is rougher: it is up to 8 % off its own operations.
    """
    thousands, millions, side, _ = ROWS[row]
    with torch.device("meta"):
        model = googlenet()
    count = weights_of(model, row)
    operations = UNEXPLAINED.get(row, millions)
    assert abs(count * side * side / 1e6 - operations) < 0.7
    if row == "conv1":
        assert count == 7 * 7 * 3 * 64
    else:
        assert count / 1024 == pytest.approx(thousands, rel=0.08)


def test_weights_of_3a_by_hand():
    with torch.device("meta"):
        model = googlenet()
    by_hand = 192 * (64 + 96 + 16 + 32) + 9 * 96 * 128 + 25 * 16 * 32
    assert weights_of(model, "inception3a") == by_hand == 163_328


def test_each_module_takes_what_the_one_before_gives():
    before = 192
    for name, (c_in, c1, _, c3, _, c5, proj) in TABLE_1.items():
        assert c_in == before
        before = c1 + c3 + c5 + proj
        assert before == ROWS[f"inception{name}"][3]


def test_shapes_of_table_1():
    with torch.device("meta"):
        model, pictures = googlenet(auxiliary=True).train(), torch.zeros(2, 3, 224, 224)
        stages, taps = model._walk(pictures)
        outputs = model(pictures)
    assert [tuple(stage.shape[1:]) for stage in stages] == [
        (64, 112, 112), (192, 56, 56), (480, 28, 28), (832, 14, 14), (1024, 7, 7)
    ]  # fmt: skip
    assert [tuple(tap.shape[1:]) for tap in taps] == [(512, 14, 14), (528, 14, 14)]
    assert [tuple(logits.shape) for logits in outputs] == [(2, 1000)] * 3


def test_twenty_two_layers():
    """Sec. 5: 22 layers deep when counting only layers with parameters: the longest path."""
    assert 1 + 2 + 2 * len(TABLE_1) + 1 == 22
    with torch.device("meta"):
        model = googlenet()
    kernels = [m.kernel_size for m in model.modules() if isinstance(m, nn.Conv2d)]
    assert len(kernels) == 3 + 6 * 9
    assert kernels.count((5, 5)) == 9
    assert not [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]


def normalise(x):
    """The formula of Krizhevsky et al. 2012, sec. 3.3, one channel at a time."""
    out = []
    for i in range(x.shape[1]):
        near = x[:, max(0, i - 2) : i + 3]
        out.append(x[:, i] / (2 + 1e-4 * near.square().sum(1)) ** 0.75)
    return torch.stack(out, 1)


def halve(x):
    """Maxima of 3x3 squares in steps of 2 that cover the map; there is nothing beyond its edge."""
    rows = [x[:, :, at : at + 3].amax(2) for at in range(0, x.shape[2] - 1, 2)]
    x = torch.stack(rows, 2)
    return torch.stack([x[..., at : at + 3].amax(3) for at in range(0, x.shape[3] - 1, 2)], 3)


def plain_googlenet(p, x, auxiliary=False):
    """The network written with nothing but functions; dropout does nothing."""

    def conv(name, x, stride=1):
        weight = p[f"{name}.0.weight"]
        pad = (weight.shape[-1] - 1) // 2
        return F.conv2d(x, weight, p[f"{name}.0.bias"], stride, pad).clamp_min(0)

    def module(name, x):
        pooled = F.pad(x, (1, 1, 1, 1), value=-torch.inf)
        pooled = pooled.unfold(2, 3, 1).unfold(3, 3, 1).amax((4, 5))
        name = f"inception{name}"
        return torch.cat(
            [
                conv(f"{name}.branch1", x),
                conv(f"{name}.branch2.1", conv(f"{name}.branch2.0", x)),
                conv(f"{name}.branch3.1", conv(f"{name}.branch3.0", x)),
                conv(f"{name}.branch4.1", pooled),
            ],
            1,
        )

    def head(name, x):
        x = x.unfold(2, 5, 3).unfold(3, 5, 3).mean((4, 5))
        x = conv(f"{name}.conv", x).flatten(1)
        x = (x @ p[f"{name}.fc1.weight"].T + p[f"{name}.fc1.bias"]).clamp_min(0)
        return x @ p[f"{name}.fc2.weight"].T + p[f"{name}.fc2.bias"]

    x = normalise(halve(conv("conv1", x, 2)))
    x = halve(normalise(conv("conv3", conv("conv2", x))))
    x = halve(module("3b", module("3a", x)))
    of_4a = module("4a", x)
    of_4d = module("4d", module("4c", module("4b", of_4a)))
    x = module("5b", module("5a", halve(module("4e", of_4d))))
    logits = x.mean((2, 3)) @ p["fc.weight"].T + p["fc.bias"]
    return (logits, head("aux1", of_4a), head("aux2", of_4d)) if auxiliary else logits


def doubled(**arguments):
    model = checks.built("googlenet", num_classes=CLASSES, **arguments).double()
    return model, dict(model.named_parameters())


@pytest.mark.parametrize("size", [64, 75])
@torch.no_grad()
def test_parity_with_plain_functions(size):
    model, parameters = doubled()
    pictures = checks.example("googlenet", 2, size).double()
    expected = plain_googlenet(parameters, pictures)
    assert expected.std() > 0.01
    assert torch.allclose(model(pictures), expected, rtol=1e-10, atol=1e-10)
    single = model.float()(pictures.float())
    assert (single - expected).abs().max() <= 1e-5 * expected.abs().max()


@torch.no_grad()
def test_parity_in_training_with_auxiliary_heads():
    model, parameters = doubled(auxiliary=True)
    pictures = checks.example("googlenet", 1).double()
    expected = plain_googlenet(parameters, pictures, auxiliary=True)
    assert torch.allclose(model(pictures), expected[0], rtol=1e-10, atol=1e-10)
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    got = model.train()(pictures)
    assert len(got) == 3
    for a, b in zip(got, expected, strict=True):
        assert torch.allclose(a, b, rtol=1e-10, atol=1e-10)


def test_auxiliary_heads_refuse_other_sizes_in_training_only():
    model = googlenet(CLASSES, auxiliary=True).train()
    with pytest.raises(BadInput, match=r"14 x 14, got 4 x 4: train on images of 224 x 224"):
        model(torch.zeros(1, 3, 64, 64))
    assert model.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, CLASSES)


def test_reset_classifier_resets_the_auxiliary_heads():
    model = googlenet(CLASSES, auxiliary=True)
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model.reset_classifier(CLASSES)
    changed = {k for k, v in model.state_dict().items() if not torch.equal(v, before[k])}
    assert changed == {"fc.weight", "aux1.fc2.weight", "aux2.fc2.weight"}
    model.reset_classifier(3)
    with torch.device("meta"):
        shapes = [x.shape for x in model.to("meta").train()(torch.zeros(2, 3, 224, 224))]
    assert shapes == [(2, 3)] * 3
    heads = {id(p) for p in model.blocks()[-1].parameters()}
    assert heads >= {
        id(p) for head in (model.fc, model.aux1, model.aux2) for p in head.parameters()
    }


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.__name__)
def test_what_every_model_must_do(check):
    check("googlenet", size=32, num_classes=10)


@pytest.mark.parametrize("check", [checks.check_classifier, checks.check_blocks])
def test_what_every_model_must_do_with_auxiliary_heads(check):
    check("googlenet", size=32, num_classes=10, auxiliary=True)


@pytest.mark.long
def test_gradients_reach_the_auxiliary_heads():
    checks.check_gradients("googlenet", auxiliary=True, num_classes=10)


@pytest.mark.long
def test_export_and_compile():
    checks.check_export_and_compile("googlenet", size=32, num_classes=10)


def test_one_batch_is_learned_by_heart():
    checks.check_overfits("googlenet", lr=3e-4, steps=20, size=32, dropout=0.0, num_classes=8)
