"""The nearest owners equal those of a plain loop."""

import pytest
import torch

from zoo.ops.nearest import NearestOwners


def plainly(queries, vectors, owners, k):
    """For each query the owners by their nearest vector."""
    found = []
    for query in queries.double():
        apart = (vectors.double() - query).square().sum(1)
        nearest = {int(o): float(apart[owners == o].min()) for o in owners.unique()}
        found.append(sorted(nearest.items(), key=lambda pair: pair[1])[:k])
    return found


@pytest.mark.parametrize("k", [1, 2, 5, 9])
@pytest.mark.parametrize("seed", range(3))
def test_it_equals_a_plain_loop(k, seed, monkeypatch):
    monkeypatch.setattr("zoo.ops.nearest.AT_ONCE", 90)  # some queries at a time
    draw = torch.Generator().manual_seed(seed)
    vectors = torch.randn(40, 6, generator=draw)
    owners = torch.randint(0, 7, (40,), generator=draw)  # of each another number
    queries = torch.randn(11, 6, generator=draw)
    got, values = NearestOwners(vectors, owners).search(queries, k)
    for row, expected in enumerate(plainly(queries, vectors, owners, k)):
        assert got[row].tolist() == [owner for owner, _ in expected]
        assert values[row].tolist() == pytest.approx([v for _, v in expected], abs=1e-5)


def test_a_measure_of_its_own_is_taken():
    vectors, owners = torch.tensor([[0.0], [1.0], [5.0]]), torch.tensor([0, 1, 0])
    index = NearestOwners(vectors, owners, lambda a, b: (a - b.T).abs() - 3)
    got, values = index.search(torch.tensor([[4.0], [0.9]]))
    assert got.tolist() == [[0, 1], [1, 0]]
    torch.testing.assert_close(values, torch.tensor([[-2.0, 0.0], [-2.9, -2.1]]))


def test_few_owners_and_no_query():
    index = NearestOwners(torch.eye(3), torch.zeros(3, dtype=torch.int64))
    assert index.search(torch.eye(3)[:1], 2)[1].tolist() == [[0.0]]
    assert index.search(torch.zeros(0, 3))[0].shape == (0, 1)


def test_a_vector_has_no_distance_from_itself_but_rounding():
    vectors = torch.nn.functional.normalize(torch.randn(500, 128), dim=1)
    index = NearestOwners(vectors, torch.arange(500))
    got, values = index.search(vectors, 1)
    assert got[:, 0].tolist() == list(range(500))
    assert (values < 1e-5).all()
    assert (values >= 0).all()
