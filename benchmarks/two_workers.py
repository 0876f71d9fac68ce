"""How much faster two workers are than one: the suite's 120 columns of 1,000,000 entities.

One and two take turns, two runs each, the first of which is not counted: it pays for the memory
that the one before gave back. Run as ``python -m benchmarks.two_workers``.
"""

import numpy as np

from benchmarks.measuring import timed
from benchmarks.suite.contenders.own import feature_union, sequences_of
from benchmarks.suite.histories import ragged


def main(n_entities=1_000_000, n_rounds=8):
    sequences = sequences_of(ragged(n_entities))
    unions = {n: feature_union("all", n).fit(sequences[:1]) for n in (1, 2)}
    seconds = {n: [] for n in unions}
    for _ in range(n_rounds):
        for n, union in unions.items():
            union.transform(sequences)
            seconds[n].append(timed(lambda union=union: union.transform(sequences))[0])
    one, two = (np.median(s) for s in seconds.values())
    print(f"{n_entities:,} entities: n_jobs=1 {one:.3f} s, n_jobs=2 {two:.3f} s, {one / two:.2f} x")


if __name__ == "__main__":
    main()
