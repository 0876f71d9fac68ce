import os
import pkgutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernels.drawn import STARTS, STOPS, columns_and_slices, each_slice, one_by_one, values
from numpy.testing import assert_allclose, assert_array_equal
from oracles import codes, shapes, smoothing, spacing, trends

from sktemporal import _kernels


def test_gini_is_the_oracle_s():
    x = values()
    out = np.empty((6, 2))
    _kernels.gini(x, STARTS, STOPS, out[:, 1])
    assert_allclose(out[:, 1], [spacing.gini(part) for part in each_slice(x)], rtol=1e-13)


def test_gini_of_nearly_equal_intervals_keeps_ten_digits():
    x = values(large=True)
    out = np.empty(6)
    _kernels.gini(x, STARTS, STOPS, out)
    assert_allclose(out, [spacing.gini(part) for part in each_slice(x)], rtol=1e-10)


@given(st.lists(st.floats(0, 1e300), min_size=2, max_size=40))
def test_gini_is_between_zero_and_one(x):
    out = np.empty(1)
    _kernels.gini(np.array(x), np.array([0]), np.array([len(x)]), out)
    if not np.isfinite(len(x) * np.sum(x)) or sum(x) == 0:
        return
    assert 0.0 <= out[0] < 1.0


@pytest.mark.parametrize("x", [[-3.0, 1.0], [-1.0, -2.0, -4.0], [-1.0, 1.0], [0.0, 0.0], [2.0]])
def test_gini_is_undefined_without_a_positive_sum_of_two_values(x):
    out = np.empty(1)
    _kernels.gini(np.array(x), np.array([0]), np.array([len(x)]), out)
    assert np.isnan(out[0])


@pytest.mark.parametrize(("x", "level"), [([1e16, 1.0], 5e15 + 1), ([1.0, 1e16], 5e15)])
def test_an_alpha_of_one_half_steps_back_from_the_newest_value(x, level):
    # The difference is rounded; the step from the value before would end at the other level.
    out = np.empty((1, 2))
    ends = np.array([0]), np.array([2])
    _kernels.exponential_smoothing(np.array(x), *ends, 0.5, np.arange(2), out)
    assert out[0, 0] == level


def test_code_diversity_is_the_oracle_s():
    x = np.random.default_rng(0).integers(1, 5, size=60).astype(float)
    out = np.empty((6, 3))
    _kernels.code_diversity(x, STARTS, STOPS, np.arange(3), out)
    assert_array_equal(out, [codes.code_diversity(part) for part in each_slice(x)])


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("alpha", [1e-3, 0.3, 0.5, 0.9, 1.0])
def test_exponential_smoothing_is_the_oracle_s(alpha, large):
    x = values(large=large)
    out = np.empty((6, 2))
    _kernels.exponential_smoothing(x, STARTS, STOPS, alpha, np.arange(2), out)
    expected = [smoothing.exponential_smoothing(part, alpha) for part in each_slice(x)]
    assert_allclose(out, expected, rtol=1e-12)


@given(columns_and_slices(), st.sampled_from((1e-3, 0.3, 0.5, 0.9, 1.0)))
def test_smoothing_any_slices_in_any_order_has_the_bits_of_each_alone(drawn, alpha):
    def smooth(x, starts, stops, out):
        _kernels.exponential_smoothing(x, starts, stops, alpha, np.arange(2), out)

    x, starts, stops = drawn
    got = np.empty((len(starts), 2))
    smooth(x, starts, stops, got)
    assert got.tobytes() == one_by_one(smooth, x, starts, stops, n_columns=2).tobytes()


def test_consistency_is_the_oracle_s():
    rng = np.random.default_rng(0)
    fields = np.stack(
        [rng.integers(0, 4, (30, 5)), rng.integers(-1, 2, (30, 5)), rng.normal(size=(30, 5))]
    )
    fields[0, :3] = 1.0
    summary = np.ascontiguousarray(fields.transpose(1, 2, 0).reshape(30, 15))
    out = np.empty(30)
    _kernels.consistency(summary, out)
    expected = [trends.consistency(row) for row in fields.transpose(1, 2, 0).tolist()]
    assert np.isnan(expected[:3]).all()
    assert_allclose(out, expected, rtol=1e-15)


def shapes_of(x, starts=STARTS, stops=STOPS):
    parts = [x[start:stop] for start, stop in zip(starts, stops, strict=True)]
    mean_and_std = [(p.mean(), p.std()) if len(p) else (np.nan, np.nan) for p in parts]
    out = np.empty((len(starts), 2))
    _kernels.shape(x, starts, stops, np.arange(2), np.array(mean_and_std), out)
    return out


@pytest.mark.parametrize("large", [False, True])
def test_shape_is_the_oracle_s(large):
    x = values(large=large)
    x[11:13] = 0.1  # a slice of equal values
    expected = [list(shapes.shape(part).values()) for part in each_slice(x)]
    assert_allclose(shapes_of(x), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", [2.0**-1000, 2.0**1000])
def test_shape_has_the_same_bits_in_any_unit(scale):
    x = values()
    out = np.empty((6, 2))
    parts = [x[start:stop] for start, stop in zip(STARTS, STOPS, strict=True)]
    mean_and_std = np.array([(p.mean(), p.std()) if len(p) else (np.nan, np.nan) for p in parts])
    _kernels.shape(scale * x, STARTS, STOPS, np.arange(2), scale * mean_and_std, out)
    assert out.tobytes() == shapes_of(x).tobytes()


def test_shape_is_written_into_the_columns_asked_for_and_no_others():
    x, stats = values()[:9], np.array([[1.5, 0.5]])
    alone, both = np.full((1, 3), -1.0), np.empty((1, 2))
    _kernels.shape(x, np.array([0]), np.array([9]), np.array([-1, 1]), stats, alone)
    _kernels.shape(x, np.array([0]), np.array([9]), np.array([0, 1]), stats, both)
    assert alone.tolist() == [[-1.0, both[0, 1], -1.0]]


def test_no_slices_at_all():
    none, x, out = np.empty(0, dtype=np.int64), np.empty(0), np.empty((0, 5))
    assert _kernels.exponents(none) == (1, 1)
    table = np.full((1, 6), 7, dtype=np.uint64)
    _kernels.cumulate(2)(none, 1, table)
    assert not table.any()
    _kernels.moments(2)(table, 1, x, none, none, np.arange(5), out)
    _kernels.extremes(x, none[np.newaxis], none, np.arange(6)[np.newaxis], np.empty((0, 6)))
    _kernels.order_statistics(x, none, none, np.array([0.5]), np.arange(2), out)
    _kernels.gini(x, none, none, x)
    place = np.array([[7]])
    _kernels.compact(x[:, None], np.array([0]), none, none, False, np.empty(1), place)
    assert place == 0


def test_unknown_kernel_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _kernels.nope  # noqa: B018


def test_every_kernel_is_callable_whichever_is_used_first():
    # Importing a module sets its name on the package, where it would hide a kernel of that name.
    modules = {module.name for module in pkgutil.iter_modules(_kernels.__path__)}
    assert modules.isdisjoint(_kernels.__all__)
    for name in _kernels.__all__[1:]:
        assert callable(getattr(_kernels, name)) or isinstance(getattr(_kernels, name), tuple)


RESULTS = """
import sys
import numpy as np
from sktemporal import _kernels as k

def run(x, starts, stops, times):
    ints = lambda *shape: np.full(shape, -99)
    floats = lambda *shape: np.full((len(starts), *shape), -99.0)
    results, bits = {}, x.view(np.int64)
    highest, lowest = k.exponents(bits)
    results["exponents"] = np.array([highest, lowest])
    for width in 2, 4, 34:
        narrowest, unit = k.width_and_unit(highest, lowest, len(x))
        if width >= narrowest:
            table = np.empty((len(x) + 1, 3 * width), dtype=np.uint64)
            k.cumulate(width)(bits, unit, table)
            moments = floats(5)
            k.moments(width)(table, unit, x, starts, stops, np.arange(5), moments)
            results |= {f"cumulate {width}": table, f"moments {width}": moments}
    dropped = k.dropped_by_parts(highest, lowest, len(x))
    if dropped is not None:
        results |= {"parts": np.empty((len(x) + 1) * 8), "certified": floats(5)}
        k.cumulate_parts(x, highest, results["parts"])
        slices, doubtful = (starts, stops, np.arange(5)), ints(len(starts))
        k.moments_of_parts(results["parts"], dropped, *slices, results["certified"], doubtful)
        results["doubtful"] = doubtful
    results |= {name: floats(n) for name, n in {
        "shape": 2, "extremes": 6, "order_statistics": 4, "code_diversity": 3, "lagged": 3,
        "exponential_smoothing": 2,
    }.items()}
    mean_and_std = moments[:, [1, 3]]
    k.shape(x, starts, stops, np.arange(2), mean_and_std, results["shape"])
    k.extremes(x, starts[None], stops, np.arange(6)[None], results["extremes"])
    fractions = np.array([0.1, 0.5, 0.99])
    k.order_statistics(x, starts, stops, fractions, np.arange(4), results["order_statistics"])
    k.code_diversity(np.round(x % 7), starts, stops, np.arange(3), results["code_diversity"])
    for width in 2, 4, 34:
        narrowest, unit = k.width_and_unit(highest, lowest, len(x) ** 2)
        if width >= narrowest:
            table, slopes = np.empty((len(x) + 1, 2 * width), dtype=np.uint64), floats()
            k.cumulate_positions(width)(bits, unit, table)
            k.slopes(width)(table, unit, starts, stops, slopes)
            results |= {f"positions {width}": table, f"slopes {width}": slopes}
    results |= {"returns": np.zeros(len(x)), "before": ints(len(x) + 1), "beyond": ints(len(x) + 1)}
    k.returns(x, results["returns"], results["before"], results["beyond"])
    k.exponential_smoothing(x, starts, stops, 0.3, np.arange(2), results["exponential_smoothing"])
    k.lagged(x, starts, stops, np.array([0, 3, 9]), np.arange(3), results["lagged"])
    results["consistency"] = floats()
    k.consistency(results["extremes"][:, [0, 3, 1]], results["consistency"])
    results["gini"] = floats()
    k.gini(np.abs(x), starts, stops, results["gini"])

    table = np.column_stack([x, x[::-1]])
    table[::7, 1] = np.nan
    shapes = (2, 2, len(k.SUMMARIES)), (2, 2, 3), (2, 2, 2), (2, 3), (1, 2, 2)
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    columns = [np.arange(end - np.prod(s), end).reshape(s) for s, end in zip(shapes, ends)]
    for layout in "CF":
        out, doubtful = floats(ends[-1]), ints(6 * len(starts))
        results |= {"tails " + layout: out, "tail doubtful " + layout: doubtful}
        k.features_of_tails(table.dtype)(
            table.copy(layout), np.array([1, 0]), starts[None], stops[None], np.array([3, 99]),
            columns[0], fractions, columns[1], np.array([0.3, 0.7]), columns[2],
            np.array([0, 3, 9]), columns[3], columns[4],
            out, doubtful,
        )

    x = x.copy()
    n = (stops - starts).sum() + 1
    results["copied"] = np.zeros(1 + (stops - starts).sum())
    source = x[:, None], np.array([0]), starts, stops, False
    results["whole"] = np.array(k.copy_observed(*source, results["copied"]))
    x[::3] = np.nan
    n = (stops - starts).sum() + 1
    results |= {"x": np.zeros(2 * n), "place": ints(2, n)}
    table, fields = np.column_stack((x, x[::-1])), np.array([1, 0])
    k.compact(table, fields, starts, stops, True, results["x"], results["place"])
    results["trim_missing"] = np.array([starts, stops])
    k.trim_missing(x[:, None], *results["trim_missing"])
    halves = x.reshape(-1, 2), starts // 2, stops // 2
    results["first_infinity"] = np.array(k.first_infinity(*halves))
    x[20] = np.inf
    results["found"] = np.array(k.first_infinity(*halves))
    results["fill_undefined"] = np.column_stack((x, x))
    k.fill_undefined(results["fill_undefined"], -1.0)

    m = len(starts)
    results |= {name: ints(m) for name in ("after", "covered", "leading", "arrived")}
    references = times[np.maximum(stops - 1, 0)]
    ages = np.array([2**63 + 11, 40], dtype=np.uint64)
    results["younger"] = ints(2, m)
    k.first_event_after(times, starts, stops, references - 5, False, results["after"])
    k.first_younger(times, starts, stops, references, ages, True, results["younger"])
    order = np.argsort(starts, kind="stable")
    results["apart"] = np.zeros(m, dtype=bool)
    k.newly_covered(starts[order], stops[order], results["covered"], results["apart"])
    results |= {"run starts": ints(m), "run stops": ints(m), "shifts": ints(m)}
    runs = results["run starts"], results["run stops"], results["shifts"]
    results["merged"] = np.array(k.merge(starts[order], stops[order], False, *runs))
    n_rows = (stops - starts).sum()
    results |= {"each_row": ints(n_rows), "owners": ints(n_rows)}
    k.each_row(starts, stops, results["each_row"], results["owners"])
    results["ascending"] = np.array([k.ascending(starts, stops, s) for s in (starts, -starts)])
    arrivals = times[::-1].copy()
    arrivals[::4] = 0
    results["latest"] = latest = np.empty_like(times)
    k.running_maximum(arrivals, starts, stops, latest)
    cut = starts, stops, times[stops - 1], True, False
    k.count_arrived(arrivals, latest, *cut, results["leading"], results["arrived"])
    results["rows"] = ints(results["arrived"].sum())
    k.arrived_rows(arrivals, *cut, results["rows"])

    results["sorted"] = x.copy()
    k.radix_sort(results["sorted"].view(np.uint64), np.empty(x.size, dtype=np.uint64))
    results["count_runs"] = np.array(k.count_runs(results["sorted"]))
    results |= {"bins": ints(20), "counts": ints(20)}
    bits = results["sorted"].view(np.int64)
    results["bin_ascending"] = np.array(k.bin_ascending(bits, results["bins"], results["counts"]))

    results["tally_times"] = np.array(k.tally_times(times, starts, stops, np.uint64(2**61)))
    results["tally_intervals"] = np.array(k.tally_intervals(np.round(x), starts, stops, 2.0))
    results["tally_disorder"] = np.array(k.tally_disorder(times[::-7].repeat(7), starts, stops))
    codes = np.arange(120, dtype=np.int32).reshape(-1, 2) % 7 - 2
    results |= {"missing": ints(4, 2), "missing codes": ints(4, 2), "tally_codes": ints(7)}
    k.tally_missing(table.ravel(), 2, starts, stops, False, results["missing"])
    k.tally_missing(codes.ravel(), 2, starts, stops, True, results["missing codes"])
    results["code_range"] = np.array(k.code_range(codes, 1, starts, stops))
    k.tally_codes(codes, 1, starts, stops, -2, results["tally_codes"])

    moments = [b"2024-02-29", b"1899-12-31T23:59:59,123456789-05:30", b"2026-01-31 12:00Z", b"now"]
    text = np.frombuffer(b"".join(moments), dtype=np.uint8)
    bounds = np.cumsum([0, *map(len, moments)])
    results |= {"microseconds": ints(4), "nanoseconds": ints(4).astype(np.int16)}
    results["local"] = np.zeros(4, dtype=bool)
    parts = results["microseconds"], results["nanoseconds"], results["local"]
    results["read_datetimes"] = np.array(k.read_datetimes(text, bounds, *parts))

    codes_and = lambda n, *kept: (np.full(n, -9, dtype=np.int32), *kept)
    ids = np.round(x[np.isfinite(x)] % 9 - 4).astype(np.int64)
    low, high, n_descents = results["extent"] = np.array(k.extent(ids))
    ascending = np.sort(ids)
    runs, values = codes_and(ids.size, ints(ids.size))
    results |= {"runs": runs, "run values": values}
    results["codes_of_runs"] = np.array(k.codes_of_runs(ascending, runs, values))
    marks, by_table = np.zeros(high - low + 1, dtype=np.int32), np.empty_like(runs)
    results |= {"marks": marks, "marked": ints(marks.size), "by table": by_table}
    k.mark(ids, low, marks)
    results["number_marked"] = np.array(k.number_marked(marks, low, results["marked"]))
    k.look_up(ids, low, marks, by_table)
    keys = lambda n: np.zeros((n, 2), dtype=np.uint64)
    by_hash, hashed = codes_and(ids.size, keys(ids.size))
    n_ids = k.codes_of_integers(ids * 2**55, by_hash, hashed)
    results |= {"by hash": by_hash, "hashed": hashed[:n_ids]}
    by_pair, again = codes_and(ids.size, keys(ids.size))
    k.codes_of_pairs(hashed[by_hash], by_pair, again)
    results |= {"by pair": by_pair, "pairs": again}
    k.recode(by_pair, np.arange(n_ids, dtype=np.int32)[::-1].copy())

    words = [b"", b"a", b"a\\0", b"12345678", b"123456789012345", b"a", b"12345678", b"\\xff" * 15]
    for name, strings in {"short": words, "long": [2 * w for w in words]}.items():
        data, n = np.frombuffer(b"".join(strings), dtype=np.uint8), len(strings)
        offsets = np.cumsum([0, *map(len, strings)])
        by_text, behind = codes_and(n, keys(n))
        where, copied = ints(n + 1), np.zeros(data.size, dtype=np.uint8)
        results |= {name + " codes": by_text, name + " keys": behind, name + " text": copied}
        results[name + " step"] = np.array(k.longest_step(offsets))
        if name == "short":
            n = k.codes_of_short_text(data, offsets, by_text, behind)
            lengths = behind[:n, 1] & np.uint64(255)
            where[: n + 1] = np.append(0, np.cumsum(lengths.astype(np.int64)))
            k.text_of_keys(behind[:n], where[: n + 1], copied)
        else:
            k.codes_of_text(data, offsets, by_text, behind, where, copied)
        results[name + " bounds"] = where

    owners = (np.arange(x.size) * 7 % 5).astype(np.int32)
    at = times[::-1] // 7 * 7
    results["in_order"] = np.array([k.in_order(o, t) for o in (owners, np.sort(owners))
                                    for t in (times, at, times[:0])])
    results |= {"owned": np.zeros(5, dtype=np.int64), "buckets": np.zeros(x.size, dtype=np.uint16)}
    k.count_owners(owners, results["owned"])
    in_buckets = np.zeros(3, dtype=np.int64)
    k.assign_buckets(owners, 1, results["buckets"], in_buckets)
    results["in buckets"] = in_buckets
    ends = np.cumsum(results["owned"])
    places, placed = ends - results["owned"], np.empty(x.size, dtype=np.int32)
    k.place_rows("i4")(owners, 0, places, placed)
    results |= {"placed": placed.copy(), "moved on": places}
    taken = at[placed]
    k.sort_events("i4")(taken, placed, ends - results["owned"], ends)
    results |= {"taken": taken, "sorted rows": placed}
    parted, starts_of_buckets = np.zeros(x.size), np.cumsum(in_buckets) - in_buckets
    partition = k.partition("f8", "f8")
    flags = np.arange(x.size) % 4 == 0
    found = partition(x, flags, results["buckets"], starts_of_buckets, parted)
    results |= {"parted": parted, "parted infinite": np.array(found)}
    results["gathered"] = np.empty_like(x)
    k.gather("f8", "i4")(x, placed, results["gathered"])
    return results

near = np.random.default_rng(0).lognormal(size=60) * 1e3
near[40:50] = 0.1
apart = near * np.where(np.arange(60) % 3, -1.0, 1e-25)
spread = near * 10.0 ** np.random.default_rng(1).integers(-300, 300, size=60)
spread[[7, 30]] = 5e-324, -1.7e308
starts = np.array([3, 3, 10, 11, 13, 0, 40, 41, 0, 0])
stops = np.array([3, 10, 11, 13, 60, 60, 50, 52, 20, 44])
times = np.linspace(-(2.0**63), 2.0**62.9, 60).astype(np.int64)
everything = {}
with np.errstate(over="ignore", invalid="ignore"):  # numpy's warnings, of scalars
    for name, x in {"near": near, "apart": apart, "spread": spread}.items():
        results = run(x, starts, stops, times)
        everything |= {f"{name} {result}": value for result, value in results.items()}
np.savez(sys.argv[1], **everything)
"""


def test_results_without_the_compiler_are_the_same(tmp_path):
    for disabled in ("0", "1"):
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", RESULTS, str(tmp_path / f"{disabled}.npz")],
            env=os.environ | {"NUMBA_DISABLE_JIT": disabled},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
    compiled, plain = (np.load(tmp_path / f"{d}.npz") for d in ("0", "1"))
    assert [f"{name} cumulate 2" in compiled for name in ("near", "apart", "spread")] == [1, 0, 0]
    assert [f"{name} cumulate 4" in compiled for name in ("near", "apart", "spread")] == [1, 1, 0]
    assert [f"{name} certified" in compiled for name in ("near", "apart", "spread")] == [1, 0, 0]
    assert all(f"k.{kernel}(" in RESULTS for kernel in _kernels.__all__ if kernel.islower())
    assert compiled.files == plain.files
    for name in compiled.files:
        assert_array_equal(compiled[name], plain[name], err_msg=name)
