"""zoo.optimize of a detector: ``detect`` as before, through the fast form; copies and pickles."""

import copy
import pickle

import pytest
import torch

import zoo
from zoo.errors import BadInput
from zoo.models.yolov3_tiny import YOLOv3Tiny
from zoo.pretrained.optimize import optimize
from zoo.pretrained.optimized import Optimized, OptimizedDetector
from zoo.pretrained.packed import PackedConv2d


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    network = YOLOv3Tiny(num_classes=3, widths=(4, 4, 8, 8, 16, 16, 16)).eval()
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.running_var, 0.5, 2)
            torch.nn.init.normal_(part.running_mean)
    for head in network.heads:
        head.bias.data.view(3, 8)[:, 4] = 0
    return network


def images(count, size=64):
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(count))


def same(one, other, count=2, size=64):
    found = [m.detect(images(count, size), threshold=0.2, overlap=0.5) for m in (one, other)]
    assert all(x.size for x in found[0])
    for x, y in zip(*found, strict=True):
        torch.testing.assert_close(x.boxes, y.boxes, rtol=1e-4, atol=1e-3)
        torch.testing.assert_close(x.scores, y.scores, rtol=1e-4, atol=1e-5)
        assert torch.equal(x.labels, y.labels)


def test_it_detects_as_before_at_any_size(model):
    fast = optimize(model, images(1))
    assert isinstance(fast, OptimizedDetector)
    assert (fast.num_classes, fast.stride) == (3, 32)
    assert {"eager", "folded", "channels_last"} <= fast.seconds.keys()
    same(model, fast)
    same(model, fast, size=96)
    torch.testing.assert_close(fast.outputs(images(2)), model.outputs(images(2)))
    for one, other in zip(fast(images(2)), model(images(2)), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-4)


def test_detect_goes_through_the_fast_form(model):
    fast = optimize(model)
    calls = []
    fast.network.register_forward_hook(lambda *_: calls.append(1))
    fast.detect(images(1))
    assert fast.form == "folded"
    assert calls == [1]
    assert "forward" not in vars(model)  # the original is as it was


def test_it_can_be_copied_and_pickled(model):
    fast = optimize(model, images(1))
    for other in (copy.deepcopy(fast), pickle.loads(pickle.dumps(fast))):
        same(fast, other)
        calls = []
        other.network.register_forward_hook(lambda *_, seen=calls: seen.append(1))
        other.detect(images(1))
        assert calls == [1] or other.form == "eager"


def test_a_network_that_proposes_regions_is_refused():
    network = zoo.create_model("faster_rcnn_small", num_classes=3)
    with pytest.raises(BadInput, match=r"networks that give tensors; this one gives Proposed$"):
        optimize(network, torch.zeros(1, 3, 64, 64))


def test_other_networks_are_no_detectors():
    assert type(optimize(torch.nn.Linear(2, 2))) is Optimized


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_a_packed_convolution_ends_in_either_relu(slope):
    torch.manual_seed(0)
    conv, x = torch.nn.Conv2d(3, 5, 3, padding=1), torch.randn(2, 3, 9, 9)
    packed = PackedConv2d(conv, True, slope=slope)
    other = torch.randn(2, 5, 9, 9)
    with torch.no_grad():
        for given, expected in (((x,), conv(x)), ((x, other), conv(x) + other)):
            after = torch.nn.functional.leaky_relu(expected, slope)
            torch.testing.assert_close(packed(*given), after, rtol=0, atol=1e-5)
