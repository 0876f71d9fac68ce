"""Compiled loops: arrays in, arrays out.

Every kernel works on *slices*: slice ``i`` of a column is ``column[starts[i]:stops[i]]``. A kernel
folds each slice by itself, in time order from its first element, so a result never depends on what
else the column holds. The caller allocates the output; undefined results are NaN.

The modules behind the names below are imported, and the kernels compiled or taken from the cache on
disk, on first use: importing sktemporal costs nothing of numba.
"""

import importlib

import numpy as np

#: slices that go through the processor's vectors together
LANES = 8

# No module may have the name of a kernel: importing it would hide the kernel.
_MODULE_OF = {
    "exponents": "exact",
    "width_and_unit": "exact",
    "cumulate": "exact",
    "moments": "exact",
    "MOMENTS": "exact",
    "cumulate_parts": "certified",
    "moments_of_parts": "certified",
    "dropped_by_parts": "certified",
    "PARTS": "certified",
    "features_of_tails": "tiles",
    "SUMMARIES": "tails",
    "extremes": "queues",
    "EXTREMES": "queues",
    "order_statistics": "ordering",
    "shape": "shapes",
    "SHAPE": "shapes",
    "compact": "slices",
    "copy_observed": "slices",
    "first_event_after": "slices",
    "first_younger": "slices",
    "newly_covered": "slices",
    "merge": "slices",
    "each_row": "slices",
    "ascending": "slices",
    "first_infinity": "slices",
    "trim_missing": "slices",
    "lagged": "slices",
    "fill_undefined": "slices",
    "running_maximum": "slices",
    "count_arrived": "slices",
    "arrived_rows": "slices",
    "gini": "spacing",
    "code_diversity": "codes",
    "cumulate_positions": "trends",
    "slopes": "trends",
    "returns": "trends",
    "consistency": "trends",
    "exponential_smoothing": "smoothing",
    "extent": "labels",
    "codes_of_runs": "labels",
    "mark": "labels",
    "number_marked": "labels",
    "look_up": "labels",
    "codes_of_pairs": "labels",
    "codes_of_integers": "labels",
    "codes_of_short_text": "labels",
    "codes_of_text": "labels",
    "text_of_keys": "labels",
    "longest_step": "labels",
    "recode": "labels",
    "in_order": "arranging",
    "count_owners": "arranging",
    "assign_buckets": "arranging",
    "place_rows": "arranging",
    "sort_events": "arranging",
    "partition": "arranging",
    "gather": "arranging",
    "radix_sort": "columns",
    "count_runs": "columns",
    "bin_ascending": "columns",
    "read_datetimes": "datetimes",
    "tally_times": "tallies",
    "tally_intervals": "tallies",
    "tally_disorder": "tallies",
    "tally_missing": "tallies",
    "code_range": "tallies",
    "tally_codes": "tallies",
}

# Makers of kernels for numbers of some width.
_OF_WIDTHS = ("cumulate", "moments", "cumulate_positions", "slopes")

__all__ = [*_MODULE_OF]  # noqa: PLE0604 - the keys are strings


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    importlib.import_module(f"{__name__}._internals").check()
    ready = importlib.import_module(f"{__name__}._jit").ready
    kernel = ready(getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name))
    globals()[name] = kernel
    return kernel


def load_all():
    """Compile all kernels, or take them from the cache.

    Returns
    -------
    paths : list of (str or None)
        For each kernel the directory that it is kept in, None where there is no place for it.
    """
    kernels = [globals().get(name) or __getattr__(name) for name in _MODULE_OF]
    widths = importlib.import_module(f"{__name__}.exact").WIDTHS
    kernels += [globals()[name](width) for name in _OF_WIDTHS for width in widths]
    tiles = importlib.import_module(f"{__name__}.tiles")
    kernels += [tiles.features_of_tails(np.dtype(kind)) for kind in (np.float32, np.float64)]
    kernels += importlib.import_module(f"{__name__}.arranging").all_kernels()
    kept_in = importlib.import_module(f"{__name__}._cache").kept_in
    return [kept_in(kernel) for kernel in kernels if hasattr(kernel, "nopython_signatures")]
