"""The examples run, without a warning."""

import runpy
from pathlib import Path

import matplotlib as mpl
import pytest
from threadpoolctl import threadpool_limits

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("plot_*.py"))


@pytest.fixture
def pyplot(monkeypatch):
    mpl.use("Agg", force=True)
    import matplotlib.pyplot as plt

    # The Agg backend warns that it cannot show.
    monkeypatch.setattr(plt, "show", lambda: None)
    yield plt
    plt.close("all")


def test_there_are_examples():
    assert len(EXAMPLES) >= 5


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path, pyplot):
    with threadpool_limits(1):  # there is a process of tests on every core
        runpy.run_path(str(path), run_name="__main__")
    for number in pyplot.get_fignums():
        pyplot.figure(number).canvas.draw()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_is_for_the_gallery(path):
    """A title, a question, and cells."""
    text = path.read_text(encoding="utf-8")
    above, title, below = text.splitlines()[1:4]
    assert set(above) == set(below) == {"="}
    assert len(above) == len(below) == len(title)
    assert text.count("\n# %%\n") >= 3
