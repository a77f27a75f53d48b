"""One-shot trials: each question has exactly one right candidate, and no image stands twice."""

import pytest
import torch

from zoo.data.image.identities.trials import Trial, drawn_trials

LABELS = torch.arange(30).repeat_interleave(3)


def test_drawn_trials_ask_for_another_image_of_a_candidate():
    trials = drawn_trials(LABELS, ways=5, runs=4)
    assert len(trials) == 4
    for one in trials:
        assert len(LABELS[one.support].unique()) == 5
        assert LABELS[one.query].equal(LABELS[one.support[one.answer]])
        assert not set(one.query.tolist()) & set(one.support.tolist())


def test_they_are_always_the_same_and_follow_the_seed():
    first, again, other = (drawn_trials(LABELS, seed=s)[0].support for s in (0, 0, 1))
    assert first.equal(again)
    assert not first.equal(other)


def test_groups_stay_together_and_single_images_stay_out():
    labels = torch.tensor([0, 0, 1, 1, 2, 3, 3, 4, 4])
    trials = drawn_trials(labels, ways=9, runs=2, groups=[[0, 1, 2], [3, 4], [2]])
    assert [len(one.support) for one in trials] == [2, 2, 2, 2]
    assert {int(x) for one in trials[:2] for x in labels[one.support]} == {0, 1}
    assert {int(x) for one in trials[2:] for x in labels[one.support]} == {3, 4}


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="support"):
        Trial(torch.zeros(2).long(), torch.zeros(3).long(), torch.zeros(2).long())
