"""A card and its weights, written once, in a folder of its own for each test."""

import shutil
from pathlib import Path

import pytest

from tests.helpers.small_weights import only_from, write_weights
from zoo import cards


@pytest.fixture(scope="session")
def lenet_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """lenet5.tiny; nobody changes it."""
    folder = tmp_path_factory.mktemp("lenet")
    write_weights(folder)
    return folder


@pytest.fixture
def lenet(lenet_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> cards.Card:
    """A copy of lenet5.tiny that a test may damage; it is found by its name."""
    folder = shutil.copytree(lenet_folder, tmp_path / "weights")
    only_from(folder, monkeypatch)
    return cards.card("lenet5.tiny")
