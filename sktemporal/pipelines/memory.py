"""Features that need not be computed again."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from functools import cache, cached_property, partial
from importlib.metadata import version
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import joblib
import numpy as np
from sklearn.utils.validation import check_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from cachetools import LRUCache

    from .._types import Floats

# What features depend on: of a table, and of its slices.
_TABLE = ("values", "codes", "times", "intervals", "observed")
_SLICES = ("starts", "stops", "reference_times")

_made_here: WeakValueDictionary[str, FeatureMemory] = WeakValueDictionary()
# In a process that estimators are sent to, the latest live on from one of them to the next.
_received: deque[FeatureMemory] = deque(maxlen=2)

_ENTRY = 1024  # what an entry takes beside the features, about


class FeatureMemory:
    """A bounded cache of features in this process, for `TemporalFeatureUnion(memory=...)`.

    Copies and clones of an estimator share it, and so do, within each worker process, the
    estimators that were sent there. What was used last is kept.

    Parameters
    ----------
    max_bytes : int, default=2**30
        Bound of the memory that the cached features take. What does not fit is computed for the
        selection that is asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import EventSequences, FeatureMemory, make_temporal_pipeline
    >>> seqs = EventSequences.from_padded(np.ones((6, 4, 1)))
    >>> memory = FeatureMemory()
    >>> pipeline = make_temporal_pipeline().set_params(features__memory=memory)
    >>> _ = pipeline.fit_transform(seqs[:4])
    >>> memory.n_bytes > 0
    True
    """

    _token: str
    _kept: LRUCache[str, Floats]
    _lock: threading.Lock

    def __init__(self, max_bytes: int = 2**30) -> None:
        from cachetools import LRUCache

        if not isinstance(max_bytes, Real) or not max_bytes > 0:
            raise ValueError(f"max_bytes must be a positive number; got {max_bytes!r}")
        self._token = uuid.uuid4().hex
        self._kept = LRUCache(max_bytes, getsizeof=_size_of)
        self._lock = threading.Lock()
        _made_here[self._token] = self

    @property
    def max_bytes(self) -> float:
        """The bound."""
        return self._kept.maxsize

    @property
    def n_bytes(self) -> int:
        """Bytes that the features in the cache take, and a kilobyte for each entry."""
        return int(self._kept.currsize)

    def has_room_for(self, n_bytes: int) -> bool:
        """Tell whether features of this size could be kept.

        Parameters
        ----------
        n_bytes : int

        Returns
        -------
        has_room : bool
        """
        return n_bytes + _ENTRY <= self.max_bytes

    def get(self, key: str, compute: Callable[[], Floats]) -> Floats:
        """Return the features under a key, computed where they are not there.

        Parameters
        ----------
        key : str
        compute : callable
            Called without arguments.

        Returns
        -------
        features : ndarray
            Read-only.
        """
        with self._lock:
            features = self._kept.get(key)
        if features is None:
            features = compute()
            features.flags.writeable = False
            if self.has_room_for(features.nbytes):
                with self._lock:
                    self._kept[key] = features
        return features

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        return _shared, (self._token, self.max_bytes)

    def __repr__(self):
        return f"FeatureMemory(max_bytes={self.max_bytes})"


def _shared(token, max_bytes):
    """Return the memory that was pickled, or in another process the one that stands for it."""
    memory = _made_here.get(token)
    if memory is None:
        memory = FeatureMemory(max_bytes)
        memory._token = token
        _made_here[token] = memory
        _received.append(memory)
    return memory


def _size_of(features):
    return features.nbytes + _ENTRY


class Source:
    """What features are computed from: all of the sequences that some were selected from.

    Those are found by table and slices, as long as somebody has them: a row is never another's.

    Parameters
    ----------
    sequences : EventSequences

    Attributes
    ----------
    sequences : EventSequences
        Those given.
    whole : EventSequences
        What they were selected from.
    rows : int64 array or None
        Where they are in it; None: they are all of it.
    """

    def __init__(self, sequences):
        self.sequences = sequences
        self.whole, self.rows = sequences.table.selections.source_of(sequences)

    @cached_property
    def fingerprint(self):
        """A hash of all that features can depend on, bit by bit.

        It is taken anew for each transform: a table does not change, but its arrays are the
        caller's, who may write into them.
        """
        slices = _fingerprint(self.whole, _SLICES)
        return f"{_fingerprint(self.whole.table, _TABLE)}-{slices}-{self.whole.inclusive}"


def remembered(memory, family, source, compute):
    """Return the features of a family, from the memory where they are there.

    Parameters
    ----------
    memory : FeatureMemory, joblib.Memory, str or Path
    family : FeatureFamily
        Fitted. One that is not of this package is not remembered: its code may change.
    source : Source
    compute : callable
        Called with sequences, for their features.

    Returns
    -------
    features : ndarray of shape (n_entities, n_columns)
    """
    if not type(family).__module__.startswith("sktemporal."):
        return compute(source.sequences)
    whole, rows = source.whole, source.rows
    size = len(whole) * family._n_features_out * np.dtype(family.dtype).itemsize
    if isinstance(memory, FeatureMemory) and not memory.has_room_for(size):
        return compute(source.sequences)
    key = f"{_fingerprint_of_family(family)}-{source.fingerprint}"
    if isinstance(memory, FeatureMemory):
        features = memory.get(key, partial(compute, whole))
    else:
        memory = check_memory(str(memory) if isinstance(memory, Path) else memory)
        features = memory.cache(_computed, ignore=["compute"])(key, partial(compute, whole))
    return features if rows is None else features[rows]


def _computed(key, compute):
    return compute()


@cache
def _version():
    return version("sktemporal")


def _fingerprint_of_family(family):
    parameters = sorted(family.get_params().items())
    parts = _version(), type(family).__qualname__, parameters, family.field_positions_
    return joblib.hash((*parts, getattr(family, "columns_", None)))


def _fingerprint(holder, names):
    """Hash arrays, with their types and shapes, and which of them are there."""
    import xxhash

    digest = xxhash.xxh3_128()
    for name in names:
        part = getattr(holder, name)
        digest.update(name.encode())
        if part is not None:
            by_column = part.ndim == 2 and part.flags.f_contiguous
            digest.update(f"{part.dtype.str}{part.shape}{by_column}".encode())
            flat = np.ascontiguousarray(part.T if by_column else part)
            digest.update(flat.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()
