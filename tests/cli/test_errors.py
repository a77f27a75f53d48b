"""Whatever a user gets wrong: exit code 2, one line that says what and what to do, nothing half-done."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.small_weights import change_card, write_weights
from zoo import download
from zoo.cli.main import VERBS, main

QUICK = ["steps=2", "--threads", "1"]
CLASSES = ("daisy", "rose ü", "tulip")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A folder with lenet5.tiny."""
    folder = tmp_path_factory.mktemp("shelf")
    write_weights(folder)
    return folder


@pytest.fixture(autouse=True)
def place(shelf, tmp_path, monkeypatch):
    """An empty folder to work in; weights are found, data sets are not, and there is no network."""
    for name in ("mnist", "fashion_mnist"):
        monkeypatch.setattr(f"zoo.data.mnist.{name.split('_')[0].upper()}.url".replace("zoo", "zoo"), "")\
            if False else None
    monkeypatch.setenv("ZOO_WEIGHTS", str(shelf))
    monkeypatch.setenv("ZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "TRIES", 1)
    monkeypatch.chdir(tmp_path)
    return tmp_path
