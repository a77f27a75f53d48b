"""Between steps: rows of the log, evaluation, early stopping, checkpoints, signals."""

import math
import time
from dataclasses import dataclass

from torch import nn

from zoo.engine import distributed
from zoo.engine.checkpoint import Checkpoints, Facts
from zoo.engine.checkpoint_contents import State
from zoo.engine.interrupt import Request
from zoo.engine.log import Log
from zoo.engine.loop_options import LoopOptions
from zoo.engine.task import Task
from zoo.errors import Interrupted, NotFinite


@dataclass
class Bookkeeping:
    """Log, evaluations, early stopping and checkpoints of a run; ``fit`` calls it each step."""

    task: Task
    state: State
    options: LoopOptions
    steps: int
    log: Log
    checkpoints: Checkpoints | None
    setting: Facts  # what a checkpoint records of the run
    request: Request
    began: float  # by time.monotonic
    scores: dict[str, float] | None = None  # of the last evaluation

    def seconds(self) -> float:
        """Training time, that of earlier processes included."""
        return self.state.seconds + time.monotonic() - self.began

    def over(self) -> bool:
        """All steps done, or patience exhausted."""
        stopped = (
            self.options.patience is not None
            and self.state.evaluations_since_best >= self.options.patience
        )
        return stopped or self.state.step >= self.steps

    def after_step(self, rate: float) -> None:
        """Log, evaluate and save as is due after the update that used the learning rate ``rate``.

        Raises:
            NotFinite: if a loss since the last row was not finite.
            Interrupted: if a signal asked to stop; the checkpoint is written.
        """
        step, every = self.state.step, self.options.evaluate_every
        self.state.steps_since_row += 1
        self.log.advance(step)
        evaluate = step == self.steps or bool(every and step % every == 0)
        if evaluate or step % self.options.log_every == 0:
            self._row(rate, evaluate)
        if self.checkpoints:
            self._save(self.checkpoints)

    def finish(self) -> dict[str, float]:
        """Load the final weights into the model, with patience the best ones; their scores."""
        state, scored = self.state, self._scored_model()
        last = self.scores or self._evaluate(scored)
        if state.best_weights:
            state.model.load_state_dict(state.best_weights)
            return self._evaluate(state.model) if state.evaluations_since_best else last
        if scored is not state.model:
            state.model.load_state_dict(scored.state_dict())
        return last

    def _scored_model(self) -> nn.Module:
        """The network that is evaluated: the moving average if there is one."""
        return self.state.ema.model if self.state.ema else self.state.model

    def _row(self, rate: float, evaluate: bool) -> None:
        state = self.state
        own = int(state.first_not_finite)
        first = -distributed.largest(-(own if own >= 0 else self.steps), state.device)
        if first < self.steps:  # the first of all ranks
            raise not_finite(first)
        loss = distributed.total(state.loss_sum).item() / (
            state.steps_since_row * distributed.world()
        )
        state.loss_sum.zero_()
        state.steps_since_row = 0
        row = {"lr": rate, "loss": loss}
        if evaluate:
            self.scores = self._evaluate(self._scored_model())
            self._track_best(self.scores)
            row |= {f"dev_{name}": score for name, score in self.scores.items()}
        if distributed.rank() == 0:
            self.log.write(state.step, **row)

    def _evaluate(self, model: nn.Module) -> dict[str, float]:
        """Scores of a network in eval mode."""
        training_model, self.task.model = self.task.model, model
        training = model.training
        try:
            model.eval()
            return self.task.evaluate()
        finally:
            model.train(training)
            self.task.model = training_model

    def _track_best(self, scores: dict[str, float]) -> None:
        """Early stopping: keep the best weights, count the evaluations since."""
        state, watch = self.state, self.options.watch
        if self.options.patience is None:
            return
        score, best = scores[watch], state.best_score
        better = best is None or math.isnan(best) or self._is_better(score, best)
        if better or score == best:  # of equals the last: small sets have many
            weights = self._scored_model().state_dict()
            state.best_weights = {k: v.detach().clone() for k, v in weights.items()}
        state.best_score = score if better else best
        state.evaluations_since_best = 0 if better else state.evaluations_since_best + 1

    def _is_better(self, score: float, best: float) -> bool:
        return score > best if self.options.better == "higher" else score < best

    def _save(self, checkpoints: Checkpoints) -> None:
        state, number = self.state, self.request.number
        if distributed.world() > 1:  # the ranks must agree; once per row of the log is enough
            agree = state.step % self.options.log_every == 0
            number = distributed.largest(number, state.device) if agree else 0
        if not (number or state.step % self.options.save_every == 0 or self.over()):
            return
        tensors, facts = state.tensors(), state.facts()
        if distributed.rank() == 0:
            checkpoints.save(
                state.step, tensors, {**facts, "setting": self.setting}, seconds=self.seconds()
            )
        distributed.barrier()
        if number and not self.over():
            raise Interrupted(
                f"stopped by signal {number} at step {state.step} of {self.steps}, after writing "
                f"a checkpoint to {checkpoints.folder}; the same command (without --fresh) "
                f"goes on from there",
                number,
            )


def not_finite(step: int) -> NotFinite:
    """The error for a loss or a gradient that is NaN or infinite."""
    return NotFinite(
        f"loss or gradient not finite at step {step}; the checkpoint before it stays: "
        "lower lr, set clip, or look at that batch"
    )
