"""From which dissimilarity on a face is unknown: chosen on the user's own pictures.

All pairs of enrolled pictures are compared: those of one identity and those of two. The threshold
is where both kinds of errors are equally frequent, or the highest with a wished rate of false
accepts. Measured on the pairs that chose it, its errors would be too few; so identities are left
out in turn (10 parts, as in the protocol of LFW): the threshold of the others judges the pairs of
these. Pairs that share a picture are not independent: an interval counts only as many as can be
made without.
Proof: tests/faces/test_threshold.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import torch
from torch import Tensor

from zoo.data.image.identities.decision import Decision
from zoo.engine.seed import generator
from zoo.errors import BadFile, BadInput
from zoo.metrics.intervals import wilson
from zoo.metrics.verification.roc import roc_curve

Apart = Callable[[Tensor, Tensor], Tensor]
MOST = 3000  # pictures of which all pairs are compared; of more, so many are drawn
PARTS = 10  # in which identities are left out
ORIGINS = ("fitted", "card", "usual", "given")


@dataclass(frozen=True)
class Threshold:
    """A threshold, where it comes from, and what it is worth. Rates in percent.

    Attributes:
        value: the greatest dissimilarity that counts as the same.
        origin: "fitted" on these pictures; the "card"'s; the "usual" one of such networks, where
            the card has none; "given" by the user.
        wished: the rate of false accepts that was asked for; None: errors equally frequent.
        same_pairs, other_pairs: how many pairs of one identity and of two there were.
        same_alone, other_alone: how many can be made of which no two share a picture.
        false_accept, false_reject: None where there is no pair of the kind.
        held_out: whether the rates are those of identities that chose nothing.
        asked: pictures that were looked for among the others, by the threshold:
        named, misnamed: how many got their own name, and how many another; the rest were unknown.
        strangers: how many of all pictures got a name once their own identity was left out.
        pictures: all.
        least_margin, median_margin: of those named right, by how much the next identity is less
            alike; None of none.
    """

    value: float
    origin: str
    wished: float | None = None
    same_pairs: int = 0
    other_pairs: int = 0
    same_alone: int = 0
    other_alone: int = 0
    false_accept: float | None = None
    false_reject: float | None = None
    held_out: bool = False
    asked: int = 0
    named: int = 0
    misnamed: int = 0
    strangers: int = 0
    pictures: int = 0
    least_margin: float | None = None
    median_margin: float | None = None

    @classmethod
    def of(cls, decision: Decision) -> "Threshold":
        """That of a network, not yet measured here."""
        return cls(decision.threshold, "usual" if decision.source else "card")

    def interval(self, rate: float | None, alone: int) -> tuple[float, float]:
        """95 % interval of a rate (%) that rests on so many independent pairs."""
        low, high = wilson(round((rate or 0.0) / 100 * alone), alone)
        return 100 * low, 100 * high

    def lines(self) -> list[str]:
        """What the threshold is and what it rests on."""
        others = {"card": "that of the network's card", "usual": "the usual one", "given": "given"}
        how = others.get(self.origin) or (
            "both errors equally frequent"
            if self.wished is None
            else f"at most {self.wished:g} % false accepts"
        )
        lines = [f"threshold {self.value:.4f}: {how}"]
        rates = [
            self._rate("false accepts", self.false_accept, self.other_pairs, self.other_alone),
            self._rate("false rejects", self.false_reject, self.same_pairs, self.same_alone),
        ]
        where = "identities left out in turn" if self.held_out else "the pairs themselves"
        lines.append("; ".join(rates) + (f" (on {where})" if self.origin == "fitted" else ""))
        if self.wished is not None and self.other_pairs * self.wished < 100:
            lines.append(
                f"{self.other_pairs:,} pairs cannot show a rate of {self.wished:g} %: that takes "
                f"{100 / self.wished:,.0f} or more; the threshold lies below all of them"
            )
        if self.asked:
            unknown = self.asked - self.named - self.misnamed
            lines.append(
                f"each of {self.asked:,} pictures looked for among the others: {self.named:,} "
                f"named right, {self.misnamed:,} wrong, {unknown:,} unknown" + self._margins()
            )
        if self.other_pairs:
            lines.append(
                f"without their own identity {self.strangers:,} of {self.pictures:,} pictures get "
                "a name: so often a stranger would"
            )
        return lines

    def _margins(self) -> str:
        if self.least_margin is None or self.median_margin is None:
            return ""
        both = f"{self.median_margin:.4f} (median), {self.least_margin:.4f} (least)"
        return f"; the margin to the next identity was {both}"

    def _rate(self, what: str, rate: float | None, pairs: int, alone: int) -> str:
        kind = "two" if what == "false accepts" else "one identity"
        if rate is None:
            return f"{what} unknown, there is no pair of {kind}"
        low, high = self.interval(rate, alone)
        few = "few: " if alone < 30 else ""
        return (
            f"{what} {rate:.2f} % of {pairs:,} pairs of {kind} (95 % interval {low:.2g} to "
            f"{high:.2g} %, {few}{alone:,} share no picture)"
        )

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Threshold":
        """The reverse.

        Raises:
            BadFile: if it is no such record.
        """
        kinds: dict[str, tuple[type, ...]] = {
            "value": (float, int),
            "origin": (str,),
            "held_out": (bool,),
        }
        rates = ("wished", "false_accept", "false_reject", "least_margin", "median_margin")
        kinds |= dict.fromkeys(rates, (float, int, type(None)))
        names = cls.__dataclass_fields__.keys()
        right = isinstance(record, dict) and record.keys() == names and record["origin"] in ORIGINS
        if not right or not all(
            type(value) in kinds.get(name, (int,)) and _in_order(value)
            for name, value in record.items()
        ):
            raise BadFile("its threshold is not understood")
        return cls(**record)


def _in_order(value: Any) -> bool:
    return not isinstance(value, float | int) or abs(value) < 1 << 60  # NaN is not


def fit(
    vectors: Tensor,
    owners: Tensor,
    apart: Apart,
    *,
    wished: float | None = None,
    fixed: tuple[float, str] | None = None,
    seed: int = 0,
) -> Threshold:
    """The threshold of some vectors, and what it is worth there.

    Args:
        vectors: (N, D).
        owners: (N,) identities.
        apart: how unlike each of (N, D) is to each of (M, D).
        wished: rate of false accepts in percent; None: both errors equally frequent.
        fixed: a threshold to be measured only, and its origin; of no pairs to choose on it is
            needed.

    Raises:
        BadInput: without pairs of both kinds and ``fixed``; for a rate out of range.
    """
    if wished is not None and not 0 < wished < 100:
        raise BadInput(f"the wished rate of false accepts must lie in (0, 100) %, got {wished:g}")
    if len(vectors) > MOST:
        rows = torch.randperm(len(vectors), generator=generator(seed, "pairs"))[:MOST]
        vectors, owners = vectors[rows], owners[rows]
    table = apart(vectors, vectors).double()
    one = owners[:, None] == owners
    upper = torch.ones_like(one).triu(1)
    both = bool((one & upper).any()) and bool((~one & upper).any())
    if fixed is None and not both:
        identities = int(owners.unique().numel())
        raise BadInput(
            f"a threshold is chosen on pairs of one identity and of two; {len(vectors)} pictures "
            f"of {identities} give none of one kind: give --threshold, or enroll two identities "
            "with two pictures each"
        )
    value, origin = fixed or (_chosen(table, one, upper, wished), "fitted")
    held = _held_out(table, one, upper, owners, wished) if fixed is None else None
    rates = held or _rates(table, one & upper, ~one & upper, value)
    accept, reject = (None if counts[1] == 0 else 100 * counts[0] / counts[1] for counts in rates)
    counts = owners.bincount()
    return Threshold(
        value,
        origin,
        wished if fixed is None else None,
        int((one & upper).sum()),
        int((~one & upper).sum()),
        int((counts // 2).sum()),
        min(len(owners) // 2, len(owners) - int(counts.max())),
        accept,
        reject,
        held is not None,
        *_searched(table, one, value),
    )


Counts = tuple[int, int]  # errors, pairs


def _chosen(table: Tensor, one: Tensor, upper: Tensor, wished: float | None) -> float:
    curve = roc_curve(table[one & upper], table[~one & upper])
    return curve.eer_threshold if wished is None else curve.threshold_at(wished)


def _rates(table: Tensor, same: Tensor, other: Tensor, value: float) -> tuple[Counts, Counts]:
    """False accepts among pairs of two, false rejects among pairs of one."""
    accepts, rejects = int((table[other] <= value).sum()), int((table[same] > value).sum())
    return (accepts, int(other.sum())), (rejects, int(same.sum()))


def _held_out(
    table: Tensor, one: Tensor, upper: Tensor, owners: Tensor, wished: float | None
) -> tuple[Counts, Counts] | None:
    """The rates on the pairs of identities that did not choose; None if there are too few."""
    identities = owners.unique()
    part_of = torch.zeros(int(identities.max()) + 1, dtype=torch.int64)
    part_of[identities] = torch.arange(len(identities)) % PARTS
    part, sums = part_of[owners], torch.zeros(2, 2, dtype=torch.int64)
    for number in range(min(PARTS, len(identities))):
        left = part == number
        others = ~left[:, None] & ~left & upper
        if not (one & others).any() or not (~one & others).any():
            return None
        value = _chosen(table, one, others, wished)
        own = (left[:, None] | left) & upper
        sums += torch.tensor(_rates(table, one & own, ~one & own, value))
    (accepts, two), (rejects, same) = sums.tolist()
    return (accepts, two), (rejects, same)


def _searched(table: Tensor, one: Tensor, value: float) -> tuple[Any, ...]:
    """The last fields of a ``Threshold``, "asked" first: each picture looked for among others."""
    itself = torch.eye(len(table), dtype=torch.bool)
    own = table.masked_fill(~one | itself, torch.inf).amin(1)
    other = table.masked_fill(one, torch.inf).amin(1)
    asked = own.isfinite()
    named = asked & (own <= value) & (own <= other)
    misnamed = asked & (other <= value) & (other < own)
    sums = [int(flags.sum()) for flags in (asked, named, misnamed, other <= value)]
    margins = (other - own)[named & other.isfinite()].tolist()
    return (*sums, len(table), min(margins, default=None), median(margins) if margins else None)
