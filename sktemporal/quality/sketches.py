"""Distributions of features in few bins, the same bytes in whatever order they were merged."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .. import _kernels

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import ArrayLike

    from .._types import Booleans, Floats

#: A feature has no more bins than this.
MAX_BINS = 512
_LARGEST_PLACE = int(np.array(np.finfo(np.float64).max).view(np.int64))
# At this level all negative numbers are one bin, and all others another.
_HIGHEST_LEVEL = 63
_MOST_ROWS = 2**40
# Bytes of all names of the features together: what is longer is none of ours.
_LONGEST_NAMES = 2**26


# Neighbouring float32 numbers are 2**29 places apart. Rounding moves what is within half of that
# from the upper edge of a bin to the next one: with this level less than 1 in 4,000 of its values.
_LEVEL_OF_FLOAT32 = 40


def _ordered(bits):
    """Turn the bits of float64 numbers into their places, and places into bits."""
    return np.where(bits < 0, bits ^ np.int64(2**63 - 1), bits)


class Sketch(NamedTuple):
    """The binned distribution of one feature.

    All float64 numbers in ascending order have their places, neighbours differing by 1; a bin is
    2**level neighbours, so that it grows with the magnitude of its values as they become coarser.
    The level is the least that leaves no more than 512 bins that are not empty: with few distinct
    values each has its own bin. It is a function of the values, not of their order.
    """

    #: a bin holds 2**level neighbouring float64 numbers; 0: each bin one value
    level: int
    #: int64 of shape (n_bins,), ascending: the place of the values, shifted right by `level`
    keys: np.ndarray
    #: int64 of shape (n_bins,), above 0
    counts: np.ndarray
    #: number of NaN
    n_missing: int = 0
    #: number of negative and of positive infinities
    n_lowest: int = 0
    n_highest: int = 0

    @property
    def n_rows(self):
        """Number of values, missing ones included."""
        return int(self.counts.sum()) + self.n_missing + self.n_lowest + self.n_highest

    @property
    def values(self):
        """float64 of shape (n_bins,): the middle of each bin, exact at level 0."""
        places = (self.keys << self.level) + ((1 << self.level) >> 1)
        places = np.clip(places, ~_LARGEST_PLACE, _LARGEST_PLACE)
        return _ordered(places).view(np.float64)

    def at_level(self, level):
        """Return the same distribution in coarser bins."""
        if level == self.level:
            return self
        keys, inverse = np.unique(self.keys >> (level - self.level), return_inverse=True)
        counts = np.zeros(len(keys), dtype=np.int64)
        np.add.at(counts, inverse, self.counts)
        return self._replace(level=level, keys=keys, counts=counts)

    def rounded(self):
        """Return the distribution of the values rounded to float32, as far as the bins tell."""
        if self.level > 0:
            return self.at_level(max(self.level, _LEVEL_OF_FLOAT32))
        with np.errstate(over="ignore"):
            values = self.values.astype(np.float32).astype(np.float64) + 0.0  # no -0.0
        finite = np.isfinite(values)
        return self._replace(
            keys=_ordered(values[finite].view(np.int64)),
            counts=self.counts[finite],
            n_lowest=self.n_lowest + int(self.counts[values == -np.inf].sum()),
            n_highest=self.n_highest + int(self.counts[values == np.inf].sum()),
        ).summed()

    def merge(self, other):
        """Return the distribution of the values of both."""
        level = max(self.level, other.level)
        a, b = self.at_level(level), other.at_level(level)
        both = Sketch(
            level,
            np.concatenate((a.keys, b.keys)),
            np.concatenate((a.counts, b.counts)),
            a.n_missing + b.n_missing,
            a.n_lowest + b.n_lowest,
            a.n_highest + b.n_highest,
        ).summed()
        while len(both.keys) > MAX_BINS:
            level += 1
            both = both.at_level(level)
        return both

    def summed(self):
        """Return the sketch with one entry for all that have the same key, in their order."""
        keys, inverse = np.unique(self.keys, return_inverse=True)
        counts = np.zeros(len(keys), dtype=np.int64)
        np.add.at(counts, inverse, self.counts)
        return self._replace(keys=keys, counts=counts)


def sketch_of(ascending, n_missing=0, n_lowest=0, n_highest=0):
    """Sketch finite values that are sorted already.

    Parameters
    ----------
    ascending : ndarray of shape (n_values,), float64
        Contiguous, without -0.0.
    n_missing, n_lowest, n_highest : int, default=0
        Number of NaN and of infinities beside them.

    Returns
    -------
    sketch : Sketch

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality.sketches import sketch_of
    >>> sketch = sketch_of(np.array([0.5, 2.0, 2.0]))
    >>> sketch.values, sketch.counts, sketch.level
    (array([0.5, 2. ]), array([1, 2]), 0)
    """
    if len(ascending) == 0:
        nothing = np.empty(0, dtype=np.int64)
        return Sketch(0, nothing, nothing, n_missing, n_lowest, n_highest)
    keys, counts = np.empty((2, MAX_BINS), dtype=np.int64)
    level, n_bins = _kernels.bin_ascending(ascending.view(np.int64), keys, counts)
    found = keys[:n_bins].copy(), counts[:n_bins].copy()
    return Sketch(level, *found, n_missing, n_lowest, n_highest)


def _read(data):
    """Return the names and the sketches in data, whatever these are, in bounded memory."""
    unpacking = zlib.decompressobj()
    # Names first: they say how many numbers there may be.
    text = unpacking.decompress(data, _LONGEST_NAMES)
    names, end, numbers = text.partition(b"\n")
    if not end:
        raise ValueError("no names")
    names = json.loads(names)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("the names are no list of strings")
    most = 8 * (1 + (5 + 2 * MAX_BINS) * len(names))
    numbers += unpacking.decompress(unpacking.unconsumed_tail, max(most + 1 - len(numbers), 1))
    if not unpacking.eof or unpacking.unused_data or len(numbers) > most or len(numbers) % 8:
        raise ValueError("the data end too early or too late")
    numbers = np.frombuffer(numbers, dtype="<i8").astype(np.int64)
    if len(numbers) == 0 or numbers[0] != len(names):
        raise ValueError("not as many distributions as names")
    sketches, at = [], 1
    for name in names:
        sketch, at = _sketch_at(numbers, at, name)
        sketches.append(sketch)
    if at != len(numbers):
        raise ValueError("more numbers than distributions")
    return names, sketches


def _sketch_at(numbers, at, name):
    """Return the sketch that begins at a position, and where the next one does."""
    if at + 5 > len(numbers):
        raise ValueError(f"the distribution of {name!r} is cut off")
    level, *beside, n_bins = numbers[at : at + 5].tolist()
    at += 5
    end = at + 2 * n_bins
    if not 0 <= n_bins <= MAX_BINS or end > len(numbers) or not 0 <= level <= _HIGHEST_LEVEL:
        raise ValueError(f"the bins of {name!r} are impossible")
    keys, counts = np.cumsum(numbers[at : at + n_bins]), numbers[at + n_bins : end].copy()
    places = ~_LARGEST_PLACE >> level, _LARGEST_PLACE >> level
    if n_bins and not (
        (keys[1:] > keys[:-1]).all() and places[0] <= keys[0] and keys[-1] <= places[1]
    ):
        raise ValueError(f"the bins of {name!r} are not in order")
    n_values = [*counts.tolist(), *beside]
    if min(n_values) < 0 or (n_bins and counts.min() < 1) or sum(n_values) > _MOST_ROWS:
        raise ValueError(f"the counts of {name!r} are impossible")
    return Sketch(level, keys, counts, *beside), end


class FeatureSketches:
    r"""The binned distribution of every feature of a matrix: what drift is measured against.

    The size is a few KB a feature at most, however many rows there were, and no row can be read
    from it (a value that few features share can: a bin holds one value where the distinct values
    are few). Sketches of parts of the rows merge to the very sketch of all of them.

    Parameters
    ----------
    names : sequence of str
        Names of the features.
    sketches : sequence of Sketch
        One for each name.

    Notes
    -----
    The bins are fixed: with the place :math:`k(x)` of a value among all float64 numbers, its bin at
    level l is :math:`\lfloor k(x) / 2^l \rfloor`. Bins are as wide within an octave, and twice as
    wide in the next, so nearly logarithmic, as those of [1]_, and two neighbours become one at the
    next level, everywhere, as in [2]_. Since the bins of a level depend on nothing, and the level
    on the set of the values alone, neither the order of the values nor that of merges matters.

    References
    ----------
    .. [1] C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch
       with relative-error guarantees", PVLDB 12(12), 2019.
    .. [2] I. Epicoco et al., "UDDSketch: accurate tracking of quantiles in data streams", IEEE
       Access 8, 2020.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality import FeatureSketches
    >>> X = np.random.default_rng(0).normal(size=(1000, 2))
    >>> whole = FeatureSketches.from_matrix(X, ["a", "b"])
    >>> parts = [FeatureSketches.from_matrix(part, ["a", "b"]) for part in (X[600:], X[:600])]
    >>> parts[0].merge(parts[1]).to_bytes() == whole.to_bytes()
    True
    """

    def __init__(self, names: Sequence[str], sketches: Sequence[Sketch]) -> None:
        self.names = list(names)
        self.sketches = list(sketches)

    @classmethod
    def from_matrix(cls, X: Floats, names: Sequence[str], n_jobs: int | None = None) -> Self:
        """Sketch the columns of a feature matrix.

        Parameters
        ----------
        X : ndarray of shape (n_entities, n_features), float32 or float64
            NaN is missing; there may be infinities and no rows.
        names : sequence of str of shape (n_features,)
            Names of the features.
        n_jobs : int, default=None
            Number of threads, as in joblib. The sketches do not depend on it.

        Returns
        -------
        sketches : FeatureSketches
        """
        from .profiles import sketch_columns

        return cls(names, sketch_columns(X, n_jobs=n_jobs))

    @property
    def n_rows(self) -> int:
        """Number of rows; 0 where there are no features."""
        # Features that were forgotten have none.
        return max((sketch.n_rows for sketch in self.sketches), default=0)

    def merge(self, other: FeatureSketches) -> FeatureSketches:
        """Return the sketches of the rows of both.

        Parameters
        ----------
        other : FeatureSketches
            Of the same features.

        Returns
        -------
        merged : FeatureSketches

        Raises
        ------
        ValueError
            If the features are others.
        """
        if self.names != other.names:
            raise ValueError(
                "sketches can be merged if their features are the same, in the same order; got "
                f"{self.names} and {other.names}"
            )
        pairs = zip(self.sketches, other.sketches, strict=True)
        return FeatureSketches(self.names, [a.merge(b) for a, b in pairs])

    def select(self, keep: ArrayLike) -> FeatureSketches:
        """Return the sketches of some of the features.

        Parameters
        ----------
        keep : array-like of bool of shape (n_features,)
            True for those.

        Returns
        -------
        selected : FeatureSketches
        """
        chosen = np.flatnonzero(keep)
        return FeatureSketches([self.names[i] for i in chosen], [self.sketches[i] for i in chosen])

    def rounded(self) -> FeatureSketches:
        """Return the sketches of the values rounded to float32.

        Where values share bins, these are made so coarse that rounding hardly crosses them.

        Returns
        -------
        rounded : FeatureSketches
        """
        return FeatureSketches(self.names, [sketch.rounded() for sketch in self.sketches])

    def forget(self, which: Booleans) -> FeatureSketches:
        """Return the sketches without what is known of some of the features.

        Parameters
        ----------
        which : array-like of bool of shape (n_features,)
            True for the features whose sketch is to be as of no rows.

        Returns
        -------
        others : FeatureSketches
        """
        pairs = zip(self.sketches, which, strict=True)
        nothing = sketch_of(np.empty(0))
        return FeatureSketches(self.names, [nothing if gone else s for s, gone in pairs])

    def to_bytes(self) -> bytes:
        """Return all of it as bytes, equal for equal distributions.

        Returns
        -------
        data : bytes
            Compressed.
        """
        numbers = [np.array([len(self.sketches)], dtype="<i8")]
        for s in self.sketches:
            sizes = [s.level, s.n_missing, s.n_lowest, s.n_highest, len(s.keys)]
            numbers.append(np.array(sizes, dtype="<i8"))
            # Differences are small numbers, which compress; those that overflow wrap around.
            numbers += [np.diff(s.keys, prepend=0), s.counts]
        together = np.concatenate(numbers).astype("<i8").tobytes()
        return zlib.compress(json.dumps(self.names).encode() + b"\n" + together)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Parameters
        ----------
        data : bytes

        Returns
        -------
        sketches : FeatureSketches

        Raises
        ------
        ValueError
            If the data are not what `to_bytes` writes.
        """
        try:
            return cls(*_read(data))
        except (TypeError, ValueError, zlib.error, RecursionError) as error:
            reason = " ".join(str(error).split())
            raise ValueError(f"data must be what `to_bytes` wrote; found: {reason}") from error

    def __eq__(self, other):
        if not isinstance(other, FeatureSketches):
            return NotImplemented
        return self.to_bytes() == other.to_bytes()

    __hash__ = None  # type: ignore[assignment]  # as Python has it of what only compares

    def __repr__(self):
        return f"FeatureSketches({len(self.names)} features, {self.n_rows} rows)"
