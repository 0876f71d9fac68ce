"""Plans, what features are, and the executor, which computes them."""

from .columns import Column, ObservedColumns
from .plan import Codes, Derived, Events, Fold, Intervals, Last, Numeric, Since, Undefined, Whole

__all__ = [
    "Codes",
    "Column",
    "Derived",
    "Events",
    "Fold",
    "Intervals",
    "Last",
    "Numeric",
    "ObservedColumns",
    "Since",
    "Undefined",
    "Whole",
]
