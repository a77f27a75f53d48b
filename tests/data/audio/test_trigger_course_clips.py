"""The course's clips: its arithmetic, matplotlib's spectrum, nothing over another."""

import numpy as np
import pytest
import torch

from zoo.data.audio import trigger_course_clips as clips
from zoo.engine.seed import generator
from zoo.errors import BadInput

ONE_SECOND = clips.RATE


def test_the_arithmetic_of_the_assignment():
    assert clips.course_frames(441_000) == (clips.TIMES, clips.STEPS) == (5511, 1375)
    assert clips.power_spectrum(torch.zeros(441_000)).shape == (5511, clips.FREQUENCIES)
    with pytest.raises(BadInput, match="199 samples"):
        clips.power_spectrum(torch.zeros(199))


def test_the_spectrum_is_matplotlibs():
    mlab = pytest.importorskip("matplotlib.mlab")
    wave = torch.randn(3000, dtype=torch.float64, generator=generator(1)) + 0.3
    ours = clips.power_spectrum(wave).T.numpy()
    theirs, _, _ = mlab.specgram(wave.numpy(), NFFT=200, Fs=8000, noverlap=120)
    assert ours.shape == theirs.shape
    assert np.allclose(ours, theirs, rtol=1e-10, atol=1e-15)
    assert np.allclose(clips.power_spectrum(wave.float()).T.numpy(), theirs, rtol=1e-3, atol=1e-8)


@pytest.mark.parametrize(
    ("end", "first", "last"),
    [(0, 1, 50), (9_630, 1325, 1374), (9_700, 1334, 1374), (9_990, 1374, 1374)],
)
def test_ones_stand_on_the_fifty_steps_after_a_word(end, first, last):
    target = clips.label(torch.zeros(1375), end)
    assert target.nonzero()[:, 0].tolist() == list(range(first, last + 1))


def test_a_word_that_ends_with_the_clip_has_no_step_left():
    assert clips.label(torch.zeros(1375), 9_999).sum() == 0


@pytest.mark.parametrize(
    ("place", "other", "clash"),
    [((5, 10), (10, 12), True), ((5, 10), (11, 12), False), ((5, 10), (0, 5), True),
     ((5, 10), (0, 4), False), ((5, 10), (6, 7), True), ((6, 7), (5, 10), True)],
)  # fmt: skip
def test_places_overlap_if_they_share_a_millisecond(place, other, clash):
    assert clips.overlaps(place, [other]) is clash


def sounds():
    """Silence, and recordings that can be told apart by their size."""
    word, other = (torch.full((n * ONE_SECOND // 10,), x) for n, x in ((7, 0.5), (11, 0.25)))
    return torch.zeros(10 * ONE_SECOND), [word], [other]


def test_clips_have_words_that_do_not_touch_and_labels_where_they_end():
    counts = set()
    for seed in range(12):
        made = clips.make_example(*sounds(), generator(seed))
        again = clips.make_example(*sounds(), generator(seed))
        assert torch.equal(made.wave, again.wave)
        right = torch.zeros(clips.STEPS)
        for place in made.words:
            assert place[1] - place[0] + 1 == 700
            assert not clips.overlaps(place, [other for other in made.words if other != place])
            right = clips.label(right, place[1])
        assert torch.equal(made.target, right)
        counts.add(len(made.words))
        heights = (made.wave / made.wave.max()).unique() if made.words else torch.zeros(1)
        assert set(heights.tolist()) <= {0.0, 0.5, 1.0}  # one over another would be a third height
        if made.wave.any():
            level = 20 * made.wave.square().mean().sqrt().log10()
            assert abs(level + 20) < 1e-3
    assert counts >= {0, 1, 2, 3}
    assert max(counts) <= 4


def test_a_full_clip_ends_the_search_for_places():
    background, _, _ = sounds()
    long = [torch.full((8 * ONE_SECOND,), 0.5)]
    words = [len(clips.make_example(background, long, [], generator(n)).words) for n in range(12)]
    assert max(words) == 1  # a second one of 8 s has no place


def test_the_background_is_ten_times_softer():
    background = torch.randn(10 * ONE_SECOND, generator=generator(0))
    word = torch.zeros(4410)
    word[0] = 1.0
    for seed in range(5):
        made = clips.make_example(background, [word], [], generator(seed))
        if made.words:
            first = made.words[0][0] * ONE_SECOND // 1000
            loud = made.wave[first] / made.wave.norm() * (background / 10).norm()
            assert abs(loud - background[first] / 10 - 1) < 0.05
            return
    pytest.fail("no clip had a word")


@pytest.mark.parametrize(
    ("seconds", "words", "reason"),
    [
        (9, [1], "10 s|expected 441000"),
        (10, [], "0 recordings"),
        (10, [11], "longer than the clip"),
    ],
)
def test_what_makes_no_clip_is_said(seconds, words, reason):
    recordings = [torch.zeros(n * ONE_SECOND) for n in words]
    with pytest.raises(BadInput, match=reason):
        clips.make_example(torch.zeros(seconds * ONE_SECOND), recordings, [], generator(0))
