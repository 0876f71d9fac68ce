"""Output directories that appear whole or not at all."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..exceptions import InputError
from .staging import staging_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from .._types import AnyPath

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def published(
    directory: AnyPath, replaces: Collection[str] = (), *, inputs: Sequence[AnyPath] = ()
) -> Iterator[Path]:
    """Give a directory to write into, whose files become those of `directory` at the end.

    The files are written beside the target. At the end one rename puts them in place: of the
    whole directory, where the target is new, empty, or holds nothing but an earlier version of
    the same files (then the two directories change names at once, on Linux). Only where that
    cannot be done - the target is a mount point or has some inside, is the working directory,
    belongs to somebody else, or holds other files, which stay - are they renamed into it one by
    one. If the block raises, or a file cannot be put in place, the target is left as it was.

    Parameters
    ----------
    directory : str or Path
        The target; made, with its parents, if it does not exist. A symbolic link is followed.
        (Of symbolic links inside, those with names of new files are replaced.)
    replaces : collection of str, default=()
        Names of files of an earlier version that have no place beside the new one, such as the
        same data in another format; they go. All other files stay.
    inputs : sequence of str or Path, default=()
        Files and directories that are read meanwhile, which must not be replaced.

    Yields
    ------
    staging : Path
        An empty directory.

    Raises
    ------
    InputError
        If the target cannot be written, or an input is what would be replaced.
    """
    target = _resolved(directory)
    replaces = set(replaces)
    _check_replaced(target, replaces, inputs)
    made = [path for path in target.parents if not path.exists()]
    done = False
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with staging_for(target) as staging:
            yield staging
            _check_replaced(target, {path.name for path in staging.iterdir()}, inputs)
            _sync(staging)
            _put_in_place(staging, target, replaces)
            done = True
    except OSError as error:
        raise InputError(f"{target}: cannot write the output: {_reason(error)}") from error
    finally:
        for path in () if done else made:
            with suppress(OSError):
                path.rmdir()


def _resolved(directory):
    """Return the path behind symbolic links, if a directory is there or can be made."""
    if not os.fspath(directory).strip():
        raise InputError("the output must be the path of a directory; got an empty one")
    resolved = Path(os.path.realpath(directory))
    try:
        is_link = resolved.is_symlink()
    except OSError as error:  # a name that is too long
        raise InputError(f"{directory}: cannot write the output: {_reason(error)}") from error
    if is_link:
        raise InputError(f"{directory}: expected a directory to write to, found links in a circle")
    if resolved.exists() and not resolved.is_dir():
        raise InputError(f"{directory}: expected a directory to write to, found a file")
    return resolved


def _check_replaced(directory, names, inputs):
    """Refuse to replace what is being read, and directories."""
    if not directory.exists():
        return
    targets = [directory / name for name in sorted(names)]
    for target in targets:
        if target.is_dir():
            raise InputError(f"{target}: expected a file to replace, found a directory")
    for given in inputs:
        path = Path(given)
        if not path.exists():
            continue
        if path.is_dir() and path.samefile(directory):
            raise InputError(
                f"{given}: the output directory must be another one than that of the input, whose "
                "files it would replace"
            )
        for target in targets:
            if target.exists() and target.samefile(path):
                raise InputError(
                    f"{given}: an input must not be what the output replaces, and {target.name} in "
                    f"{directory} is; name another output directory, or move the input"
                )


def _reason(error):
    where = "" if error.filename is None else f" ({Path(os.fsdecode(error.filename)).name})"
    return f"{error.strerror or error}{where}"


def _sync(staging):
    """Have the contents on disk before the names: a crash of the machine must not part them."""
    for path in staging.iterdir():
        with path.open("rb+") as file:  # Windows syncs only what is open for writing
            os.fsync(file.fileno())


def _put_in_place(staging, directory, replaces):
    beside = staging.parent == directory.parent
    if beside and _replaced_whole(staging, directory, replaces):
        return
    directory.mkdir(exist_ok=True)
    _replaced_one_by_one(staging, directory, replaces)


def _replaced_whole(staging, directory, replaces):
    """Try to change the whole directory with one rename."""
    if directory == Path.cwd() or directory in Path.cwd().parents:
        return False  # whoever works in it would be left in a directory without a name
    names = {path.name for path in directory.iterdir()} if directory.exists() else set()
    if directory.exists():
        if _holds_mount_points(directory) or not _made_alike(staging, directory):
            return False
        shutil.copymode(directory, staging)
    if not names:
        try:
            os.rename(staging, directory)
        except OSError:
            return False
        return True
    ours = {path.name for path in staging.iterdir()}
    return not names - ours - replaces and _exchanged(staging, directory)


def _made_alike(staging, directory):
    """Whether two directories have one owner and group, and no attributes that would be lost."""
    ours, theirs = staging.stat(), directory.stat()
    attributes = getattr(os, "listxattr", lambda path: [])
    try:
        same = set(attributes(staging)) == set(attributes(directory))
    except OSError:  # a file system without any
        same = True
    return same and (ours.st_uid, ours.st_gid) == (theirs.st_uid, theirs.st_gid)


def _holds_mount_points(directory):
    """Whether something is mounted on a path below; a rename would take it along."""
    try:
        mounts = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:  # another system: mounted directories have another device there
        return any(path.is_mount() for path in directory.iterdir())
    below = os.fsencode(directory) + b"/"
    return any(_unescaped(line.split()[4]).startswith(below) for line in mounts)


def _unescaped(path):
    for escaped, character in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n")):
        path = path.replace(escaped, character)
    return path.replace(b"\\134", b"\\")


def _exchanged(a, b):
    """Swap the names of two directories or files at once (renameat2); False where that fails."""
    if sys.platform != "linux":
        return False
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    paths = os.fsencode(a), os.fsencode(b)
    return renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0


def _replaced_one_by_one(staging, directory, replaces):
    """Rename the files into the directory; if one cannot be, those before it go back."""
    new = sorted(path.name for path in staging.iterdir())
    earlier = staging / "earlier-version"
    earlier.mkdir()
    begun = []
    try:
        for name in (*new, *sorted(replaces.difference(new))):
            begun.append(name)
            if os.path.lexists(directory / name):
                _put_aside(directory / name, earlier / name, replaced=name in new)
            if name in new:
                os.replace(staging / name, directory / name)
    except BaseException:
        for name in reversed(begun):
            with suppress(OSError):
                if os.path.lexists(earlier / name):
                    os.replace(earlier / name, directory / name)
                elif name in new and not os.path.lexists(staging / name):
                    os.unlink(directory / name)
        raise


def _put_aside(path, aside, replaced):
    """Give a file another name; where it is replaced, both, so that it is never missing."""
    if replaced and not path.is_symlink():
        with suppress(OSError):  # a file system without hard links
            os.link(path, aside)
            return
    os.rename(path, aside)
