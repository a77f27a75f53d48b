"""A file of zoo/bench is a verb of ``zoo bench``, with what it says of itself and no more."""

from inspect import Parameter, signature
from pathlib import Path

import pytest

import zoo.bench
from zoo.bench.common import find
from zoo.cli.main import main

FOLDER = Path(zoo.bench.__file__).parent
FILES = [*FOLDER.glob("[a-z]*.py"), *(FOLDER / "vectors").glob("[a-z]*.py")]
NAMES = sorted(path.stem for path in FILES)

A_BENCH = '''
"""Sheep: ours beside ``theirs``.

More of them."""
import no_such_module_in_the_world
ROUNDS = 4
HEAD = ("who", "woolly")

def run(rounds: int, field=None, *, legs: int = 4, kinds: tuple[str, ...] = ("a", "b"),
        name: str | None = None, black: bool = False):
    """Count.

    Args:
        rounds: how often.
        legs: of each
            sheep.
        black: count the black ones.

    Raises:
        Nothing: ever.
    """
'''


def help_of(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main(["bench", *words, "--help"])
    assert stop.value.code == 0
    return capsys.readouterr().out


def test_every_file_of_the_folder_is_a_bench(capsys):
    assert find.names() == NAMES
    told = help_of(capsys)
    assert [name for name in NAMES if f"    {name}" not in told] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_bench_has_what_the_contract_says(name):
    about, bench = find.about(name), find.load(name)
    assert about.summary.endswith(".")
    assert about.rounds == bench.ROUNDS >= 1
    assert all(isinstance(column, str) for column in bench.HEAD)
    parameters = signature(bench.run).parameters
    assert next(iter(parameters)) == "rounds"
    options = {n: p for n, p in parameters.items() if p.kind is Parameter.KEYWORD_ONLY}
    assert [option.name for option in about.options] == list(options)
    for option in about.options:
        assert option.help
        assert option.default == options[option.name].default
        assert option.kind == options[option.name].annotation


@pytest.mark.parametrize("name", NAMES)
def test_help_shows_the_options_of_that_bench_only(name, capsys):
    told = help_of(capsys, name)
    own = {option.flag for option in find.about(name).options}
    own |= {f"--no-{o.flag[2:]}" for o in find.about(name).options if o.kind is bool}
    shared = {"--help", "--rounds", "--threads", "--json", "--markdown", "--traceback"}
    shown = {word.strip("[],") for word in told.split() if word.strip("[],").startswith("--")}
    assert shown == own | shared


def test_a_file_is_read_without_being_imported(tmp_path):
    (tmp_path / "sheep.py").write_text(A_BENCH)
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "common").mkdir()
    assert find.names(tmp_path) == ["sheep"]
    about = find.about("sheep", tmp_path)
    assert (about.summary, about.rounds) == ("Sheep: ours beside theirs.", 4)
    assert [(o.name, o.kind, o.default, o.help) for o in about.options] == [
        ("legs", int, 4, "of each sheep"),
        ("kinds", tuple[str, ...], ("a", "b"), ""),
        ("name", str | None, None, ""),
        ("black", bool, False, "count the black ones"),
    ]


def test_options_get_the_type_that_run_wants():
    given = {"models": "a,b", "batch": "2", "size": "none", "channels_last": True}
    assert find.values(find.about("models"), given) == {
        "models": ("a", "b"), "batch": (2,), "size": None, "channels_last": True,
    }  # fmt: skip
