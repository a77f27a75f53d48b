"""Compiled once and announced; safe with several dimensions, processes and no cache folder."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

pytest.importorskip("numba")
import numba
from numba.core.itanium_mangler import mangle_type_or_value

from zoo.errors import CannotWrite
from zoo.ops import compiled
from zoo.ops.word2vec_kernels import buffers_for

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nothing_announced(monkeypatch):
    monkeypatch.setattr(compiled, "_announced", set())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled, "FOLDER", tmp_path)
    return tmp_path


def again(monkeypatch):
    """As another process would find it."""
    monkeypatch.setattr(compiled, "_announced", set())


def test_the_first_call_is_announced_once_for_each_variant(folder, monkeypatch, capsys):
    for variant, said in [(5, True), (5, False), (7, True)]:
        again(monkeypatch)
        compiled.first_call("loops", 3, variant, lambda: None)
        line = "compiling loops: about 3 s, once\n"
        assert capsys.readouterr().err == (line if said else "")


def test_what_did_not_compile_is_announced_again(folder, capsys):
    def fails():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        compiled.first_call("loops", 3, 5, fails)
    compiled.first_call("loops", 3, 5, lambda: None)
    assert capsys.readouterr().err.count("compiling") == 2


def test_a_full_disk_is_one_line(folder):
    def fails():
        raise OSError(28, "No space left on device")

    with pytest.raises(CannotWrite, match="No space left.*XDG_CACHE_HOME"):
        compiled.first_call("loops", 3, 5, fails)


def test_without_room_for_a_process_it_compiles_here(folder, monkeypatch):
    def no_room():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    calls = []
    monkeypatch.setattr(os, "fork", no_room)
    compiled.first_call("loops", 3, 5, lambda: calls.append(1))
    assert calls == [1]


def test_the_code_is_loaded_also_where_it_was_compiled(folder):
    """What numba has just compiled can round otherwise than what it loads."""
    made = compiled.kernel()(_twice)
    compiled.first_call("loops", 3, 5, lambda: made(3))
    assert (sum(made.stats.cache_hits.values()), sum(made.stats.cache_misses.values())) == (1, 0)


def test_one_at_a_time(folder, capsys):
    inside = []

    def call(number):
        inside.append(number)
        time.sleep(0.2)
        inside.append(number)

    def first(number):
        compiled.first_call("loops", 3, number, lambda: call(number))

    threads = [threading.Thread(target=first, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inside in ([0, 0, 1, 1], [1, 1, 0, 0])
    assert "another process is compiling; waiting" in capsys.readouterr().err


def test_code_is_kept_where_it_can_be_written(folder):
    made = compiled.kernel()(_twice)
    assert made(3) == 6
    assert list(folder.rglob("*_twice*.nbc"))
    assert numba.config.CACHE_DIR == ""  # other programs' caches stay where they are
    loaded = compiled.kernel()(_twice)
    assert loaded(3) == 6
    assert sum(loaded.stats.cache_hits.values()) == 1


def test_each_kind_of_processor_has_its_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    here = compiled.cache_folder()
    monkeypatch.setattr(compiled, "get_host_cpu_name", lambda: "another")
    assert compiled.cache_folder() != here


def _twice(x):
    return 2 * x


def test_without_a_folder_it_compiles_in_every_process(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))  # no folder can be made below it
    assert compiled.cache_folder() is None
    monkeypatch.setattr(compiled, "FOLDER", None)
    for _ in range(2):
        compiled.first_call("loops", 3, 5, lambda: compiled.kernel()(_twice)(4))
    line = "compiling loops: about 3 s, for each run: the cache folder cannot be written\n"
    assert capsys.readouterr().err == line


def test_the_dimension_is_in_the_symbol_and_nothing_that_a_process_counts():
    """Records are named by a counter: two D in two processes would have one name."""
    names = [mangle_type_or_value(numba.typeof(buffers_for(1, 9, 5, 6, dim))) for dim in (5, 7)]
    assert "char_20x_205" in names[0]
    assert names[0].replace("char_20x_205", "char_20x_207") == names[1]
    assert "Record" not in names[0]


WORK = """
import json, sys, torch
from tests.trainers.test_word2vec import COUNTS, one_window
from zoo.models.word2vec import Word2Vec
from zoo.trainers.word2vec import Word2VecSettings, train_word2vec
found = {}
for dim in map(int, sys.argv[1:]):
    torch.manual_seed(dim)
    model = Word2Vec(len(COUNTS), dim)
    text = one_window([0, 1, 0, 2, 4, 3, 1, 0, 2, 0, 1, 3])
    losses = train_word2vec(model, text, COUNTS, Word2VecSettings(sample=0))
    found[dim] = [losses, float(model.table.vectors.weight.detach().double().sum())]
print(json.dumps(found))
"""


def started(cache, *dims):
    env = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-c", WORK, *map(str, dims)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words, env=env, cwd=ROOT, **pipes)


@pytest.mark.long
def test_two_processes_of_two_dimensions_at_once_and_one_that_loads_both(tmp_path):
    (tmp_path / "file").write_text("")
    plain = started(tmp_path / "file", 5, 7)  # which compiles for itself
    together = [started(tmp_path / "cache", dim) for dim in (5, 7)]
    (expected, told), *both = [process.communicate(timeout=900) for process in (plain, *together)]
    assert told.count("for each run") == 2
    assert sum(err.count(", once") for _, err in both) == 2
    found = json.loads(both[0][0]) | json.loads(both[1][0])
    assert found == json.loads(expected)
    third = started(tmp_path / "cache", 7, 5)
    out, err = third.communicate(timeout=900)
    assert (json.loads(out), err) == (found, "")
    assert third.returncode == 0
