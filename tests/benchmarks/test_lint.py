"""The labelled clauses: well formed, both halves large enough, and the checker as good on them as is claimed."""

from __future__ import annotations

import pytest

from benchmarks.lint.scoring import FIELDS, Score, document, judged, parsed, read_clauses, score
from knowledge_base.guide_lint import CLAUSE_RULES

CLAUSES = read_clauses()


def test_the_labels_are_well_formed() -> None:
    assert len(CLAUSES) >= 260
    assert len({clause.text for clause in CLAUSES}) == len(CLAUSES)
    innocent = sum(not clause.marks for clause in CLAUSES)
    assert len(CLAUSES) * 0.4 <= innocent <= len(CLAUSES) * 0.65
    for clause in CLAUSES:
        assert clause.field in FIELDS
        assert "{" not in clause.text
        assert all(rule in CLAUSE_RULES for rule, _, _ in clause.marks)


@pytest.mark.parametrize("split", ["dev", "test"])
def test_precision_and_recall(split: str) -> None:
    verdicts = [judged(clause) for clause in CLAUSES if clause.split == split]
    found = score(verdicts)
    assert len(verdicts) >= 100
    assert found.precision >= 0.95
    assert found.recall >= 0.95


def test_a_marked_clause_is_read_with_offsets() -> None:
    clause = parsed("公安分局", "material_name", "户口簿、结婚证{等/open_enumeration}{相关材料/vague_reference}")
    assert clause.text == "户口簿、结婚证等相关材料"
    assert [(rule, clause.text[start:end]) for rule, start, end in clause.marks] == [
        ("open_enumeration", "等"),
        ("vague_reference", "相关材料"),
    ]
    assert document(clause)[1] == {"materials": [{"name": clause.text}]}


def test_what_is_counted() -> None:
    missed = judged(parsed("", "step", "当场{办结/discretion}"))
    wrong = judged(parsed("", "step", "必要时现场核查"))
    right = judged(parsed("", "step", "{必要时/discretion}现场核查"))
    other_rule = judged(parsed("", "step", "{必要时/vague_amount}现场核查"))
    assert score([missed]) == Score(0, 0, 1)
    assert score([wrong]) == Score(0, 1, 0)
    assert score([right]) == Score(1, 0, 0)
    assert score([other_rule]) == Score(0, 1, 1)
    assert score([right, other_rule], "vague_amount") == Score(0, 0, 1)
    assert (score([]).precision, score([]).recall) == (1.0, 1.0)
