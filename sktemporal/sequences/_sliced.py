"""The parts of an `EventSequences`, which its methods in several files rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    import pandas

    from .._types import Array, Booleans, Floats, Integers
    from ._container import EventSequences
    from ._rows import Rows
    from ._table import EventTable


class Sliced:
    """A table of events, and slices of it; the parts of the table are attributes, too."""

    table: EventTable
    starts: Integers
    stops: Integers
    reference_times: Integers | None
    inclusive: bool
    entity_ids: Any
    _rows: Rows

    values: Floats
    codes: Array
    times: Integers | None
    intervals: Floats | None
    observed: Booleans | None
    arrivals: Integers | None
    frame_rows: Integers | None
    log_index: pandas.Index | range | None
    fields: tuple[str, ...]
    categorical_fields: tuple[str, ...]
    categories: tuple[tuple[Any, ...] | None, ...]
    has_field_names: bool
    time_zone: str | None
    entity_name: str | tuple[str, ...]
    time_name: str

    if TYPE_CHECKING:  # what another of these files, or the container, defines

        def __init__(self, *parts: Any, **named: Any) -> None: ...

        def __len__(self) -> int: ...

        @property
        def lengths(self) -> Integers: ...

        @property
        def n_events(self) -> int: ...

        def replace(self, **parts: Any) -> EventSequences: ...

        def event_rows(self) -> tuple[Integers, Integers]: ...

        def _name_of(self, i: int) -> Any: ...

        def _require_times(self) -> None: ...

        @classmethod
        def _of(cls, *parts: Any) -> EventSequences: ...
