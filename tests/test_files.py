"""Whole files or none, on disks that are full, folders that are read-only, names that are taken."""

import errno
import hashlib
import os
import socket
import stat

import pytest

from tests.data.child import in_child, public_folder
from zoo import files
from zoo.errors import BadInput, Busy, CannotWrite, Missing


def names(folder):
    return sorted(os.listdir(folder))


def test_sha256_is_that_of_the_bytes(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc" * 100_000)
    assert files.sha256(path) == hashlib.sha256(b"abc" * 100_000).hexdigest()


def test_atomic_writes_the_bytes_and_leaves_nothing_else(tmp_path):
    with files.atomic(tmp_path / "a.bin") as file:
        file.write(b"one")
        file.write(b"two")
    assert (tmp_path / "a.bin").read_bytes() == b"onetwo"
    assert names(tmp_path) == ["a.bin"]


def test_file_does_not_appear_before_it_is_whole(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with files.atomic(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), SystemExit(1)])
def test_on_an_error_the_old_bytes_stay(tmp_path, error):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(type(error)), files.atomic(path) as file:  # noqa: PT012
        file.write(b"new")
        raise error
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_an_error_of_ours_is_not_taken_for_the_disk(tmp_path):
    with pytest.raises(Missing, match="no weights"), files.atomic(tmp_path / "a"):
        raise Missing("no weights")
    with pytest.raises(BadInput, match="too small"), files.atomic(tmp_path / "a"):
        raise BadInput("too small")
    assert names(tmp_path) == []


def test_write_takes_bytes_and_text(tmp_path):
    files.write(tmp_path / "b", b"\x00\xff")
    files.write(tmp_path / "t", "Käse\n")
    assert (tmp_path / "b").read_bytes() == b"\x00\xff"
    assert (tmp_path / "t").read_bytes() == b"K\xc3\xa4se\n"


def test_names_with_spaces_and_other_letters(tmp_path):
    path = tmp_path / "größe 日本 \n.bin"
    files.write(path, b"x")
    assert path.read_bytes() == b"x"


def test_bytes_reach_the_disk_before_the_name_does(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, type(tmp_path).replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("sync"), fsync(handle))[1])
    monkeypatch.setattr(
        type(tmp_path), "replace", lambda a, b: (order.append("rename"), replace(a, b))[1]
    )
    files.write(tmp_path / "a", b"x")
    assert order == ["sync", "rename", "sync"]  # the bytes, the name, the folder


def test_disk_that_is_full_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    said = in_child(lambda: files.write(path, bytes(100_000)), disk=50_000)
    assert said.startswith("CannotWrite: ")
    assert str(path) in said
    assert "File too large" in said
    assert "free space" in said
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_disk_that_is_full_only_when_synced(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match=r"a\.bin: No space left on device; free space"):
        files.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_folder_that_is_read_only():
    with public_folder() as folder:
        (folder / "a").write_bytes(b"old")
        folder.chmod(0o555)
        said = in_child(lambda: files.write(folder / "a", b"new"), nobody=True)
        assert said.startswith("CannotWrite: ")
        assert f"{folder / 'a'}: Permission denied" in said
        assert (folder / "a").read_bytes() == b"old"
        assert names(folder) == ["a"]


def test_folder_that_is_not_there(tmp_path):
    with pytest.raises(CannotWrite, match=r"a: there is no folder .*none"):
        files.write(tmp_path / "none" / "a", b"x")


def test_make_folder_with_its_parents_and_twice(tmp_path):
    assert files.make_folder(tmp_path / "a" / "b") == tmp_path / "a" / "b"
    assert files.make_folder(tmp_path / "a" / "b").is_dir()


def test_make_folder_where_a_file_has_the_name(tmp_path):
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(CannotWrite, match="there is a file of that name; choose another"):
        files.make_folder(tmp_path / "a")
    with pytest.raises(CannotWrite, match="Not a directory"):
        files.make_folder(tmp_path / "a" / "b")
    with pytest.raises(CannotWrite, match="null byte; choose another"):
        files.make_folder(tmp_path / "a\0b")
    with pytest.raises(CannotWrite, match="File name too long; free space or choose another"):
        files.refuse_odd_entries(tmp_path / ("a" * 300))
    assert (tmp_path / "a").read_bytes() == b"mine"


def odd_file(kind, path):
    """A named pipe, a socket or a device (as root) of one's own."""
    if kind == "a named pipe":
        os.mkfifo(path)
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    elif kind == "a device":
        try:
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
        except PermissionError:
            pytest.skip("only root makes devices")
    else:
        path.mkdir()


@pytest.mark.parametrize("kind", ["a named pipe", "a socket", "a device", "a folder"])
def test_what_is_no_regular_file_is_neither_replaced_nor_opened(kind, tmp_path):
    (tmp_path / "link").symlink_to("odd")
    odd_file(kind, tmp_path / "odd")
    before = os.lstat(tmp_path / "odd")
    for name in ("odd", "link"):
        with pytest.raises(CannotWrite, match=f"{name}: it is {kind}; choose another"):
            files.write(tmp_path / name, b"new")
        with pytest.raises(CannotWrite, match=f"{name}: it is {kind}; choose another"):
            files.destination(tmp_path / name)
    assert os.lstat(tmp_path / "odd")[:3] == before[:3]  # mode, inode, device
    assert names(tmp_path) == ["link", "odd"]


@pytest.mark.parametrize("kind", ["a named pipe", "a socket", "a device"])
def test_a_folder_for_output_with_such_a_name_is_refused(kind, tmp_path):
    files.refuse_odd_entries(tmp_path / "none")
    (tmp_path / "sub").mkdir()
    (tmp_path / "dangling").symlink_to("nowhere")
    files.refuse_odd_entries(tmp_path)
    odd_file(kind, tmp_path / "curve.png")
    with pytest.raises(CannotWrite, match=rf"curve\.png: it is {kind}"):
        files.refuse_odd_entries(tmp_path)


def test_a_link_stays_one_and_its_target_is_written(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"old")
    (tmp_path / "second").symlink_to("deep/file")
    (tmp_path / "link").symlink_to(tmp_path / "second")
    files.write(tmp_path / "link", b"new")
    assert (tmp_path / "deep" / "file").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "second").is_symlink()
    assert names(tmp_path) == ["deep", "link", "second"]
    assert names(tmp_path / "deep") == ["file"]


def test_a_link_to_nothing_makes_its_target_and_a_loop_is_refused(tmp_path):
    (tmp_path / "dangling").symlink_to("made")
    files.write(tmp_path / "dangling", b"new")
    assert (tmp_path / "made").read_bytes() == b"new"
    (tmp_path / "lost").symlink_to("none/file")
    with pytest.raises(CannotWrite, match="there is no folder"):
        files.write(tmp_path / "lost", b"new")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(CannotWrite, match="Too many levels of symbolic links"):
        files.write(tmp_path / "loop", b"new")
    assert names(tmp_path) == ["dangling", "loop", "lost", "made"]


def test_the_other_names_of_a_file_keep_the_old_bytes(tmp_path):
    """So a copy that was made of hard links (cp -al, rsync --link-dest) stays a copy."""
    (tmp_path / "a").write_bytes(b"old")
    os.link(tmp_path / "a", tmp_path / "copy")
    files.write(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert (tmp_path / "copy").read_bytes() == b"old"


def test_mode_and_owner_of_the_file_that_is_replaced_stay(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    path.chmod(0o640)
    if os.getuid() == 0:
        os.chown(path, 12345, 54321)
    before = path.stat()
    files.write(path, b"new")
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode, before.st_uid, before.st_gid,
    )  # fmt: skip
    files.write(tmp_path / "b", b"x")
    (tmp_path / "c").write_bytes(b"x")
    assert (tmp_path / "b").stat().st_mode == (tmp_path / "c").stat().st_mode


def test_a_file_that_is_read_only_is_not_replaced():
    with public_folder() as folder:
        (folder / "a").write_bytes(b"old")
        (folder / "a").chmod(0o444)
        folder.chmod(0o777)
        said = in_child(lambda: files.write(folder / "a", b"new"), nobody=True)
        assert said == f"CannotWrite: cannot write {folder / 'a'}: it is read-only; choose another"
        assert (folder / "a").read_bytes() == b"old"


def test_a_draft_follows_no_link_and_replaces_that_of_a_killed_process(tmp_path):
    draft = tmp_path / f".a.{os.getpid()}.tmp"
    (tmp_path / "precious").write_bytes(b"mine")
    draft.symlink_to("precious")
    files.write(tmp_path / "a", b"new")
    assert (tmp_path / "precious").read_bytes() == b"mine"
    assert names(tmp_path) == ["a", "precious"]


def test_the_longest_name_that_a_folder_takes(tmp_path):
    path = tmp_path / ("n" * 251 + ".bin")
    files.write(path, b"x")
    assert path.read_bytes() == b"x"
    for odd in ("n" * 300, "a\0b"):
        with pytest.raises(CannotWrite, match="cannot write"):
            files.write(tmp_path / odd, b"x")


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_make_folder_in_a_closed_folder(mode):
    with public_folder() as folder:
        folder.chmod(mode)
        said = in_child(lambda: files.make_folder(folder / "a"), nobody=True)
        assert said == f"CannotWrite: cannot make the folder {folder / 'a'}: " + (
            "Permission denied; choose another"
        )


def test_a_lock_is_held_by_one_and_leaves_nothing(tmp_path):
    book = tmp_path / "x"
    busy = pytest.raises(Busy, match=rf"x is being changed by process {os.getpid()}; wait")
    with files.alone_with(book), busy, files.alone_with(book):
        pytest.fail("two at once")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ZeroDivisionError), files.alone_with(book):
        raise ZeroDivisionError
    with files.alone_with(book):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_was_removed_meanwhile_is_taken_anew(tmp_path, monkeypatch):
    """Opened before its holder removed it: locking that file would keep no one out."""
    book, lock = tmp_path / "x", tmp_path / ".x.lock"
    take, taken = files.take_lock, []

    def raced(path, busy):
        handle = take(path, busy)
        taken.append(handle)
        if len(taken) == 1:
            lock.unlink()
        return handle

    monkeypatch.setattr(files, "take_lock", raced)
    with files.alone_with(book):
        assert len(taken) == 2
        assert os.path.samestat(os.fstat(taken[1]), os.stat(lock))
