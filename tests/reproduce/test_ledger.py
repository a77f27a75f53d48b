"""The ledger says what the cards say, in a table for the terminal and one for README."""

from dataclasses import replace

import pytest

from tests.helpers.small_weights import only_from, plain_card
from zoo.cli.main import main
from zoo.errors import BadInput
from zoo.reproduce.ledger import (
    FULL,
    SHORT,
    best_of_each_set,
    full_table,
    ledger_row,
    markers,
    mean_and_spread,
    short_table,
    terminal_table,
    update,
)

BEGIN, END = markers("ledger")
ONE = replace(
    plain_card("lenet5.mnist", b""), measured=[0.8, 0.9, 1.0], seeds=[0, 1, 2], paper=0.95
)
TWO = replace(
    plain_card("mlp.own", b""), measured=[12.346], seeds=[4], paper=None, data="more noise"
)


def test_one_row():
    row = ("lenet5.mnist", "61,706", "noise", "error %", "0.95", "0.90 ± 0.10", "-0.05", "3")
    assert ledger_row(ONE) == row
    assert len(FULL) == len(row)


def test_nothing_published_and_a_single_seed():
    assert ledger_row(TWO)[4:] == ("-", "12.35", "-", "1")
    assert mean_and_spread(TWO) == "12.35"


def test_a_worse_result_has_a_plus():
    assert ledger_row(replace(ONE, measured=[2.0]))[6] == "+1.05"


def test_plain_is_a_table_with_aligned_columns():
    lines = terminal_table([ONE, TWO]).split("\n")
    assert len(lines) == 4
    assert lines[0].split() == " ".join(FULL).split()
    assert set(lines[1]) == {"-", " "}
    starts = {line.index(word) for line, word in zip(lines[2:], ("61,706", "61,706"), strict=True)}
    assert starts == {lines[0].index("parameters")}
    assert all(line == line.rstrip() for line in lines)


def test_of_one_test_set_and_metric_the_best_is_in_the_short_table():
    worse, other = replace(ONE, name="a.b", measured=[2.0]), replace(TWO, data="more noise")
    assert best_of_each_set([worse, ONE, other]) == [ONE, other]
    assert (
        best_of_each_set([replace(one, better="higher") for one in (worse, ONE)])[0].name == "a.b"
    )
    assert len(best_of_each_set([ONE, replace(worse, metric="f1")])) == 2


def test_the_full_table_has_the_sources_below():
    lines = full_table([ONE, TWO]).split("\n")
    assert lines[0] == "| " + " | ".join(FULL) + " |"
    assert lines[1].count("---|") == len(FULL)
    assert lines[2].startswith("| `lenet5.mnist` | 61,706 | ")
    assert lines[3].startswith("| `mlp.own` | ")
    assert [line.count("|") for line in lines[:4]] == [len(FULL) + 1] * 4
    assert lines[-1] == "- `lenet5.mnist`: Table 1"


def test_the_short_table_has_some_of_the_same_columns():
    lines = short_table([ONE, TWO]).split("\n")
    assert lines[0] == "| " + " | ".join(SHORT) + " |"
    assert lines[2:] == [
        "| `lenet5.mnist` | noise | error % | 0.95 | 0.90 ± 0.10 |",
        "| `mlp.own` | more noise | error % | - | 12.35 |",
    ]


@pytest.fixture
def readme(tmp_path):
    """A page with the marks of README."""
    path = tmp_path / "README.md"
    path.write_text(f"# Zoo ü\n\n{BEGIN}\nold\n{END}\n\nafter\n", encoding="utf-8")
    return path


def test_update_renews_what_is_between_the_marks_and_nothing_else(readme):
    assert update(readme, [ONE])
    text = readme.read_text(encoding="utf-8")
    assert text == f"# Zoo ü\n\n{BEGIN}\n{short_table([ONE])}\n{END}\n\nafter\n"


def test_the_marks_say_which_table_a_page_gets(tmp_path):
    page = tmp_path / "LEDGER.md"
    begin, end = markers("full ledger")
    page.write_text(f"{begin}\n{end}\nafter\n")
    assert update(page, [ONE])
    assert page.read_text(encoding="utf-8") == f"{begin}\n{full_table([ONE])}\n{end}\nafter\n"
    assert not update(page, [ONE])


def test_a_second_update_changes_nothing(readme):
    update(readme, [ONE])
    before = readme.stat().st_mtime_ns, readme.read_bytes()
    assert not update(readme, [ONE])
    assert (readme.stat().st_mtime_ns, readme.read_bytes()) == before
    assert update(readme, [ONE, TWO])


@pytest.mark.parametrize("text", ["", "# Zoo", BEGIN, END, f"{END} {BEGIN}"])
def test_without_the_marks_nothing_is_written(readme, text):
    readme.write_text(text)
    with pytest.raises(BadInput, match="README.md has no lines"):
        update(readme, [ONE])
    assert readme.read_text() == text


def test_the_verb_renews_the_table_from_all_cards(readme, tmp_path, monkeypatch, capsys):
    ONE.save(tmp_path)
    only_from(tmp_path, monkeypatch)
    assert main(["reproduce", "--ledger", str(readme)]) == 0
    assert "updated" in capsys.readouterr().out
    assert "| `lenet5.mnist` | noise |" in readme.read_text(encoding="utf-8")
    assert main(["reproduce", "--ledger", str(readme)]) == 0
    assert "nothing to change" in capsys.readouterr().out


def test_others_weights_are_not_in_the_ledger_of_our_measurements(
    readme, tmp_path, monkeypatch, capsys
):
    ONE.save(tmp_path)
    replace(TWO, name="mlp.theirs", seeds=[], converter="torchvision").save(tmp_path)
    only_from(tmp_path, monkeypatch)
    assert main(["reproduce", "--ledger", str(readme)]) == 0
    text = readme.read_text(encoding="utf-8")
    assert "lenet5.mnist" in text
    assert "mlp.theirs" not in text


def test_the_verb_says_what_is_wrong_in_one_line(readme, tmp_path, capsys):
    readme.write_text("no marks")
    for path in (readme, tmp_path / "none.md"):
        assert main(["reproduce", "--ledger", str(path)]) == 2
        said = capsys.readouterr().err
        assert said.startswith("zoo: ")
        assert said.count("\n") == 1
        assert path.name in said
