"""Check made-up submissions, clean and defective, on true fields or on read papers.

    python -m benchmarks.precheck --half dev [--count 400] [--read PAGES.jsonl --level degraded] [--show]

Half of the submissions are clean, a third has one defect, the rest several. Items are split into halves by their ids; the papers
of a half are drawn in that half's layouts. With --read the papers are read by the hub; what was read is kept in PAGES.jsonl, so
that a run that was stopped goes on and rules can be tried again on the same pages. Prints shares, and the time of a check.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.precheck.defects import DEFECTS, Planted, plant
from benchmarks.precheck.drawing import Page, drawn_pages, true_facts
from benchmarks.precheck.forms import meaning, typed
from benchmarks.precheck.planning import Plan, planned, usable
from benchmarks.precheck.scoring import Score
from knowledge_base.library import read_folder
from knowledge_base.schema import ServiceItem
from services.precheck.checking import run_check
from services.precheck.facts import Case, PaperFact
from services.precheck.prefilling import form_of, prefilled

CONTENT = Path("knowledge_base/content")


@dataclass(frozen=True, slots=True)
class Made:
    """A submission and what is wrong with it."""

    plan: Plan
    planted: tuple[Planted, ...]


def half_of(item_id: str) -> str:
    """Items are split by a hash of their id, so that a new item moves none."""
    return "dev" if hashlib.sha256(f"precheck/{item_id}".encode()).digest()[0] % 2 else "test"


def made(half: str, count: int) -> Iterator[Made]:
    """The submissions of a half; the same call gives the same ones."""
    items = [one for one in read_folder(CONTENT) if isinstance(one, ServiceItem) and half_of(one.id) == half]
    situations = [(item, found) for item in items if (found := usable(item))]
    names = list(DEFECTS)
    for number in range(count):
        item, found = situations[number % len(situations)]
        dice = random.Random(f"{half}-{number}")
        plan = planned(item, dice.choice(found), f"{item.id}-{half}-{number}")
        if number // len(situations) % 2 == 0:
            yield Made(plan, ())
            continue
        first = names[number % len(names) :] + names[: number % len(names)]
        several = dice.choice([1, 1, 2, 3])
        chosen = next(name for name in first if plant(plan, [name], random.Random(f"{half}-{number}/{name}"))[1])
        rest = dice.sample(names, 6) if several > 1 else []
        after, done = plant(plan, [chosen, *(name for name in rest if name != chosen)], dice, several)
        yield Made(after, tuple(done))


def case_of(one: Made, papers: tuple[PaperFact, ...]) -> Case:
    """As the pre-check gets it."""
    plan = one.plan
    company = plan.world.kind != "person"
    fields = form_of(plan.item, plan.answers)
    form = typed(fields, plan.form, company, f"{plan.world.applied_on}")
    return Case(plan.item, plan.answers, form, papers, plan.world.applied_on)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("dev", "test"), default="dev")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--level", choices=("clean", "degraded"), default="degraded")
    parser.add_argument("--read", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    score, seconds, filled = Score(), [], Counter[str]()
    kept = _kept(arguments.read)
    reader = facts_of = None
    items = set()
    for one in track(list(made(arguments.half, arguments.count)), description="checking", console=Console(stderr=True)):
        items.add(one.plan.item.id)
        pages = drawn_pages(one.plan, arguments.half, arguments.level if arguments.read else None)
        if arguments.read:
            from benchmarks.precheck.reading import FactsOfRows, PageReader

            facts_of = facts_of or FactsOfRows()
            rows = []
            for page in pages:
                if page.digest not in kept:
                    reader = reader or PageReader(arguments.threads)
                    kept[page.digest] = reader.read(page)
                    with arguments.read.open("a", encoding="utf-8") as out:
                        out.write(json.dumps(kept[page.digest], ensure_ascii=False) + "\n")
                rows.append(kept[page.digest])
            papers = facts_of.of(rows)
        else:
            papers = true_facts(pages)
        case = case_of(one, papers)
        begun = time.perf_counter()
        report = run_check(case)
        seconds.append(time.perf_counter() - begun)
        score.add(one.plan.name, one.planted, report, pages)
        if not one.planted:
            filled += _filled(case, one, pages)
    _print(console, score, seconds, filled, len(items))
    if arguments.show:
        console.print(*score.misses, sep="\n")


def _kept(path: Path | None) -> dict[str, dict[str, object]]:
    if path is None or not path.is_file():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row["sha256"]: row for row in rows}


def _filled(case: Case, one: Made, pages: list[Page]) -> Counter[str]:
    """Fields of the form whose value the handed-in papers hold: right, wrong, left empty."""
    company = one.plan.world.kind != "person"
    on_papers = {field.value for page in pages if page.truth.papers for field in page.truth.papers[0].fields.values()}
    values = {found.field: found for found in prefilled(case, {})}
    counted: Counter[str] = Counter()
    for field in form_of(case.item, case.answers):
        wanted = one.plan.form.get(meaning(field, company) or "")
        if wanted is None or wanted not in on_papers:
            continue
        value = values[field.id].value if field.id in values else None
        how = "right" if value == wanted else "wrong" if value else "empty"
        counted[how] += 1
        if how != "right":
            counted[f"{how} {field.id}"] += 1
    return counted


def _print(console: Console, score: Score, seconds: list[float], filled: Counter[str], items: int) -> None:
    planted, found, told = score.planted.total(), score.found.total(), score.told.total()
    console.print(f"{score.clean + score.defective} submissions over {items} items, {planted} defects planted")
    console.print(f"defects found {found / planted:.4f}, with those a person is sent to {told / planted:.4f}")
    console.print(
        f"false findings per clean submission {score.false_defects / score.clean:.4f}, undetermined "
        f"{score.false_undetermined / score.clean:.4f}"
    )
    console.print(
        f"clean passed without a person {score.clean_passed / score.clean:.4f}, defective passed {score.defective_passed}"
    )
    console.print(
        f"boxes covering {score.boxes_covering}/{score.boxes} ({score.boxes_covering / max(1, score.boxes):.4f})"
    )
    total = max(1, filled["right"] + filled["wrong"] + filled["empty"])
    console.print(
        f"form fields pre-filled right {filled['right'] / total:.4f}, wrong {filled['wrong'] / total:.4f} of {total}"
    )
    console.print(
        f"check: p50 {np.percentile(seconds, 50) * 1000:.1f} ms, p95 {np.percentile(seconds, 95) * 1000:.1f} ms"
    )
    if wrong := {name: count for name, count in filled.items() if " " in name}:
        console.print(f"not pre-filled: {wrong}")
    table = Table("defect", "planted", "found", "or told")
    for name in sorted(score.planted):
        table.add_row(name, str(score.planted[name]), str(score.found[name]), str(score.told[name]))
    console.print(table)


if __name__ == "__main__":
    main()
