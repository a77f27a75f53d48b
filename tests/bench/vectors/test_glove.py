"""zoo bench glove: it shows what it says; nothing here depends on how quick the machine is."""

import numpy as np
import pytest

from zoo.bench.vectors import glove as module
from zoo.bench.vectors.glove import HEAD, Row, run


def test_the_smallest_run(monkeypatch):
    pytest.importorskip("gensim")
    monkeypatch.setattr(module, "SMALL", 600)
    monkeypatch.setattr(module, "EPOCHS", 2)
    tokens = (np.random.default_rng(0).zipf(1.4, 900) % 50).astype(np.int32)
    text = tokens, np.arange(0, 901, 30, dtype=np.int64), 50
    speed, counting, *costs = run(1, text=text)
    assert min(speed.ours, speed.theirs, counting.ours) > 0
    assert [row.what for row in costs] == ["cost, epoch 1", "cost, epoch 2"]
    for row in costs:
        assert row.ratio == pytest.approx(1, abs=1e-4)


def test_cells():
    assert Row("cells", 1_300_000.4, "gensim", 180_000.0).cells() == (
        "cells", "1,300,000", "gensim", "180,000", "7.222",
    )  # fmt: skip
    assert len(Row("cost", 0.07, "float64", 0.08).cells()) == len(HEAD)


def test_a_text_is_made_where_there_are_no_novels(monkeypatch, tmp_path):
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    monkeypatch.setattr(module, "SYNTHETIC", 5000)
    tokens, offsets, words = module._sample_text()
    assert (len(tokens), offsets[-1], words) == (5000, 5000, 20_000)
    assert tokens.max() < words
    assert tokens.min() == 0
