"""The guard where the kernels are built on numba's internals."""

import subprocess
import sys
import tomllib
import warnings
from pathlib import Path

import numba
import pytest
from numba.core import caching

from sktemporal._kernels import _internals
from sktemporal.exceptions import UntestedVersionWarning

check = _internals.check.__wrapped__


def test_this_numba_has_all_that_is_used():
    check()


def test_the_bounds_are_those_of_the_installation():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    first, end = _internals.TESTED
    assert f"numba>={first},<{end}" in project["dependencies"]


@pytest.mark.parametrize("version", ["0.60.9", "0.69.0", "0.69.0rc1", "0.100.0", "1.0"])
def test_a_version_that_no_test_has_run_with(monkeypatch, version):
    monkeypatch.setattr(numba, "__version__", version)
    with pytest.warns(
        UntestedVersionWarning, match=f'numba {version},.*"numba>=0.61,<0.69"'
    ) as seen:
        check()
    assert seen[0].filename == __file__


@pytest.mark.parametrize("version", ["0.61.0", "0.61.0rc1", "0.68.99"])
def test_a_version_between_the_bounds(monkeypatch, version):
    monkeypatch.setattr(numba, "__version__", version)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check()


def test_a_version_that_lacks_what_is_used(monkeypatch):
    monkeypatch.delattr(caching.IndexDataCacheFile, "_load_index")
    monkeypatch.setitem(sys.modules, "numba.core.cgutils", None)
    missing = (
        "numba.core.caching.IndexDataCacheFile._load_index, "
        "numba.core.cgutils.get_or_insert_function, numba.core.cgutils.unpack_tuple;"
    )
    with pytest.raises(ImportError, match=f"numba {numba.__version__} has no {missing}") as error:
        check()
    assert str(error.value).endswith('pip install "numba>=0.61,<0.69"')


def test_the_first_use_of_a_kernel_asks():
    script = (
        "from numba.core import caching; del caching.IndexDataCacheFile._load_index\n"
        "from sktemporal import _kernels; _kernels.gini"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1].startswith("ImportError: the kernels need numba from 0.61")
