"""What the readers of the user's data tell: what was read, what was left out, what cannot be used.

A reader puts these lines into ``notices`` of its data; verbs print them on standard error.
Proof: tests/data/own/test_told.py.
"""

from collections.abc import Collection, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from zoo.errors import OBEYED, BadInput, ZooError

MOST = 10  # names in a line


def few(names: Sequence[str], most: int = MOST, between: str = ", ") -> str:
    """At most so many names, and how many more there are.

    >>> few(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return between.join(names[:most]) + more


def counted(count: int, kind: str) -> str:
    """A number with its noun, of which ``kind`` is the plural.

    >>> counted(1, "images"), counted(2, "images"), counted(1, "classes"), counted(1, "boxes")
    ('1 image', '2 images', '1 class', '1 box')
    """
    one = kind.removesuffix("es") if kind.endswith(("sses", "xes")) else kind.removesuffix("s")
    return f"{count:,} {one if count == 1 else kind}"


def what_was_read(
    what: str, parts: Mapping[str, int], set_aside: Collection[str] = (), how: str = "from train"
) -> str:
    """The line of every reader: what it is, the size of each part, which parts zoo made itself.

    Args:
        what: such as "64 images in 2 classes".
        set_aside: the parts that the user's data did not have.
        how: where they were taken from.

    >>> what_was_read("20 texts", {"train": 16, "dev": 2, "test": 2}, ["dev", "test"])
    'read 20 texts: train 16, dev 2, test 2 (dev and test set aside from train)'
    """
    sizes = ", ".join(f"{name} {size:,}" for name, size in parts.items())
    made = f" ({' and '.join(set_aside)} set aside {how})" if set_aside else ""
    return f"read {what}: {sizes}{made}"


def in_train_too(parts: Mapping[str, Sequence[Hashable]]) -> tuple[str, ...]:
    """A line about the examples of dev and test that train has too, or none.

    >>> in_train_too({"train": ["a", "b"], "dev": ["c"], "test": ["b", "d"]})
    ('also in train, which flatters the scores: 1 of 2 of test',)
    """
    train = {*parts["train"]}
    counts = {name: sum(one in train for one in parts[name]) for name in ("dev", "test")}
    found = [f"{n:,} of {len(parts[name]):,} of {name}" for name, n in counts.items() if n]
    return (f"also in train, which flatters the scores: {', '.join(found)}",) if found else ()


def unknown_share(words: Iterable[str], known: Container[str]) -> str:
    """How much of a text is unknown to weights.

    >>> unknown_share(["a", "film", "by", "a"], {"a", "film"})
    '25.0 % of the words of train are unknown to them'
    """
    flags = [word not in known for word in words]
    return (
        f"{100 * sum(flags) / max(len(flags), 1):.1f} % of the words of train are unknown to them"
    )


def refuse_odd_names(names: Iterable[str], what: str) -> None:
    r"""Refuse names that no card may hold, before a network is trained that could not be loaded.

    >>> refuse_odd_names(["good", "bad\x1b[31m"], "label")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    zoo.errors.BadInput: the label 'bad\x1b[31m' has a control character or ...; spell it otherwise

    Args:
        what: they are, in the singular.

    Raises:
        BadInput: for the first one with a control character or a turn of the writing direction.
    """
    for name in names:
        if OBEYED.search(name):
            raise BadInput(
                f"the {what} {name!r} has a control character or turns the direction of text; "
                "spell it otherwise"
            )


class LeftOut:
    """Files that are not read, by the reason why.

    >>> found = LeftOut()
    >>> found.add("no images", Path("a/notes.txt"), Path("a/labels.csv"))
    >>> found.told()
    ('left out: no images (2: notes.txt, labels.csv)',)
    """

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}

    def add(self, reason: str, *paths: Path) -> None:
        """Files that are left out for this reason."""
        if not paths:
            return
        self.names.setdefault(reason, []).extend(path.name for path in paths)

    def told(self) -> tuple[str, ...]:
        """All of them in one line, or none."""
        if not self.names:
            return ()
        found = (f"{reason} ({len(n):,}: {few(n, most=3)})" for reason, n in self.names.items())
        return (f"left out: {'; '.join(found)}",)


class Unusable:
    """Examples that cannot be used: all are named at once, or they are left out and listed.

    >>> images = Unusable("images", skip=True)
    >>> with images.noted():
    ...     raise BadInput("a.png is damaged")
    >>> images.settled(20)
    ['left out 1 of 20 images that cannot be used: a.png is damaged']
    """

    def __init__(self, kind: str, *, skip: bool = False, where: str = "") -> None:
        """None so far.

        Args:
            kind: what they are, in the plural, for messages.
            skip: leave them out, which the user has to ask for.
            where: the file they are in, if their errors do not name it.
        """
        self.kind, self.skip, self.where = kind, skip, where
        self.errors: list[tuple[type[ZooError], str]] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """A context that ends at a ``ZooError``, which is kept, and goes on after it."""
        try:
            yield
        except ZooError as error:
            self.errors.append((type(error), str(error)))

    def settled(self, total: int) -> list[str]:
        """What there is to tell, if they are to be left out.

        Args:
            total: how many examples there were, these included.

        Raises:
            ZooError: if there are any that are not to be left out; of their type if it is one.
        """
        if not self.errors:
            return []
        lines = few([line for _, line in self.errors], between="; ")
        several = f"{self.where}: " if self.where else ""
        number = f"{len(self.errors):,} of {counted(total, self.kind)}"
        if self.skip:
            return [f"left out {number} that cannot be used: {several}{lines}"]
        types = {kind for kind, _ in self.errors}
        error = types.pop() if len(types) == 1 else BadInput
        if len(self.errors) == 1:
            one = f"{self.where} {lines}".strip()
            raise error(f"{one}; mend or remove it, or leave it out with --skip-bad")
        raise error(
            f"{several}{number} cannot be used: {lines}; mend or remove them, or leave them out "
            "with --skip-bad"
        )
