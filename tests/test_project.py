"""Files about the project say what the project is and does."""

import re
import tomllib
from pathlib import Path

import pytest

import sktemporal

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("key", ["version", "license"])
def test_the_citation_is_of_this_version(key):
    (cited,) = re.findall(rf"^{key}: (.+)$", read("CITATION.cff"), re.MULTILINE)
    assert cited == PROJECT[key]
    assert PROJECT["authors"] == [{"name": "The sktemporal developers"}]
    assert "  - name: The sktemporal developers\n" in read("CITATION.cff")


def test_the_linters_before_a_commit_are_those_of_ci():
    hooks = re.findall(r"^ +entry: (.+)$", read(".pre-commit-config.yaml"), re.MULTILINE)
    in_ci = [
        line for line in read(".ci/run").splitlines() if line.startswith(("ruff ", "mypy", "lint-"))
    ]
    assert hooks == in_ci
    for command in hooks:
        assert command in read("CONTRIBUTING.md")


@pytest.mark.parametrize("page", ["SECURITY.md", "CONTRIBUTING.md", "README.md"])
def test_the_files_that_a_page_names_are_there(page):
    named = re.findall(r"`((?:sktemporal|tests|benchmarks|docs)/[\w/.]+)`", read(page))
    named += re.findall(r"\]\(([\w/.]+)\)", read(page))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_modules_to_run_are_there():
    for name in re.findall(r"python -m (benchmarks\.\w+)", read("CONTRIBUTING.md")):
        path = ROOT / name.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), name


def test_the_installed_version_is_that_of_the_project():
    assert sktemporal.__version__ == PROJECT["version"]
