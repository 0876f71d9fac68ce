"""The work: which columns are computed, under this project's names for them."""

FIELDS = ("x0", "x1", "x2", "x3")
SUMMARIES = (
    "count",
    "sum",
    "mean",
    "std",
    "min",
    "max",
    "p25",
    "p50",
    "p75",
    "skew",
    "kurtosis",
)
QUANTILES = {"p25": 0.25, "p50": 0.5, "p75": 0.75}
WINDOWS = (7, 14, 30)  # the last values
AGGREGATIONS = ("mean", "sum", "std", "min", "max")
LAGS = (1, 7, 14)
ALPHA = 0.3  # of the smoothed level

#: What each part of the work is; a contender does one or both.
PARTS = {
    "all": "summaries, tail windows, lags and the smoothed level",
    "summaries": "summaries alone",
}


def summary_columns(statistics=SUMMARIES):
    return [f"{statistic}_{field}" for field in FIELDS for statistic in statistics]


def column_names(part):
    """The columns of a part of the work."""
    names = summary_columns()
    if part == "all":
        for field in FIELDS:
            names += [f"rolling_{w}_{a}_{field}" for w in WINDOWS for a in AGGREGATIONS]
            names += [f"lag_{k}_{field}" for k in LAGS]
            names.append(f"exp_smooth_{field}")
    return names
