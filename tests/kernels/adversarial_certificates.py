"""Moments of slices that are built so that the last bit hangs by a thread, against whole numbers.

``python tests/kernels/adversarial_certificates.py 1000000 --seed 1`` tries so many slices. Their
exact sums, means or variances are halfway between two floats, or next to it by as little as the
values allow; parts of them are far below the others of the slice, or of the column. The exact
kernels must round each rightly; those that prove their bits must have these bits wherever they say
that they do. The test of the same name tries a few thousand.

Values are drawn as whole numbers, of which the smallest has 53 bits, and scaled by a power of two.
"""

import argparse
import json
import math
import random
import sys
from collections import Counter

import numpy as np

from sktemporal import _kernels

# How many bits the largest value of a column has more than the smallest. Up to 75 they fit the
# parts of `certified`; the exact sums have 2 limbs up to about 60, 4 up to 190, and then 34.
SPREADS = (0, 1, 8, 25, 40, 55, 62, 70, 75, 110, 150, 185, 230, 300)
KINDS = ("sum", "mean", "variance", "variance of close", "close", "any")
MOMENTS = _kernels.MOMENTS
_WIDTHS = (2, 4, 34)
_SLICES = 12
_SMALLEST = 2**52
_WHOLE = np.array([np.iinfo(np.int64).max])


def drawn(rng, spread):
    """A value of either sign and any magnitude."""
    value = (_SMALLEST | rng.getrandbits(52)) << rng.randint(0, spread)
    return rng.choice((-1, 1)) * value


def pieces(total):
    """Floats that add up to a whole number, none of which is smaller than the smallest."""
    found = []
    while total:
        sign, size = (1, total) if total > 0 else (-1, -total)
        shift = max(size.bit_length() - 53, 0)
        piece = sign * (size >> shift << shift)
        small = abs(piece) < _SMALLEST
        found += [piece + sign * _SMALLEST, -sign * _SMALLEST] if small else [piece]
        total -= piece
    return found


def beside(rng, n_bits):
    """Nothing, or next to nothing, or anything of up to so many bits, of either sign."""
    kind = rng.randrange(4)
    size = (0, 1, rng.getrandbits(min(n_bits, 4)), rng.getrandbits(rng.randint(0, n_bits)))[kind]
    return rng.choice((-1, 1)) * size


def halfway(rng):
    """Between two floats: an odd number of 54 bits."""
    return rng.choice((-1, 1)) * (2**53 | rng.getrandbits(53) | 1)


def with_sum_near_halfway(rng, spread, of_mean=False):
    """Values of which the sum, or the mean, is halfway between two floats, or next to it."""
    values = [drawn(rng, spread) for _ in range(rng.randint(0, 5))]
    place = rng.randint(0, spread)
    n = len(values) + 8 + rng.randint(0, 4)
    total = (halfway(rng) << place) * (n if of_mean else 1) + beside(rng, place)
    values += pieces(total - sum(values))
    return values + [0] * (n - len(values)) if of_mean else values


def with_variance_near_halfway(rng, spread, close=False):
    """Values c, c + y and c + e, or c - y besides, with the same of their variance.

    With n of them, n times the sum of squares less the square of the sum is (n - 1) y^2, or with
    c - y it is 2 n y^2. That is halfway between two floats where y^2 times the odd part of the
    factor has 54 bits. Then e adds (n - 1) e^2, and without c - y it takes 2 y e away.
    """
    n = rng.choice((3, 4, 5, 6, 7, 8, 9, 12, 16))
    with_both = rng.random() < 0.5
    factor = n if with_both else n - 1
    odd = factor // (factor & -factor)
    low, high = math.isqrt(2**53 // odd) + 1, math.isqrt((2**54 - 1) // odd)
    y = rng.randrange(low | 1, high + 1, 2)
    if close:
        unit = rng.randint(0, spread)
        y <<= unit + rng.randint(0, 24)
        c = (_SMALLEST | rng.getrandbits(51)) << unit
        e = beside(rng, 26) << unit
    else:
        y <<= 26 + rng.choice((spread, rng.randint(0, spread)))
        c, e = 0, rng.choice((0, drawn(rng, 0), drawn(rng, spread)))
    values = [c + y, c + e, *([c - y] if with_both else [])]
    return values + [c] * (n - len(values))


def close(rng, spread):
    """Values that differ by a few units in the last place."""
    unit = rng.randint(0, spread)
    c = _SMALLEST | rng.getrandbits(52)
    c -= 16 * (c > 2**53 - 16)
    return [c + rng.randint(0, 3) << unit for _ in range(rng.randint(1, 12))]


def values_of(kind, rng, spread):
    if kind in ("sum", "mean"):
        values = with_sum_near_halfway(rng, spread, kind == "mean")
    elif kind.startswith("variance"):
        values = with_variance_near_halfway(rng, spread, kind != "variance")
    elif kind == "close":
        values = close(rng, spread)
    else:
        values = [drawn(rng, spread) for _ in range(rng.randint(1, 12))]
    if all(value == int(float(value)) for value in values):
        rng.shuffle(values)
        return values
    return values_of(kind, rng, spread)  # a few have a bit too many


def column(rng):
    """Some slices of one column, which may have larger and smaller values than they.

    Returns
    -------
    kinds : list of str
    slices : list of lists of int
    scale : int
        The power of two in which the values are counted.
    x : float64 array
    starts, stops : int64 arrays
    """
    spread = rng.choice(SPREADS)
    kinds = [rng.choice(KINDS) for _ in range(_SLICES)]
    slices = [values_of(kind, rng, rng.choice((0, spread // 2, spread))) for kind in kinds]
    if rng.random() < 0.5:  # all of them may be far below the largest of the column
        kinds.append("any")
        slices.append([drawn(rng, 0) << spread])
    scale = rng.randint(-100, 100) - 53 - spread
    x = np.array([math.ldexp(value, scale) for values in slices for value in values])
    stops = np.cumsum([len(values) for values in slices])
    return kinds, slices, scale, x, np.append(0, stops[:-1]), stops


def scaled_and_rounded(number, power):
    """The float nearest to a whole number times a power of two."""
    sign, size = (1, number) if number >= 0 else (-1, -number)
    shift = max(size.bit_length() - 64, 0)
    leading = size >> shift | (size & ((1 << shift) - 1) > 0)
    return sign * math.ldexp(float(leading), shift + power)


def expected(values, scale):
    """Moments with the sum, and the numerator of the variance, rounded once."""
    n, total = len(values), sum(values)
    numerator = n * sum(value * value for value in values) - total * total
    share = 1.0 / n
    numerator = scaled_and_rounded(numerator, 2 * scale)
    return scaled_and_rounded(total, scale), numerator * share * share, math.sqrt(numerator) * share


def is_mean(mean, values, scale):
    """Whether it is a mean of values to 1/2 + 1/256 of a unit in the last place."""
    total, n = sum(values), len(values)
    if total == 0:
        return mean == 0.0
    fraction, power = math.frexp(mean)
    # Twice the mean in units of its last place, and the same of the exact one times n.
    twice, power = int(math.ldexp(fraction, 54)), power - 54 - scale
    exact, n = (total << -power, n) if power < 0 else (total, n << power)
    return abs(twice * n - exact) * 256 <= 2 * n * 129


def exact_moments(x, starts, stops, sizes):
    width, unit = sizes
    table = np.empty((len(x) + 1, 3 * width), dtype=np.uint64)
    out = np.empty((len(starts), len(MOMENTS)))
    _kernels.cumulate(width)(x.view(np.int64), unit, table)
    _kernels.moments(width)(table, unit, x, starts, stops, np.arange(len(MOMENTS)), out)
    return out


def all_sizes(x):
    """The widths that hold the sums, each with its largest and its smallest unit."""
    highest, lowest = _kernels.exponents(x.view(np.int64))
    smallest = [highest + 54 + len(x).bit_length() - 64 * width for width in _WIDTHS]
    found = zip(_WIDTHS, smallest, strict=True)
    return [(w, unit) for w, least in found for unit in (least, lowest) if least <= lowest]


def moments_of_parts(x, starts, stops):
    """Moments by running sums in parts, and where they are sure; None where these do not fit."""
    highest, lowest = _kernels.exponents(x.view(np.int64))
    dropped = _kernels.dropped_by_parts(highest, lowest, len(x))
    if dropped is None:
        return None
    table = np.empty((len(x) + 1) * len(_kernels.PARTS))
    _kernels.cumulate_parts(x, highest, table)
    out, doubtful = np.empty((len(starts), len(MOMENTS))), np.empty(len(starts), dtype=np.int64)
    places = np.arange(len(MOMENTS))
    n = _kernels.moments_of_parts(table, dropped, starts, stops, places, out, doubtful)
    return out, ~np.isin(np.arange(len(starts)), doubtful[:n])


def moments_of_tails(x, starts, stops):
    """Moments of histories side by side, and where they are sure."""
    columns = np.full((1, 1, len(_kernels.SUMMARIES)), -1)
    columns[0, 0, : len(MOMENTS)] = np.arange(len(MOMENTS))
    out, doubtful = np.empty((len(starts), len(MOMENTS))), np.empty(2 * len(starts), dtype=np.int64)
    no_floats, no_lags = np.empty(0), np.empty(0, dtype=np.int64)
    n = _kernels.features_of_tails(x.dtype)(
        x[:, np.newaxis],
        np.array([0]),
        starts[np.newaxis],
        stops[np.newaxis],
        _WHOLE,
        columns,
        no_floats,
        np.empty((1, 1, 0), dtype=np.int64),
        no_floats,
        np.empty((0, 1, 2), dtype=np.int64),
        no_lags,
        np.empty((1, 0), dtype=np.int64),
        np.empty((0, 1, 2), dtype=np.int64),
        out,
        doubtful,
    )
    # Of each history its one tail, and its trends, of which none is wanted.
    return out, ~np.isin(2 * np.arange(len(starts)), doubtful[:n])


def wrong_exact_moments(slices, scale, out):
    """What the exact kernel has wrong, as (slice, moment)."""
    for i, (values, row) in enumerate(zip(slices, out.tolist(), strict=True)):
        got = dict(zip(MOMENTS, row, strict=True))
        sum_, var, std = expected(values, scale)
        if len(values) == 1:
            var = std = 0.0
        cv = std / got["mean"] if got["mean"] else 0.0
        for name, value in {"sum": sum_, "var": var, "std": std, "cv": cv}.items():
            if got[name] != value:
                yield i, name
        if not is_mean(got["mean"], values, scale):
            yield i, "mean"


ROADS = {"parts": moments_of_parts, "tails": moments_of_tails}


def run(n, seed, roads=tuple(ROADS)):
    """Try slices of as many columns as it takes, by the exact kernels and those that prove bits.

    Returns
    -------
    counts : Counter
        How many slices of each kind were sure, or not, by which kernel.
    wrong : list of str
        Those that have wrong moments: how to draw the column again, kernel, slice and moment.
    """
    counts, wrong = Counter(), []
    k = 0
    while counts["slices"] < n:
        kinds, slices, scale, x, starts, stops = column(random.Random(f"{seed} {k}"))
        counts["slices"] += len(slices)
        exact = exact_moments(x, starts, stops, all_sizes(x)[0])
        where = f"column {k} of seed {seed}"
        wrong += [f"{where}, exact: {found}" for found in wrong_exact_moments(slices, scale, exact)]
        for sizes in all_sizes(x)[1:]:
            if exact_moments(x, starts, stops, sizes).tobytes() != exact.tobytes():
                wrong.append(f"{where}, exact: other bits with {sizes} than with other sizes")
        for road in roads:
            found = ROADS[road](x, starts, stops)
            if found is None:
                continue
            out, sure = found
            same = (out.view(np.int64) == exact.view(np.int64)).all(axis=1)
            wrong += [f"{where}, {road}: slice {i}" for i in np.flatnonzero(sure & ~same)]
            said = ("left to the exact one", "sure")
            counts.update(
                f"{road}, {kind}: {said[s]}" for kind, s in zip(kinds, sure.tolist(), strict=True)
            )
        k += 1
    return counts, wrong


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("n", type=int)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    counts, wrong = run(arguments.n, arguments.seed)
    print(json.dumps(dict(sorted(counts.items())), indent=1))
    print(f"{len(wrong)} wrong", *wrong[:20], sep="\n")
    sys.exit(1 if wrong else 0)
