"""The memory that is announced is that which a process then needs, within 20 %."""

import json
from pathlib import Path

import pytest
import torch

from tests.helpers.forks import started
from tests.helpers.small_features import small_features
from zoo.errors import BadInput
from zoo.trainers.style.memory import Memory, Need, fitting_tile, free_bytes, need, process_bytes
from zoo.trainers.style.objective import Terms
from zoo.trainers.style.run import Settings, run

TERMS = Terms("moments", ("relu2_2",), ("relu1_1", "relu2_1", "relu3_1"), 1.5, 100.0, 10, 10)
CPU = torch.device("cpu")


def peak_bytes():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def announced_and_peak(file, side, tile):
    """In a process of its own: what is announced, and the highest that it has had at the end."""
    network = small_features()
    needed = need(network, TERMS, CPU, "lbfgs", 20)
    before, content = needed.of(side, side, tile), torch.rand(1, 3, side, side)
    run(network, TERMS, content, [content.flip(3)], [1.0], Settings(24, 1, tile=tile))
    file.write_text(json.dumps([before.total, before.process, peak_bytes()]))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not tell")
@pytest.mark.parametrize(
    ("side", "tile"),
    [
        (384, None),
        pytest.param(768, 128, marks=pytest.mark.long),
        pytest.param(1024, None, marks=pytest.mark.long),
    ],
)
def test_the_peak_is_as_announced(tmp_path, side, tile):
    process = started(announced_and_peak, tmp_path / "bytes", side, tile)
    process.join()
    announced, before, peak = json.loads((tmp_path / "bytes").read_text())
    assert 0.8 <= announced / peak <= 1.2
    more = (announced - before) / (peak - before)  # of what the picture itself needs
    assert 0.6 <= more <= 1.6


def test_what_is_needed_grows_with_the_pixels_and_less_in_tiles():
    needed = need(small_features(), TERMS, CPU, "lbfgs", 20)
    small, large = needed.of(128, 128), needed.of(256, 256)
    assert large.features == pytest.approx(4 * small.features, rel=0.05)
    assert large.optimizer == 4 * small.optimizer == 1.25 * 48 * 3 * 4 * 256 * 256
    assert needed.of(1024, 1024, 128).features < needed.of(256, 256).features
    assert need(small_features(), TERMS, CPU, "adam", 20).kept == 4 * 3 * 4
    assert needed.halo % 4 == 0
    fewer = need(small_features(), Terms("gatys", (), ("relu1_1",), 0, 1.0), CPU, "lbfgs", 20)
    assert fewer.slope < 0.7 * needed.slope


def test_tiles_are_chosen_by_the_memory_that_is_free():
    needed = Need(start=0.0, slope=1000.0, kept=10, halo=16)
    assert fitting_tile(needed, 512, 512, free=10**9) is None
    assert fitting_tile(needed, 2048, 2048, free=0) is None  # not known
    assert fitting_tile(needed, 2048, 2048, free=1_300_000_000) == 768
    assert needed.of(2048, 2048, 768).more <= 0.9 * 1.3e9 < needed.of(2048, 2048, 1024).more
    with pytest.raises(
        BadInput, match="2048 x 2048 pixels needs 5295 MB, in tiles 84; 50 are free"
    ):
        fitting_tile(needed, 2048, 2048, free=5 * 10**7)


def test_what_is_told():
    told = str(Memory(500_000_000, 120_000_000, 7_400_000))
    assert told == "627 MB (500 now, for features 120, for the optimizer 7)"
    assert process_bytes() > 50_000_000
    assert free_bytes(CPU) > 0
