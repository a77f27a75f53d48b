"""Digests of the lines of a text by which it is recognised, one after the other: none is kept.

Proof: tests/data/text/test_token_stream.py.
"""

from collections.abc import Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from zoo.data.examples import Digests, digest
from zoo.data.text.text_file import BLOCK


class LineDigests(Sequence[Digests]):
    """Digests of a text's lines, computed when they are asked for."""

    def __init__(self, token_ids: Tensor, end: int, least: int) -> None:
        """Only where the lines are is found now."""
        self.ids: NDArray[Any] = token_ids.cpu().numpy()
        ends = [at + np.flatnonzero(self.ids[at : at + BLOCK] == end) + 1
                for at in range(0, len(self.ids), BLOCK)]  # fmt: skip
        cuts = np.concatenate([[0], *ends, [len(self.ids)]])
        long = np.flatnonzero(np.diff(cuts) > least)
        whole = not len(long)
        self.starts = cuts[:1] if whole else cuts[long]
        self.ends = cuts[-1:] if whole else cuts[long + 1]

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, at: int) -> Digests: ...
    @overload
    def __getitem__(self, at: slice) -> list[Digests]: ...
    def __getitem__(self, at: int | slice) -> Digests | list[Digests]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        line = self.ids[self.starts[at] : self.ends[at]]
        return (digest(line.astype(np.int32).tobytes()),)
