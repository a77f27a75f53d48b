"""``zoo stylize CONTENT STYLE -o out.png``: a photo in the style of a painting.

CONTENT may be a folder of photos; ``-o`` is then a folder, too. ``--sheet FOLDER`` makes a sheet of
every photo in FOLDER/content in every style of FOLDER/style, ``--explain`` one of what each layer
of the network keeps of the content and of the style.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoo.api.style_options import FEATURES, StyleOptions
from zoo.errors import BadInput, ZooError, one_line_of
from zoo.options import add_arguments, make_options, options_of, parsed_options

if TYPE_CHECKING:
    from PIL import Image

    from zoo.api.stylizing import Stylist, Stylized
OUT = "stylized.png"


def arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "input",
        nargs="*",
        metavar="CONTENT STYLE",
        help="a photo or a folder of photos, and one painting or several",
    )
    parser.add_argument(
        "-o", "--out", metavar="FILE", help=f"where to write (default {OUT}); FOLDER for a folder"
    )
    parser.add_argument(
        "--features",
        default=FEATURES,
        metavar="NAME",
        help=f"network of features (default {FEATURES}); vgg19: torchvision's weights, downloaded "
        "once, with Gatys' layers and losses",
    )
    parser.add_argument(
        "--preview",
        type=int,
        default=0,
        metavar="N",
        help="write the picture after each N steps: out.step0020.png",
    )
    parser.add_argument(
        "--sheet", metavar="FOLDER", help="a sheet of FOLDER/content in the styles of FOLDER/style"
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="a sheet of what each layer keeps: of the content alone, of the style alone",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda:0, ...")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_arguments(parser, "the picture", options_of(StyleOptions))


def run(args: argparse.Namespace) -> int:
    """Make the pictures; returns the exit code."""
    chosen = make_options("zoo stylize", StyleOptions, parsed_options(args))
    if args.preview < 0:
        raise BadInput(f"--preview must be at least 0, got {args.preview}")
    if args.sheet is not None:
        return _sheet(args, chosen)
    if len(args.input) < 2:
        raise BadInput(f"zoo stylize takes CONTENT and STYLE, got {' '.join(args.input) or 'none'}")
    content, *styles = args.input
    if args.explain:
        return _explain(args, chosen, content, styles)
    if Path(content).is_dir():
        return _folder(args, chosen, Path(content), styles)
    out = Path(args.out or OUT)
    check_place(out, args.input)
    from zoo.api.stylizing import prepare

    stylist = prepare(args.features, chosen, args.device)
    return _one(args, stylist, content, styles, out)


def check_place(out: Path, inputs: Sequence[str]) -> None:
    """Refuse a name that no picture can be written to, before anything is computed.

    Raises:
        BadInput: for another suffix than an image's, or the name of an input.
        CannotWrite: if it cannot be written.
    """
    from zoo.data.image.write import format_for
    from zoo.files import destination

    format_for(out)
    destination(out)
    for word in inputs:
        if out.exists() and Path(word).exists() and out.samefile(word):
            raise BadInput(f"-o {out} would replace the input; choose another name")


def _one(
    args: argparse.Namespace, stylist: "Stylist", content: str, styles: Sequence[str], out: Path
) -> int:
    watch = partial(_preview, out)
    made = stylist(content, styles, show=not args.json, preview=args.preview, watch=watch)
    made.save(out)
    _report(args, made, content, styles, out)
    return 128 + made.signal if made.signal else 0


def _preview(out: Path, step: int, image: "Image.Image") -> None:
    from zoo.data.image.write import save_image

    save_image(image, out.with_name(f"{out.stem}.step{step:04d}{out.suffix}"))


def _report(
    args: argparse.Namespace, made: "Stylized", content: str, styles: Sequence[str], out: Path
) -> None:
    steps, last = len(made.history), made.history[-1]
    if args.json:
        record: dict[str, Any] = {"content": content, "styles": list(styles), "out": str(out)}
        size = {"width": made.image.width, "height": made.image.height}
        losses = {name: last[name] for name in ("loss", "content", "style") if name in last}
        ends = {"steps": steps, "seconds": round(made.seconds, 3), "signal": made.signal}
        print(json.dumps({**record, **size, **ends, "memory": made.memory.total, **losses}))
        return
    stopped = " (stopped)" if made.signal else ""
    pixels = f"{made.image.width} x {made.image.height} pixels"
    change = f"loss {made.history[0]['loss']:.4g} to {last['loss']:.4g}"
    print(f"{out}: {pixels}, {steps} steps{stopped}, {made.seconds:.1f} s, {change}")


def _folder(
    args: argparse.Namespace, chosen: StyleOptions, folder: Path, styles: Sequence[str]
) -> int:
    """Each photo in a folder; exit code 2 if one cannot be used."""
    from zoo.api.stylizing import prepare
    from zoo.cli.predict_files import refuse_file
    from zoo.files import make_folder
    from zoo.predictors.inputs.images import spread

    if args.out is None:
        raise BadInput(f"{folder} is a folder: say where to write with -o FOLDER")
    out = Path(args.out)
    refuse_file(out)
    if out.exists() and out.samefile(folder):
        raise BadInput(f"-o {out} is the folder of the photos; choose another")
    photos, failed = spread([str(folder)]), False
    stylist = prepare(args.features, chosen, args.device)
    for photo in photos:
        target = out / Path(photo).relative_to(folder).with_suffix(".png")
        make_folder(target.parent)
        try:
            code = _one(args, stylist, photo, styles, target)
        except ZooError as error:
            print(f"zoo: {one_line_of(f'{photo}: {error}')}", file=sys.stderr)
            failed = True
            continue
        if code:
            return code
    return 2 if failed else 0


def _sheet(args: argparse.Namespace, chosen: StyleOptions) -> int:
    """Every photo in every style, on one sheet."""
    from zoo.api.style_sheets import style_sheet

    if args.input:
        raise BadInput(f"--sheet {args.sheet} names all pictures; leave out {' '.join(args.input)}")
    return _drawn(args, partial(style_sheet, args.sheet), chosen, [])


def _explain(
    args: argparse.Namespace, chosen: StyleOptions, content: str, styles: Sequence[str]
) -> int:
    """What each layer keeps, on one sheet."""
    from zoo.api.style_sheets import explained

    if len(styles) > 1:
        raise BadInput(f"--explain takes one style, got {len(styles)}")
    return _drawn(args, partial(explained, content, styles[0]), chosen, args.input)


def _drawn(args: argparse.Namespace, draw: Any, chosen: StyleOptions, inputs: Sequence[str]) -> int:
    from zoo.data.image.write import save_image

    out = Path(args.out or OUT)
    check_place(out, inputs)
    sheet = draw(chosen, features=args.features, device=args.device, show=not args.json)
    save_image(sheet, out)
    if args.json:
        print(json.dumps({"out": str(out), "width": sheet.width, "height": sheet.height}))
    else:
        print(f"{out}: a sheet of {sheet.width} x {sheet.height} pixels")
    return 0
