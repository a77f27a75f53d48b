"""``zoo bench WHAT``: ours and the peer's, interleaved in one process; medians and the ratio."""

import argparse
import json


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("what", choices=["fit"], help="fit: our loop beside a bare ten-line loop")
    parser.add_argument("--rounds", type=int, default=15, help="how often each side runs")
    parser.add_argument("--steps", type=int, default=100, help="steps in one run")
    parser.add_argument("--threads", type=int, help="CPU threads")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from zoo.cli.common import set_threads
    from zoo.errors import BadInput
    from zoo.reproduce.bench import bench_fit

    if min(args.rounds, args.steps) < 1:
        raise BadInput("--rounds and --steps must be at least 1")
    set_threads(args.threads)
    facts = bench_fit(rounds=args.rounds, steps=args.steps)
    if args.json:
        print(json.dumps(facts))
    else:
        print(
            f"LeNet-5, batch 128, {facts['threads']} threads, "
            f"median of {args.rounds} x {args.steps} steps\n"
            f"fit        {facts['fit_ms']:.3f} ms/step\n"
            f"bare loop  {facts['bare_ms']:.3f} ms/step\nratio      {facts['ratio']:.3f}"
        )
    return 0
