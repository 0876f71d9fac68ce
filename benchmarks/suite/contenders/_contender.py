"""What a contender is."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple


class Contender(NamedTuple):
    """Someone who computes the columns, or some of them."""

    name: str
    #: the distribution it comes in
    package: str
    #: from (histories, part) to a callable without arguments, which is what gets timed: the data
    #: is there in the contender's own form
    load: Callable
    #: from (what the callable returned, part) to a dict of columns, for comparison with ours
    columns: Callable
    parts: tuple = ("all",)
    #: statistics it defines differently (not compared), and how
    differs: dict = {}
    #: statistics it has no function for
    lacks: tuple = ()
    #: whether worker processes do the work, so that this process's memory says little
    has_workers: bool = False
    note: str = ""

    @property
    def installed(self):
        try:
            return bool(version(self.package))
        except PackageNotFoundError:
            return False

    def compared(self, names):
        """Those of the columns that are defined as ours are."""
        out = (*self.differs, *self.lacks)
        return [name for name in names if not name.startswith(tuple(f"{s}_" for s in out))]
