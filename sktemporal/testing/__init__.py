"""The counterpart of scikit-learn's `check_estimator` for transformers of event histories."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING

from ..exceptions import EmptyHistoryWarning
from ._checks import CHECKS, CHECKS_OF_ARRAYS, CHECKS_OF_SEQUENCES, CHECKS_WITH_TIMES
from ._histories import Arrays, Sequences
from ._leakage import check_no_leakage

if TYPE_CHECKING:
    from collections.abc import Callable

    from .._types import Estimator

__all__ = ["check_no_leakage", "check_sequence_transformer", "sequence_transformer_checks"]


def check_sequence_transformer(transformer: Estimator, *, needs_times: bool = False) -> None:
    """Check that a transformer treats event histories as all transformers of this package do.

    The checks assert that features depend on the valid events of their entity alone: not on
    padding, on what lies behind a mask, on the type of the mask, on the form of X, or on other
    entities; that the columns depend on the parameters and the fields alone; and that cloning,
    pickling, `set_output` and errors are as in scikit-learn. Features that should be equal have to
    be so to the last bit.

    Parameters
    ----------
    transformer : estimator
        An unfitted transformer: a feature family, a :class:`~sktemporal.TemporalFeatureUnion`, a
        :class:`~sklearn.pipeline.Pipeline`, or one of your own. It is cloned, never fitted. The
        data it gets have the numerical fields ``x0`` and ``x1``, and, where X is an
        :class:`~sktemporal.EventSequences`, the categorical fields ``c0`` and ``c1``.
    needs_times : bool, default=False
        Whether the transformer cannot do without event times (a window is a duration, say), so
        that plain arrays have to be refused with a ValueError.

    Raises
    ------
    AssertionError
        At the first check that fails; the message has its name and what was found.

    See Also
    --------
    sequence_transformer_checks : The checks one by one.
    check_no_leakage : That features do not change when the future does.
    sklearn.utils.estimator_checks.check_estimator : The same for tables.

    Notes
    -----
    A pipeline that selects columns by their values, such as one with a
    :class:`~sktemporal.QualityReportTransformer` that drops some, fails the check that columns
    depend on parameters and fields alone, and is meant to; check it without the selector. Most of
    scikit-learn's own transformers refuse X without rows, and with it fail `check_no_entity`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.base import BaseEstimator, TransformerMixin
    >>> from sklearn.utils.validation import check_is_fitted
    >>> from sktemporal import LagFeatures
    >>> from sktemporal.sequences import as_sequences
    >>> from sktemporal.testing import check_sequence_transformer
    >>> check_sequence_transformer(LagFeatures(lags=(1, 2)))

    A transformer of your own, with a fault: it compares with the other entities of the batch.

    >>> class RelativeLength(TransformerMixin, BaseEstimator):
    ...     def fit(self, X, y=None):
    ...         as_sequences(X, self, reset=True)
    ...         return self
    ...
    ...     def transform(self, X):
    ...         check_is_fitted(self)
    ...         seqs = as_sequences(X, self, reset=False)
    ...         lengths = seqs.stops - seqs.starts
    ...         return (lengths / lengths.max(initial=1))[:, np.newaxis]
    ...
    ...     def get_feature_names_out(self, input_features=None):
    ...         check_is_fitted(self)
    ...         return np.array(["relative_length"], dtype=object)
    >>> check_sequence_transformer(RelativeLength())
    Traceback (most recent call last):
    ...
    AssertionError: check_rows_depend_on_their_entity_alone[array]: RelativeLength gives other
    features for a subset of the entities: 3 of 3 rows differ, first in row 0, column
    'relative_length': 0.57... became 1.0
    """
    for estimator, check in sequence_transformer_checks(transformer, needs_times=needs_times):
        check(estimator)


def sequence_transformer_checks(
    transformer: Estimator, *, needs_times: bool = False
) -> list[tuple[Estimator, Callable[[Estimator], None]]]:
    """List the checks of :func:`check_sequence_transformer`.

    Parameters
    ----------
    transformer : estimator
        An unfitted transformer.
    needs_times : bool, default=False
        Whether the transformer cannot do without event times.

    Returns
    -------
    checks : list of (transformer, callable)
        Each callable takes the transformer, and raises AssertionError if that fails the check. Its
        ``__name__`` is the check's name, with the form of X in brackets.

    See Also
    --------
    check_sequence_transformer : All of them in one call.

    Examples
    --------
    With pytest, every check is a test:

    >>> import pytest
    >>> from sktemporal import LagFeatures
    >>> from sktemporal.testing import sequence_transformer_checks
    >>> @pytest.mark.parametrize(
    ...     ("transformer", "check"), sequence_transformer_checks(LagFeatures())
    ... )
    ... def test_lag_features(transformer, check):
    ...     check(transformer)
    """
    forms = [Sequences()] if needs_times else [Arrays(), Sequences()]
    own = CHECKS_WITH_TIMES if needs_times else CHECKS_OF_ARRAYS
    checks = [_named(check, form) for form in forms for check in CHECKS]
    checks += [_named(check) for check in (*own, *CHECKS_OF_SEQUENCES)]
    return [(transformer, check) for check in checks]


def _named(check, form=None):
    """Make a function of the transformer alone, whose failures start with the check's name."""
    name = check.__name__ if form is None else f"{check.__name__}[{form.name}]"

    @functools.wraps(check)
    def named(transformer):
        arguments = () if form is None else (form,)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", EmptyHistoryWarning)
                check(transformer, *arguments)
        except Exception as error:
            found = str(error)
            if not isinstance(error, AssertionError):
                found = f"{type(transformer).__name__} raised {type(error).__name__}: {found}"
            raise AssertionError(f"{name}: {found}") from error

    named.__name__ = named.__qualname__ = name
    return named
