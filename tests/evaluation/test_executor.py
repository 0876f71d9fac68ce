"""Any plan, by every road, has the values of the slow twin and the same bits."""

import numpy as np
import pytest
from evaluation.nodes import HOUR, NODES, Planned
from histories import histories, same_bits, seeded_histories, sequences_of
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.plan import evaluate

from sktemporal.evaluation import Age, Derived, Events, Fold, Numeric, Session, Undefined, Where


def check(nodes, seqs):
    """Compare by every road with the slow twin."""
    family = Planned(tuple(nodes)).fit(seqs)
    got = family.transform(seqs)
    expected = [[evaluate(node, seqs, i) for node in nodes] for i in range(len(seqs))]
    expected = np.reshape(expected, (len(seqs), len(nodes)))
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-6)
    if len(seqs) == 0:
        return
    alone = [family.transform(seqs[i]) for i in range(len(seqs))]
    assert same_bits(got, np.vstack(alone))
    rows = np.r_[0 : len(seqs), 0, 0]
    assert same_bits(family.transform(seqs[rows]), got[rows])


@given(histories(), st.lists(NODES, min_size=1, max_size=4), st.sampled_from((False, True, None)))
@settings(max_examples=150)
@pytest.mark.filterwarnings("ignore:.* no valid event")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_plan_is_that_of_the_slow_twin(some, nodes, inclusive):
    seqs = sequences_of(some, junk=1)
    check(nodes, seqs if inclusive is None else seqs.each_event(inclusive=inclusive))


@given(st.lists(NODES, min_size=1, max_size=3))
@settings(max_examples=30)
@pytest.mark.filterwarnings("ignore:.* no valid event")
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_any_plan_side_by_side(nodes):
    some = seeded_histories(3, n_entities=30, longest=12)
    for history in some:  # the names that the plans read
        history.values.update(x0=history.values.pop("amount"), x1=history.values.pop("tied"))
    seqs = sequences_of(some)
    check(
        [node for node in nodes if "c0" not in repr(node)] or [Fold("count", Numeric("x0"))], seqs
    )


def test_a_field_that_x_does_not_have_is_named():
    family = Planned((Fold("mean", Numeric("price")),))
    with pytest.raises(ValueError, match="plan of Planned reads a field 'price'"):
        family.fit_transform(sequences_of(seeded_histories()))


def test_sessions_need_times():
    with pytest.raises(ValueError, match="windows that are sessions"):
        Planned((Fold("mean", Numeric("x0"), Session(HOUR)),)).fit_transform(np.ones((3, 4, 2)))


def test_functions_that_leave_out_what_is_undefined_get_it_as_nan():
    count, total, cv = (Fold(name, Numeric("x0")) for name in ("count", "sum", "cv"))
    unknown = (Undefined(), Fold("span", Events()), Fold("count", Numeric("x1")))
    nodes = (
        Derived("consistency", (count, total, cv)),
        Derived("consistency", (count, total, cv, *unknown)),
        Derived("consistency", (count, total, cv, Derived("ratio", unknown[:2]), total, cv)),
    )
    alone, *others = Planned(nodes).fit_transform(np.array([[[1.0, 0.0], [3.0, 0.0]]] * 3)).T
    assert alone.tolist() == [2 / 3] * 3
    assert [other.tolist() for other in others] == [[2 / 3] * 3] * 2


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (Fold("meen", Numeric("x0")), r"statistic of such a column must be one of .*got 'meen'"),
        (Fold("diversity", Numeric("x0")), "got 'diversity'"),
        (Fold("span", Numeric("x0")), "got 'span'"),
        (Fold("mean", Events()), r"\['count', 'span'\]; got 'mean'"),
        (Fold("quantile", Numeric("x0")), "'quantile' needs a parameter"),
        (Fold("mean", Where(Numeric("x0"), "=>", 1.0)), "a comparison must be .*got '=>'"),
        (Age("latest", Events()), "an end must be one of .*got 'latest'"),
        (Derived("quotient", (Fold("sum", Numeric("x0")),)), "a function .*got 'quotient'"),
        (Derived("ratio", (Fold("sum", Numeric("x0")), Fold("some", Events()))), "got 'some'"),
    ],
)
def test_what_a_plan_names_has_to_be_known(node, message):
    with pytest.raises(ValueError, match=f"column 'column 0': .*{message}"):
        Planned((node,)).fit_transform(np.ones((3, 4, 2)))
