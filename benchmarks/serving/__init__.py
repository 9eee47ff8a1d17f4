"""Serving measured beside its alternatives in one run: `python -m benchmarks.serving`."""
