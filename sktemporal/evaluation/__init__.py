"""Plans, what features are, and the executor, which computes them."""

from .columns import Column, ObservedColumns
from .plan import (
    Age,
    Codes,
    Derived,
    Events,
    Fold,
    Intervals,
    Last,
    Numeric,
    Session,
    Since,
    Undefined,
    Where,
    Whole,
)

__all__ = [
    "Age",
    "Codes",
    "Column",
    "Derived",
    "Events",
    "Fold",
    "Intervals",
    "Last",
    "Numeric",
    "ObservedColumns",
    "Session",
    "Since",
    "Undefined",
    "Where",
    "Whole",
]
