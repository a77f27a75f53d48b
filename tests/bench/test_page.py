"""BENCHMARKS.md has a place for every bench, and its tables have the columns of today."""

import re
from pathlib import Path

import pytest

from zoo.bench.common import find

PAGE = (Path(__file__).parents[2] / "BENCHMARKS.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"<!-- bench (\w+) -->\n(.*?)<!-- /bench \1 -->", PAGE, re.DOTALL))


def test_every_bench_has_its_marks_and_no_other_has():
    assert sorted(BLOCKS) == find.names()
    assert PAGE.count("<!-- bench ") == PAGE.count("<!-- /bench ") == len(BLOCKS)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_table_has_the_columns_of_its_bench_and_the_machine_below(name):
    head, line, *rows, empty, footnote = BLOCKS[name].strip().split("\n")
    assert head == "| " + " | ".join(find.load(name).HEAD) + " |"
    assert {row.count(" | ") for row in rows} == {head.count(" | ")}
    assert line.count("---|") == len(find.load(name).HEAD)
    assert empty == ""
    assert re.fullmatch(r".+ threads \(.+\), torch \S+, torchvision \S+; .*rounds?\.", footnote)
