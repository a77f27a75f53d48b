"""Koch's Siamese network: count and shapes of the paper, its initial weights, parity, the heads."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F

from tests.models import verifier_checks
from zoo.models.siamese import siamese, side_of_maps
from zoo.registry import entry

SMALL = {"image_size": 65, "embedding_dim": 12}  # the smallest that its convolutions leave a pixel
QUICK = [c for c in verifier_checks.ALL if c is not verifier_checks.check_export_and_compile]


def test_parameters_by_hand():
    """Fig. 4: 64@10x10, 128@7x7, 128@4x4, 256@4x4, 9216 to 4096, 4096 to 1."""
    count, maps = 0, 1
    for width, kernel in ((64, 10), (128, 7), (128, 4), (256, 4)):
        count += width * (maps * kernel**2 + 1)
        maps = width
    count += (256 * 6 * 6 + 1) * 4096 + (4096 + 1)
    assert count == 38_951_745
    with torch.device("meta"):
        assert sum(p.numel() for p in siamese().parameters()) == count
    assert f"{count:,} parameters" in entry("siamese").summary


def test_shapes_of_the_figure():
    with torch.device("meta"):
        model = siamese()
        x, seen = torch.zeros(1, 1, 105, 105), []
        for layer in model.convolutions:
            x = layer(x)
            seen.append(tuple(x.shape[1:]))
    assert seen == [
        (64, 96, 96), (64, 48, 48), (128, 42, 42), (128, 21, 21), (128, 18, 18), (128, 9, 9),
        (256, 6, 6),
    ]  # fmt: skip
    assert [side_of_maps(size) for size in (105, 104, 65)] == [6, 5, 1]


def test_initial_weights_are_those_of_the_paper():
    """Sec. 3.2: N(0, 0.01) in the convolutions, N(0, 0.2) after them, biases N(0.5, 0.01)."""
    torch.manual_seed(0)
    model = siamese(image_size=65, embedding_dim=500)
    for name, parameter in model.named_parameters():
        if parameter.numel() < 64:
            continue  # the bias of the head
        mean = 0.5 if name.endswith("bias") else 0.0
        std = 0.01 if name.endswith("bias") or name.startswith("convolutions") else 0.2
        assert parameter.mean().item() == pytest.approx(
            mean, abs=5 * std / parameter.numel() ** 0.5
        )
        assert parameter.std().item() == pytest.approx(std, rel=0.3)
    assert 0.4 < model.head.output.bias.item() < 0.6


@pytest.mark.parametrize(("dtype", "limit"), [(torch.float64, 1e-10), (torch.float32, 1e-5)])
@torch.no_grad()
def test_another_implementation_gives_the_same(dtype, limit):
    """The paper's formulas with torch.nn.functional, in float64, from the parameters by name."""
    model = verifier_checks.made(partial(siamese, in_chans=2, **SMALL))
    pictures = verifier_checks.images(model, 2)
    p, x = {k: v.double() for k, v in model.state_dict().items()}, pictures.double()
    for number in range(4):
        unit = f"convolutions.{2 * number}.0"
        x = F.conv2d(x, p[f"{unit}.weight"], p[f"{unit}.bias"]).relu()
        x = F.max_pool2d(x, 2) if number < 3 else x
    features = 1 / (1 + torch.exp(-(x.flatten(1) @ p["fc.weight"].T + p["fc.bias"])))
    apart = (features[:, None] - features[None]).abs()
    logits = (apart * p["head.output.weight"][0]).sum(2) + p["head.output.bias"]
    model, pictures = model.to(dtype), pictures.to(dtype)
    embeddings = model(pictures)
    assert (embeddings - features).abs().max() <= limit
    assert (model.dissimilarity(embeddings, embeddings) + logits).abs().max() <= limit


def test_the_notes_other_head():
    """chi-square on the same features: (f1 - f2)^2 / (f1 + f2)."""
    model = verifier_checks.made(partial(siamese, head="chi_square", **SMALL))
    with torch.no_grad():
        f = model(verifier_checks.images(model, 1))
        w, b = model.head.output.weight[0], model.head.output.bias
        chi = (f[0] - f[1]) ** 2 / (f[0] + f[1])
        assert model.dissimilarity(f[:1], f[1:2]).item() == pytest.approx(-(w @ chi + b).item())


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.__name__)
def test_what_every_verifier_must_do(check):
    check(partial(siamese, **SMALL), 1)


@pytest.mark.long
def test_export_and_compile():
    verifier_checks.check_export_and_compile(partial(siamese, **SMALL), 1)


def test_the_chi_square_head_has_finite_gradients():
    verifier_checks.check_gradients(partial(siamese, head="chi_square", **SMALL), 1)


def test_pairs_are_learned_by_heart():
    """Two characters, each seen twice: the logits of its pair alone become positive."""
    torch.manual_seed(0)
    model = siamese(image_size=65, embedding_dim=256)
    drawings = torch.rand(2, 1, 65, 65, generator=torch.Generator().manual_seed(1)).round()
    seen = torch.cat([drawings, 0.9 * drawings])
    same = torch.arange(4)[:, None] % 2 == torch.arange(4) % 2
    optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-4)  # at 1e-3 all features become 1
    for _ in range(20):
        optimizer.zero_grad()
        features = model(seen)
        logits = -model.dissimilarity(features, features)
        F.binary_cross_entropy_with_logits(logits, same.float()).backward()
        optimizer.step()
        if torch.equal(logits > 0, same):
            return
    raise AssertionError(f"not learned: {logits.tolist()}")


@pytest.mark.parametrize("arguments", [{"image_size": 64}, {"head": "l2"}])
def test_arguments_that_do_not_work_are_refused(arguments):
    with pytest.raises(ValueError, match="must be"):
        siamese(**arguments)
