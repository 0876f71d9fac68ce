"""The CDNOW purchase log."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas


def load_cdnow() -> pandas.DataFrame:
    """Load the CDNOW purchase log, the purchases of a cohort of customers of a music shop.

    Every purchase, from 1 January 1997 to 30 June 1998, of the 23,570 customers who made their
    first purchase at CDNOW in the first quarter of 1997. This is the whole cohort (the "master"
    data set), of which the 1/10th sample of 2,357 customers that many papers use is a part.

    Returns
    -------
    log : pandas.DataFrame of shape (69659, 4)
        One row a purchase, by customer and then by date:

        - `customer_id` (int64): the customer, 1 to 23570;
        - `date` (datetime64): the day of the purchase, without a time of day;
        - `number_of_cds` (int64): the CDs bought, 1 to 99;
        - `dollar_value` (float64): the value of the purchase in US dollars, exact to the cent.

    See Also
    --------
    make_transactions : A synthetic log, of any size and with labels.

    Notes
    -----
    The log is as it was published. Purchases on one day are rows of their own; 255 rows repeat
    an earlier row in all four columns, and 80 purchases are of 0 dollars.

    The file comes from the package lifetimes 0.11.3, under the MIT licence; its text and the
    attribution are beside the file, in `sktemporal/datasets/data`.

    References
    ----------
    .. [1] Fader, P. S. and Hardie, B. G. S. (2001). "Forecasting Repeat Sales at CDNOW: A Case
           Study", Interfaces 31(3), Part 2 of 2, S94-S107.
    .. [2] Fader, P. S. and Hardie, B. G. S. (2013). "Notes on the CDNOW Master Data Set",
           http://brucehardie.com/notes/026/
    .. [3] Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "RFM and CLV: Using Iso-Value
           Curves for Customer Base Analysis", Journal of Marketing Research 42(4), 415-430.

    Examples
    --------
    >>> from sktemporal.datasets import load_cdnow
    >>> log = load_cdnow()
    >>> log.head(4)
       customer_id       date  number_of_cds  dollar_value
    0            1 1997-01-01              1         11.77
    1            2 1997-01-12              1         12.00
    2            2 1997-01-12              5         77.00
    3            3 1997-01-02              2         20.76
    >>> log["customer_id"].nunique()
    23570
    """
    import pandas as pd

    with files(__package__).joinpath("data/cdnow.parquet").open("rb") as file:
        log = pd.read_parquet(file, engine="pyarrow")
    # The file's int16 and int8 would overflow in a caller's arithmetic.
    return log.astype({"customer_id": "int64", "number_of_cds": "int64"})
