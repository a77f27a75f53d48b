"""``zoo bench NAME``: ours and the peer's in turns, in one process; medians and the ratio.

The benches are the files of zoo/bench; zoo/bench/common/find.py says what each one takes.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from zoo import options
from zoo.bench.common import find


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add a verb for each bench, with the options of its file."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--rounds", type=int, help="how often each side runs")
    shared.add_argument("--threads", type=int, help="CPU threads")
    shared.add_argument("--json", action="store_true", help="for machines")
    shared.add_argument("--markdown", metavar="FILE", help="renew the table between FILE's marks")
    shared.add_argument("--traceback", action="store_true", default=argparse.SUPPRESS,
                        help="show where an error arose")  # fmt: skip
    benches = parser.add_subparsers(dest="what", metavar="NAME", required=True)
    for name in find.names():
        about = find.about(name)
        bench = benches.add_parser(
            name, parents=[shared], help=about.summary, description=about.summary
        )
        options.add_arguments(bench, f"of {name} alone", about.options)


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from zoo.cli.common import set_threads
    from zoo.errors import BadInput

    about = find.about(args.what)
    rounds = about.rounds if args.rounds is None else args.rounds
    if rounds < 1:
        raise BadInput(f"--rounds must be at least 1, got {rounds}")
    chosen = find.values(about, options.chosen(args))
    set_threads(args.threads)
    bench = find.load(args.what)
    rows = _shown(bench.run(rounds, **chosen), quiet=args.json)
    _print(args, bench.HEAD, rows, rounds)
    return 0


def _shown(rows: Iterable[find.Row], quiet: bool) -> list[find.Row]:
    """All rows, each one shown on a terminal as soon as it is there: the whole takes minutes."""
    done = []
    for row in rows:
        done.append(row)
        if sys.stderr.isatty() and not quiet:
            print("  ".join(row.cells()), file=sys.stderr, flush=True)
    return done


def _print(args: argparse.Namespace, head: Any, rows: list[find.Row], rounds: int) -> None:
    from dataclasses import asdict

    from zoo.bench.common.machine import footnote, machine
    from zoo.reproduce import tables
    from zoo.reproduce.page_section import renew

    facts, cells = machine(), [row.cells() for row in rows]
    if args.json:
        print(json.dumps({**facts, "rounds": rounds, "rows": [asdict(row) for row in rows]}))
    else:
        print(tables.plain(head, cells), footnote(facts, rounds), sep="\n")
    if args.markdown:
        marks = f"<!-- bench {args.what} -->", f"<!-- /bench {args.what} -->"
        text = f"{tables.markdown(head, cells)}\n\n{footnote(facts, rounds)}"
        renew(Path(args.markdown), *marks, text)
