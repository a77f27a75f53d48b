"""A checkpoint is whole or it does not count; a folder has one owner."""

import json
import multiprocessing
import os
import resource
import signal

import pytest
import torch

from zoo import files
from zoo.engine.checkpoint import Checkpoints
from zoo.errors import BadFile, Busy, CannotWrite, NotFinite

TENSORS = {"model.w": torch.arange(6.0).view(2, 3), "random.cpu": torch.ones(5, dtype=torch.uint8)}


def save(folder, *steps):
    with Checkpoints(folder) as checkpoints:
        for step in steps:
            checkpoints.save(
                step, {**TENSORS, "model.w": TENSORS["model.w"] + step}, {"step": step}
            )


def test_what_is_saved_comes_back(tmp_path):
    save(tmp_path, 7)
    tensors, facts = Checkpoints(tmp_path).latest()
    assert facts == {"step": 7, "seconds": 0.0}
    assert torch.equal(tensors["model.w"], TENSORS["model.w"] + 7)
    assert tensors["random.cpu"].dtype == torch.uint8


def test_nothing_there_is_none(tmp_path):
    assert Checkpoints(tmp_path / "new").latest() is None


def test_the_newest_is_chosen_by_step_not_by_time(tmp_path):
    save(tmp_path, 9, 10)
    for path in tmp_path.glob("step-*10.*"):
        os.utime(path, (0, 0))  # the clock was set back
    assert Checkpoints(tmp_path).latest()[1]["step"] == 10


def test_only_the_last_ones_are_kept(tmp_path):
    save(tmp_path, 1, 2, 3, 4)
    names = sorted(p.name for p in tmp_path.glob("step-*"))
    assert names == [f"step-00000000{n}.{x}" for n in (3, 4) for x in ("json", "safetensors")]


def test_a_folder_in_place_of_an_old_one_stays(tmp_path):
    save(tmp_path, 1, 2)
    path = tmp_path / "step-000000001.safetensors"
    path.unlink()
    path.mkdir()
    save(tmp_path, 3)
    assert path.is_dir()
    assert Checkpoints(tmp_path).latest()[1]["step"] == 3


@pytest.mark.parametrize("where", [0, 100, -1])
def test_a_flipped_bit_falls_back_to_the_one_before(tmp_path, where):
    save(tmp_path, 1, 2)
    path = tmp_path / "step-000000002.safetensors"
    data = bytearray(path.read_bytes())
    data[where] ^= 4
    path.write_bytes(data)
    with Checkpoints(tmp_path) as checkpoints:
        with pytest.warns(UserWarning, match="damaged"):
            assert checkpoints.latest()[1]["step"] == 1
        checkpoints.save(2, TENSORS, {"step": 2})
        assert checkpoints.latest()[1]["step"] == 2


def test_all_damaged_is_an_error_not_a_new_start(tmp_path):
    save(tmp_path, 1, 2)
    for path in tmp_path.glob("*.safetensors"):
        path.write_bytes(b"")
    with pytest.raises(BadFile, match="every checkpoint"):
        Checkpoints(tmp_path).latest()


def test_a_damaged_mark_counts_as_damage(tmp_path):
    save(tmp_path, 1, 2)
    (tmp_path / "step-000000002.json").write_text("[1, 2")
    with pytest.warns(UserWarning, match="damaged"):
        assert Checkpoints(tmp_path).latest()[1]["step"] == 1


def test_what_a_killed_writer_left_is_swept_away(tmp_path):
    save(tmp_path, 1)
    (tmp_path / ".step-000000002.safetensors.99.tmp").write_bytes(b"half")
    (tmp_path / "step-000000002.safetensors").write_bytes(b"no mark")
    with Checkpoints(tmp_path) as checkpoints:
        assert checkpoints.latest()[1]["step"] == 1
    assert sorted(p.suffix for p in tmp_path.glob("*step*")) == [".json", ".safetensors"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_never_saved(tmp_path, value):
    save(tmp_path, 1)
    with Checkpoints(tmp_path) as checkpoints:
        with pytest.raises(NotFinite, match="w is not finite at step 2"):
            checkpoints.save(2, {"model.w": torch.tensor([1.0, value])}, {})
        assert checkpoints.latest()[1]["step"] == 1


def test_two_saves_are_the_same_bytes(tmp_path):
    save(tmp_path / "a", 3)
    save(tmp_path / "b", 3)
    name = "step-000000003.safetensors"
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_the_second_owner_is_refused_and_told_who_the_first_is(tmp_path):
    refused = pytest.raises(Busy, match=f"process {os.getpid()}")
    with Checkpoints(tmp_path), refused, Checkpoints(tmp_path):
        pass
    with Checkpoints(tmp_path):
        pass  # free again


def hold(folder, ready):
    with Checkpoints(folder):
        ready.set()
        signal.pause()


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path):
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    child = context.Process(target=hold, args=(tmp_path, ready))
    child.start()
    assert ready.wait(20)
    with pytest.raises(Busy, match=str(child.pid)), Checkpoints(tmp_path):
        pass
    child.kill()
    child.join()
    assert (tmp_path / "lock").exists()  # the stale file is there, and locks nobody out
    with Checkpoints(tmp_path):
        pass


def full_disk(folder, result):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
    try:
        with Checkpoints(folder) as checkpoints:
            checkpoints.save(2, {"model.w": torch.zeros(100_000)}, {"step": 2})
    except CannotWrite as error:
        result.put(str(error))


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path):
    save(tmp_path, 1)
    context = multiprocessing.get_context("fork")
    result = context.Queue()
    child = context.Process(target=full_disk, args=(tmp_path, result))
    child.start()
    assert "free space" in result.get(timeout=20)
    child.join()
    assert not list(tmp_path.glob("*.tmp"))
    assert not list(tmp_path.glob("*0002*"))
    assert Checkpoints(tmp_path).latest()[1]["step"] == 1


def test_the_mark_is_written_last(tmp_path):
    save(tmp_path, 5)
    mark = json.loads((tmp_path / "step-000000005.json").read_text())
    path = tmp_path / "step-000000005.safetensors"
    assert mark["bytes"] == path.stat().st_size
    assert path.stat().st_mtime_ns <= (tmp_path / "step-000000005.json").stat().st_mtime_ns


# ---- what is not ours, and marks that are odd ---------------------------------------------------


def test_names_that_are_not_ours_are_ignored_and_stay(tmp_path):
    save(tmp_path, 3)
    strange = [
        "step-final.json",
        "step-.json",
        "step-9.json",
        "step--00000001.json",
        "step-1e9.json",
    ]
    strange += ["step-best.safetensors", "step-٣٣٣٣٣٣٣٣٣.json", ".mine.tmp", "notes.json"]
    for name in strange:
        (tmp_path / name).write_bytes(b"mine")
    folders = ["step-000000009.json", "step-000000008.safetensors", ".step-000000007.json.1.tmp"]
    for name in folders:
        (tmp_path / name).mkdir()
    (tmp_path / "step-000000006.json").symlink_to("nowhere")
    os.mkfifo(tmp_path / "step-000000005.json")
    with Checkpoints(tmp_path) as checkpoints:
        assert checkpoints.latest()[1]["step"] == 3
        checkpoints.save(4, TENSORS, {"step": 4})
        assert checkpoints.latest()[1]["step"] == 4
    assert all((tmp_path / name).read_bytes() == b"mine" for name in strange)
    assert all((tmp_path / name).is_dir() for name in folders)


@pytest.mark.parametrize(
    "mark",
    ["", "[]", "7", "null", "{}", '{"sha256": 7}', '{"sha256": null}', "[" * 100_000, "\0" * 50,
     '{"sha256": "%s", "seconds": "soon"}', '{"sha256": "%s", "seconds": [1]}'],
)  # fmt: skip
def test_an_odd_mark_counts_as_damage(mark, tmp_path):
    save(tmp_path, 1, 2)
    path = tmp_path / "step-000000002.safetensors"
    path.with_suffix(".json").write_text(mark.replace("%s", files.sha256(path)))
    with Checkpoints(tmp_path) as checkpoints, pytest.warns(UserWarning, match="damaged"):
        assert checkpoints.latest()[1]["step"] == 1


@pytest.mark.parametrize("data", [b"", b"zzz", b"\xff" * 100])
def test_a_file_that_matches_its_mark_but_holds_no_tensors_is_damaged(data, tmp_path):
    save(tmp_path, 1, 2)
    path = tmp_path / "step-000000002.safetensors"
    path.write_bytes(data)
    path.with_suffix(".json").write_text(json.dumps({"sha256": files.sha256(path)}))
    with Checkpoints(tmp_path) as checkpoints, pytest.warns(UserWarning, match="damaged"):
        assert checkpoints.latest()[1]["step"] == 1


def test_a_checkpoint_that_is_no_regular_file_is_damaged(tmp_path):
    save(tmp_path, 1, 2)
    path = tmp_path / "step-000000002.safetensors"
    path.unlink()
    os.mkfifo(path)
    with Checkpoints(tmp_path) as checkpoints, pytest.warns(UserWarning, match="damaged"):
        assert checkpoints.latest()[1]["step"] == 1


def test_a_lock_that_is_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "lock")
    with pytest.raises(CannotWrite, match="lock: it is a named pipe"), Checkpoints(tmp_path):
        pass


def test_a_lack_of_memory_while_writing_is_no_panic(tmp_path, monkeypatch):
    class PanicException(BaseException):
        """As pyo3's, which is no Exception."""

    def panic(*given, **named):
        raise PanicException("PyObject pointer is null")

    monkeypatch.setattr("zoo.engine.checkpoint.save", panic)
    with Checkpoints(tmp_path) as checkpoints, pytest.raises(MemoryError):
        checkpoints.save(1, TENSORS, {"step": 1})
