"""The nearest owners of vectors: who of thousands is this, and who comes second?

One matrix product and one choice of the smallest: |q - v|^2 = |q|^2 + |v|^2 - 2 q v, of which |v|^2
is computed once. An owner has several vectors; its distance is that of the nearest.
Proof: tests/ops/test_nearest.py.
"""

from collections.abc import Callable

import torch
from torch import Tensor

AT_ONCE = 16_000_000  # numbers of a table of distances in memory


class NearestOwners:
    """Vectors with their owners, ready to be searched.

    Args:
        vectors: (N, D) float32, N at least 1.
        owners: (N,) int64 from 0.
        apart: (Q, D) and (N, D) to how unlike they are, (Q, N); None: the squared distance.
    """

    def __init__(
        self,
        vectors: Tensor,
        owners: Tensor,
        apart: Callable[[Tensor, Tensor], Tensor] | None = None,
    ) -> None:
        self.vectors, self.owners, self._apart = vectors, owners, apart
        self._squares = vectors.square().sum(1)
        self.most = int(owners.bincount().max())  # vectors of one owner
        self.count = int(owners.unique().numel())

    @torch.inference_mode()
    def search(self, queries: Tensor, k: int = 2) -> tuple[Tensor, Tensor]:
        """The nearest owners of each query.

        Args:
            queries: (Q, D) float32.
            k: owners; fewer if there are fewer.

        Returns:
            (Q, k) int64 owners, the nearest first, and (Q, k) how unlike their nearest vector is.
        """
        rows = max(1, AT_ONCE // len(self.vectors))
        parts = [self._some(some, min(k, self.count)) for some in queries.split(rows)]
        if not parts:
            none = queries.new_zeros(0, min(k, self.count))
            return none.long(), none
        owners, values = zip(*parts, strict=True)
        return torch.cat(owners), torch.cat(values)

    def _some(self, queries: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """So many vectors that they are of k owners, however they are shared out."""
        enough = min((k - 1) * self.most + 1, len(self.vectors))
        found = self._table(queries).topk(enough, largest=False)
        owners = self.owners[found.indices]  # (Q, enough), ascending distances
        if k == 1:
            return owners, self._exact(queries, found.values)
        first = _first_of_each(owners)
        rank = first.cumsum(1)
        chosen = first & (rank <= k)
        at = chosen.nonzero()[:, 1].view(len(queries), k)
        return owners.gather(1, at), self._exact(queries, found.values.gather(1, at))

    def _table(self, queries: Tensor) -> Tensor:
        """(Q, N); of squared distances without |q|^2, which changes no order."""
        if self._apart is not None:
            return self._apart(queries, self.vectors)
        return torch.addmm(self._squares, queries, self.vectors.T, alpha=-2)

    def _exact(self, queries: Tensor, values: Tensor) -> Tensor:
        if self._apart is not None:
            return values
        return (values + queries.square().sum(1, keepdim=True)).clamp_min(0)


def _first_of_each(owners: Tensor) -> Tensor:
    """Whether a column has an owner that no column before it in its row has."""
    order = owners.sort(dim=1, stable=True)
    new = torch.ones_like(owners, dtype=torch.bool)
    new[:, 1:] = order.values[:, 1:] != order.values[:, :-1]
    return torch.zeros_like(new).scatter(1, order.indices, new)
