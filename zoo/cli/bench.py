"""``zoo bench WHAT``: ours and the peer's, interleaved in one process; medians and the ratio."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

TABLES: dict[str, tuple[str, int]] = {
    # what -> a file with HEAD and run(rounds) -> rows, and how often each side runs
    "glove": ("zoo.bench.glove", 5),
    "gru": ("zoo.bench.gru", 9),
    "language_model": ("zoo.bench.language_model", 5),
    "ctc": ("zoo.bench.ctc", 5),
    "word2vec": ("zoo.bench.word2vec", 5),
    "word2vec_quality": ("zoo.bench.word2vec_quality", 3),
    "analogies": ("zoo.bench.analogies", 1),
    "noise": ("zoo.bench.noise", 1),
    "real_time": ("zoo.bench.real_time", 5),
    "speakers": ("zoo.bench.speakers", 1),
    "load_vectors": ("zoo.bench.load_vectors", 3),
}
ROUNDS = {"fit": 15, "models": 7}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "what",
        choices=["fit", "models", *TABLES],
        help="fit: our loop beside a bare ten-line loop; models: our networks beside "
        "torchvision's; the others: ours beside the peer that their table names",
    )
    parser.add_argument("--rounds", type=int, help="how often each side runs")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--markdown", metavar="FILE", help="renew the table between FILE's marks")
    fit = parser.add_argument_group("fit")
    fit.add_argument("--steps", type=int, default=100, help="steps in one run")
    models = parser.add_argument_group("models")
    models.add_argument("--models", metavar="A,B", help="which of them, with commas; default all")
    models.add_argument("--batch", metavar="N,M", default="1,8", help="batch sizes (1,8)")
    models.add_argument("--size", type=int, help="of the pictures, if not the network's own")
    models.add_argument(
        "--layouts", action="store_true", help="training in channels-last beside the default"
    )


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from zoo.cli.common import set_threads
    from zoo.errors import BadInput

    default = ROUNDS.get(args.what) or TABLES[args.what][1]
    rounds = default if args.rounds is None else args.rounds
    if min(rounds, args.steps) < 1:
        raise BadInput("--rounds and --steps must be at least 1")
    set_threads(args.threads)
    return {"fit": _fit, "models": _models}.get(args.what, _table)(args, rounds)


def _table(args: argparse.Namespace, rounds: int) -> int:
    from dataclasses import asdict
    from importlib import import_module

    from zoo.bench.models import machine
    from zoo.reproduce import tables
    from zoo.reproduce.marks import renew

    module = import_module(TABLES[args.what][0])
    rows, facts = module.run(rounds), machine()
    if args.json:
        print(json.dumps({**facts, "rounds": rounds, "rows": [asdict(row) for row in rows]}))
        return 0
    cells = [row.cells() for row in rows]
    where = "; ".join(f"{k} {v}" for k, v in facts.items())
    print(tables.plain(module.HEAD, cells), where, sep="\n")
    if args.markdown:
        marks = f"<!-- bench {args.what} -->", f"<!-- /bench {args.what} -->"
        text = f"{tables.markdown(module.HEAD, cells)}\n\n{where}; medians of {rounds} rounds."
        renew(Path(args.markdown), *marks, text)
    return 0


def _fit(args: argparse.Namespace, rounds: int) -> int:
    from zoo.bench.fit import bench_fit

    facts = bench_fit(rounds=rounds, steps=args.steps)
    if args.json:
        print(json.dumps(facts))
    else:
        print(
            f"LeNet-5, batch 128, {facts['threads']} threads, "
            f"median of {rounds} x {args.steps} steps\n"
            f"fit        {facts['fit_ms']:.3f} ms/step\n"
            f"bare loop  {facts['bare_ms']:.3f} ms/step\nratio      {facts['ratio']:.3f}"
        )
    return 0


def _models(args: argparse.Namespace, rounds: int) -> int:
    from dataclasses import asdict
    from functools import partial

    from zoo.bench.models import PEERS, bench_models, machine, plain, update

    names = args.models.split(",") if args.models else list(PEERS)
    batches, options = _batches(args.batch), {"layouts": args.layouts, "size": args.size}
    say = partial(_say, quiet=args.json)
    rows = bench_models(names, rounds, batches, say=say, **options)
    facts = machine()
    if args.markdown:
        update(Path(args.markdown), rows, facts, rounds)
    if args.json:
        print(json.dumps({**facts, "rounds": rounds, "rows": [asdict(row) for row in rows]}))
    else:
        print(plain(rows), "\n" + "; ".join(f"{k} {v}" for k, v in facts.items()), sep="\n")
    return 0


def _say(row: Any, quiet: bool) -> None:
    """A row as soon as it is there: the whole takes minutes."""
    if not quiet:
        print("  ".join(row.cells()), file=sys.stderr, flush=True)


def _batches(text: str) -> tuple[int, ...]:
    from zoo.errors import BadInput
    from zoo.recipes.override import convert

    found: tuple[int, ...] = convert("--batch", text, tuple[int, ...])
    if not found or min(found) < 1:
        raise BadInput(f"--batch must be at least 1, got {text!r}")
    return found
