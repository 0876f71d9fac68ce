"""Timings of this project, alone and beside others: ``python -m benchmarks.suite``."""
