"""The compiled loops do what the readable model does, and a run is repeatable and stops."""

import copy
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from zoo.data.text.corpus import Corpus, Encoded
from zoo.errors import BadInput, NotFinite
from zoo.losses.sampled import hierarchical_softmax, negative_sampling
from zoo.models.word2vec import Word2Vec
from zoo.recipes.word2vec import word2vec_vectors
from zoo.trainers import word2vec as trainer
from zoo.trainers.word2vec import Word2VecSettings, train_word2vec

COUNTS = np.array([4, 3, 2, 2, 1])
DIM = 6  # one width everywhere: a width is compiled once


def one_window(sentence):
    """A text of one sentence."""
    return Encoded(np.array(sentence, np.int32), np.array([0, len(sentence)], np.int64))


def fresh(cbow_grad="exact"):
    made = Word2Vec(len(COUNTS), DIM, cbow_grad)
    draw = torch.Generator().manual_seed(3)
    for table in (made.table, made.outputs):
        torch.nn.init.normal_(table.vectors.weight, generator=draw)
    return made


def expected(model, text, how, seed):
    """The same run with the readable model, one window after another, and torch's gradients."""
    made, _ = trainer.targets(COUNTS, how)
    stream = Stream(seed)
    limits = np.full(len(COUNTS), 2**32)
    sentence = [w for w in text.tokens.tolist() if stream.draw() >> 32 < limits[w]]
    total, predictions = 0.0, 0
    for i, word in enumerate(sentence):
        reach = 1 + ((stream.draw() >> 32) * how.window >> 32)
        near = [j for j in range(i - reach, i + reach + 1) if j != i and 0 <= j < len(sentence)]
        contexts = [sentence[j] for j in near]
        groups = [contexts] if how.kind == "cbow" else [[c] for c in contexts]
        rounds = [groups] if how.negative_draws == "shared" else [[group] for group in groups]
        for some in rounds:
            chosen, codes = choose(word, made, stream)
            targets = torch.tensor([chosen] * len(some))
            scores = model(torch.tensor(some), targets)
            if how.objective == "hierarchical":
                loss = hierarchical_softmax(scores, torch.tensor([codes] * len(some))).sum()
            else:
                loss = negative_sampling(scores).sum()
            model.zero_grad()
            loss.backward()
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter -= how.lr * parameter.grad
            total, predictions = total + loss.item(), predictions + len(some)
    return total / predictions


class Stream:
    """splitmix64 in whole numbers."""

    def __init__(self, seed):
        self.state = seed % 2**64

    def draw(self):
        full = 2**64 - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & full
        z = self.state
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) & full
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) & full
        return z ^ z >> 31


def choose(word, made, stream):
    if made.negative == 0:
        way = slice(made.starts[word], made.starts[word + 1])
        return made.points[way].tolist(), made.codes[way].tolist()
    chosen = [word]
    for _ in range(made.negative):
        bits = stream.draw()
        other = (bits >> 32) * len(COUNTS) >> 32
        if bits & 0xFFFFFFFF >= made.limit[other]:
            other = int(made.other[other])
        if other != word:
            chosen.append(other)
    return chosen, []


WAYS = {
    "shared": Word2VecSettings(epochs=1, sample=0),
    "pair": Word2VecSettings(epochs=1, sample=0, negative_draws="pair"),
    "cbow": Word2VecSettings(epochs=1, sample=0, kind="cbow"),
    "cbow, word2vec": Word2VecSettings(epochs=1, sample=0, kind="cbow", cbow_grad="word2vec"),
    "skip-gram, tree": Word2VecSettings(epochs=1, sample=0, objective="hierarchical"),
    "cbow, tree": Word2VecSettings(epochs=1, sample=0, kind="cbow", objective="hierarchical"),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_loops_are_the_readable_model(name):
    how = replace(WAYS[name], lr=0.05, seed=5)
    text = one_window([0, 1, 0, 2, 4, 3, 1, 0, 2, 0, 1, 3])
    ours, plain = fresh(how.cbow_grad), fresh(how.cbow_grad).double()
    (loss,) = train_word2vec(ours, text, COUNTS, how)
    seed = trainer.generator(5, "word2vec", 1, 0).initial_seed()
    want = expected(plain, text, how, seed)
    assert abs(loss - want) < 1e-5 * want
    for mine, theirs in zip(ours.parameters(), plain.parameters(), strict=True):
        assert (mine.double() - theirs).abs().max() < 2e-5


def long_text(folder, words=400):
    draw = np.random.RandomState(0)
    lines = []
    for _ in range(words):
        topic = draw.randint(2)
        lines.append(" ".join(f"{'ab'[topic]}{n}" for n in draw.randint(8, size=12)))
    (folder / "text.txt").write_text("\n".join(lines))
    return Corpus(folder / "text.txt")


RUN = Word2VecSettings(embedding_dim=DIM, min_count=1, epochs=3, lr=0.1, sample=0)


def test_words_of_one_topic_end_near_each_other_and_the_loss_falls(tmp_path):
    table, vocabulary, losses = word2vec_vectors(long_text(tmp_path), RUN)
    assert losses[0] > losses[1] > losses[2]
    unit = torch.nn.functional.normalize(table.vectors.weight.detach(), dim=1)
    first = torch.tensor([word[0] == "a" for word in vocabulary.words])
    cosines = unit @ unit.T
    same = first[:, None] == first[None]
    assert cosines[same].mean() > cosines[~same].mean() + 0.5


def test_a_run_with_one_thread_repeats_bit_by_bit(tmp_path):
    corpus = long_text(tmp_path)
    first, again, other = (
        word2vec_vectors(corpus, replace(RUN, seed=seed))[0].vectors.weight for seed in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_two_threads_read_everything_once(tmp_path):
    corpus = long_text(tmp_path)
    vocabulary, counts = corpus.frequent(1)
    text = corpus.encode(vocabulary)
    made = trainer.Trainer(
        Word2Vec(len(vocabulary), DIM),
        text,
        counts,
        Word2VecSettings(epochs=1, threads=2, sample=0),
    )
    predictions = sum(count for _, count in made.pieces(1))
    assert made.progress.sum() == len(text.tokens)
    assert (made.progress > 0.4 * len(text.tokens)).all()
    assert predictions > 4 * len(text.tokens)


def test_a_request_to_stop_ends_an_epoch_early(tmp_path, monkeypatch):
    corpus = long_text(tmp_path, 3000)
    vocabulary, counts = corpus.frequent(1)
    text = corpus.encode(vocabulary)
    made = trainer.Trainer(Word2Vec(len(vocabulary), DIM), text, counts, Word2VecSettings())
    before = threading.active_count()
    made.stop[0] = 1
    made._share(1, 0, made.shares[0], 0)
    assert 10_000 < made.progress[0] <= 10_012

    def patient(epoch, thread, share, piece):
        if share[1] and not thread:
            raise OSError("the disk is gone")
        while share[1] and not made.stop[0]:
            time.sleep(0.001)
        return 0.0, 0

    made.stop[0] = 0
    made.shares = text.shares(2)
    monkeypatch.setattr(made, "_share", patient)
    with pytest.raises(OSError, match="the disk is gone"):  # not lost in its thread
        list(made.pieces(1))
    assert threading.active_count() == before  # and the other one has ended
    assert made.stop[0] == 0


def test_pieces_are_the_whole_text_and_each_draws_its_own(tmp_path, monkeypatch):
    corpus = long_text(tmp_path)
    vocabulary, counts = corpus.frequent(1)
    text = corpus.encode(vocabulary)
    monkeypatch.setattr(trainer, "PIECE", 1000)
    made = trainer.Trainer(Word2Vec(len(vocabulary), DIM), text, counts, RUN)
    runs = made._cut(*made.shares[0])
    assert len(runs) == 5
    assert runs[0][0] == 0
    assert [first for first, _ in runs[1:]] == [end for _, end in runs[:-1]]
    assert runs[-1][1] == len(text.offsets) - 1
    pieces = list(made.pieces(1))
    assert len(pieces) == 5
    assert made.progress.sum() == len(text.tokens)


def test_bad_settings_and_texts_are_refused():
    with pytest.raises(BadInput, match="at least 1"):
        Word2VecSettings(negative=0)
    with pytest.raises(BadInput, match="above 0"):
        Word2VecSettings(lr=0)
    text = Encoded(np.zeros(3, np.int32), np.arange(4))
    with pytest.raises(BadInput, match="no word has a neighbour"):
        train_word2vec(fresh(), text, COUNTS, Word2VecSettings())
    with pytest.raises(BadInput, match="epochs"):
        Word2VecSettings(epochs=0)
    with pytest.raises(BadInput, match="the model has 5 words, the text 4"):
        train_word2vec(fresh(), text, COUNTS[:4], Word2VecSettings())
    broken = copy.deepcopy(fresh())
    with torch.no_grad():
        broken.table.vectors.weight[0] = float("nan")
    with pytest.raises(NotFinite, match="epoch 1; lower lr"):
        train_word2vec(
            broken, one_window([0, 1, 0, 2]), COUNTS, Word2VecSettings(epochs=1, sample=0)
        )
