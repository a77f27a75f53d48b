"""Run a call in a child process that has less: no rights of root, little disk, little time."""

import os
import resource
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


def in_child(call: Callable[[], object], *, nobody: bool = False, disk: int | None = None) -> str:
    """What ``call`` returns, as a string, or "TYPE: MESSAGE" of what it raises.

    Args:
        nobody: without the rights of root, to whom no folder is read-only.
        disk: the most bytes a file may have.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python 3.12 warns of threads; the child uses none
        child = os.fork()
    if child == 0:
        signal.alarm(20)  # a call that hangs is ended, and says nothing
        try:
            if disk is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))
            if nobody and os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            said = str(call())
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writer, said.encode()[:4000])
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@contextmanager
def public_folder() -> Iterator[Path]:
    """A temporary folder that every user can look into (pytest's own is the user's only)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for path in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
            path.chmod(0o755)
        shutil.rmtree(folder)
