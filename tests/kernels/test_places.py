"""Nothing is written but what is wanted, and that where it is wanted."""

import inspect

import numpy as np
import pytest
from kernels.drawn import STARTS, STOPS, values
from kernels.test_certified import parts_of
from kernels.test_exact import running_sums, smallest_unit

from sktemporal import _kernels

X = values()
TWO_STARTS = np.stack([np.maximum(STARTS, STOPS - 3), STARTS])
FRACTIONS = np.array([0.0, 0.3, 1.0])
TABLE = np.stack([X, X[::-1]], axis=1)


def moments(width):
    def call(places, out):
        unit = smallest_unit(X, width)
        table = running_sums(X, width, unit)
        _kernels.moments(width)(table, unit, X, STARTS, STOPS, places, out)

    return call


def moments_of_parts(places, out):
    doubtful = np.empty(len(STARTS), dtype=np.int64)
    _kernels.moments_of_parts(*parts_of(X), STARTS, STOPS, places, out, doubtful)


def extremes(places, out):
    _kernels.extremes(X, TWO_STARTS, STOPS, places.reshape(2, -1), out)


def order_statistics(places, out):
    _kernels.order_statistics(X, STARTS, STOPS, FRACTIONS, places, out)


def order_statistics_of_long(places, out):
    x, starts, stops = np.tile(X, 20), np.array([0, 700, 0]), np.array([600, 1100, 0])
    _kernels.order_statistics(x, starts, stops, FRACTIONS, places, out)


def shape(places, out):
    mean_and_std = np.empty((len(STARTS), 2))
    moments(2)(np.array([-1, 0, -1, 1, -1]), mean_and_std)
    _kernels.shape(X, STARTS, STOPS, places, mean_and_std, out)


def code_diversity(places, out):
    _kernels.code_diversity(np.round(X), STARTS, STOPS, places, out)


def lagged(places, out):
    _kernels.lagged(X, STARTS, STOPS, np.array([0, 2, 9]), places, out)


def exponential_smoothing(places, out):
    _kernels.exponential_smoothing(X, STARTS, STOPS, 0.3, places, out)


def exponential_smoothing_of_slices_apart(places, out):
    # Four at a time, and one of them of values that are equal, tiny or huge.
    x = np.concatenate([X, np.full(20, 0.1), 1e-300 * X[:20], 1e200 * X[:20]])
    starts = np.arange(0, 120, 20)
    _kernels.exponential_smoothing(x, starts, starts + 20, 0.3, places, out)


def features_of_tails(section, *dimensions):
    """All that one of the blocks of columns names, for the two fields of the table."""
    others = {
        "summaries": (2, 2, len(_kernels.SUMMARIES)),
        "quantiles": (2, 2, len(FRACTIONS)),
        "smoothed": (2, 2, 2),
        "lagged": (2, 2),
        "trends": (1, 2, 2),
    }

    def call(places, out):
        columns = {name: np.full(shape, -1) for name, shape in others.items()}
        columns[section] = places.reshape(dimensions)
        _kernels.features_of_tails(np.dtype(float))(
            TABLE,
            np.arange(2),
            STARTS[np.newaxis],
            STOPS[np.newaxis],
            np.array([3, 10**6]),
            columns["summaries"],
            FRACTIONS,
            columns["quantiles"],
            np.array([0.3, 0.8]),
            columns["smoothed"],
            np.array([0, 2]),
            columns["lagged"],
            columns["trends"],
            out,
            np.empty(2 * len(STARTS) * 3, dtype=np.int64),
        )

    return int(np.prod(dimensions)), len(STARTS), call


#: how many places, how many slices, and how to call the kernel with places and output
KERNELS = {
    **{f"moments {width}": (5, len(STARTS), moments(width)) for width in (2, 4, 34)},
    "moments_of_parts": (5, len(STARTS), moments_of_parts),
    "extremes": (12, len(STARTS), extremes),
    "order_statistics": (len(FRACTIONS) + 1, len(STARTS), order_statistics),
    "order_statistics of long": (len(FRACTIONS) + 1, 3, order_statistics_of_long),
    "shape": (2, len(STARTS), shape),
    "code_diversity": (3, len(STARTS), code_diversity),
    "lagged": (3, len(STARTS), lagged),
    "exponential_smoothing": (2, len(STARTS), exponential_smoothing),
    "exponential_smoothing of slices apart": (2, 6, exponential_smoothing_of_slices_apart),
    "features_of_tails: summaries": features_of_tails("summaries", 2, 2, len(_kernels.SUMMARIES)),
    "features_of_tails: quantiles": features_of_tails("quantiles", 2, 2, len(FRACTIONS)),
    "features_of_tails: smoothed": features_of_tails("smoothed", 2, 2, 2),
    "features_of_tails: lagged": features_of_tails("lagged", 2, 2),
    "features_of_tails: trends": features_of_tails("trends", 1, 2, 2),
}


def choices(n):
    """Nothing, each alone, all but each, all, and some drawn by chance."""
    rng = np.random.default_rng(n)
    return [np.zeros(n, dtype=bool), *np.eye(n, dtype=bool), *~np.eye(n, dtype=bool)] + [
        np.ones(n, dtype=bool),
        *(rng.random((20, n)) < 0.5),
    ]


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("order", ["C", "F"])
def test_only_what_is_wanted_is_written_where_it_is_wanted(name, order):
    n_places, n_slices, call = KERNELS[name]
    everything = np.full((n_slices, n_places), -99.0, order=order)
    call(np.arange(n_places), everything)
    assert (everything != -99.0).all()
    rng = np.random.default_rng(0)
    for wanted in choices(n_places):
        # The column -1 is the last one: nothing belongs there.
        columns = rng.permutation(n_places + 2)[:n_places]
        places = np.where(wanted, columns, -1)
        out = np.full((n_slices, n_places + 3), -99.0, order=order)
        expected = out.copy()
        expected[:, columns[wanted]] = everything[:, wanted]
        call(places, out)
        np.testing.assert_array_equal(out, expected, err_msg=f"{places}")


def test_all_kernels_that_take_places_are_tested():
    def parameters(name):
        kernel = getattr(_kernels, name)
        return inspect.signature(getattr(kernel, "py_func", kernel)).parameters

    taking = {name for name in _kernels.__all__ if name.islower() and "places" in parameters(name)}
    assert len(taking) >= 7
    assert taking <= {name.split(":")[0] for name in KERNELS}
