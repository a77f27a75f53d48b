"""What ``zoo predict`` writes: a plot, a GIF of all frames, a folder of plots, saved answers.

The names in a folder are those of the inputs; of two of the same name the second gets a number.
Proof: tests/cli/test_predict_files.py.
"""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from zoo.cli.predict_inputs import Input
from zoo.errors import BadInput, note
from zoo.files import atomic, destination, make_folder, refuse_odd_kind

if TYPE_CHECKING:
    from zoo.predictors.answer import Answer
    from zoo.predictors.predictor import Predictor

LONGEST = 180  # bytes of the beginning of a name
PLOTS = (".png", ".gif")
VIDEOS = (".mp4", ".avi", ".mov", ".mkv", ".webm")


class Output(Protocol):
    """Something that is written from answers, as they come."""

    def add(self, one: Input, name: str, answer: "Answer") -> None:
        """Take the next answer; ``name`` is its own among all."""

    def close(self) -> None:
        """All answers have been added."""

    def drop(self) -> None:
        """The work was stopped: nothing half-written stays."""


class Outputs:
    """All that a command line asks for."""

    def __init__(self, args: argparse.Namespace, predictor: "Predictor[Any]") -> None:
        self.names, self.outputs = Names(numbered=predictor.reads_text), list[Output]()
        if args.plot is not None:
            self.outputs.append(_plots(args.plot, predictor.reads_text))
        if args.save is not None:
            self.outputs.append(Saved(args.save, Path(args.out)))

    def add(self, one: Input, answer: "Answer") -> None:
        """Give an answer to each output."""
        if self.outputs:
            name = self.names.of(one)
            for output in self.outputs:
                output.add(one, name, answer)

    def close(self) -> None:
        """All answers have been added."""
        for output in self.outputs:
            output.close()

    def drop(self) -> None:
        """The work was stopped."""
        for output in self.outputs:
            output.drop()


def check(args: argparse.Namespace, predictor: "Predictor[Any]") -> None:
    """Raise BadInput for what such answers cannot be written as, before they are computed."""
    if args.plot is not None and not predictor.draws:
        raise BadInput(f"answers of {args.name} cannot be drawn; leave out --plot")
    if args.save is not None and args.save not in predictor.saves:
        kinds = " or ".join(predictor.saves)
        raise BadInput(f"answers of {args.name} are saved as {kinds}, not {args.save}")


def check_place(args: argparse.Namespace) -> None:
    """Refuse names that cannot be written to, before any weights are read.

    Raises:
        CannotWrite: for such a name.
        BadInput: for a plot that would be a video, another format, or in the place of an input.
    """
    if args.save is not None:
        refuse_file(Path(args.out))
    if args.plot is None:
        return
    if _is_folder(args.plot):
        refuse_file(Path(args.plot))
    elif Path(args.plot).suffix.lower() in VIDEOS:
        raise BadInput(
            f"--plot {args.plot}: frames are drawn to a .gif, or to FOLDER/ with a PNG for each"
        )
    else:
        destination(Path(args.plot))
        if Path(args.plot).suffix.lower() not in PLOTS:
            raise BadInput(f"--plot {args.plot}: give it the end .png or .gif, or name a FOLDER/")
        if any(_is_same_file(word, args.plot) for word in args.input):
            raise BadInput(f"--plot {args.plot} would replace the input; choose another name")


def _is_same_file(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):  # a text, an address, or what is not there
        return False


def refuse_file(folder: Path) -> None:
    """Refuse a folder for output that is something else.

    Raises:
        CannotWrite: if it is.
    """
    if not folder.is_dir():
        refuse_odd_kind(folder)
        if folder.exists():
            make_folder(folder)  # says that there is a file of that name


def _is_folder(plot: str) -> bool:
    return plot.endswith(os.sep) or os.path.isdir(plot)


def _plots(plot: str, of_text: bool) -> Output:
    if _is_folder(plot):
        return Folder(Path(plot))
    if plot.lower().endswith(".gif"):
        return Gif(Path(plot))
    return First(Path(plot), tells=not of_text)


class First:
    """A PNG of the first answer; it is drawn once all are printed."""

    def __init__(self, path: Path, tells: bool) -> None:
        self.path, self.tells, self.count = path, tells, 0
        self.first: Answer | None = None

    def add(self, one: Input, name: str, answer: "Answer") -> None:
        """Keep the first."""
        if self.first is None:
            self.first = answer
        self.count += 1

    def close(self) -> None:
        """Draw it."""
        from zoo.viz.curves import save

        if self.first is not None:
            save(self.first.plot(), self.path)
        if self.count > 1 and self.tells:
            note(f"{self.path} shows the first of {self.count} inputs; --plot FOLDER/ draws each")

    def drop(self) -> None:
        """Nothing is written yet."""


class Folder:
    """A PNG of each answer."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0

    def add(self, one: Input, name: str, answer: "Answer") -> None:
        """Draw it.

        Raises:
            BadInput: for an input that lies where its plot is to be written.
        """
        path = self.folder / f"{name}.png"
        if any(_is_same_file(word, str(path)) for word in one.words):
            raise BadInput(f"--plot: {path} would replace the input; choose another folder")
        picture = answer.picture()
        make_folder(self.folder)
        with atomic(path) as file:
            picture.save(file, "PNG")
        self.count += 1

    def close(self) -> None:
        """Say where they are."""
        note(f"{self.folder}: plots of {self.count} inputs")

    def drop(self) -> None:
        """Each plot is complete."""


class Gif:
    """A GIF of all answers, with the times of a video's frames."""

    def __init__(self, path: Path) -> None:
        from zoo.viz.gif import GifWriter

        self.writer = GifWriter(path)

    def add(self, one: Input, name: str, answer: "Answer") -> None:
        """Draw it."""
        self.writer.add(answer.picture(), one.frame.get("time"))

    def close(self) -> None:
        """The last frame."""
        self.writer.close()

    def drop(self) -> None:
        """There is no GIF."""
        self.writer.drop()


class Saved:
    """The files of each answer in a folder."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder, self.answers, self.written = kind, folder, 0, 0

    def add(self, one: Input, name: str, answer: "Answer") -> None:
        """Write them."""
        self.written += len(answer.save(self.folder, self.kind, name))
        self.answers += 1

    def close(self) -> None:
        """Say how many and where."""
        note(f"{self.folder}: {self.written} files ({self.kind}) of {self.answers} inputs")

    def drop(self) -> None:
        """Each file is complete."""


class Names:
    """A name for each input, without an end and different from all others.

    >>> names = Names()
    >>> [names.of(Input(raw)) for raw in ("a/x.png", "b/x.jpg", "b/X.png", "http://h/y.png?z")]
    ['x', 'x_2', 'X_3', 'y']
    """

    def __init__(self, numbered: bool = False) -> None:
        self.numbered = numbered
        self.taken: dict[str, int] = {}  # name in lower case -> the last number behind it
        self.stream = ("", "")  # a video, and its name
        self.count = 0

    def of(self, one: Input) -> str:
        """The name of the next input."""
        self.count += 1
        if self.numbered:  # texts
            return f"{self.count:06d}"
        if not one.frame:
            self.stream = ("", "")
            return self._free("_".join(_stem(word, len(one.words)) for word in one.words))
        if one.frame["frame"] == 0 or self.stream[0] != one.label:
            self.stream = (one.label, self._free(_stem(one.label)))
        return f"{self.stream[1]}_{one.frame['frame']:06d}"

    def _free(self, stem: str) -> str:
        name, key = stem, stem.casefold()
        while name.casefold() in self.taken:
            self.taken[key] += 1
            name = f"{stem}_{self.taken[key]}"
        self.taken.setdefault(name.casefold(), 1)
        return name


def _stem(word: str, words: int = 1) -> str:
    """The beginning of a name for what comes from a file or an address; one of so many words."""
    path = urlsplit(word).path if word.lower().startswith(("http://", "https://")) else word
    stem = Path(path).stem if path != "-" else "stdin"
    return os.fsdecode(os.fsencode(stem)[: LONGEST // words]) or "input"
