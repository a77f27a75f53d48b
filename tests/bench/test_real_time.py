"""The table of real-time factors, on a moment of sound."""

from zoo.bench.real_time import HEAD, run


def test_every_row_has_a_factor_and_its_parameters():
    rows = run(1, seconds=0.4)
    assert len(rows) == 7
    for row in rows:
        assert row.cpu > 0
        assert len(row.cells()) == len(HEAD)
    assert rows[0].parameters == 0
    assert rows[-1].parameters == 522_425
