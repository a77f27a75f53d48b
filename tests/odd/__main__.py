"""``python -m tests.odd [--seed N] [--count N] [--only files|cards|fields] [--weights N]``."""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.odd.run import KINDS, run


def main() -> int:
    """Print what failed, and the counts of each kind."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=400, help="files; cards and fields: 3/4 of it")
    parser.add_argument("--only", choices=KINDS)
    parser.add_argument("--weights", type=int, help="how many predict from each file; default all")
    args = parser.parse_args()
    failed = 0
    for kind in [args.only] if args.only else KINDS:
        count = args.count if kind == "files" else 3 * args.count // 4
        with tempfile.TemporaryDirectory() as folder:
            ends = run(kind, args.seed, count, Path(folder), args.weights)
        wrong = [end for end in ends if end.wrong]
        for end in wrong:
            print(f"FAILED {end.case}\n  {end.wrong}\n", flush=True)
        slowest = max(ends, key=lambda end: end.seconds)
        codes = Counter("failed" if end.wrong else "as it should" for end in ends)
        print(
            f"{kind}: {count} of them, {len(ends)} command lines: {dict(codes)}; "
            f"the slowest took {slowest.seconds:.1f} s ({slowest.case.about})",
            flush=True,
        )
        failed += len(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
