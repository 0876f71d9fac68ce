"""The data that every contender gets."""

from typing import NamedTuple

import numpy as np

from .columns import FIELDS

N_STEPS = 51


class Histories(NamedTuple):
    """Events of entities 0, 1, ..., sorted by entity and time; nothing is missing."""

    #: float64 array of shape (n_events, n_fields), each column contiguous
    values: np.ndarray
    #: int64 array of shape (n_entities,)
    lengths: np.ndarray

    @property
    def stops(self):
        return np.cumsum(self.lengths)

    @property
    def starts(self):
        return self.stops - self.lengths

    @property
    def entities(self):
        """Entity of each event."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def ages(self):
        """How many events of the entity come after each event."""
        return np.repeat(self.stops, self.lengths) - 1 - np.arange(len(self.values))

    def columns(self):
        return {field: self.values[:, i] for i, field in enumerate(FIELDS)}


def of_lengths(lengths, seed=0):
    """Histories of the given lengths, with log-normal values (amounts, say)."""
    rng = np.random.default_rng(seed)
    values = rng.lognormal(3.0, 1.0, size=(len(FIELDS), int(lengths.sum()))).T
    return Histories(values, lengths)


def ragged(n_entities, seed=0):
    """From 1 to 51 steps, all equally likely: about half of a table of 51 steps."""
    rng = np.random.default_rng(seed)
    return of_lengths(rng.integers(1, N_STEPS + 1, size=n_entities), seed)


def of_mean_length(length, n_events, kind, seed=0):
    """About `n_events` events in histories of one length, or of log-normal lengths (sigma 1)."""
    n_entities = max(n_events // length, 1)
    if kind == "fixed":
        return of_lengths(np.full(n_entities, length), seed)
    rng = np.random.default_rng(seed)
    lengths = rng.lognormal(np.log(length) - 0.5, 1.0, n_entities)  # its mean is `length`
    return of_lengths(np.maximum(lengths.astype(np.int64), 1), seed)
