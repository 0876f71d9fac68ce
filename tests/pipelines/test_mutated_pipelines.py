import json
import subprocess
import sys
from pathlib import Path


def test_tampered_files_are_refused_or_compute():
    # In a process of its own, so that a crash of it is a failure of the test.
    script = Path(__file__).with_name("mutated_pipelines.py")
    done = subprocess.run(
        [sys.executable, script, "200", "--seed", "7"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    counts = json.loads(done.stdout)
    assert counts["refused at loading"] + counts["loaded"] == 200
    assert min(counts["refused at loading"], counts["loaded"], counts["compute: computed"]) > 10
