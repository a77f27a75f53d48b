"""The CRF: brute force over all sequences, pytorch-crf, gradients, padding."""

from itertools import pairwise, product

import pytest
import torch

from zoo.nn.sequence.crf import CRF, Lattice
from zoo.ops.tags import forbidden

TAGS = ("O", "B-x", "I-x", "B-y")


def made(seed=0, tags=4, lengths=(5, 3, 1), banned=False, learn=True):
    torch.manual_seed(seed)
    crf = CRF(tags, learn=learn).double()
    for parameter in crf.parameters():
        torch.nn.init.normal_(parameter)
    if banned:
        crf.forbid(forbidden(TAGS))
    e = torch.randn(len(lengths), max(lengths), tags, dtype=torch.float64)
    return crf, e, torch.tensor(lengths)


def by_hand(crf, e, y):
    """s(y) of one sentence without padding, term by term."""
    a, A, b = crf.scores(e)
    value = a[y[0]] + b[y[-1]] + sum(e[t, k] for t, k in enumerate(y))
    return value + sum(A[i, j] for i, j in pairwise(y))


def everything(crf, e):
    """All sequences of one sentence, and their scores."""
    every = list(product(range(e.shape[1]), repeat=len(e)))
    return every, torch.stack([by_hand(crf, e, y) for y in every])


@pytest.mark.parametrize("options", [{}, {"banned": True}, {"learn": False}, {"tags": 1}])
def test_log_z_viterbi_and_marginals_are_those_of_all_sequences(options):
    crf, e, lengths = made(**options)
    with torch.no_grad():
        z, (best, path) = crf.log_z(e, lengths), crf.viterbi(e, lengths)
        marginal = crf.marginals(e, lengths).exp()
        for n, length in enumerate(lengths.tolist()):
            every, scores = everything(crf, e[n, :length])
            assert (z[n] - scores.logsumexp(0)).abs() < 1e-10
            assert (best[n] - scores.max()).abs() < 1e-10
            assert tuple(path[n, :length].tolist()) == every[int(scores.argmax())]
            assert not path[n, length:].any()
            p = scores.softmax(0)
            for t, k in product(range(length), range(e.shape[2])):
                right = sum(p[i] for i, y in enumerate(every) if y[t] == k)
                assert (marginal[n, t, k] - right).abs() < 1e-10


def test_the_loss_is_minus_log_p_and_ignores_what_stands_in_the_padding():
    crf, e, lengths = made()
    tags = torch.randint(0, 4, e.shape[:2])
    with torch.no_grad():
        loss = crf.nll(e, tags, lengths)
        for n, length in enumerate(lengths.tolist()):
            y = tags[n, :length].tolist()
            right = everything(crf, e[n, :length])[1].logsumexp(0) - by_hand(crf, e[n], y)
            assert (loss[n] - right).abs() < 1e-10
        tags[1, 3:], e[1, 3:] = 7, 1e3
        assert torch.equal(crf.nll(e, tags, lengths), loss)


def test_a_sentence_gives_the_same_alone_and_in_any_batch():
    crf, e, lengths = made(lengths=(2, 7, 4))
    with torch.no_grad():
        together = crf.marginals(e, lengths), *crf.viterbi(e, lengths)
        for n, length in enumerate(lengths.tolist()):
            one = e[n : n + 1, :length], lengths[n : n + 1]
            alone = crf.marginals(*one), *crf.viterbi(*one)
            for a, b in zip(alone, together, strict=True):
                part = b[n, :length] if b.dim() > 1 else b[n]
                assert torch.allclose(a[0].double(), part.double(), atol=1e-10)


def test_it_agrees_with_pytorch_crf():
    torchcrf = pytest.importorskip("torchcrf")
    crf, e, lengths = made(lengths=(6, 2, 4))
    theirs = torchcrf.CRF(4, batch_first=True).double()
    tags = torch.randint(0, 4, e.shape[:2])
    mask = torch.arange(6)[None] < lengths[:, None]
    with torch.no_grad():
        theirs.transitions.copy_(crf.transitions)
        theirs.start_transitions.copy_(crf.start)
        theirs.end_transitions.copy_(crf.end)
        log_p = theirs(e, tags, mask=mask, reduction="none")
        assert torch.allclose(crf.nll(e, tags, lengths), -log_p, atol=1e-10)
        path = crf.viterbi(e, lengths)[1]
        assert theirs.decode(e, mask=mask) == [
            row[:n] for row, n in zip(path.tolist(), lengths.tolist(), strict=True)
        ]


@pytest.mark.parametrize("banned", [False, True])
def test_gradients(banned):
    crf, e, lengths = made(lengths=(3, 2), banned=banned)
    tags = torch.tensor([[1, 2, 0], [0, 3, 0]])
    e.requires_grad_()
    assert torch.autograd.gradcheck(lambda e, *_: crf.nll(e, tags, lengths), (e, *crf.parameters()))
    (slope,) = torch.autograd.grad(crf.log_z(e, lengths).sum(), e)  # the marginals
    inside = (torch.arange(3)[None] < lengths[:, None])[:, :, None]
    assert torch.allclose(slope, crf.marginals(e, lengths).exp() * inside, atol=1e-10)


def test_what_is_forbidden_has_no_probability_and_is_never_chosen():
    crf, e, lengths = made(banned=True)
    with torch.no_grad():
        e[:, :, 2] += 50  # I-x everywhere, were it allowed
        _, path = crf.viterbi(e, lengths)
        assert path[0].tolist() == [1, 2, 2, 2, 2]
        assert path[2, 0] != 2
        assert crf.marginals(e, lengths)[:, 0, 2].exp().max() == 0
        assert crf.nll(e, torch.full((3, 5), 2), lengths).min() > 5_000


def test_without_learning_it_is_a_softmax_of_each_word():
    crf, e, lengths = made(learn=False)
    assert list(crf.parameters()) == []
    tags = torch.randint(0, 4, e.shape[:2])
    each = torch.nn.functional.cross_entropy(e.flatten(0, 1), tags.flatten(), reduction="none")
    inside = torch.arange(5)[None] < lengths[:, None]
    right = (each.view(3, 5) * inside).sum(1)
    assert torch.allclose(crf.nll(e, tags, lengths), right, atol=1e-10)
    assert torch.equal(crf.viterbi(e, lengths)[1], e.argmax(2) * inside)


@pytest.mark.parametrize("banned", [False, True])
def test_the_probability_of_a_piece_is_the_sum_over_what_is_around_it(banned):
    crf, e, lengths = made(lengths=(5, 3), banned=banned)
    tags = torch.tensor([[0, 1, 2, 3, 0], [1, 0, 3, 0, 0]])
    pieces = [(0, 1, 2), (0, 0, 4), (0, 4, 4), (1, 0, 0), (1, 1, 2)]  # row, first, last
    with torch.no_grad():
        lattice = Lattice(crf, e, tags, lengths)
        found = lattice.log_p(*torch.tensor(pieces).t()).exp()
        for (row, first, last), p in zip(pieces, found, strict=True):
            every, scores = everything(crf, e[row, : lengths[row]])
            shares, piece = scores.softmax(0), tags[row, first : last + 1].tolist()

            def total(first, wanted, every=every, shares=shares):
                end = first + len(wanted)
                same = [list(y[first:end]) == wanted for y in every]
                return shares[torch.tensor(same)].sum()

            assert (p - total(first, piece)).abs() < 1e-10
            if last + 1 < lengths[row]:
                for then in range(4):
                    where = (torch.tensor([value]) for value in (row, first, last, then))
                    more = lattice.continued(*where).exp()
                    assert (more - total(first, [*piece, then])).abs() < 1e-10


def test_long_sentences_stay_finite():
    torch.manual_seed(0)
    crf, e = CRF(3), 100 * torch.randn(1, 800, 3)
    with torch.no_grad():
        found = crf.marginals(e, torch.tensor([800]))
    assert torch.isfinite(found).all()
    assert torch.allclose(found.logsumexp(2), torch.zeros(1, 800), atol=0.2)


@pytest.mark.parametrize("lengths", [[0, 3], [2, 6], [2], [1.0, 2.0]])
def test_lengths_that_do_not_go_with_the_emissions(lengths):
    with pytest.raises(ValueError, match="lengths"):
        CRF(2).viterbi(torch.zeros(2, 5, 2), torch.tensor(lengths))


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"tags must be \(1, 5\)"):
        CRF(2).nll(torch.zeros(1, 5, 2), torch.zeros(1, 4).long(), torch.tensor([5]))
    with pytest.raises(ValueError, match=r"must be \(3, 2\), got \(2, 2\)"):
        CRF(2).forbid([[False, True], [False, False]])
