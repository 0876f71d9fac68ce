"""Histories that stand alone, side by side in tiles; see `_kernels.tiles`."""

import numpy as np

from .. import _kernels
from .._kernels import LANES

# Longer slices are left to the kernels for single ones: a tile is to stay in the cache.
_LONGEST = 16_384


class Tiles:
    """Histories of all fields in tiles.

    Parameters
    ----------
    x : float64 array of shape (n_values,)
    starts, stops : int64 arrays of shape (n_fields, n_entities)
    scratch : Scratch
        Where the tiles are kept.

    Attributes
    ----------
    arrays : tuple
        What the kernels for tiles take first.
    others : list of (int, int64 array)
        Fields, and the entities whose histories are too long for a tile.
    """

    def __init__(self, x, starts, stops, scratch):
        lengths = stops - starts
        longest, n_slices = int(lengths.max(initial=0)), starts.size
        self.others = []
        if longest > _LONGEST:
            longest, longer = _LONGEST, lengths > _LONGEST
            n_slices -= np.count_nonzero(longer)
            fields = np.flatnonzero(longer.any(axis=1))
            self.others = [(f, np.flatnonzero(longer[f])) for f in fields]
        n_tiles = -(-n_slices // LANES)
        owners, firsts = scratch.ints(2, n_tiles * LANES), scratch.ints(n_tiles + 1)
        _kernels.by_length(starts, stops, longest, owners, firsts)
        values, counts = scratch.floats(firsts[-1] + LANES), scratch.floats(n_tiles * LANES)
        _kernels.fill_tiles(x, starts, stops, owners, firsts, values, counts)
        self.arrays = values, firsts, owners, counts
