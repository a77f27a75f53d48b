"""``zoo bench NAME``: run the zoo and a peer library in turns in one process; medians and ratio.

The benchmarks are the modules of zoo/bench; zoo/bench/common/find.py finds their options.
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
    """Add a subcommand for each benchmark, with the options of its module."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--rounds", type=int, help="how often each side runs")
    shared.add_argument("--threads", type=int, help="CPU threads")
    shared.add_argument("--json", action="store_true", help="print JSON")
    shared.add_argument("--markdown", metavar="FILE", help="update the table in this Markdown file")
    shared.add_argument("--traceback", action="store_true", default=argparse.SUPPRESS,
                        help="show where an error arose")  # fmt: skip
    benches = parser.add_subparsers(dest="what", metavar="NAME")
    for name in find.names():
        about = find.about(name)
        bench = benches.add_parser(
            name, parents=[shared], help=about.summary, description=about.summary
        )
        options.add_arguments(bench, f"options of {name}", about.options)


def run(args: argparse.Namespace) -> int:
    """Run a benchmark and print its table; without a name, say which there are."""
    from zoo.cli.common import set_threads
    from zoo.errors import BadInput

    if args.what is None:
        wide = max(map(len, find.names()))
        print(*(f"{name:{wide}}  {find.about(name).summary}" for name in find.names()), sep="\n")
        return 0
    about = find.about(args.what)
    rounds = about.rounds if args.rounds is None else args.rounds
    if rounds < 1:
        raise BadInput(f"--rounds must be at least 1, got {rounds}")
    settings = find.values(about, options.parsed_options(args))
    set_threads(args.threads)
    bench = find.load(args.what)
    rows = _show_progress(bench.run(rounds, **settings), quiet=args.json)
    _print(args, bench.HEAD, rows, rounds)
    return 0


def _show_progress(rows: Iterable[find.Row], quiet: bool) -> list[find.Row]:
    """All rows; on a terminal each is printed once it is measured, since all take minutes."""
    done = []
    for row in rows:
        done.append(row)
        if sys.stderr.isatty() and not quiet:
            print("  ".join(row.cells()), file=sys.stderr, flush=True)
    return done


def _print(args: argparse.Namespace, head: Any, rows: list[find.Row], rounds: int) -> None:
    from dataclasses import asdict

    from zoo.bench.common.machine import footnote, machine
    from zoo.errors import BadInput
    from zoo.reproduce import tables
    from zoo.reproduce.page_section import replace_section

    facts, cells = machine(), [row.cells() for row in rows]
    if args.json:
        print(json.dumps({**facts, "rounds": rounds, "rows": [asdict(row) for row in rows]}))
    else:
        print(tables.plain(head, cells), footnote(facts, rounds), sep="\n")
    if args.markdown:
        missing = [
            f"{row.cells()[0]} ({note})" for row in rows if (note := asdict(row).get("note"))
        ]
        if missing:
            raise BadInput(f"{args.markdown} is left as it is, for sides are missing: "
                           f"{'; '.join(dict.fromkeys(missing))}")  # fmt: skip
        marks = f"<!-- bench {args.what} -->", f"<!-- /bench {args.what} -->"
        text = f"{tables.markdown(head, cells)}\n\n{footnote(facts, rounds)}"
        replace_section(Path(args.markdown), *marks, text)
