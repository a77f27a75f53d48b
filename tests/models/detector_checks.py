"""What every detector is held to (zoo/nn/detector.py): one function for each promise.

``build`` makes a network of few classes; ``size`` is that of its images. An untrained network is as
good as any here: with a threshold of 0 it finds ``limit`` boxes in whatever it is shown.
"""

import pytest
import torch
from torch import nn

from tests.helpers.marks import long_if
from zoo.ops.boxes.iou import iou

ALL_BOXES = {"threshold": 0.0, "overlap": 0.45, "limit": 20}


def made(build, size, seed=0):
    """A network with asymmetric weights: fresh ones, with noise on every parameter.

    Batch norm has the averages of a few images, without which a deep network's numbers explode.
    """
    torch.manual_seed(seed)
    model = build().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            spread = parameter.std(correction=0).clamp(0.1, 1)
            parameter.add_(0.05 * torch.randn_like(parameter) * spread)
        norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
        momenta = [norm.momentum for norm in norms]
        for norm in norms:
            norm.train().momentum = 1.0
        model.outputs(images(size, 4, seed=2))
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.eval().momentum = momentum
    return model


def images(size, count=3, seed=1):
    """Random images (count, 3, H, W)."""
    return torch.rand(count, 3, *size, generator=torch.Generator().manual_seed(seed))


def tensors(outputs):
    """All tensors of what ``forward`` gives, flat."""
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    parts = outputs.values() if isinstance(outputs, dict) else outputs
    return [tensor for part in parts for tensor in tensors(part)]


def near(a, b):
    """Equal to 1e-5 of the largest value."""
    return a.shape == b.shape and (a - b).abs().max() <= 1e-5 * max(1, b.abs().max())


def check_alone_and_in_a_batch(build, size):
    """The answer for an image does not depend on the others; in float64, which breaks all ties."""
    model, pictures = made(build, size).double(), images(size).double()
    with torch.no_grad():
        together, found = model.outputs(pictures), model.detect(pictures, **ALL_BOXES)
        assert not near(together[0], together[1])
        assert len(found) == len(pictures)
        for number, picture in enumerate(pictures):
            assert near(model.outputs(picture[None])[0], together[number])
            (alone,) = model.detect(picture[None], **ALL_BOXES)
            assert torch.equal(alone.labels, found[number].labels)
            assert near(alone.boxes, found[number].boxes)
            assert near(alone.scores, found[number].scores)


def check_detections(build, size):
    """Scores fall, labels are classes, boxes have corners in order, no more than asked for."""
    model = made(build, size)
    for limit in (1, 20):
        for found in model.detect(images(size), **{**ALL_BOXES, "limit": limit}):
            assert 0 < found.size <= limit
            assert found.boxes.shape == (found.size, 4)
            assert (found.boxes.dtype, found.labels.dtype) == (torch.float32, torch.int64)
            assert (found.scores.dtype, found.scores.shape) == (torch.float32, (found.size,))
            assert torch.equal(found.scores, found.scores.sort(descending=True).values)
            assert 0 < found.scores.min() <= found.scores.max() <= 1
            assert 0 <= found.labels.min() <= found.labels.max() < model.num_classes
            assert (found.boxes[:, :2] <= found.boxes[:, 2:]).all()
            assert torch.isfinite(found.boxes).all()


def check_threshold(build, size):
    """A higher threshold leaves the beginning of the list, the highest of all nothing."""
    model, pictures = made(build, size), images(size, 1)
    options = {"overlap": 0.45, "limit": 20}
    (found,) = model.detect(pictures, threshold=0.0, **options)
    between = (found.scores[0] + found.scores[-1]).item() / 2
    (fewer,) = model.detect(pictures, threshold=between, **options)
    kept = int((found.scores > between).sum())
    assert 0 < kept == fewer.size
    assert torch.equal(fewer.boxes, found.boxes[:kept])
    for nothing in model.detect(images(size), threshold=1.0, **options):
        assert (nothing.size, nothing.boxes.shape) == (0, (0, 4))
        assert (nothing.boxes.dtype, nothing.labels.dtype) == (torch.float32, torch.int64)


def check_overlap(build, size):
    """No two boxes of a class have a higher IoU; with an overlap of 1 all boxes stay."""
    model, pictures = made(build, size), images(size, 1)
    for overlap in (0.0, 0.3):
        (found,) = model.detect(pictures, threshold=0.0, overlap=overlap, limit=20)
        for label in found.labels.unique():
            boxes = found.boxes[found.labels == label]
            assert (iou(boxes, boxes) - torch.eye(len(boxes))).max() <= overlap + 1e-6
    few, all_of_them = (
        model.detect(pictures, threshold=0.0, overlap=overlap, limit=10**6)[0].size
        for overlap in (0.1, 1.0)
    )
    assert few < all_of_them


def check_class_scores(build, size):
    """The best score of each class in each image, with a gradient to the image."""
    model, pictures = made(build, size), images(size)
    found = model.detect(pictures, threshold=0.0, overlap=1.0, limit=10**6)
    leaf = pictures.clone().requires_grad_()
    scores = model.class_scores(leaf)
    best = torch.zeros(len(pictures), model.num_classes)
    for row, one in zip(best, found, strict=True):
        row.scatter_reduce_(0, one.labels, one.scores, "amax")
    assert near(scores.detach(), best)
    moved = torch.autograd.grad(scores[1].sum(), leaf)[0]
    assert moved[1].isfinite().all()
    assert moved[1].any()
    assert not moved[0].any()


def check_gradients(build, size):
    """Every parameter gets a gradient, and a finite one."""
    model = made(build, size).train()
    parts = tensors(model(images(size)))
    torch.stack([part.square().sum() for part in parts]).sum().backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().sum() > 0, key


def check_export_and_compile(build, size):
    """torch.export and torch.compile (traced) agree with eager, for another batch size too."""
    model = made(build, size)
    batch = {0: torch.export.Dim("batch", min=1)}
    program = torch.export.export(model, (images(size),), dynamic_shapes=(batch,))
    exported = program.module()
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    with torch.no_grad():
        for count in (3, 5, 1):
            pictures = images(size, count)
            expected = tensors(model(pictures))
            assert all(map(near, tensors(exported(pictures)), expected))
            if count != 1:  # one graph for any number; torch.compile makes another one for 1
                torch._dynamo.mark_dynamic(pictures, 0)
                assert all(map(near, tensors(compiled(pictures)), expected))


def check_reset_classifier(build, size):
    """New classes, new last layers; every other block stays, and the network works."""
    model = made(build, size).double()
    before = [{k: v.clone() for k, v in b.state_dict().items()} for b in model.blocks()[:-1]]
    classes = model.num_classes + 2
    model.reset_classifier(classes)
    assert model.num_classes == classes
    for block, state in zip(model.blocks(), before, strict=False):
        assert all(torch.equal(value, state[key]) for key, value in block.state_dict().items())
    (found,) = model.detect(images(size, 1).double(), threshold=0.0, limit=10**6)
    assert found.labels.max() == classes - 1
    with pytest.raises(ValueError, match="num_classes must be at least 1, got 0"):
        model.reset_classifier(0)


def check_blocks(build, size):
    """Every parameter is in exactly one block; only the last one knows the number of classes."""
    model = build()
    found = [id(p) for block in model.blocks() for p in block.parameters()]
    assert sorted(found) == sorted(id(p) for p in model.parameters())
    rest = {id(p) for block in model.blocks()[:-1] for p in block.parameters()}
    model.reset_classifier(model.num_classes + 1)
    left = {id(p) for p in model.parameters()}
    assert rest == {id(p) for block in model.blocks()[:-1] for p in block.parameters()} <= left


def check_sizes(build, size):
    """Sides are multiples of the stride, or ``detect`` refuses them."""
    model = made(build, size)
    height, width = size
    assert height % model.stride == width % model.stride == 0
    with pytest.raises(ValueError, match=rf"multiples of {model.stride}, got .*{width + 1}\)"):
        model.detect(images((height, width + 1), 1))


ALL = (
    check_alone_and_in_a_batch,
    check_detections,
    check_threshold,
    check_overlap,
    check_class_scores,
    check_gradients,
    check_reset_classifier,
    check_blocks,
    check_sizes,
    check_export_and_compile,
)
LONG_LAST = (*ALL[:-1], long_if(True, ALL[-1]))  # for networks of many layers
