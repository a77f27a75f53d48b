"""What every network of verification is held to (zoo/nn/verifier.py).

``build`` makes the network; its images have its own ``image_size`` and so many ``channels``.
"""

import torch

from tests.models.checks import near
from zoo.nn.verifier import Verifier


def made(build, seed=0):
    """A network with asymmetric weights: fresh ones, with noise on every parameter."""
    torch.manual_seed(seed)
    model = build().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            spread = parameter.std(correction=0).clamp(0.01, 1)
            parameter.add_(0.05 * torch.randn_like(parameter) * spread)
    return model


def images(model, channels, count=3, seed=1):
    """Random images (count, C, S, S)."""
    shape = (count, channels, model.image_size, model.image_size)
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def check_verifier(build, channels):
    """The interface: vectors, a table of comparisons and the same of pairs, in both directions."""
    model = made(build)
    assert isinstance(model, Verifier)
    assert model.objective in ("pairs", "semi_hard")
    vectors = model(images(model, channels))
    assert vectors.shape == (3, model.embedding_dim)
    assert not near(vectors[0], vectors[1])
    table = model.dissimilarity(vectors, vectors[:2])
    assert table.shape == (3, 2)
    assert near(model.dissimilarity(vectors[:2], vectors), table.T)
    for column in range(2):
        other = vectors[column].expand_as(vectors)
        assert near(model.pairwise(vectors, other), table[:, column])
    assert {"squared L2": "semi_hard", "-logit": "pairs"}[model.scale] == model.objective
    if model.scale == "squared L2":  # nothing is more alike than itself
        assert table.diagonal().max() < 1e-5 < table[2].min()


@torch.no_grad()
def check_alone_and_in_a_batch(build, channels):
    """An image has the same vector alone and in any batch."""
    model = made(build)
    pictures = images(model, channels)
    together = model(pictures)
    for number, picture in enumerate(pictures):
        assert near(model(picture[None])[0], together[number])


def check_gradients(build, channels):
    """Every parameter gets a gradient, and a finite one; from two equal images too."""
    model = made(build).train()
    pictures = images(model, channels)
    vectors = model(torch.cat([pictures, pictures[:1]]))
    targets = torch.rand(4, 4, generator=torch.Generator().manual_seed(3))
    (model.dissimilarity(vectors, vectors) - targets).square().sum().backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().sum() > 0, key


def check_export_and_compile(build, channels):
    """torch.export and torch.compile (traced) agree with eager, for another batch size too."""
    model = made(build)
    batch = {0: torch.export.Dim("batch", min=1)}
    program = torch.export.export(model, (images(model, channels),), dynamic_shapes=(batch,))
    exported = program.module()
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    with torch.no_grad():
        for count in (3, 4, 1):
            pictures = images(model, channels, count)
            expected = model(pictures)
            assert near(exported(pictures), expected)
            if count != 1:  # one graph for any number; torch.compile makes another one for 1
                torch._dynamo.mark_dynamic(pictures, 0)
                assert near(compiled(pictures), expected)


def check_blocks(build, channels):
    """Every parameter is in exactly one block."""
    with torch.device("meta"):
        model = build()
    found = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(found) == sorted(id(p) for p in model.parameters())
    assert all(list(block.parameters()) for block in model.blocks())


ALL = (
    check_verifier,
    check_alone_and_in_a_batch,
    check_gradients,
    check_export_and_compile,
    check_blocks,
)
