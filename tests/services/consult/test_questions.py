"""The written questions against the whole bot. dev.yaml was tuned on, test.yaml was not; both must hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from benchmarks.consult.scoring import score

FOLDER = Path(__file__).parent


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("name", ["dev", "test"])
async def test_floors(service, library, name):
    figures = await score(FOLDER / f"{name}.yaml", service.reply, library)
    # Never: an answer with sources to what the library doesn't hold, another item's guide, a quote that doesn't hold.
    assert figures.answered_from_nearest == 0, figures.wrong
    assert figures.wrong_item == 0, figures.wrong
    assert figures.citations_that_hold == figures.citations > 60
    assert figures.rightly_refused / figures.out_of_scope >= 0.97, figures.wrong
    # Names are matched by their own words only: typos and paraphrases are still refused.
    assert figures.right_item / figures.in_scope >= 0.86, figures.wrong
    assert figures.right_element / figures.in_scope >= 0.86, figures.wrong


def test_the_sets_are_apart():
    sets = [YAML(typ="safe").load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("dev", "test")]
    items = [
        {item for entry in questions["in_scope"] for item in entry.get("items") or [entry["item"]]}
        for questions in sets
    ]
    assert not items[0] & items[1]
    texts = [
        {entry["text"] for part in ("in_scope", "out_of_scope") for entry in questions[part]} for questions in sets
    ]
    assert not texts[0] & texts[1]
    assert sum(len(questions["in_scope"]) for questions in sets) >= 60
    assert sum(len(questions["out_of_scope"]) for questions in sets) >= 40
