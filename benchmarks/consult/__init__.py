"""How well and how fast the consult bot answers: `python -m benchmarks.consult [dev|test ...] [--show]`."""
