"""word2vec's inner loops, compiled: one thread's share of the corpus.

Mikolov et al. 2013, arXiv:1301.3781 and 1310.4546. The readable form of the same updates is
zoo/models/word2vec.py with zoo/losses/sampled.py, with which the tests compare these. The speed
comes from

- negatives drawn once for a window, not for each pair (Ji et al. 2016, arXiv:1604.04661): the
  window is then a small matrix product, in which a row read once serves four others;
- rows whose length is part of their type, so that the compiler knows the trip count of its loops.

Threads update the same tables without locks (Recht et al. 2011, "Hogwild!").
Deviations: the sigmoid is interpolated in a table up to 12 in size (the published program has
steps of 0.012 up to 6 and takes 0 or 1 beyond); a target drawn twice for one window is updated by
the sum of both errors, each taken before the update.
Importing this file needs numba, which takes a second: import it late.
Proof: tests/trainers/test_word2vec.py.
"""

from typing import Any, NamedTuple

import numpy as np

from zoo.ops.compiled import intrinsic, kernel, njit, types

Array = np.ndarray[Any, Any]
jit: Any = kernel(nogil=True, fastmath=True, error_model="numpy")
part: Any = njit(inline="always")  # of a jit function: compiled with it, once
f32, u64 = np.float32, np.uint64

LIMIT, STEPS = 12.0, 2048
SIGMOID = (1 / (1 + np.exp(-np.linspace(-LIMIT, LIMIT, STEPS + 1)))).astype(np.float32)
SCALE = f32(STEPS / (2 * LIMIT))
EDGE = f32(LIMIT * (1 - 1e-6))
GOLDEN, MIX1, MIX2 = u64(0x9E3779B97F4A7C15), u64(0xBF58476D1CE4E5B9), u64(0x94D049BB133111EB)
HALF, LOW = u64(32), u64(0xFFFFFFFF)
UPDATE_EVERY = 10_000  # words between two updates of the learning rate
SHARED, PAIR, CBOW = 0, 1, 2  # skip-gram with negatives of a window or of a pair; CBOW


class Text(NamedTuple):
    """The corpus: tokens (T,) int32, offsets (S + 1,) int64, keep (V,) uint64 of 2^32."""

    tokens: Array
    offsets: Array
    keep: Array


class Targets(NamedTuple):
    """What is predicted: noise by alias table, or the paths of a tree where ``negative`` is 0."""

    negative: int
    limit: Array
    other: Array
    points: Array
    codes: Array
    starts: Array


class Method(NamedTuple):
    """The settings that the loops need; ``total`` is the number of words in all epochs."""

    kind: int
    window: int
    divide: bool  # CBOW's gradient by the number of contexts: the exact one
    lr: float
    total: int


class Buffers(NamedTuple):
    """The working memory of a thread; ``rng`` (1,) uint64."""

    rng: Array
    sentence: Array
    context: Array  # words of a window
    x: Array  # their rows, or CBOW's mean
    error: Array  # CBOW's, one row
    first: Array  # the index of that row, 0
    out: Array  # targets
    label: Array
    g: Array  # (targets, contexts)
    size: Array  # (1,) of the dtype S<D>: tells the compiler D


def buffers_for(seed: int, longest: int, window: int, targets: int, dim: int) -> Buffers:
    """Buffers for sentences of up to ``longest`` words and so many targets."""
    wide = 2 * window
    return Buffers(
        np.array([seed], np.uint64),
        np.zeros(longest, np.int32),
        np.zeros(wide, np.int32),
        np.zeros((wide, dim), np.float32),
        np.zeros((1, dim), np.float32),
        np.zeros(1, np.int32),
        np.zeros(targets, np.int32),
        np.zeros(targets, np.float32),
        np.zeros((targets, wide), np.float32),
        np.zeros(1, f"S{dim}"),
    )


def _width(context: Any, size: Any) -> Any:
    """D, from the type of ``Buffers.size``: a constant when the loops are compiled.

    Of the types that can carry a number, this one has it in its name, and so in the kernel's symbol
    (zoo/ops/compiled.py).
    """
    dim = size.dtype.count

    def constant(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return target.get_constant(types.int64, dim)

    return types.int64(size), constant


width: Any = intrinsic(_width)


@part
def draw(rng: Array) -> Any:
    """64 random bits (splitmix64: Steele, Lea, Flood 2014)."""
    rng[0] += GOLDEN
    z = rng[0]
    z = (z ^ (z >> u64(30))) * MIX1
    z = (z ^ (z >> u64(27))) * MIX2
    return z ^ (z >> u64(31))


@part
def below(bits: Any, n: int) -> int:
    """The upper half of ``bits`` as an integer in 0..n-1."""
    return int(((bits >> HALF) * u64(n)) >> HALF)


@part
def noise(targets: Targets, rng: Array) -> int:
    """A word drawn from the noise distribution."""
    bits = draw(rng)
    word = below(bits, targets.limit.shape[0])
    if (bits & LOW) >= targets.limit[word]:
        return int(targets.other[word])
    return word


@part
def choose(word: int, targets: Targets, buffers: Buffers) -> int:
    """Fill in the targets and labels of ``word``; how many there are."""
    if targets.negative == 0:
        first = targets.starts[word]
        n = targets.starts[word + 1] - first
        for i in range(n):
            buffers.out[i] = targets.points[first + i]
            buffers.label[i] = f32(1) - f32(targets.codes[first + i])
        return int(n)
    buffers.out[0] = word
    buffers.label[0] = f32(1)
    n = 1
    for _ in range(targets.negative):
        other = noise(targets, buffers.rng)
        if other != word:  # the word itself, drawn as noise, is skipped
            buffers.out[n] = other
            buffers.label[n] = f32(0)
            n += 1
    return n


@part
def scores(x: Array, m: int, outputs: Array, out: Array, n: int, g: Array, size: Array) -> None:
    """g[o, j] = x[j] . outputs[out[o]], four at a time."""
    dim = width(size)
    for o in range(n):
        t = out[o]
        j = 0
        while j + 4 <= m:
            f0, f1, f2, f3 = f32(0), f32(0), f32(0), f32(0)
            for k in range(dim):
                v = outputs[t, k]
                f0 += x[j, k] * v
                f1 += x[j + 1, k] * v
                f2 += x[j + 2, k] * v
                f3 += x[j + 3, k] * v
            g[o, j], g[o, j + 1], g[o, j + 2], g[o, j + 3] = f0, f1, f2, f3
            j += 4
        while j < m:
            f0 = f32(0)
            for k in range(dim):
                f0 += x[j, k] * outputs[t, k]
            g[o, j] = f0
            j += 1


@part
def errors(g: Array, label: Array, n: int, m: int, lr: Any) -> float:
    """Scores to lr (label - sigmoid), in place; returns the sum of -log p of the labels."""
    loss, p = 0.0, 1.0  # p: one logarithm for many pairs
    for o in range(n):
        target = label[o]
        for j in range(m):
            f = g[o, j]
            place = (min(max(f, -EDGE), EDGE) + f32(LIMIT)) * SCALE
            i = min(max(int(place), 0), STEPS - 1)  # in range even for NaN
            s = SIGMOID[i] + (place - f32(i)) * (SIGMOID[i + 1] - SIGMOID[i])
            g[o, j] = (target - s) * lr
            p *= f32(1) - abs(target - s)
            if p < 1e-200:
                loss -= np.log(p)
                p = 1.0
    return loss - np.log(p)


@part
def move_inputs(
    into: Array,
    where: Array,
    base: int,
    m: int,
    outputs: Array,
    out: Array,
    n: int,
    g: Array,
    size: Array,
) -> None:
    """into[where[base + j]] += sum over o of g[o, j] outputs[out[o]], three at a time."""
    dim = width(size)
    for j in range(m):
        c = where[base + j]
        o = 0
        while o + 3 <= n:
            g0, g1, g2 = g[o, j], g[o + 1, j], g[o + 2, j]
            t0, t1, t2 = out[o], out[o + 1], out[o + 2]
            for k in range(dim):
                into[c, k] += g0 * outputs[t0, k] + g1 * outputs[t1, k] + g2 * outputs[t2, k]
            o += 3
        while o < n:
            g0, t0 = g[o, j], out[o]
            for k in range(dim):
                into[c, k] += g0 * outputs[t0, k]
            o += 1


@part
def move_outputs(
    outputs: Array, out: Array, n: int, x: Array, m: int, g: Array, size: Array
) -> None:
    """outputs[out[o]] += sum over j of g[o, j] x[j], four at a time."""
    dim = width(size)
    for o in range(n):
        t = out[o]
        j = 0
        while j + 4 <= m:
            g0, g1, g2, g3 = g[o, j], g[o, j + 1], g[o, j + 2], g[o, j + 3]
            for k in range(dim):
                outputs[t, k] += (
                    g0 * x[j, k] + g1 * x[j + 1, k] + g2 * x[j + 2, k] + g3 * x[j + 3, k]
                )
            j += 4
        while j < m:
            g0 = g[o, j]
            for k in range(dim):
                outputs[t, k] += g0 * x[j, k]
            j += 1


@jit
def step(
    into: Array,
    where: Array,
    base: int,
    m: int,
    outputs: Array,
    out: Array,
    label: Array,
    n: int,
    x: Array,
    g: Array,
    size: Array,
    lr: Any,
) -> float:
    """One update from the rows x[:m] and the targets out[:n]; returns the loss."""
    scores(x, m, outputs, out, n, g, size)
    loss = errors(g, label, n, m, lr)
    move_inputs(into, where, base, m, outputs, out, n, g, size)
    move_outputs(outputs, out, n, x, m, g, size)
    return loss


@part
def copy(x: Array, j: int, table: Array, word: int, size: Array) -> None:
    """x[j] = table[word]."""
    dim = width(size)
    for k in range(dim):
        x[j, k] = table[word, k]


@jit
def draws(targets: Targets, rng: Array, n: int) -> Array:
    """(n,) words drawn from the noise distribution, for its chi-square test."""
    words = np.empty(n, np.int64)
    for i in range(n):
        words[i] = noise(targets, rng)
    return words
