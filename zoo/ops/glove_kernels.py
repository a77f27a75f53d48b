"""GloVe's AdaGrad, one non-zero cell after another, compiled; imported late.

All parameters of a word lie together, ``state[i]`` = (w_i, w~_i, and the sums of squares of
both), and the cells (i, j) and (j, i) follow each other: what the first reads from memory, the
second finds in the cache. Threads may run this on the same state at once (Niu et al. 2011,
"Hogwild!"): now and then an update is lost.
Proof: tests/trainers/test_glove.py.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoo.ops.compiled import kernel

F32 = np.float32
CLIP = F32(100.0)  # of each element of a gradient, as in the authors' program: no cost becomes NaN
W, C, W_SUM, C_SUM = 0, 1, 2, 3


@kernel(nogil=True, fastmath=True)
def authors_move(i: int, j: int, slope: float, large: bool, state: Any, eta: float) -> None:
    """The rate stands inside the sums, and a sum gets its square after it was used.

    Args:
        slope: f(X_ij) times the error.
        large: whether to clip the gradient, which costs a fifth of the time.
    """
    if large:
        for k in range(state.shape[2]):
            w, c = state[i, W, k], state[j, C, k]
            dw = eta * min(max(slope * c, -CLIP), CLIP)
            dc = eta * min(max(slope * w, -CLIP), CLIP)
            state[i, W, k] = w - dw / np.sqrt(state[i, W_SUM, k])
            state[j, C, k] = c - dc / np.sqrt(state[j, C_SUM, k])
            state[i, W_SUM, k] += dw * dw
            state[j, C_SUM, k] += dc * dc
        return
    step = slope * eta
    for k in range(state.shape[2]):
        w, c = state[i, W, k], state[j, C, k]
        dw, dc = step * c, step * w
        w_sum, c_sum = state[i, W_SUM, k], state[j, C_SUM, k]
        state[i, W, k] = w - dw / np.sqrt(w_sum)
        state[j, C, k] = c - dc / np.sqrt(c_sum)
        state[i, W_SUM, k] = w_sum + dw * dw
        state[j, C_SUM, k] = c_sum + dc * dc


@kernel(nogil=True, fastmath=True)
def textbook_move(i: int, j: int, slope: float, state: Any, eta: float) -> None:
    """AdaGrad as Duchi et al. 2011 have it: the sum first, then the rate times g / sqrt(sum)."""
    for k in range(state.shape[2]):
        w, c = state[i, W, k], state[j, C, k]
        dw = min(max(slope * c, -CLIP), CLIP)
        dc = min(max(slope * w, -CLIP), CLIP)
        w_sum = state[i, W_SUM, k] + dw * dw
        c_sum = state[j, C_SUM, k] + dc * dc
        state[i, W, k] = w - eta * dw / np.sqrt(w_sum)
        state[j, C, k] = c - eta * dc / np.sqrt(c_sum)
        state[i, W_SUM, k] = w_sum
        state[j, C_SUM, k] = c_sum


@kernel(nogil=True, fastmath=True)
def step(
    i: int, j: int, log: float, weight: float, state: Any, bias: Any, eta: float, textbook: bool
) -> float:
    """One cell's update; its cost before it, f(X_ij) error^2 / 2."""
    error = bias[i, W] + bias[j, C] - log
    for k in range(state.shape[2]):
        error += state[i, W, k] * state[j, C, k]
    slope = weight * error
    square = slope * slope
    if textbook:
        textbook_move(i, j, slope, state, eta)
        bias[i, W_SUM] += square
        bias[j, C_SUM] += square
        bias[i, W] -= eta * slope / np.sqrt(bias[i, W_SUM])
        bias[j, C] -= eta * slope / np.sqrt(bias[j, C_SUM])
    else:
        # at a slope below 1 an element of a vector would have to exceed 100 to be clipped
        authors_move(i, j, slope, square > F32(1.0), state, eta)
        bias[i, W] -= slope / np.sqrt(bias[i, W_SUM])  # no rate, here and in the sums
        bias[j, C] -= slope / np.sqrt(bias[j, C_SUM])
        bias[i, W_SUM] += square
        bias[j, C_SUM] += square
    return F32(0.5) * slope * error


@kernel(nogil=True)
def steps(
    rows: NDArray[np.int32],
    columns: NDArray[np.int32],
    logs: NDArray[np.float32],
    weights: NDArray[np.float32],
    state: NDArray[np.float32],
    bias: NDArray[np.float32],
    eta: float,
    textbook: bool,
) -> float:
    """The cells (i, j) and (j, i) of each pair in turn; the sum of their costs, in float64.

    Args:
        rows, columns, logs, weights: (N,) i, j, log X_ij and f(X_ij).
        state: (V, 4, D) vectors, context vectors, sums of squares of both; changed.
        bias: (V, 4) the same of the biases; changed.
        eta: the rate, float32.
        textbook: whose AdaGrad.
    """
    cost = 0.0
    for n in range(len(rows)):
        i, j = rows[n], columns[n]
        cost += step(i, j, logs[n], weights[n], state, bias, eta, textbook)
        if i != j:
            cost += step(j, i, logs[n], weights[n], state, bias, eta, textbook)
    return cost
