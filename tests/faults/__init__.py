"""Single faults to plant in the package, a module for each of its rooms: see `planted_faults`."""

from typing import NamedTuple


class Fault(NamedTuple):
    """One change to one file that tests have to notice."""

    #: what goes wrong, in a few words; no other fault is called so
    name: str
    #: path from the root of the repository
    file: str
    #: text that occurs exactly once in the file
    old: str
    new: str
    #: paths or node ids, as pytest takes them, from the root; the fewer, the quicker
    tests: tuple[str, ...]
    #: False: run without the compiler (NUMBA_DISABLE_JIT), which is quicker for small kernels
    compiled: bool = True
    #: why no test can see it, if so
    equivalent: str = ""
