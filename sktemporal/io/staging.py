"""Directories to write into before their files are put in place, and what is left of dead ones."""

import contextlib
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def staging_for(directory):
    """Make an empty directory whose files can be renamed to those of a target, and remove it.

    It is beside the target where a rename leads from one to the other, so that the two may change
    names. Where none does - the target is a mount point, of another quota, below a directory that
    cannot be written - it is inside. What processes that were killed have left goes.

    Parameters
    ----------
    directory : Path
        The target; its parent exists.

    Yields
    ------
    staging : Path

    Raises
    ------
    OSError
        If the target cannot be written.
    """
    prefix = f".{directory.name}.staging-"
    _remove_abandoned(directory.parent, prefix)
    lock = None
    try:
        if directory.exists():
            _remove_abandoned(directory, prefix)
            staging, lock = _locked(directory, prefix)
            # Tried rather than asked for: no system call says of all these cases what rename says.
            beside = directory.parent / staging.name
            with contextlib.suppress(OSError):
                os.rename(staging, beside)
                staging = beside
        else:
            staging, lock = _locked(directory.parent, prefix)
        _open_to_others(staging)
        yield staging
    finally:
        if lock is not None:
            shutil.rmtree(staging, ignore_errors=True)
            os.close(lock)


def _locked(folder, prefix):
    """Make a directory that is locked as long as this process lives; returns it and its lock."""
    while True:
        staging = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
        lock = _lock(staging, wait=True)
        if lock is None:  # a system without such locks: then nothing is taken to be abandoned
            return staging, os.open(os.devnull, os.O_RDONLY)
        if staging.exists():  # not taken for abandoned before it was locked
            return staging, lock
        os.close(lock)


def _lock(directory, *, wait=False):
    """Lock a directory; None where somebody else has it, or the system cannot."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        lock = os.open(directory, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(lock)
        return None
    return lock


def _remove_abandoned(folder, prefix):
    """Remove staging directories that no living process has locked."""
    try:
        names = [name for name in os.listdir(folder) if name.startswith(prefix)]
    except OSError:  # may be written to, but not listed
        return
    for name in names:
        lock = _lock(folder / name)
        if lock is not None:
            shutil.rmtree(folder / name, ignore_errors=True)
            os.close(lock)


def _open_to_others(staging):
    """Give a directory the permissions of any new one."""
    umask = os.umask(0)
    os.umask(umask)
    os.chmod(staging, 0o777 & ~umask)
