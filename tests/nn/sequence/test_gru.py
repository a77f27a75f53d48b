"""The fast GRU against nn.GRU, the unrolled cell and finite differences; how it may be used."""

import copy
import re

import pytest
import torch
from torch import nn

from zoo.errors import BadInput
from zoo.nn.sequence.gru import FusedGRU
from zoo.nn.sequence.recurrent import Recurrent

N, T, D, H, LAYERS = 3, 6, 4, 5, 2
BOTH = pytest.mark.parametrize("after", [True, False], ids=["reset after", "reset before"])


def fused(after, **options):
    torch.manual_seed(0)
    return FusedGRU(D, H, LAYERS, reset_after=after, **options).double()


def given(steps=T):
    torch.manual_seed(1)
    x, h0 = torch.randn(N, steps, D).double(), torch.randn(LAYERS, N, H).double()
    return x.requires_grad_(), h0.requires_grad_()


def everything(of, x, h0):
    """Outputs, final states, and the gradients of a weighting that no symmetry forgives."""
    output, h_n = of(x, h0)
    loss = sum(
        (part * torch.arange(part.numel()).view_as(part).double().sin()).sum()
        for part in (output, h_n)
    )
    return [output, h_n, *torch.autograd.grad(loss, [x, h0, *of.parameters()])]


def same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


@pytest.mark.parametrize("steps", [1, 3, 4, T])
@pytest.mark.parametrize("batch_first", [True, False])
def test_torchs_gru_with_torchs_weights(batch_first, steps):
    peer = nn.GRU(D, H, LAYERS, batch_first=batch_first).double()
    ours = fused(True, batch_first=batch_first)
    ours.load_state_dict(peer.state_dict())
    x, h0 = given(steps)
    x = x if batch_first else x.detach().transpose(0, 1).contiguous().requires_grad_()
    same(everything(ours, x, h0), everything(peer, x, h0))


@pytest.mark.parametrize("steps", [1, 3, 4, T])
@BOTH
def test_the_unrolled_cells(after, steps):
    ours = fused(after)
    peer = Recurrent("gru" if after else "gru_reset_before", D, H, LAYERS).double()
    peer.load_state_dict(ours.state_dict())
    x, h0 = given(steps)
    same(everything(ours, x, h0), everything(peer, x, h0))


@BOTH
def test_float32_too(after):
    ours = fused(after)
    x, h0 = given()
    exact = everything(ours, x, h0)
    single = everything(ours.float(), x.float(), h0.float())
    for a, b in zip(single, exact, strict=True):
        torch.testing.assert_close(a.double(), b, rtol=1e-5, atol=1e-5)


@BOTH
def test_finite_differences(after):
    torch.manual_seed(0)
    ours = FusedGRU(2, 2, reset_after=after).double()
    x, h0 = torch.randn(2, 3, 2).double(), torch.randn(1, 2, 2).double()
    leaves = [x.requires_grad_(), h0.requires_grad_(), *ours.parameters()]
    assert torch.autograd.gradcheck(lambda x, h0, *weights: ours(x, h0), leaves)


@BOTH
def test_gradients_of_gradients_are_refused(after):
    x, h0 = given()
    with pytest.raises(BadInput, match="no gradients of gradients"):
        torch.autograd.grad(fused(after)(x, h0)[0].sum(), x, create_graph=True)


@BOTH
def test_from_zeros_by_default_and_the_state_carries_over(after):
    ours = fused(after)
    x, h0 = given()
    assert torch.equal(ours(x)[0], ours(x, torch.zeros_like(h0))[0])
    whole, end = ours(x, h0)
    start, middle = ours(x[:, :2], h0)
    rest, last = ours(x[:, 2:], middle)
    same([torch.cat([start, rest], 1), last], [whole, end])


@BOTH
def test_without_gradients_it_is_the_same(after):
    ours = fused(after).eval()
    x, h0 = given()
    expected = ours(x, h0)[0].detach()
    with torch.no_grad():
        assert torch.equal(ours(x, h0)[0], expected)
    with torch.inference_mode():
        assert torch.equal(ours(x, h0)[0], expected)


@BOTH
def test_what_needs_no_gradient_gets_none(after):
    """Token vectors that are frozen; weights that are."""
    ours = fused(after)
    x, h0 = given()
    slopes = everything(ours, x, h0)[4:]
    ours(x.detach())[0].sum().backward()  # runs, without one for x
    ours.zero_grad()
    ours.weight_ih_l0.requires_grad_(False)
    output, h_n = ours(x.detach(), h0.detach())
    (output * torch.arange(output.numel()).view_as(output).double().sin()).sum().backward(
        retain_graph=True
    )
    (h_n * torch.arange(h_n.numel()).view_as(h_n).double().sin()).sum().backward()
    assert ours.weight_ih_l0.grad is None
    same([p.grad for p in list(ours.parameters())[1:]], slopes[1:])


def test_dropout_between_layers_as_torch_draws_it():
    peer = nn.GRU(D, H, LAYERS, batch_first=True, dropout=0.5).double()
    ours = fused(True, dropout=0.5)
    ours.load_state_dict(peer.state_dict())
    x, h0 = given()
    results = []
    for one in (peer, ours):
        torch.manual_seed(3)
        results.append(everything(one, x, h0))
    same(*results)
    torch.manual_seed(4)
    assert not torch.equal(ours(x, h0)[0], results[0][0])
    same(ours.eval()(x, h0), peer.eval()(x, h0))


def test_an_output_that_is_changed_in_place_is_noticed():
    x, h0 = given()
    output, _ = fused(True)(x, h0)
    output.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()


@BOTH
def test_in_other_layouts_of_memory(after):
    ours = fused(after)
    x, h0 = given()
    wide = x.detach().transpose(1, 2).contiguous().transpose(1, 2)
    repeated = x.detach()[:1].expand(N, T, D)
    for odd in (wide, repeated):
        same(ours(odd, h0), ours(odd.contiguous(), h0))


@BOTH
def test_copies_and_mixed_precision(after):
    ours = fused(after).float()
    x, h0 = (part.detach().float() for part in given())
    twin = copy.deepcopy(ours)
    assert torch.equal(twin(x, h0)[0], ours(x, h0)[0])
    with torch.autocast("cpu", torch.bfloat16):
        output, _ = ours(x.bfloat16(), h0)
    assert output.dtype == torch.float32
    torch.testing.assert_close(output, ours(x, h0)[0], rtol=0, atol=0.02)


@pytest.mark.long
@BOTH
@pytest.mark.filterwarnings("ignore:The tensor attributes .*_flat_weights:UserWarning")
def test_export_gives_the_same(after):
    """The warning is torch's, for any nn.GRU."""
    ours = fused(after).eval()
    x, h0 = (part.detach() for part in given())
    exported = torch.export.export(ours, (x, h0)).module()
    same(exported(x, h0), ours(x, h0))


@BOTH
def test_compile_gives_the_same(after):
    """By the eager backend: what is tested is that the steps are called as they are."""

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru, self.out = fused(after), nn.Linear(H, 2).double()

        def forward(self, x):
            return self.out(self.gru(x)[0])

    net, (x, _) = Net(), given()
    same([torch.compile(net, backend="eager")(x)], [net(x)])
    torch.compiler.reset()


@pytest.mark.parametrize(
    ("x", "h0", "message"),
    [
        ((N, D), None, "x must be (N, T, 4), got (3, 4)"),
        ((N, T, 7), None, "x must be (N, T, 4), got (3, 6, 7)"),
        ((N, 0, D), None, "at least one step"),
        ((N, T, D), (1, N, H), "h0 must be (2, 3, 5) (layers, N, H), got (1, 3, 5)"),
    ],
)
def test_wrong_shapes(x, h0, message):
    with pytest.raises(BadInput, match=re.escape(message)):
        fused(True)(torch.zeros(x).double(), h0 and torch.zeros(h0).double())


def test_an_empty_batch_and_what_print_shows():
    output, h_n = fused(False)(torch.zeros(0, T, D).double())
    assert output.shape == (0, T, H)
    assert h_n.shape == (LAYERS, 0, H)
    assert repr(fused(False)).endswith("num_layers=2, batch_first=True, reset_after=False)")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@BOTH
def test_on_a_gpu(after):
    ours = fused(after)
    x, h0 = given()
    expected = everything(ours, x, h0)
    on = [part.detach().cuda().requires_grad_() for part in (x, h0)]
    gpu = copy.deepcopy(ours).cuda()
    for training in (True, False):  # cuDNN gives no gradients in eval mode
        gpu.train(training)
        same([part.cpu() for part in everything(gpu, *on)], expected)
