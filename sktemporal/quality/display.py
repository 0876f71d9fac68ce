"""The quality report as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils._optional_dependencies import check_matplotlib_support
from sklearn.utils.validation import check_is_fitted

from .findings import CHECKS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

    from numpy.typing import ArrayLike

    from .._types import Estimator, MatrixLike, Report

_FINE, _FLAGGED = "#3b6ea5", "#d1495b"
_NAME_LENGTH = 34
_MANY_OUTLIERS = CHECKS["outliers"].threshold


class QualityReportDisplay:
    """Picture of a quality report: missing values, outliers, variance and correlation.

    It is recommended to use `from_estimator` or `from_report` to create a display. All parameters
    are stored as attributes.

    Parameters
    ----------
    feature_names : sequence of str of shape (n_features,)
        Names of the features.
    missing_rates : array-like of shape (n_features,)
        Missing rate of each feature, NaN if undefined.
    variances : array-like of shape (n_features,)
        Variance of each feature, NaN if undefined.
    outlier_rates : array-like of shape (n_features,) or None
        Share of outliers among the observed values of each feature, NaN if undefined. None:
        outliers were not looked for.
    correlation_pairs : list of (str, str, float)
        The highly correlated pairs and their correlations, strongest first.
    missing_value_threshold, correlation_threshold, variance_threshold : float
        Drawn as lines. What lies beyond is in another color.
    title : str
        Title of the picture.

    Attributes
    ----------
    bounding_ax_ : matplotlib Axes
        The axes that the panels divide.
    axes_ : ndarray of shape (2, 2) of matplotlib Axes
        Missing values and outliers above, variance and correlation below.
    figure_ : matplotlib Figure
        The figure that has the axes.

    See Also
    --------
    quality_report : The numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality import QualityReportDisplay, QualityReportTransformer
    >>> X = np.random.default_rng(0).lognormal(size=(50, 4))
    >>> X[:9, 2] = np.nan
    >>> display = QualityReportDisplay.from_estimator(QualityReportTransformer().fit(X)).plot()
    >>> for ax in display.axes_.flat:
    ...     print(ax.get_title())
    Missing values: 0 above 95%
    Outliers: 0 above 10%
    Variance: 0 below 0.01
    Correlation: 0 pairs above 0.99
    >>> display.figure_.savefig("quality.png")  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        feature_names: Sequence[str],
        missing_rates: ArrayLike,
        variances: ArrayLike,
        outlier_rates: ArrayLike | None,
        correlation_pairs: Sequence[tuple[str, str, float]],
        missing_value_threshold: float,
        correlation_threshold: float,
        variance_threshold: float,
        title: str,
    ) -> None:
        self.feature_names = feature_names
        self.missing_rates = missing_rates
        self.variances = variances
        self.outlier_rates = outlier_rates
        self.correlation_pairs = correlation_pairs
        self.missing_value_threshold = missing_value_threshold
        self.correlation_threshold = correlation_threshold
        self.variance_threshold = variance_threshold
        self.title = title

    @classmethod
    def from_estimator(cls, estimator: Estimator, X: MatrixLike = None) -> Self:
        """Create the display of a fitted transformer.

        Parameters
        ----------
        estimator : QualityReportTransformer
            Fitted transformer.
        X : array-like of shape (n_entities, n_features), default=None
            Features to report on, say of the validation data. None: the training features.

        Returns
        -------
        display : QualityReportDisplay
        """
        check_is_fitted(estimator)
        return cls.from_report(estimator.report_ if X is None else estimator.report(X))

    @classmethod
    def from_report(cls, report: Report) -> Self:
        """Create the display of a report.

        Parameters
        ----------
        report : dict
            As `quality_report` returns it, or as it was read back from JSON.

        Returns
        -------
        display : QualityReportDisplay
        """
        results, thresholds = report["validation_results"], report["thresholds"]
        missing_rates = results["missing_values"]["missing_rates"]
        outlier_rates = None
        if thresholds["outlier_detection"]:
            rates = [results["outliers"][name]["outlier_rate"] for name in missing_rates]
            outlier_rates = np.array(rates, dtype=np.float64)
        variances = [results["variance"]["variances"][name] for name in missing_rates]
        pairs = results["correlations"]["high_correlation_pairs"]
        metrics = report["quality_metrics"]
        components = {
            "missing values": metrics["missing_value_score"],
            "variance": metrics["variance_score"],
            "correlation": metrics["correlation_score"],
        }
        title = (
            f"Feature quality {_score(metrics['overall_score'])}, "
            f"{metrics['grade'] or 'no grade'}\n"
            f"{report['n_entities']:,} entities, {report['n_features']:,} features; scores: "
            + ", ".join(f"{what} {_score(score)}" for what, score in components.items())
        )
        return cls(
            feature_names=list(missing_rates),
            missing_rates=np.array(list(missing_rates.values()), dtype=np.float64),
            variances=np.array(variances, dtype=np.float64),
            outlier_rates=outlier_rates,
            correlation_pairs=[(p["feature1"], p["feature2"], p["correlation"]) for p in pairs],
            missing_value_threshold=thresholds["missing_value_threshold"],
            correlation_threshold=thresholds["correlation_threshold"],
            variance_threshold=thresholds["variance_threshold"],
            title=title,
        )

    def plot(self, ax: Any = None, *, n_shown: int = 12) -> Self:
        """Draw the picture.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Axes of a subplot, to be divided into four panels, which ask for about 14 x 8 inches and
            a figure with ``layout="constrained"``. None: such a figure is made.
        n_shown : int, default=12
            How many features, or pairs, a panel names at most. The variance panel has all.

        Returns
        -------
        display : QualityReportDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        check_matplotlib_support("QualityReportDisplay.plot")
        import matplotlib.pyplot as plt

        if ax is None:
            figure, ax = plt.subplots(figsize=(14, 8.5), layout="constrained")
            figure.set_layout_engine("constrained", w_pad=0.15, h_pad=0.12)
        ax.set_axis_off()
        self.bounding_ax_ = ax
        self.figure_ = ax.get_figure()
        panels = self.figure_.add_subfigure(ax.get_subplotspec())
        panels.suptitle(self.title)
        self.axes_ = panels.subplots(2, 2)
        for panel in self.axes_.flat:
            panel.spines[["top", "right"]].set_visible(False)
            panel.grid(axis="x", color="0.9")
            panel.set_axisbelow(True)
        self._rank_missing_rates(self.axes_[0, 0], n_shown)
        self._rank_outlier_rates(self.axes_[0, 1], n_shown)
        self._rank_variances(self.axes_[1, 0])
        self._rank_pairs(self.axes_[1, 1], n_shown)
        return self

    def _rank_missing_rates(self, ax, n_shown):
        threshold = self.missing_value_threshold
        n_flagged = np.count_nonzero(np.asarray(self.missing_rates) > threshold)
        ax.set_title(f"Missing values: {n_flagged:,} above {_percent(threshold)}")
        n_missing = _rank_rates(ax, self.feature_names, self.missing_rates, threshold, n_shown)
        if n_missing:
            ax.set_xlabel(f"share of the entities ({_extent(n_missing, n_shown)} features)")
        else:
            _say(ax, "no missing values")

    def _rank_outlier_rates(self, ax, n_shown):
        if self.outlier_rates is None:
            ax.set_title("Outliers")
            _say(ax, "not looked for")
            return
        n_flagged = np.count_nonzero(np.asarray(self.outlier_rates) > _MANY_OUTLIERS)
        ax.set_title(f"Outliers: {n_flagged:,} above {_percent(_MANY_OUTLIERS)}")
        n_wild = _rank_rates(ax, self.feature_names, self.outlier_rates, _MANY_OUTLIERS, n_shown)
        if n_wild:
            ax.set_xlabel(f"share of the observed values ({_extent(n_wild, n_shown)} features)")
        else:
            _say(ax, "no outliers")

    def _rank_variances(self, ax):
        """Draw the variances of all features in descending order on a logarithmic scale."""
        variances, threshold = np.asarray(self.variances), self.variance_threshold
        n_low = np.count_nonzero(variances < threshold)
        ax.set_title(f"Variance: {n_low:,} below {threshold:.10g}")
        defined = np.sort(variances[~np.isnan(variances)])[::-1]
        if not len(defined):
            _say(ax, "undefined")
            return
        # Zero has no place on a logarithmic scale: it is drawn a decade below the rest. The ends of
        # float64 are left out, as the margins would overflow there.
        positive = [*defined[defined > 0], *([threshold] if threshold > 0 else [])]
        drawn = np.clip(defined, max(min(positive, default=1.0) / 10, 1e-250), 1e250)
        rank, low = np.arange(1, len(defined) + 1), defined < threshold
        for mask, color in ((~low, _FINE), (low, _FLAGGED)):
            ax.plot(rank[mask], drawn[mask], ".", color=color, markersize=8)
        ax.set_yscale("log")
        ax.set_ylabel("variance")
        ax.grid(axis="y", color="0.9")
        ax.xaxis.get_major_locator().set_params(integer=True)
        if drawn[-1] <= threshold <= 1e250:
            ax.axhline(threshold, color=_FLAGGED, linestyle="--", linewidth=1)
        ax.set_xlabel(
            f"rank of the feature ({len(defined):,} features, "
            f"{np.count_nonzero(defined == 0):,} constant)"
        )

    def _rank_pairs(self, ax, n_shown):
        """Draw the strongest pairs as points between their two names, the strongest on top."""
        n_pairs, threshold = len(self.correlation_pairs), self.correlation_threshold
        ax.set_title(f"Correlation: {n_pairs:,} pairs above {threshold:.10g}")
        shown = self.correlation_pairs[:n_shown]
        if not shown:
            _say(ax, "no highly correlated pair")
            return
        ax.grid(axis="y", color="0.9")
        for row, (_, _, value) in enumerate(shown):
            style = {"color": _FLAGGED, "fillstyle": "full" if value > 0 else "none"}
            ax.plot(abs(value), row, "o", **style)
        ax.set_xlim(threshold, 1 + 0.05 * (1 - threshold))
        ax.ticklabel_format(axis="x", useOffset=False)
        hollow = "; hollow: negative" if any(value < 0 for *_, value in shown) else ""
        ax.set_xlabel(f"absolute correlation ({_extent(n_pairs, n_shown)} pairs{hollow})")
        _name_rows(ax, [first for first, _, _ in shown], n_shown)
        right = ax.twinx()
        right.spines[["top", "right"]].set_visible(False)
        _name_rows(right, [second for _, second, _ in shown], n_shown)


def _rank_rates(ax, names, rates, threshold, n_shown):
    """Draw the highest rates as bars, the highest on top; return how many are above zero."""
    order = np.argsort(-np.nan_to_num(rates), kind="stable")
    order = order[np.nan_to_num(rates)[order] > 0]
    if not len(order):
        return 0
    shown = order[:n_shown]
    rates = np.asarray(rates)[shown]
    colors = [_FLAGGED if rate > threshold else _FINE for rate in rates]
    bars = ax.barh(range(len(shown)), rates, color=colors, height=0.7)
    ax.bar_label(bars, [f"{rate:.2%}" for rate in rates], padding=3, fontsize="small")
    ax.set_xlim(0, 1.18 * rates[0])
    if threshold < ax.get_xlim()[1]:
        ax.axvline(threshold, color=_FLAGGED, linestyle="--", linewidth=1)
    ax.xaxis.set_major_formatter("{x:.0%}" if rates[0] > 0.05 else "{x:.2%}")
    _name_rows(ax, [names[i] for i in shown], n_shown)
    return len(order)


def _name_rows(ax, names, n_shown):
    """Name the rows, which keep the height of n_shown rows and start at the top."""
    ax.set_yticks(range(len(names)), [_label(name) for name in names], fontsize="small")
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(n_shown - 0.4, -0.6)


def _label(name):
    """Shorten a long name in its middle, and keep matplotlib from reading it as a formula."""
    if len(name) > _NAME_LENGTH:
        half = (_NAME_LENGTH - 1) // 2
        name = f"{name[:half]}…{name[-half:]}"
    name = "".join(letter if letter.isprintable() else "?" for letter in name)
    return name.replace("$", r"\$")


def _extent(n_all, n_shown):
    return f"{n_shown:,} of {n_all:,}" if n_all > n_shown else f"all {n_all:,}"


def _percent(share):
    return f"{100 * share:.10g}%"


def _score(score):
    return "undefined" if score is None else f"{score:.2f}"


def _say(ax, text):
    """Write what there is to say where there is nothing to draw."""
    ax.text(0.5, 0.5, text, ha="center", va="center", color="0.4", transform=ax.transAxes)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color("0.85")
