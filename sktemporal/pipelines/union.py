"""All families in one pass over the entities."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import Bunch
from sklearn.utils.metadata_routing import process_routing
from sklearn.utils.validation import check_is_fitted

from .._constraints import is_float, is_integer
from .._state import check_members, check_state, refuse
from ..evaluation.executor import Executor, warn_of_empty_histories
from ..features._base import is_plain_family
from ..sequences import as_sequences
from .labelled import with_index
from .memory import Source, remembered
from .schedule import compute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

    from numpy.typing import ArrayLike

    from .._types import Estimator, Features, Histories, Names
    from ..features._base import FeatureFamily


class TemporalFeatureUnion(FeatureUnion):
    """A `FeatureUnion` that computes all feature families in one pass over the entities.

    X is checked and converted once, cut into chunks of entities that fit the processor's cache,
    and every family writes its columns of a chunk into one matrix. The chunks are the unit of
    parallel work, on threads unless :func:`joblib.parallel_config` chooses another backend. No bit
    of the result depends on `n_jobs`, the chunks or the backend.

    Members that are not families of this package, or that override their `transform`, are fitted
    and applied to X as it came, by scikit-learn's own code, one after the other. Unlike
    `FeatureUnion`, fit leaves `transformer_list` as it is and keeps fitted clones.

    Parameters
    ----------
    transformer_list : list of (str, transformer) tuples
        Names and transformers; ``"drop"`` leaves one out.
    n_jobs : int, default=None
        Number of workers. None is 1 unless in a :func:`joblib.parallel_config` context; -1 uses all
        processors. What one worker does in about a millisecond is not given to several.
    transformer_weights : dict, default=None
        Multiplicative weights of the output of each transformer.
    verbose : bool, default=False
        Print the time that fitting each member that is not of this package takes.
    verbose_feature_names_out : bool, default=True
        Put the transformer's name and two underscores before its column names.
    memory : FeatureMemory, joblib.Memory or str, default=None
        Where to keep the columns of each family: in this process, or on disk (a str is a
        directory). They are computed for all of the sequences that X was selected from (by
        indexing, as a cross-validation does), once for a set of parameters, and X takes its rows.
        A change of the data or of a parameter is another entry. A plain array is copied when it
        is indexed, so each fold of one is computed by itself; make it an
        :class:`~sktemporal.EventSequences` first.

    Attributes
    ----------
    transformers_ : list of (str, transformer) tuples
        The fitted transformers, clones of those in `transformer_list`.
    named_transformers_ : :class:`~sklearn.utils.Bunch`
        The fitted transformers by name.
    n_features_in_ : int
        Number of fields seen in fit.
    feature_names_in_ : ndarray of str of shape (n_features_in_,)
        Names of the fields seen in fit, where X had names.
    categorical_feature_names_in_ : ndarray of str
        Names of the categorical fields seen in fit.

    See Also
    --------
    make_temporal_pipeline : The union of all families, with a quality report.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal import LagFeatures, StatisticalFeatures, TemporalFeatureUnion
    >>> X = np.array([[[1.0], [2.0], [6.0]]])
    >>> union = TemporalFeatureUnion([
    ...     ("statistical", StatisticalFeatures(statistics=("mean",))),
    ...     ("lag", LagFeatures(lags=(1,))),
    ... ])
    >>> union.fit_transform(X)
    array([[3., 2.]])
    >>> union.get_feature_names_out()
    array(['statistical__mean_x0', 'lag__lag_1_x0'], dtype=object)
    """

    def __init__(
        self,
        transformer_list: list[tuple[str, Estimator]],
        *,
        n_jobs: int | None = None,
        transformer_weights: dict[str, float] | None = None,
        verbose: bool = False,
        verbose_feature_names_out: bool = True,
        memory: Any = None,
    ) -> None:
        super().__init__(
            transformer_list,
            n_jobs=n_jobs,
            transformer_weights=transformer_weights,
            verbose=verbose,
            verbose_feature_names_out=verbose_feature_names_out,
        )
        self.memory = memory

    def fit(self, X: Histories, y: ArrayLike | None = None, **fit_params: Any) -> Self:
        """Fit all transformers.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields) or of shape \
                (n_entities, n_fields)
            Event histories.
        y : array-like of shape (n_entities,), default=None
            Targets, for members that want them.
        **fit_params : dict
            For members that are not families of this package, as in `FeatureUnion`.

        Returns
        -------
        self : object
        """
        self._clone_members()
        self._check_params("fit", fit_params)
        self._fit_families(X)
        for name, union in self._foreign_unions():
            union.fit(X, y, **self._params_of(name, "fit", fit_params))
            self._keep_fitted(name, union)
        return self

    def fit_transform(self, X: Histories, y: ArrayLike | None = None, **params: Any) -> Features:
        """Fit all transformers and compute all features.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields) or of shape \
                (n_entities, n_fields)
            Event histories.
        y : array-like of shape (n_entities,), default=None
            Targets, for members that want them.
        **params : dict
            For members that are not families of this package, as in `FeatureUnion`.

        Returns
        -------
        features : ndarray of shape (n_entities, n_columns)
        """
        self._clone_members()
        self._check_params("fit_transform", params)
        sequences = self._fit_families(X)
        foreign = {}
        for name, union in self._foreign_unions():
            member_params = self._params_of(name, "fit_transform", params)
            foreign[name] = union.fit_transform(X, y, **member_params)
            self._keep_fitted(name, union)
        families = self._families()
        executor = Executor(families) if families else None
        return self._beside(X, sequences, executor, foreign)

    def transform(self, X: Histories, **params: Any) -> Features:
        """Compute all features.

        Parameters
        ----------
        X : EventSequences or array-like of shape (n_entities, n_steps, n_fields) or of shape \
                (n_entities, n_fields)
            Event histories with the fields seen in fit.
        **params : dict
            For members that are not families of this package, through metadata routing.

        Returns
        -------
        features : ndarray of shape (n_entities, n_columns)
            In the order of :meth:`get_feature_names_out`. A frame of pandas, where that is set, has
            the labels of the rows as its index; see :meth:`EventSequences.row_index`. (A sparse
            matrix if a member that is not of this package gives one.)
        """
        check_is_fitted(self)
        check_state(self)
        self._check_params("transform", params)
        families = self._families()
        sequences = executor = None
        if families:
            executor = Executor(families)
            first, *rest = families
            sequences = as_sequences(X, first, reset=False)
            for family in rest:
                as_sequences(sequences, family, reset=False)
        foreign = {
            name: union.transform(X, **self._params_of(name, "transform", params))
            for name, union in self._foreign_unions()
        }
        return self._beside(X, sequences, executor, foreign)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    @property
    def named_transformers_(self) -> Any:
        """The fitted transformers by name."""
        return Bunch(**dict(self.transformers_))

    @property
    def n_features_in_(self) -> int:
        """Number of fields seen in fit."""
        return self._first().n_features_in_

    @property
    def feature_names_in_(self) -> Names:
        """Names of the fields seen in fit, where X had names."""
        return self._first().feature_names_in_

    @property
    def categorical_feature_names_in_(self) -> Names:
        """Names of the categorical fields seen in fit."""
        return self._first().categorical_feature_names_in_

    def __sklearn_is_fitted__(self):
        return hasattr(self, "transformers_")

    def _check_fitted(self):
        for attribute in ("transformer_list", "transformers_"):
            check_members(self, attribute, ("drop", "passthrough"), "transform")
        weights = self.transformer_weights
        if weights is not None and not (
            isinstance(weights, dict)
            and weights.keys() <= dict(self.transformers_).keys()
            and all(map(is_float, weights.values()))
        ):
            refuse(self, "transformer_weights", "None or a dict of members to numbers", weights)
        if self.n_jobs is not None and not (is_integer(self.n_jobs) and self.n_jobs != 0):
            refuse(self, "n_jobs", "None or an int other than 0", self.n_jobs)
        if not isinstance(self.verbose_feature_names_out, bool | np.bool_):
            attribute = "verbose_feature_names_out"
            refuse(self, attribute, "a bool", self.verbose_feature_names_out)

    def _add_prefix_for_feature_names_out(self, names_of_members):
        if not names_of_members:  # scikit-learn's concatenates them
            return np.empty(0, dtype=object)
        return super()._add_prefix_for_feature_names_out(names_of_members)

    def _clone_members(self):
        if self.transformer_list:  # scikit-learn's check needs a member
            self._validate_transformers()
        self._validate_transformer_weights()
        self.transformers_ = [
            (name, member if isinstance(member, str) else clone(member))
            for name, member in self.transformer_list
        ]

    def _iter(self) -> Iterator[tuple[str, Estimator, float | None]]:
        """Name, transformer and weight of each member but the dropped; fitted ones once there."""
        weights = self.transformer_weights or {}
        members: Any = getattr(self, "transformers_", self.transformer_list)
        for name, member in members:
            if member == "passthrough":
                yield name, FunctionTransformer(feature_names_out="one-to-one"), weights.get(name)
            elif member != "drop":
                yield name, member, weights.get(name)

    def _families(self):
        return [member for _, member, _ in self._iter() if is_plain_family(member)]

    def _first(self):
        """Return the first family, where there is one: it checks X. Else the first member."""
        first = next(iter(self._families()), None) or next((m for _, m, _ in self._iter()), None)
        if first is None:
            raise AttributeError(f"a {type(self).__name__} without a member has seen no fields")
        return first

    def plain_families(self) -> list[FeatureFamily] | None:
        """Return the fitted families, where these and no weights are all there is; else None."""
        members = list(self._iter())
        plain = members and all(w is None and is_plain_family(m) for _, m, w in members)
        return [member for _, member, _ in members] if plain else None

    def _fit_families(self, X):
        """Convert X once, and let every family learn its fields from that."""
        families = self._families()
        if not families:
            return None
        sequences = as_sequences(X, families[0], reset=True)
        for family in families:
            family.fit(sequences)
        return sequences

    def _foreign_unions(self):
        """For each member that is not a family, a plain FeatureUnion of it alone."""
        return [
            (name, self._plain_union(name, member, weight))
            for name, member, weight in self._iter()
            if not is_plain_family(member)
        ]

    def _plain_union(self, name, member, weight):
        weights = None if weight is None else {name: weight}
        return FeatureUnion([(name, member)], transformer_weights=weights, verbose=self.verbose)

    def _keep_fitted(self, name, union):
        fitted = union.transformer_list[0][1]
        self.transformers_ = [
            (other, fitted if other == name else member) for other, member in self.transformers_
        ]

    def _check_params(self, method, params):
        """Refuse parameters that no member takes; families take none."""
        if params and get_config()["enable_metadata_routing"]:
            process_routing(self, method, **params)
        elif params and not self._foreign_unions():
            raise TypeError(
                f"{method} got {sorted(params)}, but all members are families, which take no "
                "parameters beside X and y"
            )

    def _params_of(self, name, method, params):
        if not (params and get_config()["enable_metadata_routing"]):
            return params
        routed = process_routing(self, method, **params)[name]
        return {**routed.get("fit", {}), **routed.get(method, {})}

    def _beside(self, X, sequences, executor, foreign):
        """Compute the families' columns, and put them and the foreign blocks in their order."""
        members = list(self._iter())
        families = [m for m in members if m[0] not in foreign]
        if not members:
            return np.zeros((len(X), 0))
        blocks = {}
        if families:
            matrix = self._remembered(executor, sequences)
            warn_of_empty_histories(sequences)
            for name, family, weight in families:
                blocks[name] = matrix[:, executor.columns_of(family)]
                if weight is not None:
                    blocks[name] *= weight
        if not foreign:
            return matrix
        blocks.update(foreign)
        return self._hstack(with_index([blocks[name] for name, _, _ in members], X, self))

    def _remembered(self, executor, sequences):
        """Take the columns from the memory, where there is one; compute what is not there."""
        if self.memory is None:
            return compute(executor, sequences, self.n_jobs)
        matrix, source = executor.new_matrix(len(sequences)), Source(sequences)
        for family in executor.families:
            computed = partial(compute, Executor([family]), n_jobs=self.n_jobs)
            columns = executor.columns_of(family)
            matrix[:, columns] = remembered(self.memory, family, source, computed)
        return matrix
