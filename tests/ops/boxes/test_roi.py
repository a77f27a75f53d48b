"""RoI pool and align: the readable ones are torchvision's to 1e-10; what would crash is refused."""

import math
import subprocess
import sys
from itertools import product

import pytest
import torch
import torchvision.ops as peer

from zoo.errors import BadInput
from zoo.ops.boxes.roi import plain_roi_align, plain_roi_pool, roi_align, roi_pool

FEATURES = torch.randn(2, 3, 9, 13, generator=torch.Generator().manual_seed(0)).double()
ODD = [  # number of the image, box in pixels of an input that is 4 times as large
    [0, 0, 0, 52, 36],  # all of it
    [1, 8, 4, 30, 20],
    [1, 7.3, 5.9, 31.4, 18.2],
    [0, 10, 10, 10, 10],  # a point
    [0, 10, 10, 12, 11],  # within a pixel of the map
    [1, -30, -20, 20, 10],  # partly outside
    [0, 40, 30, 90, 80],
    [0, -90, -90, -50, -50],  # outside
    [1, 60, 50, 99, 99],
    [0, 30, 20, 10, 5],  # turned inside out
    [1, -6, -6, 2, 2],  # halves are rounded away from 0
    [1, 6, 6, 10, 18],
]
ROIS = torch.tensor(ODD).double()
SIZES = [(1, 1), (2, 3), (7, 7)]


def drawn(number=30):
    rng = torch.Generator().manual_seed(1)
    boxes = 80 * torch.rand(number, 4, generator=rng).double() - 15
    boxes[:, 2:] = boxes[:, :2] + boxes[:, 2:].abs()
    images = torch.randint(0, 2, (number, 1), generator=rng)
    return torch.cat([images, boxes], 1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rois", [ROIS, drawn()], ids=["odd", "drawn"])
def test_pooling_is_torchvisions(size, rois):
    ours = plain_roi_pool(FEATURES, rois, size, 0.25)
    theirs = peer.roi_pool(FEATURES, rois, size, 0.25)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)
    assert torch.equal(roi_pool(FEATURES, rois, size, 0.25), theirs)


@pytest.mark.parametrize(("samples", "aligned"), [*product([0, 1, 2, 3], [True, False])])
def test_aligning_is_torchvisions(samples, aligned):
    for size, rois in product(SIZES, [ROIS, drawn()]):
        ours = plain_roi_align(FEATURES, rois, size, 0.25, samples=samples, aligned=aligned)
        theirs = peer.roi_align(FEATURES, rois, size, 0.25, samples, aligned)
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)
        fast = roi_align(FEATURES, rois, size, 0.25, samples=samples, aligned=aligned)
        assert torch.equal(fast, theirs)


def test_by_hand():
    ramp = torch.arange(6.0).repeat(4, 1)[None, None]  # the value is the column
    whole = torch.tensor([[0.0, 0, 0, 6, 4]])
    aligned = plain_roi_align(ramp, whole, (1, 3), samples=2)
    torch.testing.assert_close(aligned[0, 0], torch.tensor([[0.5, 2.5, 4.5]]))  # centres of pixels
    inside = torch.tensor([[0.0, 1, 0, 4, 3]])
    assert plain_roi_pool(ramp, inside, (1, 2)).tolist() == [[[[2, 4]]]]  # columns 1-2 and 3-4
    old = plain_roi_align(ramp, inside, (1, 1), samples=1, aligned=False)
    assert old.item() == pytest.approx(2.5)


@pytest.mark.parametrize("plain", [plain_roi_pool, plain_roi_align])
def test_gradients_are_torchvisions(plain):
    fast = roi_pool if plain is plain_roi_pool else roi_align
    grads = []
    for function in (plain, fast):
        features = FEATURES.clone().requires_grad_()
        function(features, ROIS, (2, 3), 0.25).square().sum().backward()
        grads.append(features.grad)
    torch.testing.assert_close(*grads, rtol=0, atol=1e-10)


def test_no_regions_and_single_precision():
    for either in (plain_roi_pool, plain_roi_align, roi_pool, roi_align):
        assert either(FEATURES, torch.zeros(0, 5), (7, 7)).shape == (0, 3, 7, 7)
        assert either(FEATURES.float(), ROIS, (2, 2), 0.25).dtype == torch.float32
        assert either(FEATURES, ROIS.float(), (2, 2), 0.25).dtype == torch.float64


BAD = [
    [2, 0, 0, 9, 9],  # there are two images
    [-1, 0, 0, 9, 9],
    [0.5, 0, 0, 9, 9],
    [1e9, 0, 0, 9, 9],
    [math.nan, 0, 0, 9, 9],
    [0, math.nan, 0, 9, 9],
    [0, 0, 0, math.inf, 9],
    [0, -math.inf, 0, 9, 9],
    [0, 0, 0, 1e9, 1e9],  # would be sampled at a place for each pixel
]


def test_what_would_crash_raises_and_the_process_lives():
    """All cases in one process of its own: torchvision's kernels die of some of them."""
    lines = f"""
import torch
from math import inf, nan
from zoo.errors import BadInput
from zoo.ops.boxes.roi import plain_roi_align, plain_roi_pool, roi_align, roi_pool
features = torch.zeros(2, 3, 9, 13)
for bad in {BAD}:
    for function in (plain_roi_align, plain_roi_pool, roi_align, roi_pool):
        try:
            function(features, torch.tensor([[0.0, 0, 0, 9, 9], bad]), (7, 7))
        except BadInput as error:
            assert "got region 1" in str(error), error
        else:
            raise SystemExit(f"{{bad}} passes {{function.__name__}}")
print("alive")
"""
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")


@pytest.mark.parametrize("either", [plain_roi_pool, plain_roi_align, roi_pool, roi_align])
def test_other_shapes_are_refused(either):
    with pytest.raises(BadInput, match=r"features must be \(N, C, H, W\)"):
        either(FEATURES[0], ROIS, (7, 7))
    with pytest.raises(BadInput, match=r"regions \(K, 5\)"):
        either(FEATURES, ROIS[:, 1:], (7, 7))
    with pytest.raises(BadInput, match="must have 1 row and column or more"):
        either(FEATURES, ROIS, (7, 0))
    with pytest.raises(BadInput, match="scale must be finite and above 0"):
        either(FEATURES, ROIS, (7, 7), math.nan)
