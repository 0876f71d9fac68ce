"""Labels as codes, one after the other in a dictionary."""


def first_seen_codes(values):
    """Codes in the order in which the values first occur, and the distinct values."""
    places = {}
    return [places.setdefault(value, len(places)) for value in values], list(places)


def kind_and_value(value):
    """What makes a label the same as another: its kind and its value, within tuples too."""
    if isinstance(value, tuple):
        return tuple(map(kind_and_value, value))
    if hasattr(value, "item"):  # a scalar of numpy
        value = value.item()
    return type(value).__name__, value
