"""
==========================
Reading the quality report
==========================

Which of the computed features are worth keeping, and are those of the next month still alike? The
last step of the pipeline measures the training features: what is missing, what is the same twice,
what hardly varies, what has outliers, and recommends what to do about it.
"""

# %%
# The data are synthetic card transactions; the pipeline computes all families.
from sktemporal import EventSequences, make_temporal_pipeline
from sktemporal.datasets import make_transactions

log = make_transactions(n_entities=2000, n_days=60, random_state=0)
cards = EventSequences.from_frame(log, entity="customer_id", time="time", fields=["amount"])
pipeline = make_temporal_pipeline(windows=("1d", "7d", "30d")).fit(cards)
report = pipeline.report_
report["quality_metrics"]

# %%
for recommendation in report["recommendations"]:
    print(recommendation)

# %%
# The picture has the numbers behind these sentences. Missing are the lags of customers with short
# histories. The report sees them since the families leave NaN where a feature is undefined, and it
# is the quality step that fills.
import matplotlib.pyplot as plt

from sktemporal.quality import QualityReportDisplay

QualityReportDisplay.from_estimator(pipeline["quality"]).plot()
plt.show()

# %%
# With ``drop=True`` the step leaves out what the report recommends to remove.
dropping = make_temporal_pipeline(windows=("1d", "7d", "30d"))
dropping.set_params(quality__drop=True).fit(cards)
for dropped in dropping.report_["selection"]["dropped"]:
    print(dropped["feature"], "is", dropped["reason"], "with", dropped["in_favour_of"])

# %%
# What goes does not depend on units. ``event_frequency`` is in events a second, so its variance is
# tiny, and the report lists it as of low variance; that is no reason to remove it. Nor is it
# redundant beside ``count_amount``, although the two are nearly proportional, since all customers
# were observed for the same two months: it is missing where a customer has a single event, and what
# is missing may tell something, too.
report["validation_results"]["variance"]["low_variance_features"]

# %%
# :func:`~sktemporal.prune` makes a pipeline that does not compute what goes any more, and gives the
# same output.
from sktemporal import prune

small = prune(dropping)
{name: type(family).__name__ for name, family in small["features"].named_transformers_.items()}

# %%
# The report looks at the sequences, too: at their lengths, times, order and missing values.
for recommendation in report["sequences"]["recommendations"]:
    print(recommendation)

# %%
# The report on the training features is a yardstick for others. The ``report`` of the pipeline
# measures these by the same thresholds: here,
# the same customers, of whom only the last three events are known.
short = pipeline.report(cards.tail(3))
{
    "all events": report["quality_metrics"]["missing_value_score"],
    "last three": short["quality_metrics"]["missing_value_score"],
}

# %%
# Are they distributed as those of the training? ``drift`` compares with the binned distributions
# that the fit has kept. Half of the customers are like all of them; histories cut off after three
# events are not.
for name, other in {"every second customer": cards[::2], "last three": cards.tail(3)}.items():
    drift = pipeline.drift(other)
    print(name, "-", drift["verdict"], "Lengths:", drift["sequences"]["verdict"])
drift["drifted"][:3]
