"""zoo bench stylize_memory: its rows, in processes of their own."""

from pathlib import Path

import pytest

from zoo.bench import stylize_memory as module
from zoo.bench.stylize_memory import HEAD, Row, run


def test_the_rows(monkeypatch):
    seen = []
    monkeypatch.setattr(module, "_measured", lambda *a: seen.append(a) or (10**8, 2 * 10**8))
    rows = list(run(2, size=64, steps=3))
    assert seen == [(32, 0, 3)] * 2 + [(64, 0, 3)] * 2 + [(64, 192, 3)] * 2
    assert rows[-1].cells() == ("64 x 64", "192", "100", "200", "0.50")
    assert len(rows[0].cells()) == len(HEAD)
    assert Row(64, 0, 1, 1).cells()[1] == "none"


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
def test_what_is_announced_is_needed():
    for row in run(1, size=384):
        assert 0.8 <= row.announced / row.peak <= 1.2
