"""word2vec's outer loops, compiled: sentences, windows, and the three updates of a window.

Mikolov et al. 2013, arXiv:1301.3781, fig. 1. The window is taken after the subsampling of
frequent words, and its reach is drawn for every word from 1..window.
Importing this file needs numba: import it late.
Proof: tests/trainers/test_word2vec.py.
"""

from typing import Any

from zoo.ops.word2vec_kernels import (
    CBOW,
    HALF,
    SHARED,
    UPDATE_EVERY,
    Array,
    Buffers,
    Method,
    Targets,
    Text,
    below,
    choose,
    copy,
    draw,
    f32,
    jit,
    part,
    step,
    width,
)


@part
def subsample(text: Text, first: int, end: int, buffers: Buffers) -> int:
    """Copy the words that subsampling keeps into buffers.sentence; how many."""
    n = 0
    for place in range(first, end):
        word = text.tokens[place]
        if (draw(buffers.rng) >> HALF) < text.keep[word]:
            buffers.sentence[n] = word
            n += 1
    return n


@part
def gather(i: int, n: int, reach: int, buffers: Buffers) -> int:
    """Copy the words around the i-th into buffers.context; how many."""
    m = 0
    for j in range(max(0, i - reach), min(n, i + reach + 1)):
        if j != i:
            buffers.context[m] = buffers.sentence[j]
            m += 1
    return m


@part
def mean(m: int, inputs: Array, buffers: Buffers) -> None:
    """CBOW's mean of the contexts into buffers.x[0]; its error is reset."""
    dim = width(buffers.size)
    share = f32(1) / f32(m)
    for k in range(dim):
        buffers.x[0, k] = f32(0)
        buffers.error[0, k] = f32(0)
    for j in range(m):
        c = buffers.context[j]
        for k in range(dim):
            buffers.x[0, k] += share * inputs[c, k]


@part
def spread(m: int, inputs: Array, divide: bool, buffers: Buffers) -> None:
    """Add CBOW's error to each of the contexts, divided by their number or not."""
    share = f32(1) / f32(m) if divide else f32(1)
    for j in range(m):
        c = buffers.context[j]
        for k in range(width(buffers.size)):
            inputs[c, k] += share * buffers.error[0, k]


@part
def train_window(
    word: int,
    m: int,
    kind: int,
    inputs: Array,
    outputs: Array,
    targets: Targets,
    lr: Any,
    buffers: Buffers,
) -> float:
    """A window of m contexts: one small matrix product, or for PAIR one vector after another.

    No array here has two names: counting its references would take longer than using it.
    """
    if kind == CBOW:
        mean(m, inputs, buffers)
        n = choose(word, targets, buffers)
        return step(
            buffers.error,
            buffers.first,
            0,
            1,
            outputs,
            buffers.out,
            buffers.label,
            n,
            buffers.x,
            buffers.g,
            buffers.size,
            lr,
        )
    if kind == SHARED:
        for j in range(m):
            copy(buffers.x, j, inputs, buffers.context[j], buffers.size)
        n = choose(word, targets, buffers)
        return step(
            inputs,
            buffers.context,
            0,
            m,
            outputs,
            buffers.out,
            buffers.label,
            n,
            buffers.x,
            buffers.g,
            buffers.size,
            lr,
        )
    loss = 0.0
    for turn in range(m):
        copy(buffers.x, 0, inputs, buffers.context[turn], buffers.size)
        n = choose(word, targets, buffers)
        loss += step(
            inputs,
            buffers.context,
            turn,
            1,
            outputs,
            buffers.out,
            buffers.label,
            n,
            buffers.x,
            buffers.g,
            buffers.size,
            lr,
        )
    return loss


@part
def rate(method: Method, progress: Array) -> Any:
    """The learning rate after the words that all threads have seen, never below lr/10,000."""
    done = 0
    for t in range(progress.shape[0]):
        done += progress[t]
    return f32(method.lr * max(1.0 - done / (method.total + 1.0), 1e-4))


@jit
def train_share(
    text: Text,
    first: int,
    end: int,
    inputs: Array,
    outputs: Array,
    targets: Targets,
    method: Method,
    buffers: Buffers,
    progress: Array,
    thread: int,
    stop: Array,
) -> tuple[float, int]:
    """One reading of sentences first..end-1.

    Args:
        progress: (threads,) words that each thread has seen in all epochs so far.
        stop: (1,) not 0 to request an early end.

    Returns:
        Sum of the losses and number of predictions.
    """
    loss, predictions, since = 0.0, 0, 0
    lr = rate(method, progress)
    for s in range(first, end):
        a, b = text.offsets[s], text.offsets[s + 1]
        n = subsample(text, a, b, buffers)
        for i in range(n):
            m = gather(i, n, 1 + below(draw(buffers.rng), method.window), buffers)
            if m == 0:
                continue
            word = buffers.sentence[i]
            loss += train_window(word, m, method.kind, inputs, outputs, targets, lr, buffers)
            predictions += m
            if method.kind == CBOW:
                spread(m, inputs, method.divide, buffers)
                predictions += 1 - m
        since += b - a
        if since > UPDATE_EVERY:
            progress[thread] += since
            since = 0
            lr = rate(method, progress)
            if stop[0] != 0:
                break
    progress[thread] += since
    return loss, predictions
