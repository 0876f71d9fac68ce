"""A synthetic log of card transactions with labelled fraud."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import KDTree
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, validate_params

if TYPE_CHECKING:
    import pandas

    from .._types import RandomState

_START = np.datetime64("2024-01-01", "us")
_SECONDS_PER_DAY = 86_400

# Of 100 transactions, how many fall in each hour of the day, from midnight on.
_HOURLY_WEIGHTS = (1, 1, 1, 1, 1, 1, 2, 3, 5, 5, 6, 7, 8, 7, 6, 6, 7, 9, 8, 6, 4, 2, 2, 1)

# The share-weighted mean of the amount factors is 1: categories leave the mean amount alone.
_CATEGORIES = ("grocery", "restaurant", "fuel", "clothing", "electronics", "travel")
_CATEGORY_SHARES = np.array([0.35, 0.25, 0.15, 0.15, 0.05, 0.05])
_CATEGORY_AMOUNTS = np.array([0.8, 0.6, 1.0, 1.2, 2.0, 2.8])

_RATE_SHAPE = 2.0
_SIGMA_BETWEEN_CUSTOMERS = 0.5
_SIGMA_WITHIN_CUSTOMER = 0.6

_SHARE = Interval(Real, 0, 1, closed="both")
_COUNT = Interval(Integral, 1, None, closed="left")
_POSITIVE = Interval(Real, 0, None, closed="neither")


def _draw_events(rng, n_entities, n_days, daily_transactions):
    """Draw the customer and the second of every transaction, in the order of time."""
    rates = daily_transactions * rng.standard_gamma(_RATE_SHAPE, n_entities) / _RATE_SHAPE
    customer = np.repeat(np.arange(n_entities, dtype=np.int64), rng.poisson(rates * n_days))
    # The inverse of the distribution function of the time of day, linear within each hour.
    shares = np.concatenate([[0], np.cumsum(_HOURLY_WEIGHTS)]) / sum(_HOURLY_WEIGHTS)
    edges = np.linspace(0, _SECONDS_PER_DAY, shares.size)
    time_of_day = np.interp(rng.random_sample(customer.size), shares, edges).astype(np.int64)
    day = rng.randint(n_days, size=customer.size, dtype=np.int64)
    seconds = day * _SECONDS_PER_DAY + time_of_day
    order = np.argsort(seconds, kind="stable")
    return customer[order], seconds[order]


def _draw_terminals(rng, customer, n_entities, n_terminals, n_nearby_terminals):
    """Draw the terminal of every transaction, and the merchant category of that terminal."""
    homes = rng.random_sample((n_entities, 2))
    locations = rng.random_sample((n_terminals, 2))
    n_nearby = min(n_nearby_terminals, n_terminals)
    _, nearby = KDTree(locations).query(homes, k=range(1, n_nearby + 1))
    terminal = nearby[customer, rng.randint(n_nearby, size=customer.size, dtype=np.int64)]
    category = rng.choice(len(_CATEGORIES), size=n_terminals, p=_CATEGORY_SHARES)
    return terminal, category[terminal]


def _draw_log_normal(rng, sigma, size):
    """Draw log-normal factors of mean 1."""
    return np.exp(sigma * rng.standard_normal(size) - sigma**2 / 2)


def _draw_onsets(rng, n_owners, n_days, rate):
    """Draw the day on which each terminal or card is compromised; inf where it never is."""
    chosen = rng.permutation(n_owners)[: round(rate * n_owners)]
    onset = np.full(n_owners, np.inf)
    onset[chosen] = n_days * rng.random_sample(chosen.size)
    return onset


def _draw_hits(rng, elapsed, duration, rate):
    """Draw the transactions that are hit, at `rate` within `duration` after the onset."""
    return (elapsed >= 0) & (elapsed < duration) & (rng.random_sample(elapsed.size) < rate)


@validate_params(
    {
        "n_entities": [_COUNT],
        "n_days": [_COUNT],
        "n_terminals": [_COUNT, None],
        "n_nearby_terminals": [_COUNT],
        "daily_transactions": [_POSITIVE],
        "mean_amount": [_POSITIVE],
        "large_amount_rate": [_SHARE],
        "large_amount_factor": [_POSITIVE],
        "terminal_compromise_rate": [_SHARE],
        "terminal_compromise_days": [_POSITIVE],
        "terminal_fraud_rate": [_SHARE],
        "customer_compromise_rate": [_SHARE],
        "customer_compromise_days": [_POSITIVE],
        "customer_fraud_rate": [_SHARE],
        "customer_amount_factor": [_POSITIVE],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def make_transactions(
    n_entities: int = 1000,
    *,
    n_days: int = 90,
    n_terminals: int | None = None,
    n_nearby_terminals: int = 20,
    daily_transactions: float = 1.0,
    mean_amount: float = 50.0,
    large_amount_rate: float = 0.001,
    large_amount_factor: float = 10.0,
    terminal_compromise_rate: float = 0.02,
    terminal_compromise_days: float = 28,
    terminal_fraud_rate: float = 0.5,
    customer_compromise_rate: float = 0.05,
    customer_compromise_days: float = 14,
    customer_fraud_rate: float = 0.3,
    customer_amount_factor: float = 5.0,
    random_state: RandomState = None,
) -> pandas.DataFrame:
    r"""Generate a synthetic log of card transactions with labelled fraud.

    Customers pay at terminals near their homes, each at a rate and at a level of amounts of
    their own, and three mechanisms turn some of the transactions into fraud. Nothing in it is
    real data: it is for examples, tests and benchmarks, where the truth has to be known.

    Parameters
    ----------
    n_entities : int, default=1000
        Number of customers. Those who happen to make no transaction have no row; see Notes.
    n_days : int, default=90
        Length of the log in days. The first begins at 2024-01-01 00:00.
    n_terminals : int, default=None
        Number of terminals. None means one for every two customers, and at least one.
    n_nearby_terminals : int, default=20
        A customer pays at this many terminals, those nearest home, each as likely as the others;
        at every terminal where there are not that many.
    daily_transactions : float, default=1.0
        Expected transactions per customer and day.
    mean_amount : float, default=50.0
        Expected amount of a genuine transaction, in units of currency.
    large_amount_rate : float, default=0.001
        First mechanism: the share of all transactions that becomes a single large fraud.
    large_amount_factor : float, default=10.0
        The least such amount, as a multiple of `mean_amount`. The excess over it is exponential,
        half of it on average. Genuine amounts have no upper limit.
    terminal_compromise_rate : float, default=0.02
        Second mechanism: the share of the terminals that are compromised, each once; their number
        is rounded to an integer. The moment is uniform over the log.
    terminal_compromise_days : float, default=28
        For how many days a terminal stays compromised.
    terminal_fraud_rate : float, default=0.5
        The share of the transactions at a compromised terminal that is fraudulent. Their amounts
        are left as they are: only the history of the terminal gives them away.
    customer_compromise_rate : float, default=0.05
        Third mechanism: the share of the customers whose card is compromised, each once; their
        number is rounded to an integer. The moment is uniform over the log.
    customer_compromise_days : float, default=14
        For how many days a card stays compromised.
    customer_fraud_rate : float, default=0.3
        The share of the transactions of a compromised card that is fraudulent.
    customer_amount_factor : float, default=5.0
        What the amounts of these are multiplied by. Only the history of the customer shows them
        as unusual.
    random_state : int, RandomState instance or None, default=None
        Determines the random numbers. Pass an int for the same log on every call.

    Returns
    -------
    transactions : pandas.DataFrame of shape (n_transactions, 8)
        One row a transaction, in the order of time:

        - `transaction_id` (int64): 0 to n_transactions - 1, in this order;
        - `customer_id` (int64): 0 to n_entities - 1;
        - `terminal_id` (int64): 0 to n_terminals - 1;
        - `time` (datetime64): in whole seconds;
        - `amount` (float64): in units of currency, two decimals, at least 0.01;
        - `merchant_category` (category): of the terminal, one of six words;
        - `is_fraud` (bool): True where a mechanism made the transaction fraudulent;
        - `fraud_scenario` (int8): 0 genuine, 1 large amount, 2 compromised terminal,
          3 compromised card.

    Raises
    ------
    InvalidParameterError
        If a parameter is of a wrong type or out of its range. It is a ValueError and a TypeError.

    See Also
    --------
    load_cdnow : A real log, without labels.

    Notes
    -----
    Homes and terminals are uniform on the unit square. Customer :math:`i` has a daily rate
    :math:`\lambda_i`, gamma distributed with shape 2 and mean `daily_transactions`, and makes
    Poisson(:math:`\lambda_i` `n_days`) transactions: none with probability
    :math:`(1 + \mathtt{n\_days} \cdot \mathtt{daily\_transactions} / 2)^{-2}`. Their days are
    uniform, their hours follow a rhythm with peaks at noon and in the early evening. A genuine
    amount is `mean_amount` times three factors of mean 1: of the customer (log-normal,
    :math:`\sigma = 0.5`), of the merchant category, of the transaction (log-normal,
    :math:`\sigma = 0.6`).

    A transaction is fraudulent by one mechanism at most: the first, in the order above, that
    takes it. Fraud relabels transactions and adds none. Every mechanism has random numbers of its
    own: with a given `random_state`, its parameters change nothing in the genuine traffic, nor in
    the other mechanisms but for the transactions that it takes before them. The numbers of
    customers, terminals and days do change the whole log.

    Time and memory are linear in the number of transactions, apart from sorting them.

    The idea of a simulator with a mechanism for each kind of history, amount, terminal and
    customer, is that of [1]_; the distributions and the parameters here are others.

    References
    ----------
    .. [1] Le Borgne, Y.-A., Siblini, W., Lebichot, B. and Bontempi, G. (2022). "Reproducible
           Machine Learning for Credit Card Fraud Detection - Practical Handbook", Université
           Libre de Bruxelles, chapter 3.
           https://fraud-detection-handbook.github.io/fraud-detection-handbook/

    Examples
    --------
    >>> from sktemporal.datasets import make_transactions
    >>> transactions = make_transactions(n_entities=200, n_days=30, random_state=0)
    >>> transactions[["customer_id", "time", "amount", "merchant_category"]].head(3)
       customer_id                time  amount merchant_category
    0           22 2024-01-01 01:16:39   22.89              fuel
    1          109 2024-01-01 01:58:30    2.97           grocery
    2           32 2024-01-01 02:55:09   77.27          clothing
    >>> transactions["fraud_scenario"].value_counts().sort_index()
    fraud_scenario
    0    6312
    1      11
    2      29
    3      30
    Name: count, dtype: int64
    """
    import pandas as pd

    # A stream for each part, so that no part's draws depend on the parameters of another.
    rng = check_random_state(random_state)
    seeds = rng.randint(np.iinfo(np.int32).max, size=4, dtype=np.int64)
    traffic, large, terminals, customers = map(check_random_state, seeds)
    if n_terminals is None:
        n_terminals = max(n_entities // 2, 1)

    customer, seconds = _draw_events(traffic, n_entities, n_days, daily_transactions)
    terminal, category = _draw_terminals(
        traffic, customer, n_entities, n_terminals, n_nearby_terminals
    )
    level = mean_amount * _draw_log_normal(traffic, _SIGMA_BETWEEN_CUSTOMERS, n_entities)
    noise = _draw_log_normal(traffic, _SIGMA_WITHIN_CUSTOMER, customer.size)
    amount = level[customer] * _CATEGORY_AMOUNTS[category] * noise
    day = seconds / _SECONDS_PER_DAY
    scenario = np.zeros(day.size, dtype=np.int8)

    hit = large.random_sample(day.size) < large_amount_rate
    excess = large.standard_exponential(day.size) / 2
    amount[hit] = large_amount_factor * mean_amount * (1 + excess[hit])
    scenario[hit] = 1

    onset = _draw_onsets(terminals, n_terminals, n_days, terminal_compromise_rate)
    elapsed = day - onset[terminal]
    hit = _draw_hits(terminals, elapsed, terminal_compromise_days, terminal_fraud_rate)
    hit &= scenario == 0
    scenario[hit] = 2

    onset = _draw_onsets(customers, n_entities, n_days, customer_compromise_rate)
    elapsed = day - onset[customer]
    hit = _draw_hits(customers, elapsed, customer_compromise_days, customer_fraud_rate)
    hit &= scenario == 0
    amount[hit] *= customer_amount_factor
    scenario[hit] = 3

    return pd.DataFrame(
        {
            "transaction_id": np.arange(day.size, dtype=np.int64),
            "customer_id": customer,
            "terminal_id": terminal.astype(np.int64, copy=False),
            "time": _START + seconds.astype("timedelta64[s]"),
            "amount": np.maximum(np.round(amount, 2), 0.01),
            "merchant_category": pd.Categorical.from_codes(category, _CATEGORIES),
            "is_fraud": scenario > 0,
            "fraud_scenario": scenario,
        }
    )
