"""
==========================
Reading the quality report
==========================

Which of the computed features are worth keeping, and are those of the next month still alike? The
last step of the pipeline measures the training features: what is missing, what is the same twice,
what hardly varies, what has outliers. Its recommendations are a start, and this example has one not
to follow.
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
kept = set(dropping.get_feature_names_out())
dropped = [name for name in pipeline.get_feature_names_out() if name not in kept]
dropped

# %%
# But the threshold on the variance is in the units of the feature: ``interval_regularity`` lies
# between 0 and 1, and ``event_frequency`` is in events a second, so that its variance has to be
# tiny. Rather than lose such features, lower the threshold until only constants are below it. What
# then goes is redundant: ``range_amount`` is nearly ``max_amount``, and since all customers were
# observed for the same two months, ``event_frequency`` is nearly ``count_amount``.
dropping.set_params(quality__variance_threshold=1e-14).fit(cards)
for dropped in dropping.report_["selection"]["dropped"]:
    print(dropped["feature"], "is", dropped["reason"], "with", dropped["in_favour_of"])

# %%
# :func:`~sktemporal.prune` makes a pipeline that does not compute these any more, and gives the
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
