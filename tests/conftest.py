"""What all tests share: one thread, no network, and the real data where there is any."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

torch.set_num_threads(1)


@pytest.fixture
def zoo_data() -> Path:
    """The folder of the real data sets; skips where ``ZOO_DATA`` is not set."""
    folder = os.environ.get("ZOO_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the real data: set ZOO_DATA")
    return Path(folder)
