"""A grid search over windows with the union's memory, beside one without.

Run as ``python benchmarks/grid_search_memory.py``. 12 configurations of windows, 5 folds, default
families, a quick classifier, so that the features are the work; the scores have to be the same.
"""

import time

import numpy as np
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB

from sktemporal import EventSequences, FeatureMemory, make_temporal_pipeline

N_ENTITIES = 4000
WINDOWS = [(w, f"{d}d") for w in (5, 10, 20, 50) for d in (7, 30, 90)]


def labelled_sequences(seed=0):
    """Histories of log-normal lengths, about 1,000 events on average, and labels."""
    rng = np.random.default_rng(seed)
    lengths = rng.lognormal(6.5, 0.8, N_ENTITIES).astype(int) + 1
    stops = np.cumsum(lengths)
    times = np.cumsum(rng.integers(0, 86_400_000_000, stops[-1]))
    values = rng.lognormal(size=(stops[-1], 2))
    sequences = EventSequences(values, stops - lengths, stops, times=times)
    return sequences, rng.integers(0, 2, N_ENTITIES)


def search(memory, sequences, y):
    """Seconds and scores of a grid search."""
    pipeline = make_temporal_pipeline(quality=False).set_params(features__memory=memory)
    pipeline.steps.append(("classifier", GaussianNB()))
    grid = {"features__rolling__windows": WINDOWS}
    start = time.perf_counter()
    fitted = GridSearchCV(pipeline, grid, cv=5).fit(sequences, y)
    return time.perf_counter() - start, fitted.cv_results_["mean_test_score"]


def main():
    sequences, y = labelled_sequences()
    print(f"{N_ENTITIES:,} entities, {sequences.n_events:,} events, {len(WINDOWS)} x 5 fits")
    search(None, sequences[:100], y[:100])  # loads the kernels
    without, expected = search(None, sequences, y)
    with_memory, scores = search(FeatureMemory(), sequences, y)
    np.testing.assert_array_equal(scores, expected)
    print(f"  without memory {without:6.1f} s")
    print(f"  with memory    {with_memory:6.1f} s  {without / with_memory:.1f} x, the same scores")


if __name__ == "__main__":
    main()
