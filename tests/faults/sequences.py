"""Faults of the container, of its conversions and of the gate."""

from faults import Fault

_ORDER = "sktemporal/sequences/_order.py"

FAULTS = [
    Fault(
        "order: the last of several at one instant kept for the first",
        _ORDER,
        'if duplicates == "first" else',
        'if duplicates == "last" else',
        ("tests/sequences/test_order.py",),
    ),
]
