"""Features that need not be computed again."""

import threading
import uuid
from importlib.metadata import version
from numbers import Real
from weakref import WeakValueDictionary

import joblib
import numpy as np
from sklearn.utils.validation import check_memory

# What the features of a table depend on: fields that are not numbers or times are none of it.
_TABLE = ("values", "codes", "times", "intervals", "observed")
_SLICES = ("starts", "stops", "reference_times")

_made_here = WeakValueDictionary()
_received = {}  # in a process that estimators are sent to, as long as it lives


class FeatureMemory:
    """A bounded cache of features in this process, for `TemporalFeatureUnion(memory=...)`.

    Copies and clones of an estimator share it, and so do, within each worker process, the
    estimators that were sent there. What was used last is kept.

    Parameters
    ----------
    max_bytes : int, default=2**30
        Bound of the memory that the cached features take.

    Attributes
    ----------
    n_bytes : int
        What they take.

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

    def __init__(self, max_bytes=2**30):
        from cachetools import LRUCache

        if not isinstance(max_bytes, Real) or not max_bytes > 0:
            raise ValueError(f"max_bytes must be a positive number; got {max_bytes!r}")
        self.max_bytes = max_bytes
        self._token = uuid.uuid4().hex
        self._kept = LRUCache(max_bytes, getsizeof=lambda features: features.nbytes)
        self._lock = threading.Lock()
        _made_here[self._token] = self

    @property
    def n_bytes(self):
        """Bytes of the features in the cache."""
        return int(self._kept.currsize)

    def get(self, key, compute):
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
            if features.nbytes <= self.max_bytes:
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
    memory = _made_here.get(token) or _received.get(token)
    if memory is None:
        memory = _received[token] = FeatureMemory(max_bytes)
        memory._token = token
    return memory


def remembered(memory, family, sequences, compute):
    """Return the features of a family, from the memory where they are there.

    Parameters
    ----------
    memory : FeatureMemory, joblib.Memory or str
    family : FeatureFamily
        Fitted.
    sequences : EventSequences
    compute : callable
        Called without arguments, for the features.

    Returns
    -------
    features : ndarray of shape (n_entities, n_columns)
    """
    key = f"{_fingerprint_of_family(family)}-{_fingerprint_of_events(sequences)}"
    if isinstance(memory, FeatureMemory):
        return memory.get(key, compute)
    return check_memory(memory).cache(_computed, ignore=["compute"])(key, compute)


def _computed(key, compute):
    return compute()


def _fingerprint_of_family(family):
    parameters = sorted(family.get_params().items())
    parts = version("sktemporal"), type(family).__name__, parameters, family.field_positions_
    return joblib.hash(parts)


def _fingerprint_of_events(sequences):
    """Hash all that features can depend on, table and slices, bit by bit."""
    import xxhash

    digest = xxhash.xxh3_128()
    for name in (*_TABLE, *_SLICES):
        part = getattr(sequences, name)
        digest.update(name.encode())
        if part is not None:
            digest.update(f"{part.dtype.str}{part.shape}".encode())
            flat = part.T if part.ndim == 2 and part.flags.f_contiguous else part
            digest.update(np.ascontiguousarray(flat).view(np.uint8).data)
    return digest.hexdigest()
