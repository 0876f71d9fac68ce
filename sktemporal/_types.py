"""Types in signatures, for those who check them: nothing imports them at run time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .sequences import EventSequences

#: What every transformer takes as X; a masked array is array-like, too.
Histories: TypeAlias = EventSequences | ArrayLike
#: What scikit-learn takes for a matrix: array-like, or a frame of any kind.
MatrixLike: TypeAlias = Any
#: A matrix of features: an array, or the frame that `set_output` has asked for.
Features: TypeAlias = Any
#: What scikit-learn takes for an estimator: whatever has its methods.
Estimator: TypeAlias = Any

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Floats: TypeAlias = np.ndarray[Any, np.dtype[np.floating[Any]]]
Integers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Booleans: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]
Names: TypeAlias = np.ndarray[Any, np.dtype[np.object_]]
FloatType: TypeAlias = type[np.float64] | type[np.float32] | Literal["float64", "float32"]

ChosenFields: TypeAlias = Sequence[str | int] | None
#: A `pandas.Timedelta` is a `timedelta`.
Duration: TypeAlias = str | timedelta | np.timedelta64
Window: TypeAlias = int | Duration
Closed: TypeAlias = Literal["right", "left", "both", "neither"] | None
#: A moment or many: text, datetimes, numbers.
Times: TypeAlias = str | datetime | ArrayLike
TimeUnit: TypeAlias = Literal["s", "ms", "us", "ns"] | None
Ambiguous: TypeAlias = Literal["raise", "earlier", "later"]
#: A column of a log, or several that name something together.
KeyColumns: TypeAlias = str | Sequence[str]

AnyPath: TypeAlias = str | PathLike[str]
FileFormat: TypeAlias = Literal["numpy", "parquet", "csv"]
RandomState: TypeAlias = int | np.random.RandomState | None
#: How false discoveries are kept few.
Correction: TypeAlias = Literal["bh", "by"]
#: Of a report, strictly JSON.
Report: TypeAlias = dict[str, Any]
