"""The faults that `planted_faults` plants still fit the files; planting them takes minutes."""

import ast
from collections import Counter

import pytest
from faults import Fault
from planted_faults import ROOMS, ROOT, faults_of, plant

FAULTS = [(room, fault) for room in ROOMS for fault in faults_of(room)]
every_fault = pytest.mark.parametrize(
    "fault", [fault for _, fault in FAULTS], ids=[f"{room}-{fault.name}" for room, fault in FAULTS]
)


@every_fault
def test_a_fault_s_text_occurs_once_in_its_file(fault):
    assert (ROOT / fault.file).read_text().count(fault.old) == 1
    assert fault.new != fault.old


@every_fault
def test_a_fault_s_tests_are_there(fault):
    assert fault.tests
    for test in fault.tests:
        path, *names = test.split("[")[0].split("::")
        tree = ast.parse((ROOT / path).read_text()) if names else None
        assert (ROOT / path).exists()
        assert set(names) <= {
            getattr(node, "name", None) for node in ast.walk(tree or ast.Module([]))
        }


def test_no_two_faults_have_one_name():
    assert Counter(fault.name for _, fault in FAULTS).most_common(1)[0][1] == 1


@pytest.fixture
def project(tmp_path):
    (tmp_path / "area.py").write_text("def area(a, b):\n    return a * b + 0\n")
    test = "from area import area\n\ndef test_area():\n    assert area(2, 3) == 6\n"
    (tmp_path / "test_area.py").write_text(test)
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "equivalent", "outcome"),
    [
        ("a * b", "a + b", "", "caught"),
        ("return", "retrun", "", "caught"),
        ("+ 0", "- 0", "", "NOT CAUGHT"),
        ("+ 0", "- 0", "nothing is added", "equivalent"),
        ("a * b", "a + b", "nothing is added", "CAUGHT THOUGH EQUIVALENT"),
        ("b * a", "b + a", "", "TEXT NOT FOUND"),
        ("a", "c", "", "TEXT NOT FOUND"),
    ],
)
def test_what_becomes_of_a_planted_fault(project, old, new, equivalent, outcome):
    before = (project / "area.py").read_text()
    fault = Fault("name", "area.py", old, new, ("test_area.py",), True, equivalent)
    assert plant(fault, project)[0] == outcome
    assert (project / "area.py").read_text() == before


def test_tests_that_are_not_there_notice_nothing(project):
    fault = Fault("name", "area.py", "*", "+", ("test_area.py::test_volume",))
    assert plant(fault, project)[0] == "TESTS CANNOT BE RUN"
