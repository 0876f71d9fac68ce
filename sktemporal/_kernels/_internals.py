"""What of numba's internals the kernels are built on, and the versions that have it."""

import importlib
from functools import cache, reduce

import numba

from .._warnings import warn
from ..exceptions import UntestedVersionWarning

#: The tests run with versions from the first on and below the second; pyproject.toml has the same.
TESTED = "0.61", "0.69"

# Vectors and words of eight bytes (`_lanes`, `_jit`), and code on disk (`_cache`).
_USED = {
    "llvmlite.ir": ("IRBuilder.bswap", "IRBuilder.ctlz", "Type.as_pointer", "VectorType"),
    "numba.core.caching": (
        "CompileResultCacheImpl._locator_classes",
        "FunctionCache._impl_class",
        "FunctionCache.flush",
        "FunctionCache.load_overload",
        "FunctionCache.save_overload",
        "IndexDataCacheFile._load_index",
    ),
    "numba.core.cgutils": ("get_or_insert_function", "unpack_tuple"),
    "numba.core.codegen": ("CPUCodegen.magic_tuple",),
    "numba.core.dispatcher": ("Dispatcher.disable_compile", "Dispatcher.nopython_signatures"),
    "numba.core.typing.templates": ("AbstractTemplate", "infer_global", "signature"),
    "numba.extending": ("intrinsic", "lower_builtin", "models", "register_model"),
}


@cache
def check():
    """Refuse a numba that lacks what is used, and warn of one that no test has run with."""
    first, end = TESTED
    way_out = f'install one of these: pip install "numba>={first},<{end}"'
    missing = [
        f"{module}.{name}" for module, names in _USED.items() for name in _lacks(module, names)
    ]
    if missing:
        raise ImportError(
            f"the kernels need numba from {first} on and below {end}, whose internals they are "
            f"built on; numba {numba.__version__} has no {', '.join(missing)}; {way_out}"
        )
    if not _numbers(first) <= _numbers(numba.__version__) < _numbers(end):
        warn(
            f"the kernels are built on internals of numba, and tested with {first} on and below "
            f"{end}; this is numba {numba.__version__}, so errors or other bits are possible; "
            f"{way_out}",
            UntestedVersionWarning,
        )


def _numbers(version):
    return tuple(int(number) for number in version.split(".")[:2])


def _lacks(module, names):
    """Yield the names, some of attributes of attributes, that a module has not."""
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError:
        yield from names
        return
    for name in names:
        try:
            reduce(getattr, name.split("."), found)
        except AttributeError:
            yield name
