"""The checks: each is a small function named after what it asserts."""

import functools
import importlib.util
import pickle
import re
import warnings

import numpy as np
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from ..exceptions import EmptyHistoryWarning
from ..sequences import EventSequences
from ._comparison import assert_same_bits, columns_of, dense, name_of
from ._histories import Arrays, Histories, Sequences

# What may lie behind the mask.
_GARBAGE = (np.nan, np.inf, -np.inf, 1e300, -1.0)
_MASK_TYPES = (bool, np.int8, np.uint8, np.int64, np.float32, np.float64)


def _fit(transformer, X):
    return clone(transformer).fit(X)


def _features(fitted, X):
    """Transform, and hold on to no memory of the transformer's."""
    features = dense(fitted.transform(X))
    if features.ndim != 2 or len(features) != len(X):
        raise AssertionError(
            f"{name_of(fitted)} must give one row an entity; transform gave shape {features.shape} "
            f"for {len(X)} entities"
        )
    return features.copy()


def _assert_raises(error, call, where):
    try:
        call()
    except error:
        return
    except Exception as other:
        raise AssertionError(
            f"{error.__name__} expected {where}; got {type(other).__name__}: {other}"
        ) from other
    raise AssertionError(f"{error.__name__} expected {where}; nothing was raised")


# Checks of features


def check_fit_transform_is_fit_then_transform(transformer, form):
    """Assert that `fit_transform(X)` equals `fit(X).transform(X)`."""
    X = form.pack(Histories())
    fitted = _fit(transformer, X)
    found = dense(clone(transformer).fit_transform(X))
    assert_same_bits(found, _features(fitted, X), fitted, "in fit_transform")


def check_padding_changes_nothing(transformer, form):
    """Assert that padding before the events is as good as padding after them."""
    histories = Histories()
    fitted = _fit(transformer, form.pack(histories))
    post, pre = (_features(fitted, form.pack(histories, padding=p)) for p in ("post", "pre"))
    assert_same_bits(pre, post, fitted, "for the same events, pre-padded")


def check_garbage_behind_the_mask_changes_nothing(transformer, form):
    """Assert that what lies behind the mask is never read, in fit or in transform."""
    histories = Histories()
    X = form.pack(histories)
    fitted = _fit(transformer, X)
    expected = _features(fitted, X)
    for garbage in _GARBAGE:
        dirty = form.pack(histories, garbage=garbage)
        found = _features(fitted, dirty)
        assert_same_bits(found, expected, fitted, f"with {garbage} behind the mask")
        found = _features(_fit(transformer, dirty), X)
        assert_same_bits(found, expected, fitted, f"when fitted with {garbage} behind the mask")


def check_rows_depend_on_their_entity_alone(transformer, form):
    """Assert that a row is the same among other entities, in another order, and alone."""
    X = form.pack(Histories())
    fitted = _fit(transformer, X)
    expected = _features(fitted, X)
    n = len(X)
    selections = {
        "for a subset of the entities": np.arange(0, n, 2),
        "for the entities in another order": np.random.default_rng(0).permutation(n),
        "for entities that occur twice": np.repeat(np.arange(n), 2),
    }
    for where, indices in selections.items():
        found = _features(fitted, X[indices])
        assert_same_bits(found, expected[indices], fitted, where)
    for i in range(n):
        found = _features(fitted, X[i : i + 1])
        assert_same_bits(found, expected[i : i + 1], fitted, f"for entity {i} alone")


def check_transform_leaves_no_trace(transformer, form):
    """Assert that transforming other data in between changes nothing."""
    X = form.pack(Histories())
    fitted = _fit(transformer, X)
    columns = columns_of(fitted)
    expected = _features(fitted, X)
    _features(fitted, form.pack(Histories(lengths=(3, 9, 9, 0, 2), seed=1)))
    assert_same_bits(_features(fitted, X), expected, fitted, "after transforming other data")
    if columns_of(fitted) != columns:
        raise AssertionError(
            f"{name_of(fitted)}.get_feature_names_out() changed in transform: {columns} became "
            f"{columns_of(fitted)}"
        )


def check_input_is_not_modified(transformer, form):
    """Assert that read-only arrays are accepted, and writeable ones left as they are."""
    X = form.pack(Histories())
    parts = form.parts(X)
    before = {name: part.copy() for name, part in parts.items()}
    fitted = _fit(transformer, X)
    expected = _features(fitted, X)
    for name, part in parts.items():
        if part.tobytes() != before[name].tobytes():
            raise AssertionError(f"{name_of(fitted)} modified the input: its {name}")
    for part in parts.values():
        part.flags.writeable = False
    found = _features(_fit(transformer, X), X)
    assert_same_bits(found, expected, fitted, "for read-only input")


# Checks of extremes


def check_no_entity(transformer, form):
    """Assert that no entity gives no row, and all columns."""
    X = form.pack(Histories())
    fitted = _fit(transformer, X)
    found = _features(fitted, X[:0])
    n_columns = len(columns_of(fitted))
    if found.shape != (0, n_columns):
        raise AssertionError(
            f"{name_of(fitted)} must give shape (0, {n_columns}) for no entity; got {found.shape}"
        )


def check_one_entity(transformer, form):
    """Assert that fit takes a single entity, of many events or of one."""
    X = form.pack(Histories())
    columns = columns_of(_fit(transformer, X))
    for lengths in ((6,), (1,)):
        one = form.pack(Histories(lengths=lengths, seed=1))
        fitted = _fit(transformer, one)
        _features(fitted, one)
        _assert_same_columns(fitted, columns, f"when fitted on one entity, {lengths[0]} events")


def check_one_event(transformer, form):
    """Assert that fit takes histories of one event, and that these need no others beside them."""
    X = form.pack(Histories(lengths=(1, 5, 1), seed=2))
    short = X[[0, 2]]
    columns = columns_of(_fit(transformer, X))
    fitted = _fit(transformer, short)
    _assert_same_columns(fitted, columns, "when fitted on histories of one event")
    expected = _features(fitted, X)[[0, 2]]
    assert_same_bits(_features(fitted, short), expected, fitted, "for histories of one event")


def check_no_event(transformer, form):
    """Assert that all entities without a valid event have one row, and at most our warning."""
    fitted = _fit(transformer, form.pack(Histories()))
    rows = []
    for garbage in (0.0, *_GARBAGE):
        X = form.pack(Histories(lengths=(0, 0)), garbage=garbage)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            rows.append(_features(fitted, X))
            _fit(transformer, X)
        for warning in caught:
            if not issubclass(warning.category, EmptyHistoryWarning):
                raise AssertionError(
                    f"{name_of(fitted)} must warn of empty histories with EmptyHistoryWarning "
                    f"alone; got {warning.category.__name__}: {warning.message}"
                )
    rows = np.concatenate(rows)
    expected = np.repeat(rows[:1], len(rows), axis=0)
    assert_same_bits(rows, expected, fitted, "for an entity without a valid event")


# Checks of columns


def _assert_same_columns(fitted, expected, where):
    found = columns_of(fitted)
    if found != expected:
        raise AssertionError(
            f"{name_of(fitted)} has other columns {where}: of {len(expected)} became {len(found)}, "
            f"gone {sorted(set(expected) - set(found))}, new {sorted(set(found) - set(expected))}"
        )


def check_feature_names(transformer, form):
    """Assert that names are unique strings of letters, digits and _, one for each column."""
    X = form.pack(Histories())
    fitted = _fit(transformer, X)
    names = list(fitted.get_feature_names_out())
    n_columns = _features(fitted, X).shape[1]
    if len(names) != n_columns:
        raise AssertionError(f"{name_of(fitted)} names {len(names)} columns, and gives {n_columns}")
    for name in names:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_]+", name):
            raise AssertionError(
                f"names of columns must be strings of letters, digits and _ where those of fields "
                f"are; {name_of(fitted)} has {name!r}"
            )
        if names.count(name) > 1:
            raise AssertionError(
                f"names of columns must be unique; {name_of(fitted)} has {name!r} "
                f"{names.count(name)} times"
            )


def check_columns_depend_on_fields_alone(transformer, form):
    """Assert that fitting on other data with the same fields gives the same columns."""
    expected = columns_of(_fit(transformer, form.pack(Histories())))
    missing = Histories()
    missing.values[:, 1] = np.nan
    missing.codes[:, 1] = 0
    constant = Histories(lengths=(3, 3))
    constant.values[:], constant.codes[:] = 1.0, 1
    others = {
        "fitted on other data": Histories(lengths=(3, 12, 1), seed=3),
        "whose first entity is empty": Histories(lengths=(0, 3, 4), seed=4),
        "without any event": Histories(lengths=(0, 0)),
        "in which a field is missing throughout": missing,
        "in which all values are equal": constant,
    }
    for where, histories in others.items():
        X = form.pack(histories)
        fitted = _fit(transformer, X)
        _assert_same_columns(fitted, expected, where)
        n_columns = _features(fitted, X).shape[1]
        if n_columns != len(expected):
            raise AssertionError(
                f"{name_of(fitted)} gives {n_columns} columns instead of {len(expected)} for data "
                f"{where}"
            )


def check_set_output(transformer, form):
    """Assert that frames of pandas, and of polars where installed, have these names and values."""
    X = form.pack(Histories())
    fitted = _fit(transformer, X)
    names, expected = columns_of(fitted), _features(fitted, X)
    for library in ("pandas", "polars"):
        if importlib.util.find_spec(library) is None:
            continue
        framed = clone(transformer).set_output(transform=library).fit(X)
        for frame in (framed.transform(X), framed.fit_transform(X)):
            if type(frame).__module__.split(".")[0] != library:
                raise AssertionError(
                    f"{name_of(fitted)} must give a {library} frame after set_output; got "
                    f"{type(frame).__name__}"
                )
            if list(frame.columns) != names or columns_of(framed) != names:
                raise AssertionError(
                    f"{name_of(fitted)} must name the columns of a {library} frame as "
                    f"get_feature_names_out does, {names}; got {list(frame.columns)}"
                )
            if names:  # without columns, frames of polars have no rows either
                # A float32 matrix may come as float64: through a pipeline, scikit-learn does not
                # read the type of polars columns.
                found = frame.to_numpy().astype(expected.dtype)
                assert_same_bits(found, expected, fitted, f"as a {library} frame")


# Checks of estimators


def check_clone(transformer, form):
    """Assert that a clone of the fitted transformer is unfitted, and fits to the same."""
    X = form.pack(Histories())
    fitted = _fit(transformer, X)
    again = clone(fitted)
    _assert_raises(NotFittedError, lambda: again.transform(X), "from an unfitted clone")
    found = _features(again.fit(X), X)
    assert_same_bits(found, _features(fitted, X), fitted, "from a clone")


def check_fit_forgets(transformer, form):
    """Assert that fitting anew leaves nothing of the fit before."""
    X = form.pack(Histories())
    expected = _features(_fit(transformer, X), X)
    refitted = _fit(transformer, form.pack(Histories(seed=5, n_fields=3))).fit(X)
    assert_same_bits(_features(refitted, X), expected, refitted, "when fitted a second time")


def check_pickle(transformer, form):
    """Assert that a pickle gives the same, and does not carry the training events along."""
    histories = Histories()
    X = form.pack(histories)
    fitted = _fit(transformer, X)
    pickled = pickle.dumps(fitted)
    loaded = pickle.loads(pickled)
    assert_same_bits(_features(loaded, X), _features(fitted, X), fitted, "from a pickle")
    # The same entities over and over, so that no measure of the data takes another value. An
    # integer count may take a few bytes more, an array of even a byte for each entity is too much.
    repeats = 500
    many = X[np.tile(np.arange(len(X)), repeats)]
    growth = len(pickle.dumps(_fit(transformer, many))) - len(pickled)
    if growth >= (repeats - 1) * len(X):
        raise AssertionError(
            f"the pickle of {name_of(fitted)} must not grow with the training data; it grew by "
            f"{growth} bytes, from {len(pickled)}, with {len(many)} entities instead of {len(X)}"
        )


def check_not_fitted(transformer, form):
    """Assert that before fit, transform and the names are a NotFittedError."""
    X = form.pack(Histories())
    for method, arguments in (("transform", (X,)), ("get_feature_names_out", ())):
        call = functools.partial(getattr(clone(transformer), method), *arguments)
        _assert_raises(NotFittedError, call, f"from {name_of(transformer)}.{method} before fit")


def check_n_features_in(transformer, form):
    """Assert that `n_features_in_` counts the fields, and that transform refuses other numbers."""
    for n_fields in (2, 3):
        X = form.pack(Histories(n_fields=n_fields))
        fitted = _fit(transformer, X)
        if fitted.n_features_in_ != n_fields:
            raise AssertionError(
                f"n_features_in_ must count the fields, the last axis of X, {n_fields}; "
                f"{name_of(fitted)} has {fitted.n_features_in_}"
            )
        for other in (1, n_fields + 1):
            wrong = form.pack(Histories(n_fields=other))
            _assert_raises(
                ValueError,
                functools.partial(fitted.transform, wrong),
                f"from {name_of(fitted)} for {other} fields after {n_fields} in fit",
            )


# Checks of one form, and across forms


def check_array_is_sequences(transformer):
    """Assert that masked arrays, arrays with NaN for padding, and sequences are all one."""
    histories = Histories()
    X = Arrays().pack(histories)
    fitted = _fit(transformer, X)
    expected = _features(fitted, X)
    plain = histories.padded(histories.values, "post", np.nan)
    same = {
        "for an array with NaN in place of the mask": plain,
        "for an array that is not C-contiguous": np.asfortranarray(plain),
    }
    for where, form in same.items():
        assert_same_bits(_features(fitted, form), expected, fitted, where)
    # A transformer of categorical fields has no column without them: it reads an array as codes.
    reads_codes = not columns_of(_fit(transformer, EventSequences.from_padded(X)))
    for padding in ("pre", "post"):
        numerical = histories.padded(histories.values, padding, 1e5)
        sequences = EventSequences.from_padded(
            numerical,
            histories.mask(padding),
            categorical=np.nan_to_num(np.rint(numerical * 100)) if reads_codes else None,
        )
        found = _features(_fit(transformer, sequences), sequences)
        where = f"for EventSequences.from_padded of the same events, {padding}-padded"
        assert_same_bits(found, expected, fitted, where)


def check_infinity_is_refused(transformer):
    """Assert that infinity outside the mask is an error, in fit and in transform."""
    form = Arrays()
    X = form.pack(Histories())
    fitted = _fit(transformer, X)
    for infinity in (np.inf, -np.inf):
        histories = Histories()
        histories.values[2, 0] = infinity
        wrong = form.pack(histories)
        for method in (fitted.transform, clone(transformer).fit):
            where = f"from {name_of(fitted)}.{method.__name__} for {infinity} outside the mask"
            _assert_raises(ValueError, functools.partial(method, wrong), where)


def check_masks_of_any_type(transformer):
    """Assert that a mask of bool, of integers and of floats means the same."""
    form, histories = Sequences(), Histories()
    X = form.pack(histories)
    fitted = _fit(transformer, X)
    expected = _features(fitted, X)
    for mask_type in _MASK_TYPES:
        found = _features(fitted, form.pack(histories, mask_type=mask_type, garbage=1e300))
        where = f"for a mask of {np.dtype(mask_type)}"
        assert_same_bits(found, expected, fitted, where)


def check_place_in_the_table_changes_nothing(transformer):
    """Assert that the rows around a slice, and the layout of the table, change nothing."""
    X = Sequences().pack(Histories(), garbage=1e300)
    fitted = _fit(transformer, X)
    expected = _features(fitted, X)
    compact = pickle.loads(pickle.dumps(X))
    assert_same_bits(_features(fitted, compact), expected, fitted, "for slices moved together")
    by_columns = {name: np.asfortranarray(getattr(compact, name)) for name in ("values", "codes")}
    compact = compact.replace(**by_columns)
    assert_same_bits(_features(fitted, compact), expected, fitted, "for a table by columns")


def check_field_names(transformer):
    """Assert that fields in another order than in fit, or others, are refused."""
    form, histories = Sequences(), Histories()
    fitted = _fit(transformer, form.pack(histories, fields=("x0", "x1")))
    found = list(getattr(fitted, "feature_names_in_", []))
    if found != ["x0", "x1"]:
        raise AssertionError(
            f"feature_names_in_ of {name_of(fitted)} must be the fields of X, ['x0', 'x1']; "
            f"got {found}"
        )
    for fields in (("x1", "x0"), ("x0", "other")):
        _assert_raises(
            ValueError,
            functools.partial(fitted.transform, form.pack(histories, fields=fields)),
            f"from {name_of(fitted)} for the fields {fields} after ('x0', 'x1') in fit",
        )


def check_arrays_without_times_are_refused(transformer):
    """Assert that a transformer that needs times says so."""
    X = Arrays().pack(Histories())
    _assert_raises(
        ValueError,
        lambda: clone(transformer).fit(X).transform(X),
        f"from {name_of(transformer)}, said to need times, for an array",
    )


CHECKS = (
    check_not_fitted,
    check_fit_transform_is_fit_then_transform,
    check_n_features_in,
    check_feature_names,
    check_padding_changes_nothing,
    check_garbage_behind_the_mask_changes_nothing,
    check_rows_depend_on_their_entity_alone,
    check_transform_leaves_no_trace,
    check_input_is_not_modified,
    check_no_entity,
    check_one_entity,
    check_one_event,
    check_no_event,
    check_columns_depend_on_fields_alone,
    check_set_output,
    check_clone,
    check_fit_forgets,
    check_pickle,
)
CHECKS_OF_ARRAYS = (check_array_is_sequences, check_infinity_is_refused)
CHECKS_WITH_TIMES = (check_arrays_without_times_are_refused,)
CHECKS_OF_SEQUENCES = (
    check_masks_of_any_type,
    check_place_in_the_table_changes_nothing,
    check_field_names,
)
