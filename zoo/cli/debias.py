"""``zoo debias VECTORS``: the bias along a direction, before and after it is removed."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.data.vectors.vectors import Vectors

PAIRS = "she:he woman:man girl:boy mother:father daughter:son her:his herself:himself"
EQUAL = (
    "she:he woman:man women:men girl:boy girls:boys mother:father mothers:fathers sister:brother "
    "sisters:brothers daughter:son daughters:sons wife:husband wives:husbands aunt:uncle "
    "niece:nephew grandmother:grandfather queen:king princess:prince lady:gentleman "
    "ladies:gentlemen herself:himself female:male females:males"
)
SPECIFIC = "her his hers him mrs mr miss sir madam lord duchess duke countess count widow widower"
PROFESSIONS = (
    "accountant architect artist author baker barber captain carpenter clerk cook dancer doctor "
    "driver editor engineer farmer gardener governess guard hairdresser housekeeper judge lawyer "
    "librarian mechanic merchant musician nurse officer painter philosopher physician pilot poet "
    "priest professor sailor scientist secretary servant singer soldier surgeon tailor teacher "
    "writer"
)


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument("vectors", help="a file of word vectors, or weights (word2vec.novels)")
    parser.add_argument("--out", metavar="FILE", help="write the corrected vectors: .txt, .vec, "
                        ".bin or .safetensors")  # fmt: skip
    lists = parser.add_argument_group(
        "word lists", "JSON files or words; default: debiaswe's in $ZOO_DATA, else short lists"
    )
    lists.add_argument("--direction", metavar="LIST", help='pairs that define it: "she:he ..."')
    lists.add_argument("--equal", metavar="LIST", help="pairs to equalise")
    lists.add_argument("--specific", metavar="LIST", help="words that are not neutralised")
    lists.add_argument("--judged", metavar="LIST", help="words that ought to be neutral")
    parser.add_argument("--plot", metavar="PNG", help="draw the judged words before and after")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    """Measure the bias, remove it, measure again, write the vectors."""
    from zoo.data.vectors.vectors import Vectors
    from zoo.files import destination
    from zoo.practice.word_bias_report import BiasWords, cosines_with, measure, table
    from zoo.practice.word_debias import bias_direction, hard_debias, known_pairs, unit

    for name in (args.out, args.plot):
        if name is not None:
            destination(Path(name))
    vectors, lists = _vectors(args.vectors), _lists(args)
    index, rows = vectors.vocabulary.index, unit(vectors.matrix)
    pairs = _require_pairs(known_pairs(lists["direction"], index), args.vectors)
    direction, parts = bias_direction([[rows[index[a]], rows[index[b]]] for a, b in pairs])
    specific = {*lists["specific"], *(w for p in lists["equal"] + lists["direction"] for w in p)}
    neutral = [word for word in vectors.words if word not in specific]
    about = BiasWords(
        direction, lists["judged"], neutral, cosines_with(index, rows, direction, neutral)
    )
    after = hard_debias(index, rows, direction, specific=specific, equal=lists["equal"])
    measured = [measure(index, table_, about) for table_ in (rows, after)]
    if args.out is not None:
        Vectors(vectors.words, after).save(args.out)
    if args.plot is not None:
        _plot(index, (rows, after), about, pairs[0], Path(args.plot))
    if args.json:
        facts = {"pairs": pairs, "explained": parts[:3].tolist(), "out": args.out}
        before_after = zip(("before", "after"), measured, strict=True)
        print(json.dumps({**facts, **{name: bias.to_json() for name, bias in before_after}}))
        return 0
    share = ", then ".join(f"{100 * part:.0f} %" for part in parts[:2])
    print(f"direction from {len(pairs)} pairs ({pairs[0][0]} - {pairs[0][1]}, ...), "
          f"which explains {share} of them")  # fmt: skip
    print(table(measured[0], measured[1], pairs[0]))
    if args.out:
        print(f"written to {args.out}")
    return 0


def _vectors(name: str) -> "Vectors":
    """Word vectors from a file, or from weights."""
    from zoo.data.vectors.vectors import Vectors
    from zoo.errors import BadInput
    from zoo.loading import load

    vectors = load(name, device="cpu")
    if not isinstance(vectors, Vectors):
        raise BadInput(f"{name} are not word vectors; expected word2vec.novels or a file")
    return vectors


def _lists(args: argparse.Namespace) -> dict[str, Any]:
    """The four word lists: the user's, else debiaswe's, else those of this module."""
    texts = {name: getattr(args, name) for name in ("direction", "equal", "specific", "judged")}
    default = _default_lists() if None in texts.values() else {}
    return {name: _list(name, text, default) for name, text in texts.items()}


def _default_lists() -> dict[str, Any]:
    from zoo.datasets.debiaswe import debiaswe
    from zoo.errors import Missing

    try:
        lists = debiaswe()
    except Missing:
        return {
            "direction": _pairs(PAIRS, "--direction"),
            "equal": _pairs(EQUAL, "--equal"),
            "specific": SPECIFIC.split(),
            "judged": PROFESSIONS.split(),
        }
    return {
        "direction": lists.definitional_pairs,
        "equal": lists.equalize_pairs,
        "specific": lists.gender_specific,
        "judged": lists.professions,
    }


def _list(name: str, text: str | None, default: dict[str, Any]) -> Any:
    from zoo.data.text.word_tests import read_word_pairs, read_words

    if text is None:
        return default[name]
    paired = name in ("direction", "equal")
    if text.endswith(".json"):
        return (read_word_pairs if paired else read_words)(Path(text))
    return _pairs(text, f"--{name}") if paired else text.replace(",", " ").split()


def _pairs(text: str, option: str) -> list[tuple[str, str]]:
    """``she:he woman:man``, with spaces or commas."""
    from zoo.errors import BadInput

    pairs = []
    for item in text.replace(",", " ").split():
        first, colon, second = item.partition(":")
        if not (first and colon and second):
            raise BadInput(f"{option}: {item!r} is neither a pair such as she:he nor a .json file")
        pairs.append((first, second))
    return pairs


def _require_pairs(pairs: list[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    """``pairs``; raises BadInput if there are none."""
    from zoo.errors import BadInput

    if not pairs:
        raise BadInput(f"{name} holds no pair that defines the direction; give it by --direction")
    return pairs


def _plot(
    index: dict[str, int], tables: tuple[Any, Any], about: Any, ends: tuple[str, str], path: Path
) -> None:
    from zoo.errors import BadInput
    from zoo.viz.curves import save
    from zoo.viz.word_bias import bias_figure

    words = [word for word in about.judged if word in index]
    if not words:
        raise BadInput("there is nothing to draw: none of the judged words is known")
    before, after = (table[[index[word] for word in words]] @ about.direction for table in tables)
    save(bias_figure(words, before, after, ends), path)
