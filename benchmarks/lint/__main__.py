"""Precision and recall of the checker on labelled clauses: `python -m benchmarks.lint [--errors dev]`."""

from __future__ import annotations

import argparse

import orjson

from benchmarks.lint.scoring import Verdict, judged, read_clauses, score
from knowledge_base.guide_lint import CLAUSE_RULES

SPLITS = ("dev", "test")


def _table(name: str, verdicts: list[Verdict]) -> None:
    marked = sum(bool(verdict.clause.marks) for verdict in verdicts)
    print(f"\n{name}: {len(verdicts)} clauses, {marked} with something to go, {len(verdicts) - marked} innocent")
    print(f"{'rule':<18}{'marks':>6}{'precision':>11}{'recall':>8}")
    for rule in (*CLAUSE_RULES, None):
        found = score(verdicts, rule)
        marks = found.right + found.missed
        print(f"{rule or 'all':<18}{marks:>6}{found.precision:>11.3f}{found.recall:>8.3f}")
    alarmed = sum(bool(verdict.wrong) for verdict in verdicts if not verdict.clause.marks)
    print(f"innocent clauses with a false alarm: {alarmed} of {len(verdicts) - marked}")


def _errors(verdicts: list[Verdict]) -> None:
    for verdict in verdicts:
        for finding in verdict.wrong:
            print(f"  wrong  {finding.rule} “{finding.words}”: {verdict.clause.text}")
        for rule, start, end in verdict.missed:
            print(f"  missed {rule} “{verdict.clause.text[start:end]}”: {verdict.clause.text}")


def main() -> None:
    """Score both halves; patterns are written with `dev` in view only."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=SPLITS, help="only this half")
    parser.add_argument("--errors", action="store_true", help="list what is wrong on dev (never on test)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    splits = [arguments.split] if arguments.split else SPLITS
    figures = {}
    for split in splits:
        verdicts = [judged(clause) for clause in read_clauses() if clause.split == split]
        found = score(verdicts)
        figures[split] = {"clauses": len(verdicts), "precision": found.precision, "recall": found.recall}
        if not arguments.json:
            _table(split, verdicts)
            if arguments.errors and split == "dev":
                _errors(verdicts)
    if arguments.json:
        print(orjson.dumps(figures).decode())


if __name__ == "__main__":
    main()
