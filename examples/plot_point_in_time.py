"""
======================================
One question, asked at many month-ends
======================================

Will a customer buy within the next 30 days? A shop asks this again every month, of everybody who
has bought by then. So a row of the training table is not a customer but a pair, a customer and a
moment, and its features may only know what was known at that moment.
"""

# %%
# The log of the music shop CDNOW ends on 30 June 1998, so that 31 May is the last month-end from
# which 30 days can be observed. All its customers first bought in the first quarter of 1997.
import numpy as np
import pandas as pd

from sktemporal import EventSequences
from sktemporal.datasets import load_cdnow

log = load_cdnow()
histories = EventSequences.from_frame(log, entity="customer_id", time="date")
month_ends = pd.date_range("1997-01-31", "1998-05-31", freq="ME")
horizon = pd.Timedelta(days=30)

# %%
# Features and labels as of a moment
# ----------------------------------
# The log has dates, which are midnights. With ``inclusive=True`` the purchases of the month-end
# itself are known: the question is asked in its evening. The label is whether more is known in the
# evening 30 days later, a purchase in (moment, moment + 30 days]. Of whoever has not bought yet
# the shop knows nothing, hence there is no row.
customers = np.tile(histories.entity_ids, len(month_ends))
moments = np.repeat(month_ends, len(histories))
known = histories.as_of(customers, moments, inclusive=True)
known_later = histories.as_of(customers, moments + horizon, inclusive=True)

met = known.lengths > 0
X, y = known[met], (known_later.lengths > known.lengths)[met]
customers, moments = customers[met], moments[met]
print(f"{len(X):,} rows with {X.n_events:,} purchases, views of a log of {len(log):,}")

# %%
# A model in use is fitted on the past, and the last label of its training has to be known by then.
# ``MomentSplit`` splits rows by their moments, wherever they stand: here into tests of half a year,
# with a gap of 30 days before each. The second of them is the test of this example: it begins at
# the end of December, the last label of the training is complete on 30 December, and none comes
# from days that the test asks about. (``cross_val_score(..., cv=MomentSplit(...))`` does all.)
from sktemporal.model_selection import MomentSplit

_, (train, test) = MomentSplit(n_splits=2, test_size="182d", gap=horizon).split(X)
first_test = moments[test].min()
for name, part in {"train": train, "test": test}.items():
    print(
        f"{name:5}  {moments[part].min():%Y-%m-%d} to {moments[part].max():%Y-%m-%d}"
        f"  {len(part):7,} rows, {y[part].mean():.1%} bought"
    )

# %%
# Two models
# ----------
# The baseline knows two numbers, the days since the last purchase and how many purchases there
# were. The other model knows the same two, and beside them the families of features. A window is
# a duration that ends at the moment of the row, or an int, the number of the latest purchases.
# The classifier is the same, and takes NaN for what is undefined.
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from sktemporal import (
    BehavioralFeatures,
    LagFeatures,
    RollingWindowFeatures,
    StatisticalFeatures,
    TemporalFeatureUnion,
    TemporalPatternFeatures,
)


def recency_and_frequency(X):
    """Days since the last purchase, and the number of purchases."""
    age = X.reference_times - X.times[X.stops - 1]  # in microseconds
    return np.column_stack([age / 86_400e6, X.lengths])


baseline = FunctionTransformer(recency_and_frequency)
features = TemporalFeatureUnion(
    [
        ("baseline", baseline),
        ("rolling", RollingWindowFeatures(("30d", "90d", "180d", 3), ("count", "sum"))),
        ("temporal", TemporalPatternFeatures(fill_value=np.nan)),
        ("behavioral", BehavioralFeatures(fill_value=np.nan)),
        ("statistical", StatisticalFeatures(("sum", "mean", "max"), fill_value=np.nan)),
        ("lag", LagFeatures((1,), fill_value=np.nan)),
    ],
    n_jobs=2,
)
classifier = HistGradientBoostingClassifier(
    learning_rate=0.05,
    max_leaf_nodes=15,
    min_samples_leaf=200,
    early_stopping=False,
    random_state=0,
)
models = {
    "recency, frequency": make_pipeline(baseline, classifier),
    "with feature families": make_pipeline(features, classifier),
}

# %%
# Nothing of the future
# ---------------------
# Had the log been cut by hand at one of the moments, the features of that moment would be the same.
# ``check_no_leakage`` tries the reverse, on any pipeline: it changes what comes after the moments,
# and raises an error if a bit of the features changes.
from sktemporal.testing import check_no_leakage

cut = EventSequences.from_frame(log[log["date"] <= first_test], entity="customer_id", time="date")
expected = features.fit_transform(cut.with_reference_times(first_test))
found = features.fit_transform(X)[moments == first_test]
print("same bits:", found.tobytes() == expected.tobytes())
check_no_leakage(features, X)

# %%
# What the families bring
# -----------------------
# A customer is in the test six times, and these rows are not independent. So the standard error
# of the difference is from its spread over 20 groups of customers.
from sklearn.metrics import average_precision_score, roc_auc_score

scores = pd.DataFrame(
    {name: m.fit(X[train], y[train]).predict_proba(X[test])[:, 1] for name, m in models.items()}
)
bought, asked, group = y[test], moments[test], customers[test] % 20
measures = {"ROC AUC": roc_auc_score, "average precision": average_precision_score}


def measured(rows):
    """Both measures of both models on some rows of the test, and how far the second is ahead."""
    table = pd.DataFrame(
        {
            title: [measure(bought[rows], scores.loc[rows, name]) for name in scores]
            for title, measure in measures.items()
        },
        index=scores.columns,
    )
    table.loc["difference"] = table.iloc[1] - table.iloc[0]
    return table


table = measured(np.full(len(bought), True))
of_groups = [measured(group == g).loc["difference"] for g in range(20)]
table.loc["its standard error"] = pd.DataFrame(of_groups).sem()
print(table.round(4))

# %%
# In the shop's words: if it writes to 1,000 customers every month, how many of them buy?
ranks = scores.groupby(asked).rank(ascending=False, method="first")
for name in scores:
    buyers = bought[ranks[name] <= 1000].sum() / asked.nunique()
    print(f"{name:23}{buyers:.0f} of 1,000")

# %%
# By the area under the ROC curve the baseline is nearly as good. The difference is several standard
# errors, and of the same sign in every month, but the months differ more from one another. Most
# customers have bought nothing for half a year and hardly ever come back, and for that the date of
# the last purchase suffices. Who of the good customers comes next is a harder question, and there
# the families help more:
days, purchases = recency_and_frequency(X[test]).T
gone = days > 180
good = (days <= 90) & (purchases >= 5)
print(f"no purchase for 180 days: {gone.mean():.0%}, {bought[gone].mean():.1%} of them buy")
print(
    f"5 or more, one in the last 90 days: {good.mean():.0%}, {bought[good].mean():.1%} of them buy"
)
print(measured(good).round(3))

# %%
# So they raise the precision at the top of the ranking; from a recall of about 0.4 on, the curves
# nearly coincide. Two limits: the classifier was not tuned, and all customers joined within three
# months, long before the test, so that nothing here is about newcomers.
import matplotlib.pyplot as plt
from sklearn.metrics import precision_recall_curve

looks = {
    "recency, frequency": {"color": "#d1495b", "linestyle": "--"},
    "with feature families": {"color": "#3b6ea5"},
}
ends = asked.unique()
by_month = pd.DataFrame([measured(asked == end)["ROC AUC"] for end in ends])
fig, (left, right) = plt.subplots(1, 2, figsize=(9.5, 4), layout="constrained")
for name, look in looks.items():
    precision, recall, _ = precision_recall_curve(bought, scores[name])
    shown = recall >= 0.01  # further left are the fates of a hundred rows
    left.plot(recall[shown], precision[shown], label=name, **look)
    right.plot(ends.strftime("%b\n%Y"), by_month[name], marker="o", **look)
left.axhline(bought.mean(), color="gray", linewidth=1, linestyle=":")
left.text(0.01, bought.mean() + 0.012, f"all customers: {bought.mean():.1%}", color="dimgray")
left.set(
    title="All test month-ends",
    xlabel="recall: share of the buyers found",
    ylabel="precision: share that buys",
    xlim=(0, 1),
    ylim=(0, 1),
)
left.legend(frameon=False)
right.set(
    title="Each test month-end",
    xlabel="asked at the end of",
    ylabel="area under the ROC curve",
    ylim=(0.8, 0.86),
)
for ax in (left, right):
    ax.title.set_fontsize("medium")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.3)
plt.show()
