"""word2vec's outer loops, compiled: sentences, windows, and the three ways to learn from one.

Mikolov et al. 2013, arXiv:1301.3781, fig. 1. The window is taken after frequent words have been
thinned out, and its reach is drawn anew for every word from 1..window.
Importing this file needs numba: import it late.
Proof: tests/trainers/test_word2vec.py.
"""

from typing import Any

from zoo.ops.word2vec_kernels import (
    CBOW,
    HALF,
    REPORT,
    SHARED,
    Array,
    Scratch,
    Targets,
    Text,
    Way,
    below,
    choose,
    copy,
    draw,
    f32,
    jit,
    part,
    step,
)


@part
def thinned(text: Text, first: int, end: int, own: Scratch) -> int:
    """The words of a sentence that are kept, into own.sentence; how many."""
    n = 0
    for place in range(first, end):
        word = text.tokens[place]
        if (draw(own.rng) >> HALF) < text.keep[word]:
            own.sentence[n] = word
            n += 1
    return n


@part
def gather(i: int, n: int, reach: int, own: Scratch) -> int:
    """The words around the i-th, into own.context; how many."""
    m = 0
    for j in range(max(0, i - reach), min(n, i + reach + 1)):
        if j != i:
            own.context[m] = own.sentence[j]
            m += 1
    return m


@part
def mean(m: int, inputs: Array, own: Scratch) -> None:
    """CBOW's input into own.x[0], and its error begun anew."""
    dim = len(own.size[0].v)
    share = f32(1) / f32(m)
    for k in range(dim):
        own.x[0, k] = f32(0)
        own.error[0, k] = f32(0)
    for j in range(m):
        c = own.context[j]
        for k in range(dim):
            own.x[0, k] += share * inputs[c, k]


@part
def spread(m: int, inputs: Array, divide: bool, own: Scratch) -> None:
    """CBOW's error to each of the contexts, divided by their number or not."""
    share = f32(1) / f32(m) if divide else f32(1)
    for j in range(m):
        c = own.context[j]
        for k in range(len(own.size[0].v)):
            inputs[c, k] += share * own.error[0, k]


@part
def learn(
    word: int,
    m: int,
    kind: int,
    inputs: Array,
    outputs: Array,
    targets: Targets,
    lr: Any,
    own: Scratch,
) -> float:
    """A window of m contexts: one small matrix product, or for PAIR one vector after another.

    No array here has two names: to count who uses it would take longer than to use it.
    """
    if kind == CBOW:
        mean(m, inputs, own)
        n = choose(word, targets, own)
        return step(
            own.error, own.first, 0, 1, outputs, own.out, own.label, n, own.x, own.g, own.size, lr
        )
    if kind == SHARED:
        for j in range(m):
            copy(own.x, j, inputs, own.context[j], own.size)
        n = choose(word, targets, own)
        return step(
            inputs, own.context, 0, m, outputs, own.out, own.label, n, own.x, own.g, own.size, lr
        )
    loss = 0.0
    for turn in range(m):
        copy(own.x, 0, inputs, own.context[turn], own.size)
        n = choose(word, targets, own)
        loss += step(
            inputs, own.context, turn, 1, outputs, own.out, own.label, n, own.x, own.g, own.size, lr
        )
    return loss


@part
def rate(way: Way, progress: Array) -> Any:
    """The learning rate after the words that all threads have seen, never below lr/10,000."""
    done = 0
    for t in range(progress.shape[0]):
        done += progress[t]
    return f32(way.lr * max(1.0 - done / (way.total + 1.0), 1e-4))


@jit
def train_share(
    text: Text,
    first: int,
    end: int,
    inputs: Array,
    outputs: Array,
    targets: Targets,
    way: Way,
    own: Scratch,
    progress: Array,
    thread: int,
    stop: Array,
) -> tuple[float, int]:
    """One reading of sentences first..end-1.

    Args:
        progress: (threads,) words that each thread has seen in all epochs so far.
        stop: (1,) not 0 when somebody wants it to end early.

    Returns:
        Sum of the losses and number of predictions.
    """
    loss, predictions, since = 0.0, 0, 0
    lr = rate(way, progress)
    for s in range(first, end):
        a, b = text.offsets[s], text.offsets[s + 1]
        n = thinned(text, a, b, own)
        for i in range(n):
            m = gather(i, n, 1 + below(draw(own.rng), way.window), own)
            if m == 0:
                continue
            word = own.sentence[i]
            loss += learn(word, m, way.kind, inputs, outputs, targets, lr, own)
            predictions += m
            if way.kind == CBOW:
                spread(m, inputs, way.divide, own)
                predictions += 1 - m
        since += b - a
        if since > REPORT:
            progress[thread] += since
            since = 0
            lr = rate(way, progress)
            if stop[0] != 0:
                break
    progress[thread] += since
    return loss, predictions
