"""The threshold of a book: chosen on all pairs, its worth measured on people left out."""

import pytest
import torch

from zoo.errors import BadFile, BadInput
from zoo.faces.threshold import Threshold, fit


def line(a, b):
    """Vectors of one number: how far apart they are."""
    return (a - b.T).abs()


def made(values, owners):
    return torch.tensor(values)[:, None], torch.tensor(owners)


def test_three_groups_far_apart_have_no_errors():
    vectors = 5 * torch.eye(3).repeat_interleave(2, 0)
    vectors[::2] += 0.1
    owners = torch.arange(3).repeat_interleave(2)
    found = fit(vectors, owners, torch.cdist)
    assert 0.2 < found.value < 7
    assert (found.same_pairs, found.other_pairs) == (3, 12)
    assert (found.same_alone, found.other_alone) == (3, 3)
    assert (found.false_accept, found.false_reject, found.held_out) == (0, 0, True)
    assert (found.asked, found.named, found.misnamed, found.strangers) == (6, 6, 0, 0)
    nearest = 50**0.5 - 0.03**0.5
    assert found.least_margin == pytest.approx(nearest, abs=0.01)


def test_counts_equal_a_loop_over_all_pairs():
    draw = torch.Generator().manual_seed(0)
    owners = torch.randint(0, 6, (40,), generator=draw)
    vectors = owners[:, None].float() + torch.randn(40, 1, generator=draw)
    found = fit(vectors, owners, line, fixed=(0.8, "given"))
    accept = reject = same = other = named = misnamed = asked = strangers = 0
    for i in range(40):
        own, others = [], []
        for j in range(40):
            apart, alike = float((vectors[i] - vectors[j]).abs()), bool(owners[i] == owners[j])
            if j > i:
                same, other = same + alike, other + (not alike)
                accept += not alike and apart <= 0.8
                reject += alike and apart > 0.8
            if j != i:
                (own if alike else others).append(apart)
        asked += bool(own)
        mine = min(own, default=float("inf"))
        named += mine <= 0.8 and mine <= min(others)
        misnamed += bool(own) and min(others) <= 0.8 and min(others) < mine
        strangers += min(others) <= 0.8
    assert (found.same_pairs, found.other_pairs) == (same, other)
    assert found.false_accept == pytest.approx(100 * accept / other)
    assert found.false_reject == pytest.approx(100 * reject / same)
    assert (found.asked, found.named, found.misnamed) == (asked, named, misnamed)
    assert (found.strangers, found.pictures) == (strangers, 40)


def test_rates_of_people_left_out_are_not_those_of_the_pairs_that_chose():
    """Of people without any likeness: what looks good was chosen so."""
    draw = torch.Generator().manual_seed(1)
    vectors = torch.randn(40, 1, generator=draw)
    owners = torch.arange(20).repeat_interleave(2)
    found = fit(vectors, owners, line)
    again = fit(vectors, owners, line, fixed=(found.value, "given"))
    assert found.held_out
    assert found.false_accept + found.false_reject >= again.false_accept + again.false_reject


def test_a_wished_rate_is_kept_on_the_pairs():
    draw = torch.Generator().manual_seed(2)
    owners = torch.arange(30).repeat_interleave(5)
    vectors = owners[:, None].float() + 0.5 * torch.randn(150, 1, generator=draw)
    found = fit(vectors, owners, line, wished=1.0)
    apart = line(vectors, vectors)[owners[:, None] < owners]
    assert 100 * float((apart <= found.value).double().mean()) <= 1.0
    assert found.wished == 1.0
    equal = fit(vectors, owners, line)
    assert found.value < equal.value
    assert "at most 1 % false accepts" in found.lines()[0]


def test_few_pairs_are_said_to_be_few():
    vectors, owners = made([0.0, 0.1, 5.0, 5.1], [0, 0, 1, 1])
    found = fit(vectors, owners, line, wished=0.1)
    text = "\n".join(found.lines())
    assert not found.held_out
    assert "(95 % interval 0 to 66 %, few: 2 share no picture)" in text
    assert "4 pairs cannot show a rate of 0.1 %: that takes 1,000 or more" in text
    assert "on the pairs themselves" in text


@pytest.mark.parametrize("owners", [[0, 0, 0], [0, 1, 2]])
def test_without_pairs_of_both_kinds_one_must_be_given(owners):
    vectors, labels = made([0.0, 1.0, 2.0], owners)
    with pytest.raises(BadInput, match="give --threshold, or enroll two identities"):
        fit(vectors, labels, line)
    found = fit(vectors, labels, line, fixed=(1.5, "card"))
    assert (found.false_accept is None) is (owners == [0, 0, 0])
    assert (found.false_reject is None) is (owners == [0, 1, 2])
    assert "unknown, there is no pair" in "\n".join(found.lines())


def test_of_very_many_pictures_some_are_drawn(monkeypatch):
    monkeypatch.setattr("zoo.faces.threshold.MOST", 20)
    owners = torch.arange(30).repeat_interleave(2)
    found = fit(owners[:, None].float() * 3, owners, line, fixed=(1.0, "given"))
    assert found.pictures == 20


def test_a_wish_out_of_range_is_refused():
    vectors, owners = made([0.0, 0.1, 5.0, 5.1], [0, 0, 1, 1])
    with pytest.raises(BadInput, match=r"must lie in \(0, 100\) %, got 100"):
        fit(vectors, owners, line, wished=100.0)


def test_it_is_the_same_from_its_record():
    vectors, owners = made([0.0, 0.1, 5.0, 5.1, 9.0, 9.2], [0, 0, 1, 1, 2, 2])
    found = fit(vectors, owners, line)
    assert Threshold.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    "change", [{"value": "1"}, {"origin": "x"}, {"asked": 1.5}, {"held_out": 1}, {"more": 1}]
)
def test_what_is_no_record_is_refused(change):
    with pytest.raises(BadFile, match="threshold is not understood"):
        Threshold.from_json({**Threshold(1.0, "given").to_json(), **change})
