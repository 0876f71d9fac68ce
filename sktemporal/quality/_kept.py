"""What fit keeps of the training data: the report on them, and their distributions."""

import json

from .sketches import FeatureSketches


class KeepsReport:
    """Mixin for estimators with `report_` and `reference_`, which are stored in little room."""

    def _keep(self, report, reference):
        # One string, since thousands of numbers one by one take much room where they are stored.
        self._report = json.dumps(report, allow_nan=False)
        self._reference = reference.to_bytes()

    @property
    def report_(self):
        """The report on the training data."""
        return json.loads(self._kept("report_"))

    @property
    def reference_(self):
        """The sketches of the training data."""
        return FeatureSketches.from_bytes(self._kept("reference_"))

    def _kept(self, attribute):
        if not self.__sklearn_is_fitted__():
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {attribute!r}")
        return getattr(self, f"_{attribute.removesuffix('_')}")

    def __sklearn_is_fitted__(self):
        return hasattr(self, "_report")
