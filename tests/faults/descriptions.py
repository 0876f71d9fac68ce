"""Faults of what is said of columns: words, sentences, what is read, when they are undefined."""

from faults import Fault

_CONDITIONS = "sktemporal/evaluation/conditions.py"
_DESCRIBING = "sktemporal/pipelines/describing.py"
_HORIZONS = "sktemporal/evaluation/horizons.py"
_SENTENCES = "sktemporal/evaluation/sentences.py"
_WORDS = "sktemporal/evaluation/words.py"

_TESTS = ("tests/evaluation/test_descriptions.py",)
_TESTS_OF_DESCRIBING = ("tests/pipelines/test_describing.py",)


def _of_nodes(name, file, text, fault):
    return Fault(f"descriptions: {name}", file, text, fault, _TESTS)


def _of_pipelines(name, text, fault):
    return Fault(f"describe: {name}", _DESCRIBING, text, fault, _TESTS_OF_DESCRIBING)


FAULTS = [
    _of_nodes("a slope of one value", _WORDS, '"{unit} per step", 2,', '"{unit} per step", 1,'),
    _of_nodes("a mean of no value", _WORDS, '"mean of {of}", "{unit}", 1', '"mean of {of}", "", 0'),
    _of_nodes("a sum that is undefined", _WORDS, '"sum of {of}", "{unit}", 0', '"sum", "", 1'),
    _of_nodes(
        "distinct codes of none are 0", _WORDS, "_replace(at_least=1)", "_replace(at_least=0)"
    ),
    _of_nodes(
        "a window that is cut is not partial",
        _WORDS,
        "values, end, bool(end), _HELD",
        "values, end, False, _HELD",
    ),
    _of_nodes("a duration that is not partial", _WORDS, '"", True, _HELD', '"", False, _HELD'),
    _of_nodes("a session is held", _WORDS, "end, True, _OF_A_SESSION", "end, True, _HELD"),
    _of_nodes(
        "left cuts nothing",
        _WORDS,
        'window.closed in ("left", "neither")\n\n',
        'window.closed in ("neither",)\n\n',
    ),
    _of_nodes("the twelfth is the 12nd", _WORDS, '("11", "12", "13")', '("11", "13")'),
    _of_nodes("a lag of too few", _CONDITIONS, "parameter + 1 if", "parameter if"),
    _of_nodes("a lag beyond its window", _CONDITIONS, "n > node.window.n", "n > node.window.n + 1"),
    _of_nodes(
        "functions forget arguments", _CONDITIONS, "if is_strict(node.function):", "if False:"
    ),
    _of_nodes("an age without times", _CONDITIONS, "_Condition(None, 0, NO_MOMENTS)", "*()"),
    _of_nodes("a lag reads too few", _HORIZONS, "fold.parameter + 1", "fold.parameter"),
    _of_nodes("the shortest is read", _HORIZONS, "reach.n > longest", "reach.n < longest"),
    _of_nodes("the first is the last", _HORIZONS, '"first" if is_first', '"last" if is_first'),
    _of_nodes("the first of a window", _HORIZONS, "of_an_end and not is_first", "of_an_end"),
    _of_nodes("what waits is not kept", _HORIZONS, 'least = "B"', 'least = "A"'),
    _of_nodes(
        "the window is said twice", _SENTENCES, "phrase_of(node, False)", "phrase_of(node, True)"
    ),
    _of_pipelines(
        "what is dropped stays",
        "get_support(), strict=True) if stays]",
        "get_support(), strict=True)]",
    ),
    _of_pipelines("weights are forgotten", "if weight is None:", "if True:"),
    _of_pipelines("members of members", 'f"{member}__{name}"', "name"),
    _of_pipelines("what prune left out", "estimator._planned(", "estimator._plan("),
    _of_pipelines(
        "what is overridden",
        "return is_plain_family(estimator) and not",
        "return isinstance(estimator, FeatureFamily) and not",
    ),
    _of_pipelines("state by hand", "check_state(estimator)", "pass"),
]
