"""Koch's convolutions with a small head: counts, what deviates, parity, the usual checks."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.models import verifier_checks
from zoo.models.siamese import siamese
from zoo.models.siamese_small import siamese_small

SMALL = {"image_size": 65, "embedding_dim": 12}


def test_parameters_by_hand():
    """Without biases, with gamma and beta; 256 to 128 sigmoids; their weighted difference."""
    count, maps = 0, 1
    for width, kernel in ((64, 10), (128, 7), (128, 4), (256, 4)):
        count += width * (maps * kernel**2 + 2)
        maps = width
    count += (256 + 2) * 128 + (128 + 1)
    with torch.device("meta"):
        model = siamese_small()
    assert sum(p.numel() for p in model.parameters()) == count == 1_228_545
    assert sum(t.numel() * t.element_size() for t in model.state_dict().values()) < 6e6


def test_the_convolutions_are_the_papers():
    with torch.device("meta"):
        ours, papers = (
            [m for m in model.modules() if isinstance(m, nn.Conv2d)]
            for model in (siamese_small(), siamese())
        )
    assert [m.weight.shape for m in ours] == [m.weight.shape for m in papers]
    assert {(m.stride, m.padding) for m in [*ours, *papers]} == {((1, 1), (0, 0))}


@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
@torch.no_grad()
def test_another_implementation_gives_the_same(dtype, limit):
    model = verifier_checks.made(partial(siamese_small, **SMALL))
    for name, buffer in model.named_buffers():
        if buffer.is_floating_point():
            low = 0.5 if name.endswith("var") else -0.5
            buffer.uniform_(low, low + 1)
    pictures = verifier_checks.images(model, 1)
    p, x = {k: v.double() for k, v in model.state_dict().items()}, pictures.double()
    for number in range(4):
        unit = f"convolutions.{2 * number}"
        x = F.conv2d(x, p[f"{unit}.conv.weight"])
        mean, var = p[f"{unit}.bn.running_mean"], p[f"{unit}.bn.running_var"]
        x = (x - mean[:, None, None]) / (var[:, None, None] + 1e-5).sqrt()
        x = (x * p[f"{unit}.bn.weight"][:, None, None] + p[f"{unit}.bn.bias"][:, None, None]).relu()
        x = F.max_pool2d(x, 2) if number < 3 else x
    x = x.mean((2, 3)) @ p["fc.weight"].T
    x = (x - p["norm.running_mean"]) / (p["norm.running_var"] + 1e-5).sqrt()
    features = torch.sigmoid(x * p["norm.weight"] + p["norm.bias"])
    apart = (features[:, None] - features[None]).abs()
    logits = (apart * p["head.output.weight"][0]).sum(2) + p["head.output.bias"]
    model, pictures = model.to(dtype), pictures.to(dtype)
    embeddings = model(pictures)
    assert (embeddings - features).abs().max() <= limit
    assert (model.dissimilarity(embeddings, embeddings) + logits).abs().max() <= limit


def test_dropout_is_drawn_in_training_only():
    model = verifier_checks.made(partial(siamese_small, dropout=0.5, **SMALL))
    pictures = verifier_checks.images(model, 1)
    with torch.no_grad():
        assert torch.equal(model(pictures), model(pictures))
        for layer in model.convolutions:
            layer.eval()
        model.dropout.train()
        assert not torch.equal(model(pictures), model(pictures))


@pytest.mark.parametrize("head", ["weighted_l1", "chi_square"])
@pytest.mark.parametrize("check", verifier_checks.ALL, ids=lambda check: check.__name__)
def test_what_every_verifier_must_do(check, head):
    if head == "weighted_l1" or check is not verifier_checks.check_export_and_compile:
        check(partial(siamese_small, head=head, **SMALL), 1)
