"""A batch's update is the readable model's gradient step, and a run learns and repeats."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from zoo.data.text.corpus import Corpus, Encoded
from zoo.errors import BadInput, NotFinite
from zoo.losses.sampled import negative_sampling
from zoo.models.word2vec import Word2Vec
from zoo.ops.negative_sampling import unigram
from zoo.ops.subsampling import keep_chance
from zoo.recipes.word2vec import word2vec_vectors
from zoo.trainers import word2vec_torch as word2vec_batches
from zoo.trainers.word2vec import Word2VecSettings, train_word2vec
from zoo.trainers.word2vec_torch import InBatches, Windows

COUNTS = np.array([40, 30, 20, 20, 10])
TORCH = Word2VecSettings(epochs=1, sample=0, backend="torch")
WAYS = {
    "shared": TORCH,
    "pair": replace(TORCH, negative_draws="pair"),
    "cbow": replace(TORCH, kind="cbow"),
    "cbow, word2vec": replace(TORCH, kind="cbow", cbow_grad="word2vec"),
}


def fresh(cbow_grad="exact"):
    made = Word2Vec(len(COUNTS), 6, cbow_grad).double()
    draw = torch.Generator().manual_seed(3)
    for table in (made.table, made.outputs):
        torch.nn.init.normal_(table.vectors.weight, generator=draw)
    return made


def text_of(words=120, sentence=12):
    tokens = np.random.RandomState(0).randint(5, size=words).astype(np.int32)
    return Encoded(tokens, np.arange(0, words + 1, sentence))


def trainer(how, model=None, text=None):
    model, text = model or fresh(how.cbow_grad), text or text_of()
    return InBatches(model, text, COUNTS, how)


def plain_loss(model, some, cbow):
    """The readable model's loss of a batch, a window at a time."""
    total = torch.zeros((), dtype=torch.float64)
    for contexts, present, targets in zip(*some, strict=True):
        around = contexts[present]
        chosen = torch.cat([targets[:1], targets[1:][targets[1:] != targets[0]]])
        groups = around[None] if cbow else around[:, None]
        total = total + negative_sampling(model(groups, chosen.expand(len(groups), -1))).sum()
    return total


@pytest.mark.parametrize("name", WAYS)
def test_one_update_is_the_readable_models_gradient_step(name):
    how = WAYS[name]
    ours, plain = fresh(how.cbow_grad), fresh(how.cbow_grad)
    made = trainer(how, ours)
    found = made._windows(0, 10, torch.Generator().manual_seed(1))
    some = Windows(*(part[:40] for part in found))
    assert not some.present.all() or name == "pair"
    assert (some.targets[:, 1:] == some.targets[:, :1]).any()  # some is passed over
    loss = made.update(some, 0.05)
    want = plain_loss(plain, some, how.kind == "cbow")
    want.backward()
    assert abs(float(loss) - want.item()) < 1e-10 * want.item()
    for mine, theirs in zip(ours.parameters(), plain.parameters(), strict=True):
        assert (mine - (theirs - 0.05 * theirs.grad)).abs().max() < 1e-10


def test_every_window_is_cut_once_and_none_leaves_its_sentence(monkeypatch):
    how = replace(TORCH, window=2)
    made = trainer(how, text=Encoded(np.array([0, 1, 2, 3, 4], np.int32), np.array([0, 3, 4, 5])))
    monkeypatch.setattr(made, "_reaches", lambda n, draw: torch.ones(n, 4, dtype=torch.bool))
    found = made._windows(0, 3, torch.Generator().manual_seed(0))
    cut = {
        int(targets[0]): contexts[present].tolist()
        for contexts, present, targets in zip(*found, strict=True)
    }
    assert cut == {0: [1, 2], 1: [0, 2], 2: [0, 1]}


def test_blocks_read_everything_once(monkeypatch):
    monkeypatch.setattr(word2vec_batches, "BLOCK", 30)
    blocks = list(trainer(TORCH)._blocks())
    assert blocks == [(0, 3), (3, 6), (6, 9), (9, 10)]
    long = Encoded(np.zeros(100, np.int32), np.array([0, 99, 100]))
    assert list(trainer(TORCH, text=long)._blocks()) == [(0, 1), (1, 2)]


def test_reaches_words_and_noise_come_by_their_chances():
    how = replace(TORCH, sample=0.1, window=3)
    tokens = np.repeat(np.arange(5, dtype=np.int32), 4000)
    made = trainer(how, text=Encoded(tokens, np.array([0, len(tokens)])))
    found = made._windows(0, 1, torch.Generator().manual_seed(0))
    kept = found.targets[:, 0].bincount(minlength=5) / 4000
    assert (kept - torch.from_numpy(keep_chance(COUNTS, 0.1))).abs().max() < 0.03
    sizes = found.present.sum(1).bincount(minlength=7)[[2, 4, 6]] / len(found.present)
    assert (sizes - 1 / 3).abs().max() < 0.02
    drawn = made.noise((40_000,), torch.Generator().manual_seed(0)).bincount(minlength=5) / 40_000
    assert (drawn - torch.from_numpy(unigram(COUNTS))).abs().max() < 0.015


def test_the_rate_falls_in_a_straight_line_to_a_ten_thousandth():
    made = trainer(replace(TORCH, lr=1.0))
    assert made.rate(0) == 1
    assert abs(made.rate(121 / 2) - 0.5) < 1e-12
    assert made.rate(121) == 1e-4


def two_topics(folder):
    draw = np.random.RandomState(0)
    topics = draw.randint(2, size=300)
    lines = [" ".join(f"{'ab'[t]}{n}" for n in draw.randint(8, size=12)) for t in topics]
    (folder / "text.txt").write_text("\n".join(lines))
    return Corpus(folder / "text.txt")


RUN = Word2VecSettings(embedding_dim=6, min_count=1, epochs=3, lr=0.1, sample=0, backend="torch")


@pytest.mark.parametrize("kind", ["skipgram", "cbow"])
def test_words_of_one_topic_end_near_each_other_and_the_loss_falls(tmp_path, kind):
    run = replace(RUN, kind=kind, epochs=3 if kind == "skipgram" else 12)
    table, vocabulary, losses = word2vec_vectors(two_topics(tmp_path), run)
    assert losses[-1] < losses[1] < losses[0]
    unit = torch.nn.functional.normalize(table.vectors.weight.detach(), dim=1)
    first = torch.tensor([word[0] == "a" for word in vocabulary.words])
    same = first[:, None] == first[None]
    cosines = unit @ unit.T
    assert cosines[same].mean() > cosines[~same].mean() + 0.5


def test_a_run_repeats_bit_by_bit(tmp_path):
    corpus = two_topics(tmp_path)
    runs = [word2vec_vectors(corpus, replace(RUN, epochs=1, seed=seed)) for seed in (0, 0, 1)]
    first, again, other = (table.vectors.weight for table, _, _ in runs)
    assert torch.equal(first, again)
    assert runs[0][2] == runs[1][2]
    assert not torch.equal(first, other)


def test_the_loss_is_about_that_of_the_compiled_loops(tmp_path):
    corpus = two_topics(tmp_path)
    run = replace(RUN, epochs=2, lr=0.02)
    backends = (replace(run, backend=name) for name in ("torch", "compiled"))
    ours, theirs = (word2vec_vectors(corpus, settings)[2] for settings in backends)
    assert np.abs(np.array(ours) / np.array(theirs) - 1).max() < 0.05


def test_the_device_chooses_and_what_cannot_be_done_is_said():
    assert Word2VecSettings().compiled("cpu")
    assert not Word2VecSettings().compiled("cuda")
    assert Word2VecSettings(objective="hierarchical").compiled("cuda")
    assert not TORCH.compiled("cpu")
    with pytest.raises(BadInput, match="no hierarchical objective"):
        Word2VecSettings(objective="hierarchical", backend="torch")
    with pytest.raises(BadInput, match="on the CPU, got one on meta"):
        train_word2vec(fresh().to("meta"), text_of(), COUNTS, Word2VecSettings(backend="compiled"))
    broken = fresh()
    torch.nn.init.constant_(broken.outputs.vectors.weight, float("nan"))
    with pytest.raises(NotFinite, match="epoch 1; lower lr"):
        train_word2vec(broken, text_of(), COUNTS, TORCH)
    alone = Encoded(np.zeros(3, np.int32), np.arange(4))
    with pytest.raises(BadInput, match="no word has a neighbour"):
        train_word2vec(fresh(), alone, COUNTS, TORCH)
