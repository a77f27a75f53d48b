"""What every classifier is held to: one function for each line of the design's list."""

import torch
import torch.nn.functional as F

from zoo import registry


def example(name, count=3, **arguments):
    """Random inputs for a model: (count, C, H, W)."""
    shape = registry.entry(name).input_shape
    shape = (arguments.get("in_chans", shape[0]), *shape[1:])
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(1))


def built(name, seed=0, **arguments):
    """A model with asymmetric weights: fresh ones, with noise on every parameter."""
    torch.manual_seed(seed)
    model = registry.build(name, **arguments)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return model.eval()


def check_gradients(name):
    """Every parameter gets a gradient, and a finite one."""
    model = built(name).train()
    F.cross_entropy(model(example(name)), torch.tensor([0, 1, 2])).backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().sum() > 0, key


def check_overfits(name, objective=F.cross_entropy, lr=0.01, steps=150, **arguments):
    """One batch can be learned by heart."""
    torch.manual_seed(0)
    model = registry.build(name, **arguments).train()
    pictures, labels = example(name, 8), torch.arange(8)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        objective(model(pictures), labels).backward()
        optimizer.step()
    with torch.no_grad():
        assert (model.eval()(pictures).argmax(1) == labels).all()


def check_alone_and_in_a_batch(name):
    """An example gives the same output alone and in any batch."""
    model, pictures = built(name), example(name, 5)
    with torch.no_grad():
        together = model(pictures)
        for number, picture in enumerate(pictures):
            assert torch.allclose(model(picture[None])[0], together[number], atol=1e-5)


def check_export_and_compile(name):
    """torch.export and torch.compile (traced) agree with eager, for another batch size too."""
    model = built(name)
    batch = {0: torch.export.Dim("batch", min=1)}
    program = torch.export.export(model, (example(name),), dynamic_shapes=(batch,))
    compiled = torch.compile(model, backend="aot_eager")
    with torch.no_grad():
        for count in (3, 1, 5):
            expected = model(example(name, count))
            assert torch.allclose(program.module()(example(name, count)), expected, atol=1e-5)
            assert torch.allclose(compiled(example(name, count)), expected, atol=1e-5)


def check_classifier(name):
    """forward is forward_head of forward_features; the head can be replaced, the rest stays."""
    model, pictures = built(name), example(name)
    with torch.no_grad():
        features = model.forward_features(pictures)
        assert torch.equal(model.forward_head(features), model(pictures))
        assert torch.equal(model.forward_head(features, pre_logits=True), features)
        model.reset_classifier(4)
        assert model(pictures).shape == (3, 4)
        assert torch.equal(model.forward_features(pictures), features)
    assert model.get_classifier() in list(model.modules())


def check_arguments(name):
    """num_classes and in_chans."""
    assert built(name, num_classes=7)(example(name)).shape == (3, 7)
    colour = built(name, in_chans=3)
    assert colour(example(name, in_chans=3)).shape == (3, 10)


ALL = (
    check_gradients,
    check_alone_and_in_a_batch,
    check_export_and_compile,
    check_classifier,
    check_arguments,
)
