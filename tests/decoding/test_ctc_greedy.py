"""Best path decoding: collapse, lengths, frames."""

import pytest
import torch

from tests.helpers.brute_ctc import emissions, path_scores
from zoo.decoding.ctc_greedy import Span, best_path
from zoo.errors import BadInput
from zoo.ops.ctc import collapse


def frames(path, classes=4, sure=0.9):
    """Log-probabilities (T, V) whose best path this is."""
    p = torch.full((len(path), classes), (1 - sure) / (classes - 1), dtype=torch.float64)
    p[torch.arange(len(path)), torch.tensor(path)] = sure
    return p.log()


def test_repeats_merge_before_blanks_go():
    [found] = best_path(frames([1, 1, 0, 1, 2, 2, 0])[None])
    assert found.labels == (1, 1, 2)
    assert [span[:3] for span in found.spans] == [(1, 0, 1), (1, 3, 3), (2, 4, 5)]
    assert found.log_p == pytest.approx(7 * torch.tensor(0.9, dtype=torch.float64).log().item())


def test_label_zero_is_a_label_where_the_blank_is_another():
    [found] = best_path(frames([0, 0, 3, 0, 1])[None], blank=3)
    assert found.labels == (0, 0, 1)
    assert found.spans[0] == Span(0, 0, 1, pytest.approx(0.9))


@pytest.mark.parametrize("blank", [0, 4])
def test_it_is_the_collapsed_best_of_all_paths(blank):
    for seed in range(10):
        log_p = emissions(6, 5, seed=seed)
        scores, paths, _ = path_scores(log_p, blank)
        [found] = best_path(log_p[None], blank=blank)
        assert found.labels == tuple(collapse(paths[scores.argmax()].tolist(), blank))
        assert found.log_p == pytest.approx(scores.max().item())


def test_the_same_alone_and_in_a_batch_whatever_the_padding_holds():
    log_p = emissions(5, 30, 6, seed=2)
    lengths = torch.tensor([30, 0, 1, 17, 29])
    for n, t in enumerate(lengths):
        log_p[n, t:] = float("nan")
    together = best_path(log_p, lengths)
    assert together[1].spans == ()
    assert together[1].log_p == 0
    for n, t in enumerate(lengths.tolist()):
        assert together[n] == best_path(log_p[n : n + 1, :t])[0] if t else True


def test_confidence_is_the_mean_probability_of_the_labels_frames():
    log_p = emissions(1, 40, 3, seed=4, scale=3.0)
    [found] = best_path(log_p)
    assert len(found.spans) > 3
    for label, first, last, p in found.spans:
        assert p == pytest.approx(log_p[0, first : last + 1, label].exp().mean().item())


def test_no_frames_is_no_labels():
    assert best_path(torch.zeros(2, 0, 3))[1].labels == ()
    assert best_path(torch.zeros(0, 4, 3)) == []


def test_wrong_shapes_and_lengths_are_refused():
    with pytest.raises(BadInput, match=r"\(N, T, V\)"):
        best_path(torch.zeros(4, 3))
    with pytest.raises(BadInput, match="from 0 to 4"):
        best_path(torch.zeros(1, 4, 3), [5])
