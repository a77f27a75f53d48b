"""Compiling loops with numba: machine code kept on disk, and one line before a wait.

The first call of a kernel compiles it, which takes seconds; the code is kept below the user's cache
folder, in a folder for each processor, each state of the sources and of numba, and later processes
load it. Where that folder cannot be written, every process compiles.

Two things make this safe. All that a kernel is specialised to is in the types of its arguments,
which are in the symbol's name: no dimension is closed over, and no record is among them (numba
names records by a counter of the process). And processes compile one after the other: numba's index
of a cache is read, extended and written without a lock, so that two processes that compile at once
may both call their code number 1, and one would run the other's.
Importing this file needs numba, which takes a second: import it late.
Proof: tests/ops/test_compiled.py.
"""

import fcntl
import hashlib
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from zoo import files
from zoo.errors import CannotWrite, Missing, ZooError

try:
    import numba
    from llvmlite.binding import get_host_cpu_name
    from numba import njit, types
    from numba.extending import intrinsic
except ImportError as error:
    raise Missing("word vectors are trained with numba: pip install 'deep-zoo[text]'") from error

__all__ = ["first_call", "intrinsic", "kernel", "njit", "types"]
SOURCES = ("compiled", "cooccurrence_kernels", "glove_kernels", "word2vec_kernels",
           "word2vec_windows")  # fmt: skip
_announced: set[str] = set()  # in this process


def cache_folder() -> Path | None:
    """The folder for the code of these sources; None if it cannot be written.

    numba loads no code of another processor; machines of several kinds may share a home.
    """
    here = Path(__file__).parent
    sha = hashlib.sha256(f"{numba.__version__} {sys.version} {get_host_cpu_name()}".encode())
    for name in SOURCES:
        sha.update((here / f"{name}.py").read_bytes())
    try:
        folder = files.make_folder(files.cache_folder("numba") / sha.hexdigest()[:16])
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (ZooError, OSError):
        return None


FOLDER = cache_folder()


def kernel(**options: Any) -> Callable[[Any], Any]:
    """``numba.njit`` with its code kept in ``FOLDER``, if there is one."""

    def decorate(function: Any) -> Any:
        if FOLDER is None:
            return njit(**options)(function)
        config: Any = numba.config
        before = config.CACHE_DIR
        config.CACHE_DIR = str(FOLDER)  # read while the function is decorated
        try:
            return njit(cache=True, **options)(function)
        finally:
            config.CACHE_DIR = before

    return decorate


def first_call(what: str, seconds: int, variant: object, call: Callable[[], object]) -> None:
    """Make the first call of kernels in a process: announced if they must be compiled.

    A process of its own compiles, and this one loads the code as all later ones do: what numba has
    just compiled can round otherwise than what it loads. One process at a time is inside.

    Args:
        what: what is compiled, for the line on standard error: "word2vec's loops".
        seconds: how long that takes, about.
        variant: what the kernels are compiled for, such as the dimension.
        call: the call, which may be made twice.

    Raises:
        CannotWrite: if the disk is full.
    """
    name = hashlib.sha256(repr((what, variant)).encode()).hexdigest()[:16]
    if name in _announced:
        call()
    elif FOLDER is None:
        _announced.add(name)
        _say(what, seconds, "for each run: the cache folder cannot be written")
        call()
    else:
        with _alone(FOLDER / "lock", what):
            done = FOLDER / f"{name}.done"
            try:
                if not done.exists():
                    _say(what, seconds, "once")
                    _in_a_child(call)
                call()
                done.touch()
            except OSError as error:
                raise CannotWrite(
                    f"cannot write {FOLDER}: {error.strerror}; free space there, or set "
                    "XDG_CACHE_HOME"
                ) from error
            _announced.add(name)


def _in_a_child(call: Callable[[], object]) -> None:
    """Make a call in a copy of this process; how it ends, the same call here will tell."""
    try:
        with warnings.catch_warnings():  # idle threads are no danger: the child starts none
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 and later
            child = os.fork()
    except OSError:  # no room for one: the call here compiles
        return
    if not child:
        with suppress(BaseException):
            call()
        os._exit(0)
    os.waitpid(child, 0)


def _say(what: str, seconds: int, how_often: str) -> None:
    print(f"compiling {what}: about {seconds} s, {how_often}", file=sys.stderr, flush=True)


@contextmanager
def _alone(lock: Path, what: str) -> Iterator[None]:
    """The kernel's lock (flock) on a file; it ends with the process, however that ends."""
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{what}: another process is compiling; waiting", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
