"""Identities removed, renamed, joined: rows of vectors stay with their names."""

import torch

from zoo.faces.book_file import Content
from zoo.faces.changes import merged, renamed, without
from zoo.faces.threshold import Threshold


def content(names, owners, start=0.0):
    vectors = torch.arange(len(owners)).float()[:, None] + start
    return Content("m", "0", "squared L2", names, vectors, torch.tensor(owners),
                   Threshold(1.0, "given"))  # fmt: skip


def rows(found):
    return [(found.names[o], float(v)) for o, v in zip(found.owners, found.vectors, strict=True)]


def test_rows_stay_with_their_names():
    one = content(("a", "b", "c"), [0, 1, 2, 1, 0])
    assert rows(without(one, ["b"])) == [("a", 0), ("c", 2), ("a", 4)]
    assert rows(renamed(one, "c", "z")) == [("a", 0), ("b", 1), ("z", 2), ("b", 3), ("a", 4)]
    assert rows(renamed(one, "c", "a")) == [("a", 0), ("b", 1), ("a", 2), ("b", 3), ("a", 4)]
    assert renamed(one, "c", "a").names == ("a", "b")
    both = merged(one, content(("c", "d"), [1, 0], start=10))
    assert rows(both)[5:] == [("d", 10), ("c", 11)]
    assert both.names == ("a", "b", "c", "d")
