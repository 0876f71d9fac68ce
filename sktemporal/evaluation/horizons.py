"""How much a node of a plan reads, and what an online state has to keep for it."""

from typing import NamedTuple

from .plan import Fold, Last, Whole
from .sentences import OF_AN_END, plainly, window_of
from .words import STATES, STATISTICS, column_words, is_cut


class _Reach(NamedTuple):
    """What a fold reads: the first or last n values of its column, or what the words say."""

    fold: Fold
    end: str = ""
    n: int = 0
    words: str = ""

    def said(self, which):
        if self.words:
            return self.words
        column = column_words(self.fold.column)
        values = column.at_end(self.end, self.n, which or column.adjective == "such")
        return f"{values}{window_of(self.fold).end}"


def _reach(fold):
    fold = plainly(fold)
    window, words = fold.window, window_of(fold)
    of_an_end, is_first = fold.statistic in OF_AN_END, fold.statistic == "first"
    n = fold.parameter + 1 if fold.statistic == "lag" else 1
    if isinstance(window, Last):
        return _Reach(fold, "last", min(n, window.n) if of_an_end and not is_first else window.n)
    if isinstance(window, Whole) and of_an_end:
        return _Reach(fold, "first" if is_first else "last", n)
    return _Reach(fold, words=words.reads)


def reads_of(folds):
    """Say what folds read together."""
    longest = {}
    for reach in map(_reach, folds):
        key = reach.words or (reach.fold.column, reach.end, window_of(reach.fold).end)
        if key not in longest or reach.n > longest[key].n:
            longest[key] = reach
    if "all events" in longest:
        return "all events"
    several = len({fold.column for fold in folds}) > 1
    return "; ".join(reach.said(several) for reach in longest.values()) or "nothing"


def state_of(fold):
    """Return what an online state needs for a fold; see `STATES`."""
    fold = plainly(fold)
    least, most = window_of(fold).states
    if is_cut(fold.window):
        least = "B"  # what is not in yet waits in the state
    state = min(STATISTICS[fold.statistic].state, most, key=STATES.index)
    return max(least, state, key=STATES.index)
