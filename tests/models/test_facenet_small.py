"""The small FaceNet: its count by hand, shapes, embeddings of length 1, the usual checks."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F

from tests.models import verifier_checks
from tests.models.test_googlenet_small import module
from tests.models.test_vgg_small import plain, unit
from zoo.models.facenet_small import facenet_small
from zoo.registry import entry

SMALL = {"image_size": 32, "embedding_dim": 16}
QUICK = [c for c in verifier_checks.ALL if c is not verifier_checks.check_export_and_compile]


def test_parameters_by_hand():
    count = unit(3, 32, 7) + unit(32, 32, 1) + unit(32, 64, 3)
    count += module(64, 24, 32, 48, 8, 12, 12) + module(96, 32, 32, 64, 12, 24, 24)
    count += module(144, 64, 48, 96, 16, 32, 32) + module(224, 64, 64, 128, 16, 32, 32)
    count += 256 * 128 + 128
    with torch.device("meta"):
        assert sum(p.numel() for p in facenet_small().parameters()) == count
    assert f"{count:,} parameters" in entry("facenet_small").summary


def test_shapes():
    with torch.device("meta"):
        x, seen = torch.zeros(1, 3, 56, 56), []
        for stage in facenet_small().stages:
            x = stage(x)
            seen.append(tuple(x.shape[1:]))
    assert seen == [
        (32, 28, 28), (32, 14, 14), (32, 14, 14), (64, 14, 14), (96, 14, 14), (144, 14, 14),
        (144, 7, 7), (224, 7, 7), (256, 7, 7),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [32, 33, 47, 105])
def test_embeddings_have_length_1_whatever_the_size_of_the_image(size):
    model = verifier_checks.made(partial(facenet_small, in_chans=1))
    with torch.no_grad():
        embeddings = model(torch.rand(2, 1, size, size))
    assert embeddings.shape == (2, 128)
    assert torch.allclose(embeddings.norm(dim=1), torch.ones(2), atol=1e-6)


@torch.no_grad()
def test_another_implementation_gives_the_same():
    """All but the modules, which test_googlenet_small.py holds to plain functions."""
    model = verifier_checks.made(partial(facenet_small, **SMALL)).double()
    pictures = verifier_checks.images(model, 3).double()
    p = model.state_dict()
    x = plain(p, pictures, "stages.0", 3)[:, :, ::2, ::2]  # stride 2: every other place
    x = F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=-torch.inf), 3, 2)
    x = plain(p, plain(p, x, "stages.2", 0), "stages.3", 1)
    x = model.stages[5](model.stages[4](x))
    x = F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=-torch.inf), 3, 2)
    x = model.stages[8](model.stages[7](x)).mean((2, 3))
    x = x @ p["fc.weight"].T + p["fc.bias"]
    expected = x / x.norm(dim=1, keepdim=True)
    assert torch.allclose(model(pictures), expected, atol=1e-10, rtol=0)
    float32 = model.float()(pictures.float())
    assert (float32 - expected).abs().max() <= 1e-5


def test_dissimilarity_is_the_squared_distance():
    model = verifier_checks.made(partial(facenet_small, **SMALL))
    with torch.no_grad():
        a, b = model(verifier_checks.images(model, 3)).split([1, 2])
        expected = [(a[0] - other).square().sum().item() for other in b]
        assert model.dissimilarity(a, b)[0].tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.__name__)
def test_what_every_verifier_must_do(check):
    check(partial(facenet_small, **SMALL), 3)


@pytest.mark.long
def test_export_and_compile():
    verifier_checks.check_export_and_compile(partial(facenet_small, **SMALL), 3)


def test_a_batch_is_learned_by_heart():
    """Four faces, two images each: every image comes nearer to its pair than to any other."""
    torch.manual_seed(0)
    model = facenet_small(**SMALL)
    pictures, owner = torch.rand(8, 3, 32, 32), torch.arange(8) % 4
    same = owner[:, None] == owner
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(40):
        optimizer.zero_grad()
        embeddings = model(pictures)
        apart = model.dissimilarity(embeddings, embeddings)
        farthest = apart.masked_fill(~same, 0).amax(1)
        nearest = apart.masked_fill(same, 9).amin(1)
        (farthest - nearest + 0.2).relu().mean().backward()
        optimizer.step()
        if bool((farthest < nearest).all()):
            return
    raise AssertionError((farthest - nearest).tolist())


def test_images_that_are_too_small_are_refused():
    with pytest.raises(ValueError, match="image_size must be at least 32, got 31"):
        facenet_small(image_size=31)
