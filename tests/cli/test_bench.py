"""What zoo bench says of itself, and the page that it renews."""

from zoo.bench import ctc
from zoo.bench.common import find
from zoo.cli.main import main


def test_bench_without_a_name_lists_what_can_be_measured(capsys):
    assert main(["bench"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == find.names()
    assert all(line.endswith(find.about(line.split()[0]).summary) for line in lines)


def test_a_page_is_not_written_where_a_side_is_missing(tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    page.write_text("<!-- bench ctc -->\nold\n<!-- /bench ctc -->\n")
    rows = [ctc.Row("ours", "random", 0.1, 1.0), ctc.Row("peer", "random", note="not installed")]
    monkeypatch.setattr(ctc, "run", lambda rounds, **options: rows)
    assert main(["bench", "ctc", "--markdown", str(page)]) == 2
    said = capsys.readouterr()
    assert "ours" in said.out  # what was measured is shown
    assert (
        said.err == f"zoo: {page} is left as it is, for sides are missing: peer (not installed)\n"
    )
    assert "old" in page.read_text()
    rows.pop()
    assert main(["bench", "ctc", "--markdown", str(page)]) == 0
    assert "`ours`" in page.read_text()
