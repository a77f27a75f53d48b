from zoo.practice.mistakes import TextMistakes


def test_lines_are_written_below_their_title(tmp_path):
    found = TextMistakes(("a\n  - PER: Paul", "b"), "run, test")
    found.save(tmp_path / "m.txt")
    assert (tmp_path / "m.txt").read_text() == "run, test\n\na\n  - PER: Paul\nb\n"
    assert (len(found), str(found)) == (2, "a\n  - PER: Paul\nb")


def test_none_are_an_empty_file(tmp_path):
    TextMistakes(()).save(tmp_path / "m.txt")
    assert (tmp_path / "m.txt").read_text() == ""
