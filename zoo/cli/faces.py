"""``zoo faces enroll|identify|verify|list|remove|rename|merge``: who is on this photo?

A book of faces is one file with names and vectors, without any picture. Exit code 0 whatever the
answer, 2 for an input that cannot be used.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.faces.book import Book
    from zoo.faces.identifier import Identifier

KINDS = {
    "enroll": "add the people of a folder to a book: FOLDER/NAME/*.jpg",
    "identify": "say who is on photos, in folders or videos",
    "verify": "compare photos two by two with the book's threshold",
    "list": "list the people of a book, and what its threshold is worth",
    "remove": "remove people from a book",
    "rename": "rename someone; a name that is there already joins both",
    "merge": "add the people of another book of the same weights",
}


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the arguments of each kind."""
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    for kind, summary in KINDS.items():
        one = kinds.add_parser(kind, help=summary, description=summary[0].upper() + summary[1:])
        _ADD[kind](one)
        one.add_argument("--book", metavar="FILE", required=True, help="the book: one file")
        one.add_argument("--json", action="store_true", help="print JSON")
        one.add_argument("--model", metavar="NAME", help="weights, or the folder of a run (default "
                         "facenet.vggface2, or those of the book)")  # fmt: skip
        one.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
        one.add_argument("--traceback", action="store_true", default=argparse.SUPPRESS,
                         help="show where an error arose")  # fmt: skip


def _enroll_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", help="a folder of each person, named as they are")
    parser.add_argument("--far", type=float, metavar="X",
                        help="choose the threshold for this rate of false accepts, such as 0.001 "
                        "(default: as many false accepts as false rejects)")  # fmt: skip
    _threshold(parser)
    _aligned(parser)


def _photo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", nargs="+", help="photos, folders, videos, http addresses")
    _shared(parser)


def _pair_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", nargs="+", help="photos two by two (A B C D), or a .csv of pairs")
    _shared(parser)


def _shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--plot", metavar="PLACE",
                        help="draw the first to a .png, all to a .gif, or each to a .png in "
                        "FOLDER/")  # fmt: skip
    parser.add_argument("--save", metavar="KIND", help="save each answer in --out: json")
    parser.add_argument("--out", metavar="FOLDER", default="predictions", help="for --save")
    parser.set_defaults(file=[], text=False)
    _threshold(parser)
    _aligned(parser)


def _threshold(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threshold", type=float, metavar="X", help="take this threshold")


def _aligned(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--aligned", action="store_true",
                        help="pictures are cuts of faces (or characters) already: none is looked "
                        "for")  # fmt: skip


def _name_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="+", help="names as zoo faces list shows them")


def _rename_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", help="a name as zoo faces list shows it")
    parser.add_argument("new", help="what it is to be")


def _merge_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("other", help="another book, which stays as it is")


def _nothing(parser: argparse.ArgumentParser) -> None:
    """``list`` takes no further arguments."""


_ADD: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "enroll": _enroll_arguments,
    "identify": _photo_arguments,
    "verify": _pair_arguments,
    "list": _nothing,
    "remove": _name_arguments,
    "rename": _rename_arguments,
    "merge": _merge_arguments,
}


def run(args: argparse.Namespace) -> int:
    """Run one kind; returns the exit code."""
    return _RUN[args.kind](args)


def _enroll(args: argparse.Namespace) -> int:
    """Enroll while no other process may, so that the book cannot change meanwhile."""
    from zoo.errors import note
    from zoo.faces.book import Book
    from zoo.faces.weights import MODEL
    from zoo.files import alone_with

    path = Path(args.book)
    with alone_with(path):
        old = _loaded(args) if path.exists() else None
        book = Book.enroll(
            args.folder,
            model=args.model or MODEL,
            book=old,
            far=args.far,
            threshold=args.threshold,
            aligned=args.aligned,
            device=args.device,
        )
        book.write(path)
    told = book.enrolment
    for line in told.lines()[1:] if told and not args.json else []:
        note(line)
    if args.json:
        print(json.dumps({**_record(book), **(told.to_json() if told else {})}))
        return 0
    print(told.lines()[0] if told else "")
    _print_book(book, args.book)
    return 0


def _identify(args: argparse.Namespace) -> int:
    from zoo.cli.predict_files import check_place
    from zoo.faces.identifier import Identifier

    check_place(args)
    return _answer(args, Identifier(_fixed(args)))


def _verify(args: argparse.Namespace) -> int:
    from zoo.cli.predict_files import check_place
    from zoo.faces.identifier import Identifier

    check_place(args)
    return _answer(args, Identifier(_fixed(args)), verify=True)


def _answer(args: argparse.Namespace, predictor: "Identifier", *, verify: bool = False) -> int:
    from zoo.cli.predict import answered

    args.name, args.verify = args.book, verify
    return answered(predictor, args)


def _list(args: argparse.Namespace) -> int:
    from zoo.errors import in_line

    book = _loaded(args)
    if args.json:
        print(json.dumps(_record(book)))
        return 0
    near = book.neighbours()
    for name, count in book.pictures().items():
        other = f", nearest {in_line(near[name][0])} {near[name][1]:.3f}" if name in near else ""
        print(f"{in_line(name)}: {count:,} {'picture' if count == 1 else 'pictures'}{other}")
    _print_book(book, args.book)
    return 0


def _change(args: argparse.Namespace, change: "Callable[[Book], Book]") -> int:
    """Change a book in its file."""
    from zoo.files import alone_with

    with alone_with(Path(args.book)):
        book = change(_loaded(args))
        book.write(args.book)
    if args.json:
        print(json.dumps(_record(book)))
    else:
        _print_book(book, args.book)
    return 0


def _remove(args: argparse.Namespace) -> int:
    return _change(args, lambda book: book.remove(args.name))


def _rename(args: argparse.Namespace) -> int:
    return _change(args, lambda book: book.rename(args.old, args.new))


def _merge(args: argparse.Namespace) -> int:
    from zoo.faces.book import Book

    return _change(args, lambda book: book.merge(Book.load(args.other)))


def _loaded(args: argparse.Namespace) -> "Book":
    from zoo.faces.book import Book

    return Book.load(args.book, model=args.model, device=args.device)


def _fixed(args: argparse.Namespace) -> "Book":
    """The book, with the threshold of the command line if there is one."""
    from zoo.faces.book import Book

    book = Book.load(args.book, model=args.model, device=args.device, aligned=args.aligned)
    return book if args.threshold is None else book.refitted(value=args.threshold)


def _record(book: "Book") -> dict[str, object]:
    near = book.neighbours()
    people = [
        {"name": name, "pictures": count, "nearest": near.get(name, (None, None))[0]}
        for name, count in book.pictures().items()
    ]
    return {
        "people": people,
        "model": book.content.model,
        "threshold": book.content.threshold.to_json(),
    }


def _print_book(book: "Book", path: str) -> None:
    from zoo.errors import printable

    vectors = len(book.content.vectors)
    print(printable(f"{path}: {len(book):,} people, {vectors:,} vectors of {book.content.model}"))
    for line in book.content.threshold.lines():
        print(line)


_RUN: dict[str, Callable[[argparse.Namespace], int]] = {
    "enroll": _enroll,
    "identify": _identify,
    "verify": _verify,
    "list": _list,
    "remove": _remove,
    "rename": _rename,
    "merge": _merge,
}
