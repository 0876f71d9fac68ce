"""The page on how it works: its examples run, its tables are those of the code."""

import configparser
import importlib
import itertools
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import sktemporal
from sktemporal import EventSequences, StatisticalFeatures, TemporalFeatureUnion, prepare, prune
from sktemporal.evaluation import roads
from sktemporal.testing import check_no_leakage, check_sequence_transformer

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "how_it_works.md").read_text(encoding="utf-8")
FAMILY, USE, COMPUTED = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def table(title):
    """The rows of the table under a title, without its head."""
    section = PAGE.split(f"# {title}\n")[1].split("\n#")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[2:]]


def table_of_docstring(text):
    """The rows of a table in reStructuredText, without its head."""
    _, _, rows = re.split(r"^=[= ]+=$\n", text, flags=re.MULTILINE)[:3]
    edges = [m.span() for m in re.finditer("=+", re.search(r"^=[= ]+=$", text, re.MULTILINE)[0])]
    edges[-1] = edges[-1][0], None
    found = []
    for line in rows.splitlines():
        cells = [line[slice(*edge)].strip() for edge in edges]
        if cells[0]:
            found.append(cells)
        else:
            found[-1] = [" ".join(both).strip() for both in zip(found[-1], cells, strict=True)]
    return [[cell.replace("`", "") for cell in row] for row in found]


def test_the_roads_are_those_of_the_module():
    expected = table_of_docstring(roads.__doc__)
    assert len(expected) >= 3
    written = "\n".join(f"| {' | '.join(row)} |" for row in expected)
    assert table("Roads") == expected, f"the table is now\n{written}"


def test_the_rooms_are_those_of_the_contract():
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / "setup.cfg")
    layers = contracts["importlinter:contract:layers"]["layers"].split("\n")
    modules = [name.strip() for layer in layers for name in layer.split("|") if name.strip()]
    rooms = [
        row[0].strip("`").removesuffix(".py").replace("/", ".") for row in table("Where things are")
    ]
    assert rooms == modules


def test_the_map_has_all_kernels():
    there = {path.stem for path in (ROOT / "sktemporal" / "_kernels").glob("*.py")} - {"__init__"}
    named = [row[0].strip("`") for row in table("The kernels")]
    assert len(named) == len(set(named))
    assert set(named) == there


def test_a_word_is_explained_once():
    words = [row[0] for row in table("Words")]
    assert len(words) == len(set(words)) >= 10


@pytest.fixture(scope="module")
def families(tmp_path_factory):
    """The families of the page, as a module that another process could import."""
    directory = tmp_path_factory.mktemp("families")
    (directory / "families_of_the_page.py").write_text(FAMILY + COMPUTED, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(directory))
        yield importlib.import_module("families_of_the_page")
    del sys.modules["families_of_the_page"]


@pytest.fixture(scope="module")
def events():
    """Histories of 0 to 30 events with ties, missing values and arrivals at once."""
    rng = np.random.default_rng(0)
    lengths = np.array([0, 1, 30, 12, 7, 25])
    values = rng.lognormal(4.0, 1.0, (lengths.sum(), 2))
    values[rng.random(values.shape) < 0.2] = np.nan
    times = np.concatenate([np.sort(rng.integers(0, 20, n)) for n in lengths]) * 3_600_000_000
    stops = np.cumsum(lengths)
    return EventSequences(values, stops - lengths, stops, times=times, fields=["a", "b"])


def test_the_example_says_what_comes_out(families, capsys):
    exec(compile(USE, "how_it_works.md", "exec"), vars(families).copy())
    printed = capsys.readouterr().out.splitlines()
    said = [re.search(r"# (\[.*\])", line)[1] for line in USE.splitlines() if "print(" in line]
    assert printed == said


def since_large(events, threshold):
    """The slow twin: event by event."""
    rows = []
    for start, stop, moment in zip(
        events.starts, events.stops, events.reference_times, strict=True
    ):
        row = []
        for values in events.values.T:
            large = [t for t in range(start, stop) if values[t] > threshold]
            row.append((moment - events.times[large[-1]]) / 1e6 if large else np.nan)
        rows.append(row)
    return np.array(rows).reshape(-1, events.values.shape[1])


@pytest.mark.parametrize("view", ["whole", "moments", "inclusive moments", "one"])
@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_time_since_large(families, events, view):
    seen = {
        "whole": lambda: events,
        "moments": events.each_event,
        "inclusive moments": lambda: events.each_event(inclusive=True),
        "one": lambda: events[[2]],
    }[view]()
    family = families.TimeSinceLarge(60.0, fill_value=np.nan).fit(events)
    expected = since_large(seen, 60.0)
    assert np.isfinite(expected).any()
    np.testing.assert_array_equal(family.transform(seen), expected)


@pytest.mark.parametrize("threshold", ["60", None, [1.0]])
def test_a_threshold_that_is_none(families, events, threshold):
    with pytest.raises(ValueError, match="'threshold' parameter of TimeSinceLarge"):
        families.TimeSinceLarge(threshold).fit(events)


@pytest.mark.parametrize("name", ["TimeSinceLarge", "LongestRise"])
@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_a_family_of_the_page_is_one_of_ours(families, events, name):
    family = getattr(families, name)()
    check_sequence_transformer(family)
    moments = events.each_event()
    check_no_leakage(family, moments)
    union = TemporalFeatureUnion([("own", family), ("other", StatisticalFeatures(("mean",)))])
    features = union.fit(events).transform(moments)
    alone = family.fit(events).transform(moments)
    assert features[:, :2].tobytes() == alone.tobytes()
    assert union.get_feature_names_out()[:2].tolist() == [
        f"own__{column}" for column in family.get_feature_names_out()
    ]
    serve = prepare(union)
    for i in range(0, len(moments), 9):
        assert serve(moments[i : i + 1]).tobytes() == features[i : i + 1].tobytes()
    assert pickle.loads(pickle.dumps(union)).transform(moments).tobytes() == features.tobytes()


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_pruned(families, events):
    union = TemporalFeatureUnion(
        [("large", families.TimeSinceLarge(60.0)), ("other", StatisticalFeatures(("mean",)))]
    ).fit(events)
    features, names = union.transform(events), union.get_feature_names_out().tolist()
    for wanted in itertools.chain.from_iterable(itertools.combinations(names, n) for n in (1, 2)):
        pruned = prune(union, list(wanted))
        assert pruned.get_feature_names_out().tolist() == list(wanted)
        expected = features[:, [names.index(name) for name in wanted]]
        assert pruned.transform(events).tobytes() == np.ascontiguousarray(expected).tobytes()


def longest_rise(values):
    """The slow twin: every stretch of values."""
    values = values[~np.isnan(values)]
    rises = [
        stop - start
        for start, stop in itertools.combinations(range(len(values) + 1), 2)
        if all(a < b for a, b in itertools.pairwise(values[start:stop]))
    ]
    return max(rises, default=np.nan)


@pytest.mark.filterwarnings("ignore::sktemporal.exceptions.EmptyHistoryWarning")
def test_longest_rise(families, events):
    for seen in (events, events.each_event()):
        found = families.LongestRise(fill_value=np.nan).fit(events).transform(seen)
        expected = [
            [longest_rise(values) for values in seen.values[start:stop].T]
            for start, stop in zip(seen.starts, seen.stops, strict=True)
        ]
        np.testing.assert_array_equal(found, np.array(expected).reshape(found.shape))


def test_the_base_is_public():
    assert "FeatureFamily" in sktemporal.features.__all__
    for name in sktemporal.features.__all__:
        assert issubclass(getattr(sktemporal.features, name), sktemporal.features.FeatureFamily)
