"""Twin of `sktemporal._kernels.queues`, one slice at a time."""

from .exact import NAN


def extremes(x):
    """Number of values, smallest and largest value, their difference, first and last value."""
    if len(x) == 0:
        return {"count": 0.0} | dict.fromkeys(("min", "max", "range", "first", "last"), NAN)
    return {
        "count": float(len(x)),
        "min": min(x),
        "max": max(x),
        "range": max(x) - min(x),
        "first": x[0],
        "last": x[-1],
    }
