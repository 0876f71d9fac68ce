"""Plans, compiled: which kernel writes which column, for all families together.

Equal nodes share one column; what only other nodes need gets a temporary one behind the output.
Nothing here depends on the events, so a program is made once and serves every call.
"""

from functools import cached_property

import numpy as np

from .. import _kernels
from .arithmetic import FUNCTIONS, is_strict
from .calls import Calls, Wanted
from .plan import (
    Age,
    Codes,
    Derived,
    Events,
    Fold,
    Intervals,
    Last,
    Numeric,
    Session,
    Since,
    Undefined,
    Where,
    Whole,
)
from .tails import Tails, is_of_tails

_OF_NOTHING = ("count", "sum", "n_unique")  # defined for no values, too


class Program:
    """What computes the nodes of plans.

    Parameters
    ----------
    plans : list of (list of nodes, or int)
        For each family its nodes, with positions in place of the names of fields; or how many
        columns are left to it.
    clock : {"times", "intervals", None}
        Where intervals come from: the times of events, the container, or nowhere. Then what
        depends on them is undefined.
    """

    def __init__(self, plans, clock):
        self._clock = clock
        self._places = {}
        self._copies = []
        self._undefined = []
        self._undefined_arguments = {}
        #: Functions of columns, in the order in which they can be computed: (function, columns
        #: that it takes, column that it gives).
        self.derived = []
        widths = [plan if isinstance(plan, int) else len(plan) for plan in plans]
        self.n_columns = self.width = sum(widths)
        place = 0
        for plan, width in zip(plans, widths, strict=True):
            for k, node in enumerate(() if isinstance(plan, int) else plan):
                self._put(node, place + k)
            place += width
        self._put_arguments()
        #: Columns that are copies of others: pairs of arrays, from and to.
        self.copies = np.array(self._copies, dtype=np.int64).reshape(-1, 2).T
        #: Columns that are undefined, whatever the events.
        self.undefined = np.array(self._undefined, dtype=np.int64)

    def _put(self, node, place):
        node = self._at_hand(node)
        if self._is_undefined(node):
            self._undefined.append(place)
        elif node in self._places:
            self._copies.append((self._places[node], place))
        else:
            self._places[node] = place

    def _at_hand(self, node):
        """Say what a node is, as intervals come from here."""
        is_span = type(node) is Fold and type(node.column) is Events and node.statistic == "span"
        if is_span and self._clock == "intervals":
            return Fold("sum", Intervals(node.column.observing), node.window)
        if type(node) is Derived:
            return Derived(node.function, tuple(map(self._at_hand, node.arguments)))
        return node

    def _is_undefined(self, node):
        if type(node) is Undefined:
            return True
        if self._clock is not None:
            return False
        if type(node) is Derived:
            return is_strict(node.function) and any(map(self._is_undefined, node.arguments))
        if type(node) is Age:
            return True
        if type(node.column) is Events:
            return node.statistic == "span"
        return type(node.column) is Intervals and node.statistic not in _OF_NOTHING

    def _put_arguments(self):
        """Give what derived nodes take a column each, and order them."""
        waiting = [node for node in self._places if type(node) is Derived]
        done = set()
        while waiting:
            node = waiting.pop()
            derived = [a for a in node.arguments if type(a) is Derived]
            missing = [a for a in derived if a not in done and not self._is_undefined(a)]
            for argument in node.arguments:
                self._put_argument(argument)
            if missing:
                waiting += [node, *missing]
            elif node not in done:
                done.add(node)
                known = self._undefined_arguments | self._places
                arguments = tuple(known[argument] for argument in node.arguments)
                self.derived.append((FUNCTIONS[node.function], arguments, self._places[node]))

    def _put_argument(self, node):
        if node in self._places or node in self._undefined_arguments:
            return
        if self._is_undefined(node):
            self._undefined_arguments[node] = self.width
            self._undefined.append(self.width)
        else:
            self._places[node] = self.width
        self.width += 1

    @cached_property
    def sources(self):
        """The columns of events that are read, and what is wanted of each."""
        kinds = {}
        for node, place in self._places.items():
            if type(node) is Fold and type(node.column) is not Events:
                read = node.column if type(node.column) not in _MANY_FIELDS else type(node.column)
                kinds.setdefault(read, []).append((field_of(node.column), node, place))
        return [Source(read, folds) for read, folds in kinds.items()]

    @cached_property
    def of_events(self):
        """What is wanted of the events themselves."""
        folds = [(node, place) for node, place in self._places.items() if type(node) is Fold]
        return [(fold, place) for fold, place in folds if type(fold.column) is Events]

    @cached_property
    def ages(self):
        """Ages that are wanted, and their windows; None where these are of events."""
        ages = [(node, place) for node, place in self._places.items() if type(node) is Age]
        return [
            (age, place, None if type(age.column) is Events else window_of(age))
            for age, place in ages
        ]


class Source:
    """What is wanted of columns that are read together.

    Parameters
    ----------
    read : Numeric or Codes (the types), or Intervals or Where
        All fields of a kind, or one column.
    folds : list of (int, Fold, int)
        Position of the field, what is wanted of it, and the column that gets it.
    """

    def __init__(self, read, folds):
        self.read = read
        self._folds = folds

    @cached_property
    def tails(self):
        """What `Tails` can compute of slices that go side by side; None for nothing."""
        of_tails = [fold for fold in self._folds if self._is_of_tails(fold[1])]
        return Tails(of_tails) if of_tails else None

    @cached_property
    def rest(self):
        """What is left beside `tails`."""
        return Windows.by_end([fold for fold in self._folds if not self._is_of_tails(fold[1])])

    @cached_property
    def everything(self):
        """All that is wanted, as windows."""
        return Windows.by_end(self._folds)

    def _is_of_tails(self, fold):
        kind = self.read if self.read in _MANY_FIELDS else type(self.read)
        return kind in (Numeric, Intervals) and is_of_tails(fold)


class Windows:
    """Windows of some columns that end alike, and what is wanted of them.

    Parameters
    ----------
    folds : list of (int, Fold, int)
        Position of the field, what is wanted of it, and the column that gets it.
    end : (closed, gap) or None
        Where they end, if that may be before their slices do.
    fields : int64 array
        The fields that are compacted together with these.
    """

    @classmethod
    def by_end(cls, folds):
        """Make windows of folds, one for each way to end."""
        fields = np.array(sorted({field for field, _, _ in folds}), dtype=np.int64)
        ends = {}
        for fold in folds:
            window = fold[1].window
            cut = window.gap > 0 or window.closed in ("left", "neither")
            ends.setdefault((window.closed, window.gap) if cut else None, []).append(fold)
        return [cls(some, end, fields) for end, some in ends.items()]

    def __init__(self, folds, end, fields):
        self.fields = fields
        self.end = end
        self._windows = list(dict.fromkeys(fold.window for _, fold, _ in folds))
        self._of_codes = is_of_codes(folds[0][1].column)
        #: Of `fields`, those with windows here.
        self.at = np.unique(np.searchsorted(fields, [field for field, _, _ in folds]))
        wanted = {}
        for field, fold, place in folds:
            f = int(np.searchsorted(fields[self.at], field))
            w = self._windows.index(fold.window)
            wanted.setdefault((f, w), []).append(Wanted(fold.statistic, fold.parameter, place))
        self._wanted = wanted
        #: Durations by how they are closed: which windows, how many microseconds.
        self.durations = {}
        for w, window in enumerate(self._windows):
            if type(window) is Since:
                windows, durations = self.durations.setdefault(window.closed, ([], []))
                windows.append(w)
                durations.append(window.duration)
        self._takes_all = len(self.at) == len(fields)

    @cached_property
    def _calls(self):
        """For each field and window with something wanted, the calls."""
        return {key: Calls(wanted, self._of_codes) for key, wanted in self._wanted.items()}

    @cached_property
    def _extremes(self):
        """For each field, the places of extremes of each window; None where none is wanted."""
        tables = []
        for f in range(len(self.at)):
            rows = [
                self._calls[f, w].extremes if (f, w) in self._calls else None
                for w in range(len(self._windows))
            ]
            nothing = np.full(len(_kernels.EXTREMES), -1)
            table = np.array([nothing if row is None else row for row in rows])
            tables.append(table if table.max() >= 0 else None)
        return tables

    @cached_property
    def _alike(self):
        """Fields and windows of which the same is wanted: their indices, the calls, the places."""
        groups = {}
        for (f, w), wanted in self._wanted.items():
            ordered = sorted(wanted, key=str)
            key = tuple((one.statistic, one.parameter) for one in ordered)
            groups.setdefault(key, []).append((f, w, [one.place for one in ordered]))
        result = []
        for key, members in groups.items():
            calls = Calls([Wanted(s, p, place) for place, (s, p) in enumerate(key)], self._of_codes)
            f, w, places = map(np.array, zip(*members, strict=True))
            result.append((f, w, calls, places))
        return result

    def bounds(self, columns, column):
        """Return where windows begin, of shape (n_fields, n_windows, n_rows), and end."""
        starts, stops = column.starts, column.stops
        if not self._takes_all:
            starts, stops = starts[self.at], stops[self.at]
        last = columns.stops
        if self.end is not None:
            _, last = columns.window_bounds([], *self.end)
            # Of intervals, the first of a slice is behind its first row.
            stops = np.maximum(self._mine(column.positions_of(last)), starts)
        if self._windows == [_WHOLE] and self.end is None:
            return starts[:, np.newaxis], stops
        first = np.empty((len(stops), len(self._windows), stops.shape[1]), dtype=np.int64)
        for w, window in enumerate(self._windows):
            if type(window) is Last:
                np.maximum(starts, stops - window.n, out=first[:, w])
            elif type(window) is Whole:
                first[:, w] = starts
        gap = 0 if self.end is None else self.end[1]
        for closed, (windows, durations) in self.durations.items():
            rows, _ = columns.window_bounds(durations, closed, gap)
            first[:, windows] = self._mine(column.starts_of(rows, last))
        for w, window in enumerate(self._windows):
            if type(window) is Session:
                rows = columns.session_starts(window.timeout, last)
                first[:, w] = self._mine(column.starts_of(rows, last))
        if column.n_before:
            np.maximum(first, starts[:, np.newaxis], out=first)
        return first, stops

    def _mine(self, positions):
        return positions if self._takes_all else positions[self.at]

    def write(self, columns, column, block):
        """Write what is wanted of many slices."""
        starts, stops = self.bounds(columns, column)
        for f, at in enumerate(self.at.tolist()):
            if self._extremes[f] is not None:
                _kernels.extremes(column.x, starts[f], stops[f], self._extremes[f], block)
            for w in range(len(self._windows)):
                calls = self._calls.get((f, w))
                if calls is not None:
                    calls.write(column.x, starts[f, w], stops[f], column.moments[at], block)

    def write_row(self, columns, column, row):
        """Write what is wanted of a single slice: each window is a slice of one call."""
        starts, stops = self.bounds(columns, column)
        for f, w, calls, places in self._alike:
            first, last = starts[f, w, 0], stops[f, 0]
            part = np.empty(places.shape)
            if calls.extremes is not None:
                wanted = calls.extremes[np.newaxis]
                _kernels.extremes(column.x, first[np.newaxis], last, wanted, part)
            calls.write(column.x, first, last, column.moments[0], part)
            row[places] = part


_WHOLE = Whole()


_MANY_FIELDS = (Numeric, Codes)


def window_of(age):
    """Make the window in which an age looks for its event."""
    return Windows.by_end([(field_of(age.column), Fold("count", age.column, age.window), 0)])[0]


def is_of_codes(column):
    """Tell whether the values of a column are codes."""
    return is_of_codes(column.column) if type(column) is Where else type(column) is Codes


def field_of(column):
    """Return the position of the field that is compacted with others of its kind."""
    return column.field if type(column) in _MANY_FIELDS else 0
