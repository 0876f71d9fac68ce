"""The quality of the event histories themselves, before any feature is computed."""

from __future__ import annotations

import json
from numbers import Integral
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._constraints import DURATION, WINDOWS, checks_parameters, window_name
from .._state import check_names, check_state, checked_count, refuse
from ..sequences import CLOSED, as_sequences
from ._histories import (
    category_counts,
    length_report,
    missing_report,
    order_report,
    share_of,
    time_report,
    window_report,
    without_overlap,
)
from ._kept import KeepsReport
from .drift import drift_report
from .findings import Check, checked_threshold
from .sketches import FeatureSketches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Self

    from numpy.typing import ArrayLike

    from .._types import Closed, Correction, Duration, Histories, Report, Window

# Of unseen categories no more than these are listed.
_N_EXAMPLES = 20

#: What is a finding, by name; the threshold is a share, of entities or of events.
SEQUENCE_CHECKS = {
    "future": Check(
        "error", 0.0, "Look at the clock or the time zone: {share} of the events lie ahead", None
    ),
    "unseen_categories": Check(
        "warning", 0.0, "Fit again, or map them: {share} of the events have unseen categories", None
    ),
    "unsorted": Check(
        "warning",
        0.0,
        "See that the log is complete: {share} of the events stood behind a later one of the same "
        "entity",
        None,
    ),
    "duplicate_times": Check(
        "warning",
        0.01,
        "Look for events recorded twice: {share} have the very time of the one before",
        None,
    ),
    "empty": Check(
        "warning", 0.0, "Have a default for the {share} of entities without an event", None
    ),
    "single_event": Check(
        "info",
        0.2,
        "Expect undefined intervals, deviations and trends: {share} of the entities have one event",
        None,
    ),
    "padded": Check(
        "info",
        0.5,
        "Keep to EventSequences: in a padded array of these histories {share} would be padding",
        None,
    ),
    "long_gaps": Check(
        "info",
        0.05,
        "See whether entities pause or data are missing: {share} of the intervals are long gaps",
        None,
    ),
    "empty_windows": Check(
        "info",
        0.5,
        "Choose longer windows: in one of them {share} of the entities have no event",
        None,
    ),
    "cut_windows": Check(
        "warning",
        0.0,
        "Keep more of the histories (--length of the normalization): in one of the windows {share} "
        "of them lack events that were left out",
        None,
    ),
    "missing": Check(
        "info", 0.5, "Look at the source: in one field {share} of the values are missing", None
    ),
}
_REPORT = (
    "n_entities",
    "n_events",
    "lengths",
    "share_padded",
    "windows",
    "times",
    "order",
    "missing",
    "categories",
    "checks",
    "recommendations",
)
_SEVERITIES = ("error", "warning", "info")


class SequenceQualityReport(KeepsReport, BaseEstimator):
    """Measure the quality of event histories.

    How long they are, how much of them would be padding, whether their windows hold events, and
    what is odd about their times, their order, their values and their categories.

    Parameters
    ----------
    windows : tuple of int or duration, default=(7, 14, 30, 90)
        Windows to look at, as in :class:`~sktemporal.RollingWindowFeatures`: numbers of events, or
        durations such as ``"7d"`` before the reference time. None: those of the families of the
        pipeline that this is the `sequence_quality` of, with their `closed` and `gap` where these
        are None; outside of one, no windows.
    closed : {"right", "left", "both", "neither"}, default=None
        Which ends belong to them, as in :class:`~sktemporal.RollingWindowFeatures`.
    gap : duration, default=None
        They end so long before the reference time. None: at it.
    long_gap : duration, default="30d"
        Longer intervals between events are long gaps.
    now : datetime or str, default=None
        Later events are in the future. Without an offset it is of the sequences' `time_zone`.
        None: the time of the measurement.
    n_positions : int, default=10
        For this many positions from the end of the histories the missing values are counted.
    thresholds : dict of str to float, default=None
        Shares above which something is a finding, other than the default ones: ``"future"`` (0),
        ``"unseen_categories"`` (0), ``"unsorted"`` (0), ``"duplicate_times"`` (0.01), ``"empty"``
        (0), ``"single_event"`` (0.2), ``"padded"`` (0.5), ``"long_gaps"`` (0.05),
        ``"empty_windows"`` (0.5), ``"cut_windows"`` (0), ``"missing"`` (0.5).

    Attributes
    ----------
    report_ : dict
        The report on the training histories; strictly JSON-serializable. What can't be known, as
        the order without the frame, or a rate of nothing, is None. With the keys

        - ``"n_entities"``, ``"n_events"``;
        - ``"lengths"``: ``"min"``, ``"q1"``, ``"median"``, ``"q3"``, ``"max"``, ``"mean"``,
          ``"n_empty"``, ``"n_single"``, and ``"histogram"``, a list of ``{"from", "to",
          "n_entities"}``;
        - ``"share_padded"``: of the steps of a padded array of them;
        - ``"windows"``: by window, ``"share_empty"``, of the entities, ``"share_short"``, of the
          entities whose history is shorter than a window of so many events (None for durations),
          and ``"share_cut"``, of the entities whose window reaches back to events that were left
          out of the history (None where it is not known what was);
        - ``"times"``: ``"n_intervals"``, ``"n_duplicates"``, ``"n_entities_with_duplicates"``,
          ``"n_long_gaps"``, ``"n_entities_with_long_gaps"``, ``"longest_gap"`` in seconds, and
          ``"n_future"``;
        - ``"order"``: ``"n_unsorted"``, events that stood in the frame behind a later one of their
          entity, and ``"n_entities_unsorted"``;
        - ``"missing"``: by field ``"rate"``, ``"by_position"`` from the last event backwards, as
          far as any history goes, and
          ``"earlier"``;
        - ``"categories"``: by categorical field ``"n_categories"``, ``"n_unseen_events"`` and
          ``"unseen"``, some that fit did not see;
        - ``"checks"``: findings ``{"check", "severity", "threshold", "value", "advice"}``, the most
          severe first;
        - ``"recommendations"``: their advice.
    reference_ : FeatureSketches
        The distribution of the lengths, which `drift` compares with.
    n_features_in_ : int
        Number of fields seen in fit.
    feature_names_in_ : ndarray of str of shape (n_features_in_,)
        Names of the fields seen in fit, where X had names.
    categorical_feature_names_in_ : ndarray of str
        Names of the categorical fields seen in fit.

    See Also
    --------
    QualityReportTransformer : The quality of the features.

    Notes
    -----
    Where histories overlap, as those of :meth:`EventSequences.each_event`, an event counts once in
    what is said of times, order, missing values and categories.

    Examples
    --------
    >>> from sktemporal import EventSequences
    >>> from sktemporal.quality import SequenceQualityReport
    >>> times = [0, 0, 86_400_000_000, 0]
    >>> seqs = EventSequences([[1.0], [2.0], [3.0], [4.0]], [0, 3], [3, 4], times=times)
    >>> report = SequenceQualityReport(windows=(2,)).fit(seqs).report_
    >>> report["lengths"]["max"], report["lengths"]["n_single"], report["times"]["n_duplicates"]
    (3, 1, 1)
    >>> report["recommendations"][0]
    'Look for events recorded twice: 25% have the very time of the one before.'
    """

    _parameter_constraints: ClassVar[dict] = {
        "windows": [WINDOWS, None],
        "closed": [StrOptions(set(CLOSED)), None],
        "gap": [DURATION, None],
        "long_gap": [DURATION],
        "now": "no_validation",
        "n_positions": [Interval(Integral, 1, None, closed="left")],
        "thresholds": [dict, None],
    }

    def __init__(
        self,
        *,
        windows: Sequence[Window] | None = (7, 14, 30, 90),
        closed: Closed = None,
        gap: Duration | None = None,
        long_gap: Duration = "30d",
        now: str | datetime | None = None,
        n_positions: int = 10,
        thresholds: dict[str, float] | None = None,
    ) -> None:
        self.windows = windows
        self.closed = closed
        self.gap = gap
        self.long_gap = long_gap
        self.now = now
        self.n_positions = n_positions
        self.thresholds = thresholds

    @checks_parameters
    def fit(self, X: Histories, y: object = None, left_out: ArrayLike | None = None) -> Self:
        """Measure the training histories.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields)
        y : None
            Ignored.
        left_out : datetime64 array of shape (n_entities,), default=None
            The time of the latest event that was cut off the beginning of each history, NaT where
            none was. None: not known.

        Returns
        -------
        self : SequenceQualityReport

        Raises
        ------
        ValueError
            If X or `left_out` is not as described, or a duration or a name of a threshold is none.
        """
        sequences = as_sequences(X, self, reset=True)
        histories = without_overlap(sequences)
        categories = category_counts(histories)
        self._seen = json.dumps(categories)
        report = self._measured(sequences, histories, categories, left_out)
        self._keep(report, _length_sketch(sequences))
        return self

    def report(self, X: Histories, left_out: ArrayLike | None = None) -> Report:
        """Report on other histories.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields)
            With the fields seen in fit.
        left_out : datetime64 array of shape (n_entities,), default=None
            As in :meth:`fit`.

        Returns
        -------
        report : dict
            As `report_`, with the categories that fit did not see.
        """
        check_is_fitted(self)
        self._check_loaded()
        sequences = as_sequences(X, self, reset=False)
        histories = without_overlap(sequences)
        return self._measured(sequences, histories, category_counts(histories), left_out)

    def drift(self, X: Histories, *, level: float = 0.05, method: Correction = "bh") -> Report:
        """Compare the lengths of other histories with those of the training histories.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields)
        level, method
            See :func:`drift_report`.

        Returns
        -------
        report : dict
            As :func:`drift_report` returns it, of the one feature ``"length"``.
        """
        check_is_fitted(self)
        check_state(self)
        new = _length_sketch(as_sequences(X, self, reset=False))
        return drift_report(self.reference_, new, level=level, method=method)

    def __setstate__(self, state):
        # One that was saved without these had windows closed at the right.
        super().__setstate__({"closed": "right", "gap": None} | state)

    def _check_fitted(self):
        """Check what describes X; see `check_state`."""
        n = checked_count(self, "n_features_in_")
        if hasattr(self, "feature_names_in_"):
            check_names(self, "feature_names_in_", n)
        check_names(self, "categorical_feature_names_in_")

    def _check_loaded(self):
        """Check all that fit made."""
        check_state(self)
        self._check_kept(_REPORT, ["length"])
        self._seen_categories()

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    def _measured(self, sequences, histories, found, left_out):
        thresholds = self._all_thresholds()
        left_out = _checked_left_out(left_out, sequences)
        lengths = sequences.lengths
        n = len(lengths)
        longest = sequences.shape[1]
        times, order = time_report(histories, self.long_gap, self.now), order_report(histories)
        missing, categories = missing_report(histories, self.n_positions), self._unseen(found)
        windows = {
            window_name(w): window_report(sequences, w, self.closed, self.gap, left_out)
            for w in self.windows or ()
        }
        share_padded = share_of(n * longest - sequences.n_events, n * longest)
        report = {
            "n_entities": n,
            "n_events": sequences.n_events,
            "lengths": length_report(lengths),
            "share_padded": share_padded,
            "windows": windows,
            "times": times,
            "order": order,
            "missing": missing,
            "categories": categories,
        }
        n_events = histories.n_events
        unseen = [share_of(field["n_unseen_events"], n_events) for field in categories.values()]
        values = {
            "empty": share_of(report["lengths"]["n_empty"], n),
            "single_event": share_of(report["lengths"]["n_single"], n),
            "padded": share_padded,
            "empty_windows": _largest(window["share_empty"] for window in windows.values()),
            "cut_windows": _largest(window["share_cut"] for window in windows.values()),
            "missing": _largest(field["rate"] for field in missing.values()),
            "unseen_categories": _largest(unseen),
        }
        if order:
            values["unsorted"] = share_of(order["n_unsorted"], n_events)
        if times:
            values["duplicate_times"] = share_of(times["n_duplicates"], n_events)
            values["long_gaps"] = share_of(times["n_long_gaps"], times["n_intervals"])
            if times["n_future"] is not None:
                values["future"] = share_of(times["n_future"], n_events)
        findings = [
            {
                "check": name,
                "severity": check.severity,
                "threshold": thresholds[name],
                "value": values[name],
                "advice": check.advice.format(share=f"{100 * values[name]:.3g}%") + ".",
            }
            for name, check in SEQUENCE_CHECKS.items()
            if values.get(name) is not None and check.beyond(values[name], thresholds[name])
        ]
        findings.sort(key=lambda finding: _SEVERITIES.index(finding["severity"]))
        report["checks"] = findings
        report["recommendations"] = [finding["advice"] for finding in findings]
        return report

    def _all_thresholds(self):
        thresholds = {name: check.threshold for name, check in SEQUENCE_CHECKS.items()}
        for name, threshold in (self.thresholds or {}).items():
            if name not in thresholds:
                raise ValueError(
                    f"thresholds must be of checks from {tuple(thresholds)}; got {name!r}"
                )
            thresholds[name] = checked_threshold(name, threshold)
        return thresholds

    def _seen_categories(self):
        text = getattr(self, "_seen", None)
        try:
            seen = json.loads(text)
        except (TypeError, ValueError, RecursionError):
            seen = None
        fields = self.categorical_feature_names_in_.tolist()
        if (
            not isinstance(seen, dict)
            or list(seen) != fields
            or not all(isinstance(counts, dict) for counts in seen.values())
        ):
            refuse(self, "_seen", f"a JSON object of the categories of {fields}", text)
        return seen

    def _unseen(self, categories):
        seen = self._seen_categories()
        measured = {}
        for name, counts in categories.items():
            unseen = sorted(counts.keys() - seen[name].keys(), key=lambda key: (-counts[key], key))
            measured[name] = {
                "n_categories": len(counts),
                "n_unseen_events": sum(counts[key] for key in unseen),
                "unseen": unseen[:_N_EXAMPLES],
            }
        return measured


def _checked_left_out(left_out, sequences):
    if left_out is None:
        return None
    left_out = np.asarray(left_out)
    if left_out.dtype.kind != "M" or left_out.shape != (len(sequences),):
        raise ValueError(
            f"left_out must be a datetime64 array of shape ({len(sequences)},), NaT where nothing "
            f"was left out; got {left_out.dtype} of shape {left_out.shape}"
        )
    left_out = left_out.astype("datetime64[us]")
    if sequences.times is not None:
        moments = sequences.reference_times.astype("datetime64[us]")
        if (left_out > moments).any():
            i = int((left_out > moments).argmax())
            raise ValueError(
                f"left_out must be before the reference time, {moments[i]} for entity "
                f"{sequences._name_of(i)}; got {left_out[i]}"
            )
    return left_out


def _length_sketch(sequences):
    return FeatureSketches.from_matrix(sequences.lengths[:, None].astype(np.float64), ["length"])


def _largest(shares):
    return max((share for share in shares if share is not None), default=None)
