"""zoo bench corpus_memory: a text of characters needs less than two bytes a byte."""

import json
import sys

import pytest

from zoo.bench.vectors.corpus_memory import Row
from zoo.cli.main import main

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")


@LINUX
@pytest.mark.long
def test_two_bytes_a_byte_at_most(capsys):
    assert main(["bench", "corpus_memory", "--megabytes", "120", "--json"]) == 0
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["characters"]["ours"] < 2
    assert rows["characters"]["theirs"] > 8
    assert rows["words"]["ours"] < 2


def test_a_row_is_shown():
    assert Row("words", 50.2, 0.5, 4.0).cells() == ("words", "50", "0.50", "4.00", "8.0")
