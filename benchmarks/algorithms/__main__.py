"""The shared text algorithms on labelled texts, beside what a library makes of them.

    python -m benchmarks.algorithms [name ...] [--errors]

Half of each set, by the SHA-256 of a text, is `dev`: rules and figures were chosen with it in view. `test` is reported, and its
errors are never listed.
"""

from __future__ import annotations

import argparse
from importlib import import_module

NAMES = ("routing", "sentiment", "personal", "addresses", "policy_facts", "similar_cases", "names")
"""Each a module beside this one with `report(errors: bool) -> None`."""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.algorithms", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="name", help="; ".join(NAMES))
    parser.add_argument("--errors", action="store_true", help="list what is wrong on dev (never on test)")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"no such algorithm: {', '.join(sorted(unknown))}")
    for name in arguments.names or NAMES:
        print(f"\n== {name}")
        import_module(f"benchmarks.algorithms.{name}").report(arguments.errors)


if __name__ == "__main__":
    main()
