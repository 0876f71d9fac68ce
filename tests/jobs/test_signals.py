"""Signals end a command in order: status 128 + number, nothing half-written, one line."""

import signal
import subprocess
import sys
import time

import pytest

ENDED_WHILE_WRITING = """
import sys, time
from sktemporal.io import contract
from sktemporal.jobs import temporal_feature_engineering as job
write = job.write_features

def slow(*arguments):
    write(*arguments)
    print("written", flush=True)
    time.sleep(60)

job.write_features = slow
sys.argv = ["sktemporal", *sys.argv[1:]]
from sktemporal.__main__ import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize(
    ("number", "repeated", "distributed"),
    [(signal.SIGTERM, 1, False), (signal.SIGTERM, 1, True), (signal.SIGINT, 2, False)],
)
def test_nothing_is_left(number, repeated, distributed, sequences, tmp_path, environment):
    environment.setenv("ENABLE_DISTRIBUTED_PROCESSING", str(distributed))
    output = tmp_path / "output"
    command = [sys.executable, "-c", ENDED_WHILE_WRITING, "features", "--job_type", "training"]
    process = subprocess.Popen(
        [*command, "--input", sequences, "--output", output],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "written\n"
    assert any("staging" in path.name for path in tmp_path.iterdir())
    for _ in range(repeated):
        process.send_signal(number)
        time.sleep(0.001)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert err.splitlines()[-1] == f"sktemporal: ended by {number.name}"
    assert "Traceback" not in err
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "sequences"}


def test_handlers_are_put_back(run):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    run("features", "--job_type", "nonsense")
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "got an empty one"),
        (" ", "got an empty one"),
        ("x" * 300, "expected a shorter path"),
        ("x\udcff", "expected a path in UTF-8"),
    ],
)
@pytest.mark.parametrize("option", ["--input", "--output", "--pipeline", "--events", "--labels"])
def test_what_is_no_path(option, value, expected, run):
    result = run("features", "--job_type", "testing", option, value)
    assert (result.status, result.err.count("\n")) == (1, 1)
    assert option in result.err
    assert expected in result.err
