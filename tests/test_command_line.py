"""The command line itself; the commands have their tests in tests/jobs."""

import subprocess
import sys

import sktemporal


def run(*arguments):
    command = [sys.executable, "-m", "sktemporal", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_version():
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"sktemporal {sktemporal.__version__}\n")


def test_no_command_is_an_error_with_a_way_out():
    done = run()
    assert (done.returncode, done.stderr) == (1, "sktemporal: Missing command. (see --help)\n")
