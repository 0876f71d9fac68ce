import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_examples_run_as_pasted_and_are_short(capsys):
    examples = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    for example in examples:
        code = [line for line in example.splitlines() if line.strip()]
        assert len(code) <= 15
        exec(compile(example, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "count_dollar_value" in printed
    assert "Remove" in printed
    expected = names["pipeline"].transform(names["seqs"][:1]).to_numpy()
    assert names["row"].tobytes() == expected.tobytes()
    assert names["features_now"].shape == names["row"].shape


def test_the_two_commands_are_what_ci_runs():
    text = README.read_text(encoding="utf-8")
    ci = (README.parent / ".ci" / "run").read_text(encoding="utf-8")
    for command in (
        "pip install . && python -m sktemporal demo",
        'pip install ".[test]" && python -m pytest',
    ):
        assert command in text
        assert command in ci


def test_the_table_names_every_family():
    import sktemporal
    from sktemporal.features._base import FeatureFamily

    text = README.read_text(encoding="utf-8")
    families = [
        name
        for name in sktemporal.__all__
        if isinstance(getattr(sktemporal, name), type)
        and issubclass(getattr(sktemporal, name), FeatureFamily)
    ]
    assert len(families) == 7
    for name in families:
        assert f"| `{name}` |" in text
