"""The sentences that a quality report advises with."""

import reprlib

from .findings import CHECKS

_N_NAMED = 5
_SHORTENED = reprlib.Repr()
_SHORTENED.maxstring = 60


def recommendations(report):
    """Return the advice that follows from the findings of a report.

    Parameters
    ----------
    report : dict
        As `quality_report` returns it.

    Returns
    -------
    sentences : list of str
        One for each check, most severe first: of the features that it removes, or else of those
        that it found and no other check removes.

    Examples
    --------
    >>> import numpy as np
    >>> from sktemporal.quality import quality_report
    >>> from sktemporal.quality.recommendations import recommendations
    >>> X = np.column_stack([np.arange(4.0), np.ones(4)])
    >>> recommendations(quality_report(X, ["amount", "constant"]))
    ["Remove 1 feature with one value only: 'constant'."]
    """
    selection = report["selection"]
    removed = {}
    for dropped in selection["dropped"]:
        removed.setdefault(dropped["reason"], []).append(dropped["feature"])
    gone = {dropped["feature"] for dropped in selection["dropped"]}
    sentences = []
    for finding in report["checks"]:
        name = finding["check"]
        features = removed.get(name) or [f for f in finding["features"] if f not in gone]
        if features:
            phrase = f"{_count(features)}"
            sentence = CHECKS[name].sentence(phrase, finding["threshold"])
            sentences.append(f"{sentence[:-1]}: {enumerated(features)}.")
    if report["n_entities"] < 2:
        sentences.append(
            "Measure at least 2 entities: variance and correlation are undefined for "
            f"{report['n_entities']}."
        )
    return sentences


def _count(features):
    return f"{len(features)} feature{'s' if len(features) > 1 else ''}"


def enumerated(features):
    """Name the first few features, each shortened where it is very long."""
    names = ", ".join(_SHORTENED.repr(name) for name in features[:_N_NAMED])
    n_more = len(features) - _N_NAMED
    return f"{names} and {n_more:,} more" if n_more > 0 else names
