"""The fields of what was fitted, and the codes of its categories, for data that come later."""

import weakref

import numpy as np

from ._objects import kind_of
from ._views import HistoryViews


class Schema:
    """Names of the fields, and vocabularies of the categorical ones, None where unknown."""

    def __init__(self, fields, categorical_fields, vocabularies):
        self.fields = fields
        self.categorical_fields = categorical_fields
        self.vocabularies = vocabularies


class Vocabulary:
    """The categories of a field and their codes 1, 2, ..., found by value.

    A value of the same type goes first, and then one that is equal, as 1.0 is to 1: a missing
    value somewhere makes floats of the integers of a column.
    """

    def __init__(self, categories):
        self.categories = categories
        self._codes = {(kind_of(value), value): code for code, value in enumerate(categories, 1)}
        self._equal = {}
        for code, value in enumerate(categories, 1):
            if not isinstance(value, bool):
                self._equal.setdefault(value, code)

    def extended(self, distinct):
        """Codes of distinct values, those unseen behind the others, and the categories then."""
        codes = [self._codes.get((kind_of(value), value)) for value in distinct]
        taken = set(codes)
        unseen = []
        for k, value in enumerate(distinct):
            if codes[k] is not None:
                continue
            code = None if isinstance(value, bool) else self._equal.get(value)
            if code is None or code in taken:
                unseen.append(value)
                code = len(self.categories) + len(unseen)
            taken.add(code)
            codes[k] = code
        return codes, (*self.categories, *unseen) if unseen else self.categories


def coded(codes, distinct, vocabulary):
    """Take codes 1, 2, ... of distinct values to those of a fitted vocabulary, where one is known.

    Returns the codes and the categories behind them.
    """
    if vocabulary is None:
        return codes, distinct
    places, categories = vocabulary.extended(distinct)
    return np.array([0, *places], dtype=np.int32)[codes], categories


# By fitted object: what it was fitted on, and the schema made of that.
_KNOWN = weakref.WeakKeyDictionary()


def schema_of(like, fields=None, categorical_fields=None):
    """Read the schema of sequences, or of what was fitted on some; made once for each."""
    if fields is not None or categorical_fields is not None:
        raise ValueError(
            "fields and categorical_fields are those of `like`, where it is given; got "
            f"fields={fields!r}, categorical_fields={categorical_fields!r}"
        )
    part = like if isinstance(like, HistoryViews) else _fitted_part(like)
    known = _KNOWN.get(part)
    names = _names(part)
    if known is None or known[0] is not names:
        known = _KNOWN[part] = names, _schema(part)
    return known[1]


def _names(part):
    """The names of the numerical fields: an object that every fit makes anew."""
    names = part.fields if isinstance(part, HistoryViews) else vars(part).get("feature_names_in_")
    if names is None or not getattr(part, "has_field_names", True):
        raise ValueError(
            f"like must know the names of its fields; this {type(part).__name__} has none (fit on "
            "an EventSequences with names)"
        )
    return names


def _schema(part):
    if isinstance(part, HistoryViews):
        categorical_fields, categories = part.categorical_fields, part.categories
    else:
        categorical_fields = part.categorical_feature_names_in_
        known = getattr(part, "categories_", None) or [None] * len(categorical_fields)
        categories = [
            None if values is None else tuple(np.asarray(values, dtype=object).tolist())
            for values in known
        ]
    return Schema(
        tuple(_names(part)),
        tuple(categorical_fields),
        tuple(None if values is None else Vocabulary(values) for values in categories),
    )


def _fitted_part(like):
    """The first family in it, one that knows categories where there is one."""
    first = None
    for part in _fitted_parts(like):
        if hasattr(part, "categories_"):
            return part
        first = part if first is None else first
    if first is None:
        raise TypeError(
            "like must be an EventSequences, or a pipeline, union or family of features that is "
            f"fitted; got {type(like).__name__}"
        )
    return first


def _fitted_parts(like):
    held = getattr(like, "__dict__", {})
    if "categorical_feature_names_in_" in held:
        yield like
        return
    for name in ("steps", "transformers_", "transformer_list"):
        for member in held.get(name, ()):
            yield from _fitted_parts(member[1])
        if name == "transformers_" and name in held:
            return  # the fitted clones of the list
    for name in ("best_estimator_", "estimator_", "regressor_", "_pipeline"):
        if name in held:
            yield from _fitted_parts(held[name])
