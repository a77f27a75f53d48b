"""The Modified Hausdorff distance against its definition; 38.75 % on the official runs."""

import json

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist

from tests.helpers.omniglot import drawn
from zoo.cli.main import main
from zoo.practice.hausdorff import Shape, distances, one_shot


def by_definition(a, b):
    """A table of all distances between inked pixels, each drawing about its mean."""
    one, other = (np.argwhere(picture).astype(float) for picture in (a, b))
    table = cdist(one - one.mean(0), other - other.mean(0))
    return max(table.min(1).mean(), table.min(0).mean())


def test_distances_are_those_of_the_definition():
    pictures = ~drawn({"Greek": 1})["Greek", 1][:5]
    shapes = [Shape(torch.from_numpy(picture)) for picture in pictures]
    found = distances(shapes[:3], shapes)
    expected = [[by_definition(a, b) for b in pictures] for a in pictures[:3]]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert found[:, :3].diagonal().tolist() == [0, 0, 0]


def test_it_is_the_larger_of_both_directions_and_does_not_mind_where_a_drawing_is():
    draw = torch.Generator().manual_seed(0)
    few, many = torch.rand(9, 9, generator=draw) < 0.05, torch.rand(9, 9, generator=draw) < 0.4
    assert Shape(few).distance(Shape(many)) == Shape(many).distance(Shape(few))
    moved = torch.zeros(20, 30, dtype=torch.bool)
    moved[7:16, 11:20] = many
    assert Shape(moved).distance(Shape(many)) == pytest.approx(0, abs=1e-12)


def test_without_ink_nothing_is_near():
    empty, dot = torch.zeros(3, 3, dtype=torch.bool), torch.eye(3) > 0
    assert Shape(empty).distance(Shape(dot)) == Shape(dot).distance(Shape(empty)) == np.inf


def test_a_trial_is_answered_with_the_nearest_candidate():
    bars = torch.zeros(4, 1, 9, 9, dtype=torch.uint8)
    bars[0, 0, 4], bars[1, 0, :, 4] = 200, 200  # level, upright
    bars[2, 0, 3, 1:8], bars[3, 0, 2:8, 5] = 255, 255
    support, query = torch.tensor([0, 1]), torch.tensor([3, 2])
    for answer, wrong in (([1, 0], [False, False]), ([1, 1], [False, True])):
        (found,) = one_shot(bars, [(support, query, torch.tensor(answer))])
        assert found.tolist() == wrong


@pytest.mark.long  # 8,000 comparisons of a thousand pixels
def test_the_official_runs_have_the_published_error(zoo_data, monkeypatch, capsys):
    monkeypatch.setenv("ZOO_DATA", str(zoo_data))
    if not (zoo_data / "omniglot").is_dir():
        pytest.skip("no omniglot in ZOO_DATA")
    assert main(["data", "baseline", "omniglot", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["one_shot_error"] == 38.75  # 38.8 is published
    assert told["questions"] == 400
    assert len(told["runs"]) == 20
