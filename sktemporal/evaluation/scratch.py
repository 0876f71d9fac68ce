"""Memory for one chunk of entities after the other."""

import numpy as np


class Scratch:
    """Arrays that are all given back at once.

    Freed and asked for again with every chunk, memory goes to the system and comes back from it,
    which takes several workers longer than what they compute.
    """

    def __init__(self):
        self._buffer = np.empty(0)
        self._used = 0

    def clear(self):
        """Take all arrays back: what is in them is lost."""
        if self._used > len(self._buffer):
            self._buffer = np.empty(self._used + self._used // 4)
        self._used = 0

    def floats(self, n):
        """Return a float64 array of shape (n,), not initialized."""
        start = self._used
        self._used += -(-n // 8) * 8  # whole cache lines
        if self._used > len(self._buffer):
            return np.empty(n)
        return self._buffer[start : start + n]

    def ints(self, *shape):
        """Return an int64 array, not initialized."""
        return self.floats(int(np.prod(shape))).view(np.int64).reshape(shape)
