"""Features that go from one step of a pipeline to the next, and belong to no one else."""

from contextlib import contextmanager
from contextvars import ContextVar

_steps = ContextVar("steps", default=(None, None))


@contextmanager
def handing_over(maker, taker):
    """For as long as a method of a pipeline runs: `taker` gets what `maker` has made anew.

    The two are known by identity, so that other objects, and these outside of it, do as ever.
    """
    token = _steps.set((maker, taker))
    try:
        yield
    finally:
        _steps.reset(token)


def taker_of(maker):
    """Return the step that gets the features of this one, None where that may be anyone."""
    known, taker = _steps.get()
    return taker if known is maker else None


def may_write(taker):
    """Tell whether the features that a step gets are its own to write into."""
    return _steps.get()[1] is taker
