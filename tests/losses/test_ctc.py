"""CTC's own recursion against brute force and torch; the traps of the fused loss."""

import math

import pytest
import torch
import torch.nn.functional as F

from tests.helpers.brute_ctc import emissions, labellings, path_scores
from zoo.errors import BadInput
from zoo.losses.ctc import ctc_forward_backward, ctc_loss, infeasible

TARGETS = [[1, 2, 2], [3], [], [4, 4, 4, 1]]
LENGTHS = [9, 5, 7, 7]  # the last has exactly the frames it needs


def torchs(logits, targets, lengths, blank=0):
    flat = torch.tensor([c for row in targets for c in row], dtype=torch.long)
    log_p = logits.log_softmax(2).transpose(0, 1)
    sizes = [len(row) for row in targets]
    return F.ctc_loss(log_p, flat, lengths, sizes, blank=blank, reduction="none")


def logits(*shape, seed=0):
    source = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=source, dtype=torch.float64).requires_grad_()


@pytest.mark.parametrize("blank", [0, 2])
def test_the_loss_of_every_labelling_is_the_sum_over_its_paths(blank):
    """T = 6, V = 5: all 15,625 paths; every seventh labelling, and all probabilities sum to 1."""
    log_p = emissions(6, 5, seed=3)
    brute = labellings(log_p, blank)
    assert sum(map(math.exp, brute.values())) == pytest.approx(1)
    asked = list(brute)[::7]
    batch = log_p.expand(len(asked), 6, 5)
    own = ctc_forward_backward(batch, asked, blank=blank).loss
    fused = ctc_loss(batch, asked, blank=blank, reduction="none")
    expected = -torch.tensor([brute[labels] for labels in asked], dtype=torch.float64)
    assert torch.allclose(own, expected, atol=1e-10, rtol=0)
    assert torch.allclose(fused, expected, atol=1e-10, rtol=0)


def test_posteriors_are_the_shares_of_the_paths_that_pass_there():
    log_p = emissions(5, 4, seed=1)
    scores, paths, groups = path_scores(log_p)
    for labels in [(1,), (2, 2), (3, 1, 2), ()]:
        ours = ctc_forward_backward(log_p[None], [labels]).posteriors[0]
        which = groups[labels]
        share = scores[which].softmax(0)
        expected = (F.one_hot(paths[which], 4) * share[:, None, None]).sum(0)
        assert torch.allclose(ours, expected, atol=1e-12)


@pytest.mark.parametrize("blank", [0, 5])
def test_loss_and_gradient_are_torchs(blank):
    x = logits(4, 9, 6)
    theirs = torchs(x, TARGETS, LENGTHS, blank)
    theirs.sum().backward()
    own = ctc_forward_backward(x.log_softmax(2), TARGETS, LENGTHS, blank=blank)
    assert torch.allclose(own.loss, theirs, atol=1e-10, rtol=0)
    assert torch.allclose(own.gradient, x.grad, atol=1e-10, rtol=0)
    theirs_grad, x.grad = x.grad, None
    ctc_loss(x.log_softmax(2), TARGETS, LENGTHS, blank=blank).mul(4).backward()
    assert torch.allclose(x.grad, theirs_grad, atol=1e-10, rtol=0)


def test_in_float32_a_long_utterance_is_near_float64():
    x = logits(1, 400, 29, seed=5).detach()
    labels = [torch.randint(1, 29, (60,), generator=torch.Generator().manual_seed(1))]
    exact = ctc_forward_backward(x.log_softmax(2), labels)
    single = ctc_forward_backward(x.float().log_softmax(2), labels)
    assert single.loss.item() == pytest.approx(exact.loss.item(), rel=1e-5)
    assert (single.gradient - exact.gradient).abs().max() < 1e-3


def test_what_is_in_the_padding_changes_nothing():
    x = logits(4, 9, 6).detach().log_softmax(2)
    dirty, padded = x.clone(), torch.full((4, 6), 77)
    for n, (t, row) in enumerate(zip(LENGTHS, TARGETS, strict=True)):
        dirty[n, t:] = math.nan
        padded[n, : len(row)] = torch.tensor(row)
    sizes = torch.tensor([len(row) for row in TARGETS])
    clean, other = (ctc_forward_backward(y, TARGETS, LENGTHS) for y in (x, dirty))
    assert torch.equal(clean.loss, other.loss)
    both = (ctc_loss(y, padded, LENGTHS, sizes, reduction="none") for y in (x, dirty))
    assert torch.equal(*both)
    inside = torch.arange(9) < torch.tensor(LENGTHS)[:, None]
    assert torch.equal(clean.gradient[inside], other.gradient[inside])
    assert clean.gradient[~inside].abs().max() == 0
    for n, (t, row) in enumerate(zip(LENGTHS, TARGETS, strict=True)):  # and alone it is the same
        alone = ctc_forward_backward(x[n : n + 1, :t], [row])
        assert torch.allclose(alone.loss, clean.loss[n], atol=1e-12)


def test_too_few_frames_are_counted_and_named():
    """L + repeats, not 2L + 1: aabbcc needs 9 frames, not 13."""
    aabbcc = [1, 1, 2, 2, 3, 3]
    x = logits(2, 9, 5).log_softmax(2)
    lines = infeasible([8, 9], [aabbcc, aabbcc], ["a.wav", "b.wav"])
    assert lines == ["a.wav: 8 frames, its 6 labels need 9"]
    with pytest.raises(BadInput, match="1 of 2 utterances have no path; the first: a.wav: 8 fram"):
        ctc_loss(x, [aabbcc, aabbcc], [8, 9], names=["a.wav", "b.wav"])
    assert infeasible([9, 0], [aabbcc, []]) == []
    padded = torch.tensor([aabbcc])
    assert infeasible([4], padded, target_lengths=[3]) == []
    assert infeasible([3], padded, target_lengths=[3]) == [
        "utterance 0: 3 frames, its 3 labels need 4"
    ]


def test_an_utterance_without_a_path_gives_no_nan_and_does_not_count():
    x = logits(3, 9, 5)
    targets, lengths = [[1, 1, 1], [1, 2], [2]], [4, 9, 6]
    loss = ctc_loss(x.log_softmax(2), targets, lengths, skip_infeasible=True)
    loss.backward()
    assert loss.item() == pytest.approx(torchs(x, targets, lengths)[1:].mean().item())
    assert x.grad.isfinite().all()
    assert x.grad[0].abs().max() == 0
    assert x.grad[1:].abs().max() > 0
    each = ctc_loss(x.log_softmax(2), targets, lengths, reduction="none", skip_infeasible=True)
    assert each.isinf().tolist() == [True, False, False]
    own = ctc_forward_backward(x.log_softmax(2), targets, lengths)
    assert own.loss.isinf().tolist() == [True, False, False]
    assert own.gradient[0].abs().max() == 0
    assert own.gradient.isfinite().all()


def test_a_batch_without_any_path_is_zero_with_a_gradient_of_zero():
    x = logits(2, 2, 5)
    loss = ctc_loss(x.log_softmax(2), [[1, 1], [2, 3, 4]], skip_infeasible=True)
    loss.backward()
    assert loss.item() == 0
    assert x.grad.abs().max() == 0


def test_empty_labellings_and_no_frames():
    x = logits(2, 6, 5).detach().log_softmax(2)
    blanks = -x[0, :, 0].sum()
    for targets in ([[], []], torch.zeros(2, 0, dtype=torch.long)):
        for loss in (ctc_loss(x, targets, [6, 0], reduction="none"),
                     ctc_forward_backward(x, targets, [6, 0]).loss):  # fmt: skip
            assert loss.tolist() == pytest.approx([blanks.item(), 0])
    nothing = x[:, :0]
    assert ctc_loss(nothing, [[], []]).item() == 0
    assert ctc_forward_backward(nothing, [[], [1]]).loss.tolist() == [0, math.inf]


def test_an_impossible_label_has_an_infinite_loss_and_no_nan_in_the_posteriors():
    log_p = torch.tensor([[0.5, 0.5, 0.0]] * 3, dtype=torch.float64).log()[None]
    found = ctc_forward_backward(log_p, [[2]])
    assert found.loss.item() == math.inf
    assert found.gradient.abs().max() == 0
    assert ctc_forward_backward(log_p, [[1]]).posteriors.isfinite().all()


def test_the_reductions_are_what_they_say():
    x = logits(4, 9, 6).detach().log_softmax(2)
    each = torchs(x, TARGETS, LENGTHS)
    assert torch.allclose(ctc_loss(x, TARGETS, LENGTHS, reduction="none"), each)
    assert torch.allclose(ctc_loss(x, TARGETS, LENGTHS), each.mean())
    assert torch.allclose(ctc_loss(x, TARGETS, LENGTHS, reduction="label"), each.sum() / 8)
    torch_mean = F.ctc_loss(x.transpose(0, 1), torch.tensor([1, 2, 2, 3, 4, 4, 4, 1]),
                            LENGTHS, [3, 1, 0, 4])  # fmt: skip
    assert not torch.allclose(ctc_loss(x, TARGETS, LENGTHS, reduction="label"), torch_mean)
    with pytest.raises(BadInput, match="must be one of utterance, label, none, got 'mean'"):
        ctc_loss(x, TARGETS, LENGTHS, reduction="mean")


@pytest.mark.parametrize("wrong", [7, 5, -1, 0])
def test_a_label_that_torch_would_read_out_of_bounds_is_refused(wrong):
    x = logits(1, 6, 5).log_softmax(2)
    for loss in (ctc_loss, ctc_forward_backward):
        with pytest.raises(BadInput, match=f"got {wrong} as label 1"):
            loss(x, [[1, wrong]])


def test_logits_are_refused():
    x = logits(2, 6, 5)
    assert torchs(x, [[1], [2]], [6, 6]).isfinite().all()
    with pytest.raises(BadInput, match="must add up to 1"):
        ctc_loss(x, [[1], [2]])
    with pytest.raises(BadInput, match="must add up to 1"):
        ctc_loss(x.log_softmax(1), [[1], [2]])  # over time


def test_lengths_that_do_not_fit_are_refused():
    x = logits(2, 6, 5).log_softmax(2)
    for lengths, message in [([6, 7], "from 0 to 6"), (torch.tensor([1.0, 0.5]), "integers")]:
        with pytest.raises(BadInput, match=message):
            ctc_loss(x, [[1], [2]], lengths)
    with pytest.raises(BadInput, match="2 utterances need as many labellings, got 1"):
        ctc_loss(x, [[1]])


def test_half_precision_is_computed_in_single():
    x = logits(2, 6, 5).detach().log_softmax(2)
    exact = ctc_loss(x, [[1], [2, 3]])
    for dtype in (torch.bfloat16, torch.float16):
        low = x.to(dtype).requires_grad_()
        loss = ctc_loss(low, [[1], [2, 3]])
        loss.backward()
        assert loss.dtype == torch.float32
        assert loss.item() == pytest.approx(exact.item(), abs=0.1)
        assert low.grad.dtype == dtype
