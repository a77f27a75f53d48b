"""Events against a count frame by frame, written apart, and the traps that other counts fall in."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from zoo.engine.seed import generator
from zoo.errors import BadInput
from zoo.metrics.trigger_word_events import Point, at_rate, crossings, events, match, sweep

SECONDS = 0.125  # exact in binary: the slow count may compare times


def slow_events(probability, seconds, threshold, refractory):
    """Frame by frame, as a listener at a microphone would."""
    found, on = [], False
    for frame, p in enumerate(probability):
        time = (frame + 1) * seconds
        rises, on = p >= threshold and not on, p >= threshold
        if rises and (not found or time - found[-1] >= refractory - 1e-9):
            found.append(time)
    return found


def most_pairs(detected, ends, window):
    """Size of the largest matching, by scipy."""
    if not detected or not ends:
        return 0
    near = [[end - window[0] <= d <= end + window[1] for end in ends] for d in detected]
    return int((maximum_bipartite_matching(csr_array(np.array(near, int))) >= 0).sum())


levels = st.integers(0, 8).map(lambda n: n / 8)
tracks = st.lists(levels, max_size=60)
times = st.lists(st.integers(0, 64).map(lambda n: n / 8), max_size=12)


@settings(max_examples=100, deadline=None)
@given(tracks, levels, st.sampled_from([0.0, 0.125, 0.3, 0.5, 1.0, 4.0]))
def test_events_are_those_of_a_slow_count(track, threshold, refractory):
    found = events(torch.tensor(track), SECONDS, threshold, refractory)
    assert found.tolist() == slow_events(track, SECONDS, threshold, refractory)


@settings(max_examples=60, deadline=None)
@given(st.lists(tracks, max_size=4), st.sets(levels, min_size=1), st.integers(1, 9))
def test_all_recordings_and_thresholds_at_once_are_each_alone(all_tracks, thresholds, quiet):
    thresholds = sorted(thresholds)
    recordings = [torch.tensor(track, dtype=torch.float32) for track in all_tracks]
    rows, frames = crossings(recordings, torch.tensor(thresholds), quiet)
    for k, threshold in enumerate(thresholds):
        for n, track in enumerate(all_tracks):
            mine = frames[rows == k * len(all_tracks) + n]
            assert (mine + 1).tolist() == slow_events(track, 1, threshold, quiet)


@settings(max_examples=150, deadline=None)
@given(times, times, st.sampled_from([(0.5, 1.0), (0.0, 0.0), (-0.25, 2.0), (0.25, 0.25)]))
def test_match_pairs_as_many_as_there_can_be(detected, ends, window):
    hits, missed, alarms = match(detected, ends, window)
    assert len(hits) == most_pairs(detected, ends, window)
    for word, time in hits:
        assert ends[word] - window[0] <= detected[time] <= ends[word] + window[1]
    assert sorted([word for word, _ in hits] + missed) == list(range(len(ends)))
    assert sorted([time for _, time in hits] + alarms) == list(range(len(detected)))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(tracks, times), min_size=1, max_size=4),
    st.sampled_from([(0.5, 1.0), (0.0, 0.375)]),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_a_sweep_counts_what_events_and_match_count(recordings, window, refractory):
    probabilities = [torch.tensor(track, dtype=torch.float32) for track, _ in recordings]
    ends = [each for _, each in recordings]
    thresholds = [n / 16 for n in range(1, 17)]
    settings = {"refractory": refractory, "window": window, "hours": 2.0}
    curve = sweep(probabilities, ends, SECONDS, thresholds=thresholds, **settings)
    for point, threshold in zip(curve, thresholds, strict=True):
        missed = alarms = 0
        for track, words in recordings:
            detected = slow_events(track, SECONDS, threshold, refractory)
            hits = most_pairs(detected, words, window)
            missed, alarms = missed + len(words) - hits, alarms + len(detected) - hits
        words = sum(map(len, ends))
        assert point == Point(threshold, words, missed, alarms, 2.0)


# ---- traps --------------------------------------------------------------------------------------


def track_of(*bursts, length=400):
    track = torch.zeros(length)
    for start, frames in bursts:
        track[start : start + frames] = 0.9
    return track


def test_three_bursts_are_three_events_however_many_frames_they_have():
    track = track_of((50, 10), (150, 5), (300, 20))
    assert len(events(track, 0.1, 0.5)) == 3
    (point,) = sweep([track], [[]], 0.1, thresholds=[0.5])
    assert point.alarms == 3


def test_a_second_trigger_hides_no_miss():
    track = track_of((50, 3), (62, 3))  # both within the window of the first word
    (point,) = sweep([track], [[5.0, 20.0]], 0.1, thresholds=[0.5], window=(0.5, 2.0))
    assert (point.missed, point.alarms, point.misses) == (1, 1, 50.0)


def test_a_step_is_timed_at_its_end_without_rounding():
    track = track_of((99_999, 1), length=100_000)
    assert events(track, 0.01, 0.5).tolist() == [1000.0]


def test_zeros_miss_everything_and_never_alarm():
    for point in sweep([torch.zeros(1000)], [[3.0, 50.0]], 0.1):
        assert (point.misses, point.alarms) == (100.0, 0)


def test_always_on_misses_everything_too():
    (point,) = sweep([torch.ones(36_000)], [[3.0, 50.0]], 0.1, thresholds=[0.5])
    assert (point.misses, point.alarms, point.per_hour) == (100.0, 1, 1.0)


def test_a_perfect_output_is_perfect():
    track = track_of((50, 8), (200, 8))
    point = at_rate(sweep([track], [[4.9, 19.9]], 0.1), 0.0)
    assert (point.misses, point.alarms) == (0.0, 0)
    assert point.threshold == pytest.approx(0.9, abs=0.01)  # the highest that does it


def test_noise_has_the_alarms_that_its_rate_of_crossings_promises():
    noise = torch.rand(200_000, generator=generator(0, "noise"))
    (point,) = sweep([noise], [[]], 0.1, thresholds=[0.999], refractory=0.0)
    expected = 200_000 * 0.001 * 0.999
    assert abs(point.alarms - expected) < 4 * expected**0.5
    low, high = point.per_hour_interval()
    assert low < expected / point.hours < high


def test_the_rate_asked_for_is_kept_with_the_fewest_misses():
    curve = tuple(Point(t, 10, m, a, 2.0) for t, m, a in [(0.1, 0, 9), (0.5, 2, 2), (0.9, 7, 0)])
    assert at_rate(curve, 1.0).threshold == 0.5
    assert at_rate(curve, 0.9).threshold == 0.9
    assert at_rate(curve, 100).threshold == 0.1
    with pytest.raises(BadInput, match="at most 1 false alarms per hour; the least is 4.5"):
        at_rate(curve[:1], 1.0)


def test_background_alone_can_be_counted():
    (point,) = sweep([torch.zeros(10)], [[]], 0.1, thresholds=[0.5])
    assert math.isnan(point.misses)
    assert point.to_json()["misses"] is None
    assert "no words" in str(point)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (lambda: events(torch.tensor([0.1, math.nan]), 0.1, 0.5), "and finite"),
        (lambda: events(torch.zeros(2, 3), 0.1, 0.5), r"\(T,\)"),
        (lambda: events(torch.zeros(3), 0.0, 0.5), "seconds must be above 0"),
        (lambda: sweep([torch.zeros(3)], [], 0.1), "1 recordings, but words for 0"),
        (lambda: sweep([], [], 0.1), "got 0 hours|got 0.0 hours"),
    ],
)
def test_what_cannot_be_counted_is_refused(words, said):
    with pytest.raises(BadInput, match=said):
        words()
