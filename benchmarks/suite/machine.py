"""What the timings were taken on."""

import datetime
import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .contenders import CONTENDERS

_OURS = ("sktemporal", "numpy", "numba", "scipy", "scikit-learn", "joblib", "pyarrow")


def machine():
    """Processor, cores, memory, versions and date."""
    packages = dict.fromkeys([*_OURS, *(c.package for c in CONTENDERS.values())])
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {package: _version(package) for package in packages},
        "date": datetime.date.today().isoformat(),
    }


def _processor():
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    return found[1].strip() if found else platform.machine()


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None
