"""
=========================================
From an event log to one row per customer
=========================================

How does a log of events become the table that a model learns from? Here it is the log of a music
shop: the 69,659 purchases of the 23,570 customers who first bought there in the first quarter of
1997.
"""

# %%
# The log has one row a purchase.
from sktemporal.datasets import load_cdnow

log = load_cdnow()
log.head()

# %%
# An :class:`~sktemporal.EventSequences` knows which rows are whose history, in the order of time.
# The features are asked for at one moment for all, the day after the log ends; otherwise it would
# be the last purchase of each customer. That day itself is left out: "30d" are the days of June.
import pandas as pd

from sktemporal import EventSequences

asked = pd.Timestamp("1998-07-01")
histories = EventSequences.from_frame(
    log, entity="customer_id", time="date", fields=["dollar_value"]
).with_reference_times(asked, inclusive=False)
histories

# %%
# The pipeline computes all families of features, measures their quality, and fills what is
# undefined, such as the spread of the intervals of somebody who came once. Windows are durations
# here; a plain int would be a number of purchases.
from sktemporal import make_temporal_pipeline

pipeline = make_temporal_pipeline(windows=("30d", "90d", "365d"), lags=(1,))
pipeline.set_output(transform="pandas")
features = pipeline.fit_transform(histories).set_index(histories.entity_ids)
features.shape

# %%
# Three customers who each spent a little over 300 dollars:
customers = [16777, 2470, 10151]
columns = [
    "count_dollar_value",
    "sum_dollar_value",
    "avg_time_delta",
    "interval_regularity",
    "activity_concentration",
    "rolling_90d_sum_dollar_value",
]
features.loc[customers, columns].T.round(2)

# %%
# What they spent is nearly the same. The other features see what the eye sees: the first comes
# every two months, the second came often at the beginning and once since, the third has left.
# (``avg_time_delta`` is in seconds; a day has 86,400.)
import matplotlib.pyplot as plt

fig, axes = plt.subplots(3, sharex=True, sharey=True, figsize=(8, 5), layout="constrained")
for ax, customer in zip(axes, customers, strict=True):
    purchases = log[log["customer_id"] == customer]
    ax.vlines(purchases["date"], 0, purchases["dollar_value"], color="#3b6ea5", linewidth=2)
    row = features.loc[customer]
    ax.set_title(
        f"customer {customer}: {row['sum_dollar_value']:.0f} dollars, "
        f"{row['rolling_90d_sum_dollar_value']:.0f} in the last 90 days; "
        f"regularity {row['interval_regularity']:.2f}, "
        f"concentration {row['activity_concentration']:.2f}",
        fontsize="medium",
        loc="left",
    )
    ax.axvspan(asked - pd.Timedelta(days=90), asked, color="#d1495b", alpha=0.12, linewidth=0)
    ax.spines[["top", "right"]].set_visible(False)
axes[1].set_ylabel("dollars")
axes[2].set_xlabel("purchases; shaded: the last 90 days")
plt.show()
