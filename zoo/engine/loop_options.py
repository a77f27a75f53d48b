"""What a run may have beyond model, loss, optimizer and steps: clipping, EMA, early stopping, ...

zoo/engine/fit.py does what concerns a step, zoo/engine/between_steps.py the rest.
Proof: tests/engine/test_fit.py.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class LoopOptions:
    """Options of the training loop; by default next to nothing is done beyond the steps."""

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
