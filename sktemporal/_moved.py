"""Public names that are still found where they were, though they live elsewhere."""

import importlib


def names_of(module, home, names):
    """Make the `__getattr__` of a module that takes names from where they live, on first use."""

    def found(name):
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return getattr(importlib.import_module(home), name)

    return found
