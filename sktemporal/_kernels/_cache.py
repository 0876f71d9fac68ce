"""Compiled kernels on disk, also where that can only be read.

numba keeps machine code in a directory that it can write to: the one that NUMBA_CACHE_DIR names,
the one beside the source, or the user's. It passes over a directory that it can only read, even
when the code is there, as in an image that was built by another user. The classes below do not.
"""

import contextlib
from pathlib import Path

from numba.core import caching


def _class(name):
    """Find a class of numba's by its name, which had an underscore before numba 0.62."""
    return getattr(caching, name, None) or getattr(caching, f"_{name}")


class _ReadableToo:
    def ensure_cache_path(self):
        try:
            super().ensure_cache_path()
        except OSError:
            index_files = Path(self.get_cache_path()).glob(f"{Path(self._py_file).stem}.*.nbi")
            if not any(index_files):
                raise


class _UserProvided(_ReadableToo, _class("UserProvidedCacheLocator")):
    pass


class _BesideTheSource(_ReadableToo, _class("InTreeCacheLocator")):
    pass


class _Implementation(caching.CompileResultCacheImpl):
    _locator_classes = (_UserProvided, _BesideTheSource, _class("UserWideCacheLocator"))


class _Cache(caching.FunctionCache):
    _impl_class = _Implementation

    def save_overload(self, sig, data):
        with contextlib.suppress(OSError):  # what cannot be kept is compiled in every process
            super().save_overload(sig, data)


def keep(dispatcher):
    """Let a dispatcher keep what it compiles, where there is a place for it.

    Where there is none, it is compiled in every process.
    """
    with contextlib.suppress(RuntimeError):  # numba: no locator available
        dispatcher._cache = _Cache(dispatcher.py_func)
