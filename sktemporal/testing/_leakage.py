"""Features must not change when the future does."""

import warnings

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from ..exceptions import EmptyHistoryWarning
from ..sequences import EventSequences
from ._comparison import assert_same_bits, dense, name_of

_OUTPUTS = ("transform", "predict_proba", "decision_function", "predict")
_LONGEST_STEP = 1000 * 3_600_000_000
# Of the events behind a history, so many are taken over, changed, and so many are added.
_N_TAKEN, _N_ADDED = 3, 2


def check_no_leakage(transformer, sequences, y=None, *, n_rows=1000, n_moments=5, random_state=0):
    """Check that nothing after a row's reference time has a say in its features.

    All that lies behind the histories is changed: values, codes and times of the events that
    follow in the table, those at the very reference time that a history leaves out among them, and
    events are added; no bit of the features may change. Then, for some moments T, the events later
    than T are changed in the histories of rows with a later reference time; no bit may change in
    the other rows. An unfitted transformer is also fitted to histories with another future.

    Parameters
    ----------
    transformer : estimator
        A feature family, a pipeline, or a transformer of your own; also an estimator that predicts.
        If it is fitted it is used as it is, else a clone of it is fitted to `sequences` and `y`.
    sequences : EventSequences
        Histories as known at moments: from :meth:`~sktemporal.EventSequences.as_of` or
        :meth:`~sktemporal.EventSequences.each_event`.
    y : array-like of shape (n_entities,), default=None
        Targets to fit an unfitted transformer with.
    n_rows : int, default=1000
        At most so many rows are looked at, drawn at random.
    n_moments : int, default=5
        Number of moments T, quantiles of the reference times.
    random_state : int, RandomState instance or None, default=0
        Determines the rows and the other future.

    Raises
    ------
    AssertionError
        If a feature changes; the message names the row and the column.

    See Also
    --------
    check_sequence_transformer : What else a transformer has to keep to.

    Notes
    -----
    What a check of features cannot see: a label that is itself a field, or events that are stamped
    earlier than they were known (give :meth:`~sktemporal.EventSequences.from_frame` their
    `arrival`).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator, TransformerMixin
    >>> from sktemporal import EventSequences, StatisticalFeatures
    >>> from sktemporal.datasets import make_transactions
    >>> from sktemporal.testing import check_no_leakage
    >>> log = make_transactions(n_entities=20, random_state=0)
    >>> log = log[["customer_id", "time", "amount"]]
    >>> seqs = EventSequences.from_frame(log, entity="customer_id", time="time").each_event()
    >>> check_no_leakage(StatisticalFeatures(), seqs)

    A transformer with a fault: it compares with the mean of all there is.

    >>> class RelativeAmount(TransformerMixin, BaseEstimator):
    ...     def fit(self, X, y=None):
    ...         self.is_fitted_ = True
    ...         return self
    ...
    ...     def transform(self, X):
    ...         last = X.values[np.maximum(X.stops - 1, X.starts)]
    ...         return last / X.values.mean()
    >>> check_no_leakage(RelativeAmount(), seqs)
    Traceback (most recent call last):
    ...
    AssertionError: RelativeAmount gives other features with another future behind the histories:
    ...
    """
    rng = check_random_state(random_state)
    if len(sequences) > n_rows:
        chosen = np.sort(rng.choice(len(sequences), n_rows, replace=False))
        sequences, y = sequences[chosen], None if y is None else np.asarray(y)[chosen]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyHistoryWarning)
        changed = _with_another_future(sequences, rng)
        try:
            check_is_fitted(transformer)
            fitted = transformer
        except NotFittedError:
            fitted = clone(transformer).fit(sequences, y)
        expected = _output(fitted, sequences)
        where = "with another future behind the histories"
        assert_same_bits(_output(fitted, changed), expected, fitted, where)
        if fitted is not transformer:
            refitted = clone(transformer).fit(changed, y)
            where = "fitted with another future behind the histories"
            assert_same_bits(_output(refitted, sequences), expected, fitted, where)
        if sequences.times is None or len(sequences) == 0:
            return
        for moment in _quantiles(sequences.reference_times, n_moments):
            changed = _with_another_future(sequences, rng, later_than=moment)
            found = _output(fitted, changed)
            later = sequences.reference_times > moment
            found[later] = expected[later]
            where = f"with other events after {np.datetime64(int(moment), 'us')} in later rows"
            assert_same_bits(found, expected, fitted, where)


def _output(fitted, X):
    """Transform or predict, one row an entity."""
    for method in _OUTPUTS:
        if hasattr(fitted, method):
            features = dense(getattr(fitted, method)(X)).copy()
            return features[:, np.newaxis] if features.ndim == 1 else features
    raise TypeError(f"{name_of(fitted)} has none of the methods {_OUTPUTS}")


def _quantiles(moments, n):
    """Moments that are there, spread over them; not the last, after which there is no row."""
    distinct = np.unique(moments)[:-1]
    if len(distinct) <= n:
        return distinct
    return distinct[np.linspace(0, len(distinct) - 1, n).astype(int)]


def _with_another_future(seqs, rng, later_than=None):
    """Copy every history, and put behind it another future than its own.

    With `later_than`, the events after that moment are changed in the histories as well.
    """
    rows, is_future, owner = _rows_with_future(seqs)
    taken = rows >= 0
    source = np.where(taken, rows, 0)
    parts = {"values": seqs.values[source].copy(), "codes": seqs.codes[source].copy()}
    changed = is_future.copy()
    if seqs.times is not None:
        times = seqs.times[source].copy()
        references = seqs.reference_times[owner]
        moved = is_future & ~(taken & (times == references))
        times[moved] = _between(references[moved], np.iinfo(np.int64).max, rng)
        if later_than is not None:
            late = ~is_future & (times > later_than)
            times[late] = _between(later_than, references[late], rng)
            changed |= late
        order = np.lexsort((times, is_future, owner))  # moved only among those of their kind
        parts["times"] = times[order]
    n_changed = int(changed.sum())
    if seqs.values.shape[1]:
        other = rng.lognormal(3.0, 3.0, (n_changed, seqs.values.shape[1]))
        parts["values"][changed] = -3.0 * np.nan_to_num(parts["values"][changed]) + other
    for j in range(seqs.codes.shape[1]):
        n_codes = int(seqs.codes[:, j].max(initial=0)) + 1
        parts["codes"][changed, j] = rng.randint(0, n_codes, n_changed)
    if seqs.intervals is not None:
        parts["intervals"] = seqs.intervals[source].copy()
        parts["intervals"][changed] = rng.exponential(1000.0, n_changed)
    if seqs.observed is not None:
        parts["observed"] = seqs.observed[source] | is_future
    lengths = np.bincount(owner, minlength=len(seqs))
    starts = np.cumsum(lengths) - lengths
    return EventSequences(
        starts=starts,
        stops=starts + seqs.lengths,
        reference_times=seqs.reference_times,
        entity_ids=seqs.entity_ids,
        fields=seqs.fields if seqs.has_field_names else None,
        categorical_fields=seqs.categorical_fields,
        categories=seqs.categories,
        **parts,
    )


def _between(low, high, rng):
    """Draw moments in (low, high], not long after `low`."""
    room = high - np.maximum(low, high - _LONGEST_STEP)
    return low + np.minimum(1 + (rng.random_sample(len(room)) * room).astype(np.int64), room)


def _rows_with_future(seqs):
    """Table rows of the histories, each followed by some of what is behind it (-1: added)."""
    bounds = np.append(np.unique(seqs.starts), len(seqs.values))
    ends = bounds[np.searchsorted(bounds, seqs.starts, side="right").clip(max=len(bounds) - 1)]
    rows, is_future = [], []
    for start, stop, end in zip(seqs.starts, seqs.stops, ends, strict=True):
        behind = np.arange(stop, max(min(stop + _N_TAKEN, end), stop))
        rows += [np.arange(start, stop), behind, np.full(_N_ADDED, -1)]
        is_future += [np.zeros(stop - start, dtype=bool), np.ones(len(behind) + _N_ADDED, bool)]
    lengths = [len(part) for part in is_future]
    owner = np.repeat(np.repeat(np.arange(len(seqs)), 2), lengths)
    none = np.empty(0, dtype=np.int64)
    return np.concatenate([none, *rows]), np.concatenate([none, *is_future]).astype(bool), owner
