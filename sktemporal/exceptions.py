"""Warnings and errors of our own."""


class DefaultFieldsWarning(UserWarning):
    """The fields that are taken by default may not be those that are meant.

    Some look like ids, row numbers or labels, or a column can be no field. Naming the `fields` and
    `categorical_fields` is the answer.
    """


class EmptyHistoryWarning(UserWarning):
    """Some rows have no valid event in their history, so their features are undefined.

    Silence it with `warnings.simplefilter("ignore", EmptyHistoryWarning)` where that is expected.
    """


class InexactIntegerWarning(UserWarning):
    """A numerical field has integers that float64 does not hold; it takes the nearest it does."""


class InputError(ValueError):
    """A file or a setting of a job cannot be used; the message is one line that says why."""


class MixedTypesWarning(UserWarning):
    """A column of ids or categories holds values of several types, such as 7 and "7"."""


class UnknownEntityWarning(UserWarning):
    """Some entities that were asked for are not among the ids, so their histories are empty."""


class UntestedVersionWarning(UserWarning):
    """A package of which internals are used is of a version that the tests did not run with."""


class UntrustedTypesWarning(UserWarning):
    """A saved pipeline has types that `load_pipeline` takes only where they are named."""
