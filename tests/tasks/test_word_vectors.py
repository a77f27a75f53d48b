"""Scores of word vectors after training, and what a card says of them."""

import pytest
import torch

from zoo.data.text.vocabulary import Vocabulary
from zoo.nn.word_vector_table import WordTable
from zoo.tasks.word_vectors import WordVectorsTask

WORDS = ["king", "queen", "man", "woman", "stone"]
ROWS = [[3.0, 1.0], [3.0, -1.0], [0.2, 1.0], [0.2, -1.0], [-4.0, 0.1]]
PAIRS = [("king", "queen", 9.0), ("King", "woman", 3.0), ("king", "stone", 1.0), ("king", "x", 5.0)]
QUESTIONS = {"family": [("man", "king", "woman", "queen"), ("man", "king", "woman", "stone")]}


def learned(**tests):
    table = WordTable(5, 2)
    with torch.no_grad():
        table.vectors.weight.copy_(torch.tensor(ROWS))
    return WordVectorsTask(table, None, Vocabulary(WORDS), [2.0, 1.5], **tests)


def test_scores_are_from_0_to_100():
    scores = learned(pairs=PAIRS, sections=QUESTIONS).evaluate()
    assert scores["spearman"] == pytest.approx(100.0)  # the three known pairs stand in order
    assert scores["total"] == pytest.approx(50.0)
    assert scores["loss"] == 1.5


def test_without_tests_there_is_the_loss_only():
    assert learned().evaluate() == {"loss": 1.5}


def test_what_a_card_is_told():
    assert learned().card_facts()["arguments"] == {"vocab_size": 5, "embedding_dim": 2}


def test_the_neighbours_are_written(tmp_path):
    assert learned().report(tmp_path / "new", "t").startswith("queen: king 0.800")
    assert (tmp_path / "new" / "neighbours.txt").read_text().startswith("queen: king")
    assert learned().example(tmp_path) == "queen"
