"""What fit keeps of the training data: the report on them, and their distributions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .._state import refuse
from .sketches import FeatureSketches

if TYPE_CHECKING:
    from .._types import Report


class KeepsReport:
    """Mixin for estimators with `report_` and `reference_`, which are stored in little room."""

    def _keep(self, report, reference):
        # One string, since thousands of numbers one by one take much room where they are stored.
        self._report = json.dumps(report, allow_nan=False)
        self._reference = reference.to_bytes()

    @property
    def report_(self) -> Report:
        """The report on the training data."""
        text = self._kept("report_")
        try:
            report = json.loads(text)
        except (TypeError, ValueError, RecursionError):
            report = None
        if not isinstance(report, dict):
            refuse(self, "_report", "a JSON object as text", text)
        return report

    @property
    def reference_(self) -> FeatureSketches:
        """The sketches of the training data."""
        data = self._kept("reference_")
        try:
            return FeatureSketches.from_bytes(data)
        except ValueError:
            refuse(self, "_reference", "what to_bytes of FeatureSketches writes", data)

    def _check_kept(self, keys, names):
        """Check what is stored: a report with these keys, and the distributions of these."""
        if missing := [key for key in keys if key not in self.report_]:
            refuse(self, "_report", f"a JSON object with {missing[0]!r}", self._report)
        if self.reference_.names != names:
            refuse(self, "_reference", "of the features seen in fit", self._reference)

    def _kept(self, attribute):
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {attribute!r}")
        return getattr(self, f"_{attribute.removesuffix('_')}")

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_report")
