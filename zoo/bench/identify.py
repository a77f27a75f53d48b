"""Who of 10,000 is this? A book's search beside scikit-learn's and plain NumPy, in turns.

Made-up people: a unit vector for each, its pictures a little beside it; the faces in question are
pictures of enrolled people. Every side gives the nearest identity and the next one, and before
anything is timed all must name the same nearest. scikit-learn searches by brute force, as it does
for so many numbers; NumPy multiplies and sorts out the best.
Proof: tests/bench/test_identify.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import normalize

from zoo.engine.seed import generator
from zoo.engine.timing import Work, interleaved
from zoo.errors import BadFile, BadInput
from zoo.ops.nearest import NearestOwners

ROUNDS = 31
HEAD = ("what", "faces", "vectors", "ms", "CPU ms", "times zoo", "by CPU")
MOST = 60.0  # seconds a row: slow machines run fewer rounds
OURS = "zoo"
Search = Callable[[], Tensor]


@dataclass(frozen=True)
class Row:
    """One side: median seconds; the ratios are medians over the rounds, above 1: slower."""

    what: str
    faces: int
    vectors: int
    seconds: float
    cpu: float
    ratio: float
    cpu_ratio: float

    def cells(self) -> tuple[str, ...]:
        """Text for a table."""
        times = [f"{1e3 * seconds:.2f}" for seconds in (self.seconds, self.cpu)]
        ratios = [f"{ratio:.2f}" for ratio in (self.ratio, self.cpu_ratio)]
        return (self.what, f"{self.faces:,}", f"{self.vectors:,}", *times, *ratios)


def run(
    rounds: int, *, people: int = 10000, pictures: int = 5, size: int = 512, faces: int = 100
) -> Iterator[Row]:
    """Measure all sides with a single face, and with many at once.

    Args:
        rounds: how often each side runs.
        people: how many are enrolled.
        pictures: of each.
        size: numbers of a vector.
        faces: how many there are at once.

    Raises:
        BadInput: for a number below 2.
        BadFile: if the sides do not name the same people.
    """
    if min(people, pictures, size, faces) < 2:
        raise BadInput("--people, --pictures, --size and --faces must be at least 2")
    vectors, owners, queries = made_up(people, pictures, size, faces)
    searches = sides(vectors, owners)
    for some in (queries[:1], queries):
        named = {name: search(some)[:, 0] for name, search in searches.items()}
        if any(not torch.equal(found, named[OURS]) for found in named.values()):
            raise BadFile("the sides do not name the same people; nothing to compare")
        ready = {name: partial(_prepared, partial(s, some)) for name, s in searches.items()}
        times = interleaved(ready, rounds, most=MOST)
        for name, one in times.items():
            ratios = one.ratio(times[OURS]), one.cpu_ratio(times[OURS])
            yield Row(name, len(some), len(vectors), one.median, one.cpu_median, *ratios)


def made_up(people: int, pictures: int, size: int, faces: int) -> tuple[Tensor, Tensor, Tensor]:
    """Vectors (N, D) and their owners (N,), and faces (Q, D) of enrolled people."""
    draw = generator(0, "bench identify")
    centres = normalize(torch.randn(people, size, generator=draw))
    owners = torch.arange(people).repeat_interleave(pictures)
    spread = 0.5 / size**0.5

    def near(rows: Tensor) -> Tensor:
        return normalize(centres[rows] + spread * torch.randn(len(rows), size, generator=draw))

    asked = torch.randint(0, people, (faces,), generator=draw)
    return near(owners), owners, near(asked)


def sides(vectors: Tensor, owners: Tensor) -> dict[str, Callable[[Tensor], Tensor]]:
    """Each side: faces (Q, D) to the nearest identity and the next, (Q, 2)."""
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    ours = NearestOwners(vectors, owners)
    rows, whose, most = vectors.numpy(), owners.numpy(), ours.most
    peer = NearestNeighbors(n_neighbors=most + 1, algorithm="brute").fit(rows)

    def two(found: np.ndarray) -> Tensor:
        """Of rows of vectors, the nearest first, the first two owners."""
        people = whose[found]
        other = (people != people[:, :1]).argmax(1)
        both = [people[:, 0], people[np.arange(len(people)), other]]
        return torch.from_numpy(np.stack(both, 1))

    def plainly(queries: Tensor) -> Tensor:
        alike = queries.numpy() @ rows.T
        best = np.argpartition(alike, -most - 1, axis=1)[:, -most - 1 :]
        order = np.take_along_axis(alike, best, 1).argsort(axis=1)[:, ::-1]
        return two(np.take_along_axis(best, order, 1))

    return {
        OURS: lambda queries: ours.search(queries)[0],
        "scikit-learn": lambda queries: two(peer.kneighbors(queries.numpy())[1]),
        "NumPy": plainly,
    }


def _prepared(side: Work) -> Work:
    return side  # there is nothing to prepare
