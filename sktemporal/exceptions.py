"""Warnings and errors of our own."""


class EmptyHistoryWarning(UserWarning):
    """Some rows have no valid event in their history, so their features are undefined.

    Silence it with `warnings.simplefilter("ignore", EmptyHistoryWarning)` where that is expected.
    """


class InputError(ValueError):
    """A file or a setting of a job cannot be used; the message is one line that says why."""
