"""What changes between two lists of rows, beside a plain counting of the same."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.index.index_plan import change

KEYS = st.lists(st.sampled_from("abcd"), max_size=9)


@pytest.mark.parametrize(
    ("old", "new", "order", "removed", "added"),
    [
        ("", "abc", (0, 1, 2), [], 3),
        ("abc", "abc", (0, 1, 2), [], 0),
        ("abc", "cab", (1, 2, 0), [], 0),
        ("abc", "ac", (0, 1), [1], 0),
        ("ab", "axb", (0, 2, 1), [], 1),
        ("aab", "ab", (0, 1), [1], 0),
        ("a", "aaa", (0, 1, 2), [], 2),
        ("ba", "aabb", (2, 0, 1, 3), [], 2),
    ],
)
def test_change(old: str, new: str, order: tuple[int, ...], removed: list[int], added: int) -> None:
    found = change(old, new)
    assert (found.order, found.removed.tolist(), found.added) == (order, removed, added)


@given(old=KEYS, new=KEYS)
def test_the_new_rows_are_the_old_without_those_removed_and_then_the_added(old: list[str], new: list[str]) -> None:
    found = change(old, new)
    assert sorted(found.order) == list(range(len(new)))
    gone = set(found.removed.tolist())
    stay = [key for row, key in enumerate(old) if row not in gone]
    rows = [new[place] for place in found.order]
    assert rows[: len(rows) - found.added] == stay
    assert found.added == (Counter(new) - Counter(old)).total()
    assert len(gone) == (Counter(old) - Counter(new)).total()
