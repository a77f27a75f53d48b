"""The weights that a book belongs to."""

import pytest

from tests.helpers.small_weights import only_from, write_weights
from tests.helpers.tiny_verifier import tiny_verifier
from zoo.errors import BadInput
from zoo.faces.weights import weights, weights_of


def test_a_predictor_is_taken_as_it_is():
    verifier = tiny_verifier()
    assert weights(verifier, "auto", aligned=False) is verifier
    assert weights_of("tiny.test", verifier.sha256, verifier) is verifier


def test_other_weights_are_refused(tmp_path, monkeypatch):
    with pytest.raises(BadInput, match="the book belongs to facenet.x"):
        weights_of("facenet.x", "1" * 64, tiny_verifier())
    card = write_weights(tmp_path)
    with pytest.raises(BadInput, match="does not compare images; expected weights such as"):
        weights(card.folder, "cpu", aligned=False)
    only_from(tmp_path, monkeypatch)
    with pytest.raises(BadInput, match="the book's weights are missing, give them by --model"):
        weights_of("facenet.x", "1" * 64)
