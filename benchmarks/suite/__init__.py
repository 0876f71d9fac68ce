"""sktemporal beside its peers: the same data, the same columns, one run.

Run as ``python -m benchmarks.suite`` (``--quick``: about two minutes). The extra ``benchmark``
installs the peers; one that is missing is left out, and the page says so.
"""
