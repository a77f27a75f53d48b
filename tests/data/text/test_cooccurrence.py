"""Co-occurrence counts beside a dictionary that does what the paper says, pair by pair."""

from collections import defaultdict

import numpy as np
import pytest

from zoo.data.text import cooccurrence as module
from zoo.data.text.cooccurrence import Cooccurrence, cooccurrence
from zoo.errors import BadInput


def by_hand(lines, window):
    """{(i, j): X_ij} with both directions."""
    x = defaultdict(float)
    for line in lines:
        for at, word in enumerate(line):
            for other in range(max(0, at - window), at):
                x[word, line[other]] += 1 / (at - other)
                x[line[other], word] += 1 / (at - other)
    return x


def text(lines):
    """Lines of numbers as the arrays of one block."""
    offsets = np.cumsum([0, *map(len, lines)])
    return np.array([w for line in lines for w in line], np.int32), offsets.astype(np.int64)


def some_lines(words, seed=0):
    """Lines of many lengths, empty ones and a word alone among them; frequent words first."""
    draw = np.random.default_rng(seed)
    lengths = [0, 1, 2, 0, 30, 700, 5, 1, 300, 0]
    return [(draw.zipf(1.3, n) % words).tolist() for n in lengths]


@pytest.mark.parametrize("window", [1, 4, 10, 22])
def test_counts_are_those_of_a_dictionary(window):
    lines = some_lines(40)
    counted, expected = cooccurrence([text(lines)], 40, window=window), by_hand(lines, window)
    x = counted.dense()
    found = {(int(i), int(j)): x[i, j] for i, j in zip(*x.nonzero(), strict=True)}
    assert found == pytest.approx(dict(expected), rel=1e-12)
    assert counted.cells == len(expected)
    assert (counted.rows <= counted.columns).all()
    assert len(set(zip(counted.rows.tolist(), counted.columns.tolist(), strict=True))) == len(
        counted
    )


def test_a_word_beside_itself_counts_from_both_sides():
    x = cooccurrence([text([[3, 3, 3]])], 4).dense()
    assert x[3, 3] == 2 * (1 + 1 + 1 / 2)
    assert x.sum() == x[3, 3]


def test_the_end_of_a_line_is_a_wall_and_pieces_make_no_difference():
    lines = some_lines(40)
    whole = cooccurrence([text(lines)], 40)
    pieces = cooccurrence([text(lines[:4]), text(lines[4:5]), text([]), text(lines[5:])], 40)
    assert same(whole, pieces)
    assert cooccurrence([text([[0], [1], [0]])], 2).cells == 0


def test_part_of_a_larger_array_is_that_part():
    tokens, offsets = text([[0, 1], [2, 3], [4, 5]])
    x = cooccurrence([(tokens, offsets[1:3])], 6).dense()
    assert [tuple(map(int, cell)) for cell in zip(*x.nonzero(), strict=True)] == [(2, 3), (3, 2)]


def test_memory_changes_no_bit(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "SMALLEST", 1 << 8)  # slots: the table grows and is written out
    lines = some_lines(300, seed=1)
    small = cooccurrence([text(lines)], 300, memory=1 << 12, folder=tmp_path)
    grown = cooccurrence([text(lines)], 300, memory=1 << 20)
    assert isinstance(small.counts, np.memmap)
    assert not isinstance(grown.counts, np.memmap)
    assert same(small, grown)
    assert len(small) > 5 * (1 << 8)  # several runs
    assert list(tmp_path.iterdir()) == []  # the files have no names
    expected = by_hand(lines, 10)
    x = grown.dense()
    assert all(x[cell] == pytest.approx(count, rel=1e-12) for cell, count in expected.items())
    assert grown.cells == len(expected)


def test_neighbours_are_not_words_neighbours():
    lines = [list(range(200))]
    rows = cooccurrence([text(lines)], 200).rows
    assert abs(np.corrcoef(rows[:-1], rows[1:])[0, 1]) < 0.1


def test_no_text_is_no_cells():
    empty = cooccurrence([], 5)
    assert (len(empty), empty.cells, empty.dense().sum()) == (0, 0, 0.0)


@pytest.mark.parametrize("window", [0, 23])
def test_a_window_that_cannot_be_counted(window):
    with pytest.raises(BadInput, match=f"window must be from 1 to 22 words, got {window}"):
        cooccurrence([text([[0, 1]])], 2, window=window)


def test_too_little_memory():
    with pytest.raises(BadInput, match="memory must be at least 1048576 bytes, got 10"):
        cooccurrence([text([[0, 1]])], 2, memory=10)


def same(a: Cooccurrence, b: Cooccurrence) -> bool:
    fields = ("rows", "columns", "counts")
    return all(np.array_equal(getattr(a, f), getattr(b, f)) for f in fields)
