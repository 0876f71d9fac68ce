"""Ragged histories for the tests: seeded, drawn by hypothesis, and as an EventSequences."""

import warnings

import numpy as np
from hypothesis import strategies as st
from oracles.families import History

from sktemporal import EventSequences
from sktemporal.exceptions import EmptyHistoryWarning

# Sums of these stay exact in float64, so that what cancels, cancels to 0 in both worlds.
_GRID = st.integers(-(10**6), 10**6).map(lambda k: k / 1024)
_LARGE = st.integers(0, 1024).map(lambda k: 1e9 + k / 1024)
_POSITIVE = st.floats(1e-3, 1e6, allow_nan=False)
_TIED = st.integers(-3, 3).map(float)
_KINDS = st.sampled_from((_GRID, _LARGE, _POSITIVE, _TIED, st.just(0.1), st.just(0.0)))

_TIME_STEPS = st.sampled_from((0, 1, 999_999, 1_000_000, 3_600_000_000, 86_400_000_000))


@st.composite
def columns_of(draw, n, missing=True):
    """One numerical field of n events."""
    kind = draw(_KINDS)
    element = st.one_of(kind, kind, kind, st.just(np.nan)) if missing else kind
    return draw(st.lists(element, min_size=n, max_size=n))


@st.composite
def histories(
    draw,
    max_entities=4,
    max_length=9,
    n_fields=2,
    n_categorical=1,
):
    """Lists of histories with times, as short as empty."""
    result = []
    for _ in range(draw(st.integers(1, max_entities))):
        n = draw(st.integers(0, max_length))
        steps = draw(st.lists(_TIME_STEPS, min_size=n, max_size=n))
        times = (draw(st.integers(-(10**15), 10**15)) + np.cumsum(steps, dtype=np.int64)).tolist()
        codes = st.lists(st.integers(0, 3), min_size=n, max_size=n)
        result.append(
            History(
                {f"x{j}": draw(columns_of(n)) for j in range(n_fields)},
                {f"c{j}": draw(codes) for j in range(n_categorical)},
                times,
            )
        )
    return result


def seeded_histories(seed=0, n_entities=40, longest=40, missing=0.2):
    """Histories with four numerical fields of different kinds and two categorical ones."""
    rng = np.random.default_rng(seed)
    lengths = np.concatenate(([0, 1, 2, 3], rng.integers(0, longest, size=n_entities - 4)))
    result = []
    for n in lengths:
        values = {
            "amount": rng.lognormal(3, 1, size=n),
            "large": 1e9 + rng.random(n),
            "tied": rng.integers(-2, 3, size=n).astype(float),
            "constant": np.full(n, 0.1),
        }
        for x in values.values():
            x[rng.random(n) < missing] = np.nan
        steps = rng.exponential(3e9, size=n).astype(np.int64) * (rng.random(n) < 0.9)
        times = 1_750_000_000_000_000 + np.cumsum(steps)
        codes = {"kind": rng.integers(0, 4, size=n), "shop": rng.integers(0, 30, size=n)}
        result.append(
            History(
                {name: x.tolist() for name, x in values.items()},
                {name: c.tolist() for name, c in codes.items()},
                times.tolist(),
            )
        )
    return result


def sequences_of(histories, dtype=np.float64, junk=0, **parts):
    """One table of all histories, with `junk` rows of garbage before, between and behind them."""
    first = histories[0]
    tables = {"values": (first.values, dtype, np.inf), "codes": (first.codes, np.int32, 77)}
    arrays = {}
    for part, (names, kind, garbage) in tables.items():
        filler = np.full((junk, len(names)), garbage, dtype=kind)
        rows = [filler]
        for history in histories:
            columns = list(getattr(history, part).values())
            block = np.array(columns, dtype=kind).reshape(len(names), len(history)).T
            rows += [block, filler]
        arrays[part] = np.concatenate(rows)
    if first.times is not None:
        filler = np.full(junk, -(2**62))
        rows = [np.concatenate((np.asarray(h.times, dtype=np.int64), filler)) for h in histories]
        arrays["times"] = np.concatenate([filler, *rows])
    if all(history.reference is not None for history in histories):
        arrays["reference_times"] = [history.reference for history in histories]
    if not first.inclusive:
        arrays["inclusive"] = False
    lengths = np.array([len(history) for history in histories])
    stops = np.cumsum(lengths + junk)
    return EventSequences(
        starts=stops - lengths,
        stops=stops,
        fields=list(first.values),
        categorical_fields=list(first.codes),
        **arrays,
        **parts,
    )


def as_read(histories, dtype):
    """The histories with their values rounded to the dtype."""
    return [
        History(
            {name: np.asarray(x, dtype=dtype).tolist() for name, x in history.values.items()},
            history.codes,
            history.times,
            history.intervals,
            history.reference,
            history.inclusive,
        )
        for history in histories
    ]


def features(family, X):
    """Fit and transform; that some histories are empty is expected here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EmptyHistoryWarning)
        return family.fit_transform(X)


def no_slack(name, history):
    return 0.0


def check_columns(family, histories, oracle, slack=no_slack, dtype=np.float64, **parts):
    """Compare every column of a family with its oracle, names and order included.

    `slack(name, history)` is an absolute tolerance, for columns that may cancel to about 0.
    """
    family.set_params(fill_value=np.nan)
    got = features(family, sequences_of(histories, dtype, **parts))
    assert got.dtype == np.float64
    names = family.get_feature_names_out().tolist()
    for row, history in zip(got, as_read(histories, dtype), strict=True):
        expected = oracle(history)
        assert names == list(expected)
        for name, value in zip(names, row.tolist(), strict=True):
            np.testing.assert_allclose(
                value,
                expected[name],
                rtol=1e-10,
                atol=slack(name, history),
                err_msg=f"{name} of {history}",
            )


def same_bits(a, b):
    """Whether arrays are equal to the bit, NaN to NaN included."""
    a, b = np.asarray(a), np.asarray(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
