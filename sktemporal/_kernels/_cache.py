"""Compiled kernels on disk, also where that can only be read.

numba keeps machine code in a directory that it can write to: the one that NUMBA_CACHE_DIR names,
the one beside the source, or the user's. It passes over a directory that it can only read, even
when the code is there, as in an image that was built by another user. And it takes code for fresh
when the kernel's own file has not changed, whatever has in the files that it calls. The classes
below do neither.
"""

import contextlib
import hashlib
from functools import cache
from pathlib import Path

from numba.core import caching

_LOCATORS = ("UserProvidedCacheLocator", "InTreeCacheLocator", "UserWideCacheLocator")


@cache
def _digest_of_sources():
    """Hash the sources of all kernels: each may call any other's helpers."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _locator(name, must_write):
    """Derive from a locator of numba's, whose names had an underscore before numba 0.62."""

    class Locator(getattr(caching, name, None) or getattr(caching, f"_{name}")):
        def get_source_stamp(self):
            return super().get_source_stamp(), _digest_of_sources()

        def ensure_cache_path(self):
            if must_write:
                super().ensure_cache_path()

    return Locator


class _Cache(caching.FunctionCache):
    def load_overload(self, sig, target_context):
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # whatever a damaged or unreadable file raises: compile instead
            return None

    def save_overload(self, sig, data):
        with contextlib.suppress(OSError):  # what cannot be kept is compiled in every process
            if self._index() is None:
                self.flush()
            super().save_overload(sig, data)

    def _index(self):
        """What is kept, by signature and machine; None where the file is damaged or unreadable."""
        try:
            return self._cache_file._load_index()
        except Exception:
            return None

    def holds(self, signatures, target):
        """Tell whether there is code for this machine, as far as the index knows."""
        machine = target.codegen().magic_tuple()
        found = {key[0].args for key in self._index() or () if key[1] == machine}
        return all(tuple(signature.args) in found for signature in signatures)


@cache
def _caches():
    """Where code may be kept: a class of caches for each, and whether it has to be writable."""
    found = []
    for name in _LOCATORS:
        for must_write in (True, False):
            classes = (_locator(name, must_write),)
            implementation = type(
                "Implementation", (caching.CompileResultCacheImpl,), {"_locator_classes": classes}
            )
            kind = type("Cache", (_Cache,), {"_impl_class": implementation})
            found.append((kind, must_write))
    return found


def keep(dispatcher, signatures):
    """Let a dispatcher keep what it compiles: where it can be written, or is there already.

    Where there is no such directory, it is compiled in every process.
    """
    for kind, must_write in _caches():
        with contextlib.suppress(RuntimeError):  # numba: no locator available
            found = kind(dispatcher.py_func)
            if must_write or found.holds(signatures, dispatcher.targetctx):
                dispatcher._cache = found
                return


def kept_in(dispatcher):
    """Return the directory where all of a dispatcher's code is kept, or None."""
    found = dispatcher._cache
    signatures = dispatcher.nopython_signatures
    kept = isinstance(found, _Cache) and found.holds(signatures, dispatcher.targetctx)
    return found.cache_path if kept else None
