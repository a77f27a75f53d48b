"""The ROC curve of verification: how many pairs of the same are found at which false accepts.

Notes: course 4, week 4, "Face Verification". Proof: tests/viz/test_roc.py.
"""

from pathlib import Path

from zoo.metrics.verification.roc import RocCurve
from zoo.viz.curves import new_figure, save

LEAST = 0.01  # percent of false accepts, the left end of the logarithmic axis


def roc_figure(
    curve: RocCurve, path: Path, *, threshold: float | None = None, title: str = ""
) -> None:
    """Draw the curve to a PNG, with the equal error rate and the point of a threshold."""
    figure, axis = new_figure(1, 1, width=5.2, height=4.2)
    accepted, found = curve.false_accept.clamp(min=LEAST), 100 - curve.false_reject
    axis.plot(accepted, found, lw=1, drawstyle="steps-post")
    axis.plot([curve.eer], [100 - curve.eer], "o", ms=4, label=f"EER {curve.eer:.2f} %")
    if threshold is not None:
        at = int((curve.thresholds <= threshold).sum()) - 1
        axis.plot(
            [float(accepted[at])],
            [float(found[at])],
            "ks",
            ms=4,
            label=f"threshold {threshold:.3g}",
        )
    axis.set(
        xscale="log", xlim=(LEAST, 100), ylim=(0, 101), title=title,
        xlabel="pairs of two taken for the same (%)", ylabel="pairs of the same found (%)",
    )  # fmt: skip
    axis.title.set_fontsize(9)
    axis.grid(color="0.9")
    axis.legend(frameon=False, fontsize=8, loc="lower right")
    save(figure, path)
