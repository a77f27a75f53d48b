"""What a run may have beyond model, loss, optimizer and steps: clipping, EMA, early stopping, ...

zoo/engine/fit.py does what concerns a step, zoo/engine/between_steps.py the rest.
Proof: tests/engine/test_fit.py, tests/engine/test_loop_options.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from zoo.errors import BadInput, unknown

COUNTS = ("accumulate", "log_every", "save_every", "evaluate_every", "patience")
WORDS = {"better": ("lower", "higher"), "precision": ("float32", "bfloat16")}
MOST_BATCHES = 100_000  # of an update
LARGEST = 3.4e38  # of a float32; a bound above it bounds nothing


@dataclass(frozen=True)
class LoopOptions:
    """Options of the training loop; by default next to nothing is done beyond the steps.

    Raises:
        BadInput: for a number out of range, or one that would have no effect.
    """

    clip: float | None = None  # largest L2 norm of the gradient
    clip_value: float | None = None  # largest size of each number in the gradient
    accumulate: int = 1  # batches per update
    ema: float | None = None  # decay of the moving average that is evaluated and kept
    precision: str = "float32"  # or "bfloat16": mixed precision by autocast
    compile: bool = False  # torch.compile
    channels_last: bool | Literal["auto"] = False  # memory_format; "auto": the faster one here
    log_every: int = 50  # steps
    evaluate_every: int | None = None  # steps; None: at the end only
    patience: int | None = None  # evaluations without a better score; then stop, keep the best
    watch: str = "error"  # the score that patience watches
    better: Literal["lower", "higher"] = "lower"  # which values of that score are better
    save_every: int = 500  # steps between checkpoints, if there is a folder for them

    def __post_init__(self) -> None:
        self._check_choices()
        for name, bound in {"clip": self.clip, "clip_value": self.clip_value}.items():
            if bound is not None and not 0 < bound <= LARGEST:
                raise BadInput(f"{name} must be above 0 and at most {LARGEST:g}, got {bound:g}")
        if self.ema is not None and not 0 < self.ema < 1:
            raise BadInput(f"ema must lie between 0 and 1, got {self.ema:g}")
        if self.patience is not None and self.evaluate_every is None:
            raise BadInput("patience counts evaluations: set evaluate_every too")

    def _check_choices(self) -> None:
        for name in COUNTS:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BadInput(f"{name} must be at least 1, got {value}")
        if self.accumulate > MOST_BATCHES:
            raise BadInput(f"accumulate must be at most {MOST_BATCHES:,}, got {self.accumulate:,}")
        for name, words in WORDS.items():
            if getattr(self, name) not in words:
                raise BadInput(f"{name} must be {' or '.join(words)}, got {getattr(self, name)!r}")

    @property
    def watches(self) -> bool:
        """Whether a score is watched, or asked to be."""
        return self.patience is not None or self.watch != LoopOptions.watch

    def check_watch(self, scores: Mapping[str, str]) -> None:
        """Refuse a score that the task does not give, or one whose direction is the other one.

        Args:
            scores: name -> "lower" or "higher", whichever is better; "" where that is not known.

        Raises:
            UnknownName, BadInput: with what the task gives.
        """
        if self.watch not in scores:
            raise unknown("score to watch", self.watch, scores)
        better = scores[self.watch] or self.better
        if self.patience is not None and better != self.better:
            raise BadInput(f"watch={self.watch} is better when {better}: set better={better}")
