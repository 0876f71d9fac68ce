"""Compiled kernels on disk: made once, and read where they cannot be written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sktemporal import _kernels

READ_ONLY = """
import tempfile
def refuse(*args, **kwargs):
    raise PermissionError("read-only")
tempfile.TemporaryFile = refuse  # with which numba tries whether it can write
"""

REFUSE_WRITES = """
from numba.core import caching
caching.open = lambda path, mode: refuse() if "w" in mode else open(path, mode)
"""

HITS = """
from sktemporal import _kernels
paths = _kernels.load_all()
kernels = [_kernels.compact, _kernels.extremes, _kernels.moments(2), _kernels.moments(34)]
print(len(paths), set(paths), [sum(k.stats.cache_misses.values()) for k in kernels])
"""

KERNEL = """
from numba import types
from sktemporal._kernels._jit import kernel

@kernel(types.int64(types.int64))
def double(n):
    return 2 * n

print(double(21), double.stats.cache_path)
"""


def run(script, cache=None, **environment):
    environment |= {} if cache is None else {"NUMBA_CACHE_DIR": str(cache)}
    arguments = [sys.executable, *(script if isinstance(script, list) else ["-c", script])]
    done = subprocess.run(
        arguments, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A directory that the command line has filled."""
    directory = tmp_path_factory.mktemp("kernels")
    out = run(["-m", "sktemporal", "compile"], directory)
    (kept,) = directory.iterdir()
    assert f"kernels in {kept}, ready in" in out
    return directory


@pytest.mark.parametrize("prelude", ["", READ_ONLY], ids=["writable", "read-only"])
def test_a_later_process_compiles_nothing(compiled, prelude):
    (kept,) = compiled.iterdir()
    before = sorted(path.name for path in kept.iterdir())
    n_kernels = len(_kernels.load_all())
    assert run(prelude + HITS, compiled) == f"{n_kernels} {{{str(kept)!r}}} [0, 0, 0, 0]\n"
    assert sorted(path.name for path in kept.iterdir()) == before


def test_what_has_no_place_is_compiled_in_every_process(tmp_path):
    module = tmp_path / "of_a_user.py"
    module.write_text(READ_ONLY + KERNEL)
    assert run([str(module)], tmp_path / "nowhere", HOME=str(tmp_path)) == "42 None\n"


def test_what_cannot_be_kept_is_no_error(tmp_path):
    """A cache that can only be read, of another version of the source."""
    module = tmp_path / "of_a_user.py"
    module.write_text(KERNEL)
    cache = tmp_path / "cache"
    assert run([str(module)], cache).startswith("42 " + str(cache))
    module.write_text(READ_ONLY + REFUSE_WRITES + KERNEL.replace("2 * n", "3 * n"))
    assert run([str(module)], cache, HOME=str(tmp_path)).split() == ["63", "None"]


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_a_damaged_file_is_as_good_as_none(tmp_path, kind):
    module = tmp_path / "of_a_user.py"
    module.write_text(KERNEL)
    for _ in range(2):
        assert run([str(module)], tmp_path / "cache").startswith("42 ")
        for damaged in (tmp_path / "cache").glob(f"*/of_a_user.double*.{kind}"):
            damaged.write_bytes(b"damaged")


def test_code_is_of_the_helpers_that_it_calls(tmp_path):
    """A change of any kernel's source makes all compiled code stale."""
    package = tmp_path / "sktemporal"
    kernels = Path(_kernels.__file__).parent
    shutil.copytree(kernels, package / "_kernels")
    for name in ("_warnings.py", "exceptions.py"):
        shutil.copy(kernels.parent / name, package)
    (package / "__init__.py").touch()
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from sktemporal import _kernels as k\n"
        "print(k.__file__, sum(k.gini.stats.cache_misses.values()))"
    )
    counts = []
    for change in ("", "", "# another\n"):
        with (package / "_kernels" / "ordering.py").open("a") as source:
            source.write(change)
        out = run(["-c", script, str(tmp_path)], tmp_path / "cache")
        assert out.startswith(str(tmp_path))
        counts.append(int(out.split()[1]))
    assert counts == [1, 0, 1]


THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from sktemporal import _kernels

sys.setswitchinterval(1e-6)
start = Barrier(8)

def first_use(_):
    start.wait()
    return _kernels.ascending, _kernels.fill_undefined

with ThreadPoolExecutor(8) as pool:
    print(len(set(pool.map(first_use, range(8)))))
"""


def test_several_threads_may_use_a_kernel_first(tmp_path):
    assert run(THREADS, tmp_path) == "1\n"
