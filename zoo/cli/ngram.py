"""``zoo ngram TEXT ... --out LM.arpa``: estimate an n-gram language model from text."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.data.text.corpus import Corpus
    from zoo.decoding.kneser_ney import Learned
    from zoo.decoding.ngram import Fit

TOKENS = {"blanks": "as it stands", "lower": "in lower case", "words": "letters and apostrophes"}


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "text", nargs="+", help="UTF-8 text, one sentence per line, plain or gzip; or a folder"
    )
    parser.add_argument(
        "--out", metavar="FILE", required=True, help="the ARPA file; .gz compresses it"
    )
    parser.add_argument(
        "--order", type=int, default=3, choices=range(1, 7), help="words of an n-gram (default 3)"
    )
    tokenizers = ", ".join(f"{name} ({what})" for name, what in TOKENS.items())
    parser.add_argument(
        "--tokens", default="blanks", choices=TOKENS, metavar="TOKENIZER",
        help=f"how lines are split into words: {tokenizers}",
    )  # fmt: skip
    parser.add_argument(
        "--paragraphs", action="store_true", help="a sentence ends at an empty line, not at a line"
    )
    parser.add_argument(
        "--min-count", type=int, default=1, metavar="N", help="rarer words become <unk> (default 1)"
    )
    parser.add_argument("--test", metavar="FILE", help="also measure the perplexity on this text")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Estimate the model, write it, measure its perplexity."""
    import json

    from zoo.decoding import arpa
    from zoo.decoding.kneser_ney import learn

    out = _output_path(args.out, [*args.text, *([args.test] if args.test else [])])
    texts = {"train": _corpus(args.text, args)}
    if args.test:
        texts["test"] = _corpus(args.test, args)
    learned = learn(texts["train"].sentences(), args.order, min_count=args.min_count)
    fits = {part: learned.model.fit(text.sentences()) for part, text in texts.items()}
    arpa.write(out, learned.model)
    if args.json:
        print(json.dumps(_record(learned, fits, args)))
    else:
        print("\n".join(_lines(learned, fits, args)))
    return 0


def _output_path(name: str, inputs: list[str]) -> Path:
    """The path of the ARPA file, checked before the model is estimated."""
    from zoo.errors import BadInput
    from zoo.files import destination

    path = Path(name)
    destination(path)
    if path.exists() and any(Path(one).exists() and path.samefile(one) for one in inputs):
        raise BadInput(f"--out {name} is a text to read, which it would replace; choose another")
    return path


def _corpus(paths: str | list[str], args: argparse.Namespace) -> "Corpus":
    from zoo.data.text.corpus import Corpus
    from zoo.errors import BadInput

    corpus = Corpus(paths, tokens=args.tokens, paragraphs=args.paragraphs)
    if next(corpus.sentences(), None) is None:
        raise BadInput(f"{corpus.name} holds no words; expected text, one sentence per line")
    return corpus


def _record(learned: "Learned", fits: dict[str, "Fit"], args: argparse.Namespace) -> dict[str, Any]:
    return {
        "order": learned.model.order,
        "ngrams": [len(level) for level in learned.model.levels],
        "discounts": learned.discounts,
        "fallback": learned.fallback,
        **{
            part: {
                "perplexity": fit.perplexity,
                "perplexity_known": fit.perplexity_known,
                "words": fit.words,
                "unknown": fit.unknown,
                "sentences": fit.sentences,
            }
            for part, fit in fits.items()
        },
        "out": args.out,
    }


def _lines(learned: "Learned", fits: dict[str, "Fit"], args: argparse.Namespace) -> list[str]:
    sizes = (f"{len(level):,} {n}-grams" for n, level in enumerate(learned.model.levels, 1))
    lines = [f"order {learned.model.order}: {', '.join(sizes)}"]
    if learned.fallback:
        orders = ", ".join(map(str, learned.fallback))
        lines.append(f"too little text for discounts of order {orders}: 0.5, 1, 1.5 taken")
    for part, fit in fits.items():
        where = args.test if part == "test" else "the text itself"
        line = f"perplexity {fit.perplexity:.2f} on {where}: {fit.words:,} words"
        if fit.unknown:
            line += f", {fit.unknown:,} unknown ({fit.perplexity_known:.2f} without them)"
        lines.append(f"{line}, {fit.sentences:,} sentences, whose ends count as words")
    return [*lines, f"written to {args.out}"]
