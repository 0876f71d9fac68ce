"""Which sequences others were selected from: found again by their slices of the same table."""

from weakref import WeakValueDictionary

import numpy as np

# Odd numbers of 64 bits, far from each other.
_MIXERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


class Selections:
    """The sequences of a table that something was selected from, as long as somebody has them."""

    def __init__(self):
        self._selected_from = WeakValueDictionary()

    def add(self, sequences):
        """Remember sequences, once."""
        self._selected_from.setdefault(id(sequences), sequences)

    def source_of(self, sequences):
        """Find what sequences of this table were, or could have been, selected from.

        Returns
        -------
        source : EventSequences
            Those known first that have all of these slices; else `sequences` themselves.
        rows : int64 array of shape (n_entities,) or None
            Where they are in it; None: they are all of it.
        """
        for known in self._selected_from.valuerefs():
            source = known()
            if source is sequences:
                break
            if source is not None and source.inclusive == sequences.inclusive:
                rows = rows_among(sequences, source)
                if rows is not None:
                    return source, rows
        return sequences, None


def rows_among(sequences, others):
    """Find slices, with their reference times, among others of the same table.

    Returns
    -------
    rows : int64 array of shape (n_entities,) or None
        Positions in `others`; None: not all of them were found there.
    """
    if not len(others):
        return None if len(sequences) else np.empty(0, dtype=np.int64)
    wanted, known = _slices_of(sequences), _slices_of(others)
    if (known[0][1:] >= known[0][:-1]).all():  # most are as the table has them, and need no sorting
        rows = _first_places(known[0], wanted[0])
        if _are(wanted, known, rows):
            return rows
    # Numbers that slices which differ hardly ever share.
    keys, known_keys = _mixed(wanted), _mixed(known)
    order, asked = np.argsort(known_keys), np.argsort(keys)
    rows = np.empty(len(keys), dtype=np.int64)
    rows[asked] = order[_first_places(known_keys[order], keys[asked])]
    return rows if _are(wanted, known, rows) else None


def _first_places(ordered, values):
    return np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)


def _are(wanted, known, rows):
    return all(np.array_equal(k[rows], w) for k, w in zip(known, wanted, strict=True))


def _slices_of(sequences):
    parts = sequences.stops, sequences.starts, sequences.reference_times
    return [part for part in parts if part is not None]


def _mixed(slices):
    mixed = np.zeros(len(slices[0]), dtype=np.uint64)
    for part, mixer in zip(slices, _MIXERS, strict=False):
        mixed = (mixed ^ part.view(np.uint64)) * np.uint64(mixer)
        mixed ^= mixed >> np.uint64(29)
    return mixed
