"""What all tests share: one thread, no network, and the real data where there is any."""

import os
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from PIL import Image

torch.set_num_threads(1)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are made but not painted, which takes longer than a short training run.

    For tests that train and do not look at the pictures of the run.
    """

    def blank(figure: Any, file: Any, **options: Any) -> None:
        Image.new("L", (1, 1)).save(file, "PNG")

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", blank)


@pytest.fixture
def zoo_data() -> Path:
    """The folder of the real data sets; skips where ``ZOO_DATA`` is not set."""
    folder = os.environ.get("ZOO_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the real data: set ZOO_DATA")
    return Path(folder)
