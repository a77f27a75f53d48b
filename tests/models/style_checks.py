"""What every network that styles in one pass is held to: one function for each promise.

Conv biases before an instance norm are taken away again by its mean, so they need no gradient.
"""

import torch
import torch.nn.functional as F

from tests.models.checks import near


def made(build, seed=0):
    """A network with asymmetric weights: fresh ones, with noise on every parameter."""
    torch.manual_seed(seed)
    model = build().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            spread = parameter.std(correction=0).clamp(0.05, 1)
            parameter.add_(0.2 * torch.randn_like(parameter) * spread)
    return model


def images(count=3, size=(24, 20), seed=1):
    """Random images (count, 3, H, W) in [0, 1]."""
    return torch.rand(count, 3, *size, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def check_sizes(build):
    """Pictures are as large as their images, whatever the size."""
    model = made(build)
    for size in ((24, 20), (5, 9), (21, 23)):
        pictures = model(images(2, size))
        assert pictures.shape == (2, 3, *size)
        assert torch.isfinite(pictures).all()


@torch.no_grad()
def check_alone_and_in_a_batch(build):
    """The picture of an image does not depend on the others; training mode changes nothing."""
    model = made(build)
    together = model(images())
    assert not near(together[0], together[1])
    for number, image in enumerate(images()):
        assert near(model(image[None])[0], together[number])
    assert torch.equal(model.train()(images()), together)


def check_gradients(build):
    """Every parameter and the image get finite gradients, which are not all 0 where they matter."""
    model, pictures = made(build).train(), images().requires_grad_()
    model(pictures).square().sum().backward()
    assert pictures.grad.abs().sum() > 0
    assert torch.isfinite(pictures.grad).all()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().sum() > 0 or key.endswith("conv2d.bias"), key
    model.zero_grad()
    model(torch.full((1, 3, 8, 8), 0.5)).sum().backward()  # nothing varies: instance norm of zeros
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters())


def check_overfits(build, lr=0.01, steps=60):
    """One batch can be learned: coarse pictures, until a quarter of their variance is left."""
    torch.manual_seed(0)
    model = build().train()
    given = images(2, (16, 16))
    wanted = F.interpolate(images(2, (2, 2), seed=2), scale_factor=8)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(model(given), wanted)
        loss.backward()
        optimizer.step()
        if loss.item() < wanted.var().item() / 4:
            return
    raise AssertionError(f"{loss.item()} is left after {steps} steps")


def check_export_and_compile(build):
    """torch.export and torch.compile (traced) agree with eager, for another batch size too."""
    model = made(build)
    batch = {0: torch.export.Dim("batch", min=1)}
    exported = torch.export.export(model, (images(),), dynamic_shapes=(batch,)).module()
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    with torch.no_grad():
        for count in (3, 4, 1):
            pictures = images(count)
            expected = model(pictures)
            assert near(exported(pictures), expected)
            if count != 1:  # one graph for any number; torch.compile makes another one for 1
                torch._dynamo.mark_dynamic(pictures, 0)
                assert near(compiled(pictures), expected)


def check_blocks(build):
    """Every parameter is in exactly one block."""
    with torch.device("meta"):
        model = build()
    found = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(found) == sorted(id(p) for p in model.parameters())


QUICK = (
    check_sizes,
    check_alone_and_in_a_batch,
    check_gradients,
    check_overfits,
    check_blocks,
)  # and check_export_and_compile, which takes seconds
