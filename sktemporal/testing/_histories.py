"""Random event histories, in the forms that X can have."""

import numpy as np

from ..sequences import EventSequences


class Histories:
    """Random event histories of a few entities: the values, times and codes that forms pack."""

    def __init__(self, lengths=(4, 0, 1, 7, 2, 5), seed=0, n_fields=2):
        rng = np.random.default_rng(seed)
        self.lengths = np.array(lengths)
        n_events = self.lengths.sum()
        # Amounts, and small counts that repeat, are 0 or negative; events without any value have
        # another meaning in an array (padding) than in an EventSequences.
        self.values = np.round(rng.lognormal(3.0, 1.0, (n_events, n_fields)), 2)
        self.values[:, 1:] = rng.integers(-2, 4, (n_events, n_fields - 1))
        missing = rng.random(n_events) < 0.2
        self.values[missing, rng.integers(0, n_fields, missing.sum())] = np.nan
        self.codes = rng.integers(0, 4, (n_events, 2))
        self.seconds = 1.6e9 + np.cumsum(rng.integers(0, 200_000, n_events)).astype(np.float64)

    def padded(self, values, padding, garbage):
        """Lay a column or table of events out as (n_entities, n_steps, ...), garbage elsewhere."""
        mask = self.mask(padding)
        array = np.full((*mask.shape, *values.shape[1:]), garbage, dtype=values.dtype)
        array[mask] = values
        return array

    def mask(self, padding):
        """Return the step mask, True where there is an event."""
        step = np.arange(self.lengths.max(initial=0) + 2)
        first = len(step) - self.lengths if padding == "pre" else np.zeros_like(self.lengths)
        return (step >= first[:, None]) & (step < (first + self.lengths)[:, None])


class Arrays:
    """X as masked arrays: numerical fields, without times."""

    name = "array"

    def pack(self, histories, padding="post", garbage=7.5):
        """Return X."""
        numerical = histories.padded(histories.values, padding, garbage)
        mask = np.broadcast_to(histories.mask(padding)[:, :, None], numerical.shape)
        return np.ma.MaskedArray(numerical, mask=~mask)

    def parts(self, X):
        """Return the arrays of X."""
        return {"data": X.data, "mask": X.mask}


class Sequences:
    """X as sequences that have numerical and categorical fields and times."""

    name = "sequences"

    def pack(self, histories, padding="post", garbage=7.5, mask_type=bool, **names):
        """Return X."""
        clock = np.column_stack([histories.values, histories.seconds])
        code = int(garbage) if np.isfinite(garbage) and abs(garbage) < 1e9 else 9
        return EventSequences.from_padded(
            histories.padded(clock, padding, garbage),
            histories.mask(padding).astype(mask_type),
            categorical=histories.padded(histories.codes, padding, code),
            time_field=-1,
            **names,
        )

    def parts(self, X):
        """Return the arrays of X."""
        parts = {**X.table.columns(), **vars(X)}
        return {name: part for name, part in parts.items() if isinstance(part, np.ndarray)}
