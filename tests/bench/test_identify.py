"""The sides of ``zoo bench identify`` name the same people, and rows have their measurements."""

import pytest
import torch

from zoo.bench.identify import HEAD, OURS, made_up, run, sides
from zoo.errors import BadInput


def test_all_sides_name_the_same_two_people():
    vectors, owners, queries = made_up(50, 3, 16, 20)
    found = [search(queries) for search in sides(vectors, owners).values()]
    assert len(found) == 3
    for one in found[1:]:
        assert torch.equal(one, found[0])
    assert (found[0][:, 0] != found[0][:, 1]).all()


def test_a_row_for_each_side_and_number_of_faces():
    rows = list(run(1, people=40, pictures=2, size=8, faces=5))
    assert [(row.what, row.faces) for row in rows] == [
        (name, count) for count in (1, 5) for name in (OURS, "scikit-learn", "NumPy")
    ]
    assert all(row.vectors == 80 and row.seconds > 0 for row in rows)
    assert all(len(row.cells()) == len(HEAD) for row in rows)
    assert rows[0].ratio == 1


def test_too_few_are_refused():
    with pytest.raises(BadInput, match="at least 2"):
        list(run(1, people=1))
