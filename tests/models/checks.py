"""What every classifier is held to: one function for each line of the design's list.

``size`` makes the pictures smaller than the paper's where the network takes any size; other
keywords go to the builder.
"""

import copy
from functools import lru_cache

import torch
import torch.nn.functional as F

from zoo import registry
from zoo.nn.feature_maps import FeatureMaps


def example(name, count=3, size=None, in_chans=None, **_):
    """Random inputs for a model: (count, C, H, W)."""
    channels, height, width = registry.entry(name).input_shape
    shape = (in_chans or channels, size or height, size or width)
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(1))


@lru_cache(maxsize=1)  # the checks of one model follow each other
def drawn(name, seed, **arguments):
    torch.manual_seed(seed)
    model = registry.build(name, **arguments)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter) * parameter.std().clamp(0.1, 1))
    return model.eval()


def built(name, seed=0, size=None, **arguments):
    """A model with asymmetric weights: fresh ones, with noise on every parameter."""
    model = copy.deepcopy(drawn(name, seed, **arguments))
    torch.manual_seed(seed)
    return model


def on_paper(name, size=None, **arguments):
    """A model without weights, for shapes and counts: no memory, no time."""
    with torch.device("meta"):
        return registry.build(name, **arguments).eval()


def check_gradients(name, **options):
    """Every parameter gets a gradient, and a finite one; auxiliary heads too."""
    model = built(name, **options).train()
    outputs = model(example(name, **options))
    labels = torch.tensor([0, 1, 2])
    parts = outputs if isinstance(outputs, tuple) else (outputs,)
    torch.stack([F.cross_entropy(logits, labels) for logits in parts]).sum().backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().sum() > 0, key


def check_overfits(
    name, objective=F.cross_entropy, lr=0.01, steps=150, size=None, training=False, **arguments
):
    """One batch can be learned by heart in ``steps`` steps, or sooner, when its loss has halved.

    ``training``: look in training mode, so that batch norm's running averages need no time.
    """
    torch.manual_seed(0)
    model = registry.build(name, **arguments).train()
    pictures, labels = example(name, 8, size), torch.arange(8)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        loss = objective(model.train()(pictures), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if losses[-1] < losses[0] / 2 or step == steps:
            with torch.no_grad():
                answers = model.train(training)(pictures).argmax(1)
            if torch.equal(answers, labels):
                return
    raise AssertionError(f"{name} answers {answers.tolist()} after {steps} steps: {losses}")


def check_alone_and_in_a_batch(name, **options):
    """An example gives the same output alone and in any batch."""
    model, pictures = built(name, **options), example(name, 3, **options)
    with torch.no_grad():
        together = model(pictures)
        for number, picture in enumerate(pictures):
            assert near(model(picture[None])[0], together[number])


def near(a, b):
    """Equal to 1e-5 of the largest value."""
    return (a - b).abs().max() <= 1e-5 * max(1, b.abs().max())


def check_export_and_compile(name, **options):
    """torch.export and torch.compile (traced) agree with eager, for another batch size too.

    Export lowers what it traced, so compile need not do that again: it captures one whole graph.
    """
    model = built(name, **options)
    batch = {0: torch.export.Dim("batch", min=1)}
    program = torch.export.export(model, (example(name, **options),), dynamic_shapes=(batch,))
    exported = program.module()
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    with torch.no_grad():
        for count in (3, 5, 1):
            pictures = example(name, count, **options)
            expected = model(pictures)
            assert near(exported(pictures), expected)
            if count != 1:  # one graph for any number; torch.compile makes another one for 1
                torch._dynamo.mark_dynamic(pictures, 0)
                assert near(compiled(pictures), expected)


def check_classifier(name, **options):
    """forward is forward_head of forward_features; the head can be replaced, the rest stays."""
    model, pictures = built(name, **options), example(name, 2, **options)
    with torch.no_grad():
        features = model.forward_features(pictures)
        assert torch.equal(model.forward_head(features), model(pictures))
        before_head = model.forward_head(features, pre_logits=True)
        assert before_head.shape == (len(pictures), model.num_features)
        assert model.get_classifier() in list(model.modules())
        model.reset_classifier(0)
        assert torch.equal(model(pictures), before_head)
        model.reset_classifier(4)
        assert model(pictures).shape == (2, 4)
        assert torch.equal(model.forward_features(pictures), features)
        assert torch.equal(model.forward_head(features, pre_logits=True), before_head)


def check_stages(name, **options):
    """The last stage is forward_features; features_only gives the stages and says their sizes."""
    model, pictures = built(name, **options), example(name, 2, **options)
    shape = tuple(pictures.shape[1:])
    with torch.no_grad():
        stages = model.forward_stages(pictures)
        assert torch.equal(stages[-1], model.forward_features(pictures))
        backbone = FeatureMaps(model, shape, None)
        maps = backbone(pictures)
        assert all(torch.equal(a, b) for a, b in zip(maps, stages, strict=True))
        assert tuple(m.shape[1] for m in maps) == backbone.channels
        last = FeatureMaps(on_paper(name, **options), shape, (-1,))
        assert [m.shape for m in last(pictures.to("meta"))] == [stages[-1].shape]
    flat = [stage.dim() == 2 for stage in stages]
    assert flat == sorted(flat)  # maps first, then vectors
    sides = [stage.shape[2] for stage in stages if stage.dim() == 4]
    assert sides == sorted(sides, reverse=True)


def check_blocks(name, **options):
    """Every parameter is in exactly one block; the last block is the head, whatever the head."""
    model = on_paper(name, **options)
    for classes in (10, 3):
        model.reset_classifier(classes)
        found = [id(p) for block in model.blocks() for p in block.parameters()]
        assert sorted(found) == sorted(id(p) for p in model.parameters())
        head = {id(p) for p in model.get_classifier().parameters()}
        assert head <= {id(p) for p in model.blocks()[-1].parameters()}


def check_arguments(name, **options):
    """num_classes and in_chans."""
    for arguments in ({"num_classes": 7}, *({"in_chans": n, "num_classes": 5} for n in (1, 3, 4))):
        asked = {**options, **arguments}
        logits = on_paper(name, **asked)(example(name, 2, **asked).to("meta"))
        assert logits.shape == (2, asked["num_classes"])


ALL = (
    check_gradients,
    check_alone_and_in_a_batch,
    check_export_and_compile,
    check_classifier,
    check_stages,
    check_blocks,
    check_arguments,
)
