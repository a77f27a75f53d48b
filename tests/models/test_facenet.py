"""FaceNet of Inception-ResNet-v1: counts, the published names, parity with a forward by hand."""

from functools import partial

import pytest
import torch

from tests.helpers import facenet_peer
from tests.models import verifier_checks
from zoo.models.facenet import facenet
from zoo.nn.conv import TensorFlowConv
from zoo.registry import entry

SMALL = {"image_size": 75}  # the smallest that its convolutions leave a pixel
QUICK = [c for c in verifier_checks.ALL if c is not verifier_checks.check_export_and_compile]


@pytest.fixture(scope="module")
def pair():
    """The network with random weights in the published names, and these weights."""
    state = facenet_peer.state()
    model = facenet().eval()
    model.load_state_dict(state, strict=True)
    return model, state


def test_parameters():
    """As published: 27,910,327 and 28,907,599 with the logits of 8631 and 10575 people."""
    with torch.device("meta"):
        model = facenet()
    count = sum(p.numel() for p in model.parameters())
    assert count == 23_482_624
    assert count + 513 * 8631 == 27_910_327
    assert count + 513 * 10575 == 28_907_599
    assert len(model.state_dict()) == 714
    assert f"{count:,} parameters" in entry("facenet").summary


def test_names_and_shapes_are_those_of_the_published_files():
    with torch.device("meta"):
        ours = facenet().state_dict()
    theirs = facenet_peer.state()
    assert {k: (v.shape, v.dtype) for k, v in ours.items()} == {
        k: (v.shape, v.dtype) for k, v in theirs.items()
    }


@pytest.mark.parametrize("size", [75, pytest.param(160, marks=pytest.mark.long)])
@torch.no_grad()
def test_another_implementation_gives_the_same(pair, size):
    """In float64 to 1e-10, then in float32 to 1e-5."""
    model, state = pair
    pictures = torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(5)).double()
    expected = facenet_peer.forward({k: v.double() for k, v in state.items()}, pictures)
    assert (expected[0] - expected[1]).abs().max() > 1e-3  # the images are told apart
    assert (model.double()(pictures) - expected).abs().max() <= 1e-10
    assert (model.float()(pictures.float()) - expected).abs().max() <= 1e-5


@torch.no_grad()
def test_facenet_pytorch_gives_the_same(pair):
    """Their own code, where it is installed."""
    theirs = pytest.importorskip("facenet_pytorch", exc_type=ImportError).InceptionResnetV1()
    model, state = pair
    theirs.load_state_dict(state, strict=True)
    pictures = torch.randn(2, 3, 160, 160, generator=torch.Generator().manual_seed(6))
    assert (model(pictures) - theirs.eval()(pictures)).abs().max() <= 1e-6


def test_sizes_of_the_maps():
    """Fig. 14 for 160 pixels: 17, 8 and 3 where the paper's 299 have 35, 17 and 8."""
    with torch.device("meta"):
        model, x = facenet(), torch.zeros(1, 3, 160, 160)
        x = model.conv2d_1a(x)
        assert x.shape[1:] == (32, 79, 79)
        x = model.maxpool_3a(model.conv2d_2b(model.conv2d_2a(x)))
        x = model.conv2d_4b(model.conv2d_4a(model.conv2d_3b(x)))
        assert model.repeat_1(x).shape[1:] == (256, 17, 17)
        x = model.mixed_6a(x)
        assert model.repeat_2(x).shape[1:] == (896, 8, 8)
        x = model.mixed_7a(x)
        assert model.block8(model.repeat_3(x)).shape[1:] == (1792, 3, 3)


def test_deviations_that_the_docstring_names():
    with torch.device("meta"):
        model = facenet()
    assert (model.image_size, len(model.repeat_3), model.dropout.p) == (160, 5, 0.6)
    assert model.last_linear.bias is None
    assert {m.bn.eps for m in model.modules() if isinstance(m, TensorFlowConv.func)} == {1e-3}
    last = model.block8
    torch.manual_seed(0)
    x = torch.randn(1, 1792, 3, 3)
    block = type(last)(last=True).eval()
    with torch.no_grad():
        assert (block(x) < 0).any()  # no ReLU
        block.last = False
        assert (block(x) >= 0).all()


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.__name__)
def test_what_every_verifier_must_do(check):
    check(partial(facenet, embedding_dim=32, **SMALL), 3)


@pytest.mark.long
def test_export_and_compile():
    verifier_checks.check_export_and_compile(partial(facenet, **SMALL), 3)


@pytest.mark.long
def test_a_batch_is_learned_by_heart():
    """Three faces, two images each: every image comes nearer to its pair than to any other."""
    torch.manual_seed(0)
    model = facenet(dropout=0.0, **SMALL)
    pictures, owner = torch.rand(6, 3, 75, 75), torch.arange(6) % 3
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
    with pytest.raises(ValueError, match="image_size must be at least 75, got 74"):
        facenet(image_size=74)
