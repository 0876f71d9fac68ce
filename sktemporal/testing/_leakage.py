"""Features must not change when the future does."""

from __future__ import annotations

import warnings
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, validate_params
from sklearn.utils.validation import check_is_fitted

from ..exceptions import EmptyHistoryWarning
from ..sequences import EventSequences
from ._comparison import assert_same_bits, dense, name_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .._types import Estimator, RandomState

_OUTPUTS = ("transform", "predict_proba", "decision_function", "predict")
_LONGEST_STEP = 1000 * 3_600_000_000
# Of the events behind a history, so many are taken over, changed, and so many are added.
_N_TAKEN, _N_ADDED = 3, 2
_SHARE_KEPT = 0.7


@validate_params(
    {
        "transformer": [HasMethods("fit")],
        "sequences": [EventSequences],
        "y": ["array-like", None],
        "n_rows": [Interval(Integral, 1, None, closed="left")],
        "n_moments": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def check_no_leakage(
    transformer: Estimator,
    sequences: EventSequences,
    y: ArrayLike | None = None,
    *,
    n_rows: int = 1000,
    n_moments: int = 5,
    random_state: RandomState = 0,
) -> None:
    """Check that nothing after a row's reference time has a say in its features.

    All that lies behind the histories is changed: values, codes and times of the events that
    follow in the table, those at the very reference time that a history leaves out among them, and
    events are added; no bit of the features may change. Then, for some moments T, the rows with a
    later reference time are changed: they get other reference times and entities, and their events
    from T on other values, codes and times, or none; no bit may change in the other rows. An
    unfitted transformer is also fitted to histories with different futures.

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
        If a feature changes, the message naming the row and the column; or if a history has an
        event that arrived after the reference time and is not the one at that time.

    See Also
    --------
    check_sequence_transformer : What else a transformer has to keep to.

    Notes
    -----
    What a check of features cannot see: a label that is itself a field; labels `y` of later rows
    that `fit` uses in the features of earlier ones; and events that are stamped earlier than they
    were known (give :meth:`~sktemporal.EventSequences.from_frame` their `arrival`).

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
    check_consistent_length(sequences, y)
    rng = check_random_state(random_state)
    if len(sequences) > n_rows:
        chosen = np.sort(rng.choice(len(sequences), n_rows, replace=False))
        sequences, y = sequences[chosen], None if y is None else np.asarray(y)[chosen]
    _check_arrivals(sequences)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyHistoryWarning)
        changed = _with_another_future(sequences, rng)
        fitted = transformer
        if not _is_fitted(transformer):
            fitted = clone(transformer).fit(changed, y)
            refitted = clone(transformer).fit(_with_another_future(sequences, rng), y)
            where = "fitted with another future behind the histories"
            expected = _output(fitted, sequences)
            assert_same_bits(_output(refitted, sequences), expected, fitted, where)
        expected = _output(fitted, sequences)
        where = "with another future behind the histories"
        assert_same_bits(_output(fitted, changed), expected, fitted, where)
        if sequences.times is None or len(sequences) == 0:
            return
        for moment in _quantiles(sequences.reference_times, n_moments):
            found = _output(fitted, _with_another_future(sequences, rng, later_than=moment))
            later = sequences.reference_times > moment
            found[later] = expected[later]
            where = f"with other events after {np.datetime64(int(moment), 'us')} in later rows"
            assert_same_bits(found, expected, fitted, where)


def _is_fitted(transformer):
    if isinstance(transformer, Pipeline):  # asks its last step alone
        steps = [step for _, step in transformer.steps if step not in (None, "passthrough")]
        return all(map(_is_fitted, steps))
    try:
        check_is_fitted(transformer)
    except NotFittedError:
        return False
    return True


def _check_arrivals(seqs):
    """Refuse histories with an event that was not known; the one asked about may arrive later."""
    if seqs.arrivals is None:
        return
    rows, owner = seqs.event_rows()
    moments = seqs.reference_times[owner]
    asked_about = (rows == seqs.stops[owner] - 1) & (seqs.times[rows] == moments)
    late = (seqs.arrivals[rows] > moments) & ~asked_about
    if late.any():
        raise AssertionError(
            f"row {owner[late.argmax()]} has an event that arrived after its reference time"
        )


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

    With `later_than`, rows with a later reference time get another one and another entity, and
    their events from that moment on are changed or left out.
    """
    moments, entities = seqs.reference_times, seqs.entity_ids
    rows, is_future, owner = _rows_with_future(seqs)
    if later_than is not None:
        later_rows = np.flatnonzero(moments > later_than)
        moments = moments.copy()
        moments[later_rows] = _after(np.full(len(later_rows), later_than), rng)
        if entities is not None:
            entities = entities.copy()
            entities[later_rows] = rng.permutation(entities[later_rows])
        late = np.isin(owner, later_rows) & ~is_future & (seqs.times[rows] >= later_than)
        kept = ~late | (rng.random_sample(len(rows)) < _SHARE_KEPT)
        rows, is_future, owner, late = (part[kept] for part in (rows, is_future, owner, late))
    taken = rows >= 0
    source = np.where(taken, rows, 0)
    parts = {name: column[source] for name, column in seqs.table.columns().items()}
    changed = is_future.copy()
    if seqs.times is not None:
        references = moments[owner]
        moved = is_future & ~(taken & (parts["times"] == references))
        parts["times"][moved] = _after(references[moved], rng)
        if later_than is not None:
            parts["times"][late] = _between(later_than, references[late], rng)
            changed |= late
        # Moved only among those of their kind.
        parts["times"] = parts["times"][np.lexsort((parts["times"], is_future, owner))]
    n_changed = int(changed.sum())
    other = rng.lognormal(3.0, 3.0, (n_changed, seqs.values.shape[1]))
    parts["values"][changed] = other - 3.0 * np.nan_to_num(parts["values"][changed])
    n_codes = seqs.codes.max(axis=0, initial=0) + 1
    shape = (n_changed, seqs.codes.shape[1])
    parts["codes"][changed] = (rng.random_sample(shape) * n_codes).astype(np.int32)
    if seqs.intervals is not None:
        parts["intervals"][changed] = rng.exponential(1000.0, n_changed)
    if seqs.observed is not None:
        parts["observed"] |= is_future
    if seqs.arrivals is not None:
        parts["arrivals"][changed] = parts["times"][changed]
    starts = np.searchsorted(owner, np.arange(len(seqs)))
    return EventSequences(
        starts=starts,
        stops=starts + np.bincount(owner[~is_future], minlength=len(seqs)),
        reference_times=moments,
        inclusive=seqs.inclusive,
        entity_ids=entities,
        fields=seqs.fields if seqs.has_field_names else None,
        categorical_fields=seqs.categorical_fields,
        categories=seqs.categories,
        **parts,
    )


def _after(moments, rng):
    """Draw moments after others, not long after."""
    return _between(moments, np.iinfo(np.int64).max, rng)


def _between(low, high, rng):
    """Draw moments in (low, high], not long after `low`; `low` itself where there is no room."""
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
