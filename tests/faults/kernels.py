"""Faults of the compiled loops."""

from faults import Fault

_CERTIFIED = "sktemporal/_kernels/certified.py"
_EXACT = "sktemporal/_kernels/exact.py"

FAULTS = [
    Fault(
        "parts: error bound without what was dropped",
        _CERTIFIED,
        "error = a * (32.0 * ULP_SQUARED) + (n * n) * dropped",
        "error = a * (32.0 * ULP_SQUARED)",
        ("tests/kernels/test_certified.py",),
    ),
    Fault(
        "exact: borrow of a difference forgotten",
        _EXACT,
        "        result[k] = step - borrow\n",
        "        result[k] = step\n",
        ("tests/kernels/test_exact.py",),
        compiled=False,
    ),
    Fault(
        "order statistics: unwanted quantiles go to the last column",
        "sktemporal/_kernels/ordering.py",
        "if places[k] >= 0:",
        "if places[k] >= -1:",
        ("tests/kernels/test_places.py",),
        compiled=False,
    ),
]
