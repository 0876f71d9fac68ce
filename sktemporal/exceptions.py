"""Warnings and errors of our own."""


class DefaultFieldsWarning(UserWarning):
    """Among the fields that are taken by default, some look like ids, row numbers or labels.

    Naming the fields, these among them or not, is the answer.
    """


class EmptyHistoryWarning(UserWarning):
    """Some rows have no valid event in their history, so their features are undefined.

    Silence it with `warnings.simplefilter("ignore", EmptyHistoryWarning)` where that is expected.
    """


class InexactIntegerWarning(UserWarning):
    """A numerical field has integers that float64 does not hold; it takes the nearest it does."""


class InputError(ValueError):
    """A file or a setting of a job cannot be used; the message is one line that says why."""
