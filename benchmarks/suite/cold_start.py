"""What a fresh process pays before its first features."""

import json
import os
import subprocess
import sys
import tempfile

import numpy as np

_IMPORT_AND_TRANSFORM = """
import json, time
import numpy as np
import sklearn.pipeline

start = time.perf_counter()
import sktemporal

imported = time.perf_counter()
X = np.random.default_rng(0).lognormal(size=(100, 51, 4))
pipeline = sktemporal.make_temporal_pipeline().fit(X)
pipeline.transform(X)
print(json.dumps([imported - start, time.perf_counter() - imported]))
"""


def cold_start(n_processes, report):
    """Seconds of the import and of the first fit and transform, in a new cache and later."""
    with tempfile.TemporaryDirectory() as cache:
        report("cold start: an empty cache of compiled code")
        first = _process(cache)
        report("cold start: later processes")
        later = np.median([_process(cache) for _ in range(n_processes)], axis=0).tolist()
    return {"first": first, "later": later, "processes": n_processes}


def _process(cache):
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    command = [sys.executable, "-W", "ignore", "-c", _IMPORT_AND_TRANSFORM]
    return json.loads(subprocess.check_output(command, env=environment, text=True))
