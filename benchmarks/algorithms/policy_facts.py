"""Key facts of policies (whom, what, how much, until when) on labelled sentences (policy_facts.yaml), beside jionlp for
sums and dates.

A fact is right if its field and its value are as labelled: words exactly, sums as value, unit, each and bound, dates as days.
"""

from __future__ import annotations

import logging
import random
import re
from pathlib import Path
from typing import Any

from services.algorithms.policy_facts.facts import read_facts
from training.written import read

FILLS = 6
Fact = tuple[str, Any]


def _much(random_: random.Random, half: str) -> tuple[str, Fact]:
    value = random_.choice((200, 300, 500, 800, 1000, 1500, 2000, 3000, 5000))
    each = random_.choice(
        ("每人每月", "每户每年", "每人", "每人每年")
        if half == "dev"
        else ("每人每月", "每月", "每年", "每户", "每个岗位", "每学年")
    )
    many = random_.choice((1, 3, 5, 10, 20, 50))
    share = random_.choice((10, 20, 30, 50, 80))
    forms = [
        (f"{each}{value}元", (value, "元", each, "")),
        (f"{value}元", (value, "元", "", "")),
        (f"最高不超过{many}万元", (many * 10000, "元", "", "most")),
        (f"{many}万元", (many * 10000, "元", "", "")),
    ]
    if half == "test":
        forms += [
            (f"不超过{share}%", (share, "%", "", "most")),
            (f"最高{many}万元", (many * 10000, "元", "", "most")),
            (f"人民币{value:,}元", (value, "元", "", "")),
            (f"{value}元/月", (value, "元", "每月", "")),
            (f"{value}元/人·月", (value, "元", "每人每月", "")),
            (f"不低于{value}元", (value, "元", "", "least")),
        ]
    written, fact = random_.choice(forms)
    return written, ("much", fact)


def _date(random_: random.Random, half: str) -> tuple[str, str]:
    year, month, day = random_.randint(2024, 2030), random_.randint(1, 12), random_.randint(1, 28)
    forms = [(f"{year}年{month}月{day}日", f"{year}-{month:02}-{day:02}")]
    if half == "test":
        forms += [
            (f"{year}年12月底", f"{year}-12-31"),
            (f"{year}-{month:02}-{day:02}", f"{year}-{month:02}-{day:02}"),
            (f"{year}.{month}.{day}", f"{year}-{month:02}-{day:02}"),
        ]
    return random_.choice(forms)


def cases(half: str) -> list[tuple[str, set[Fact]]]:
    """(sentence, facts), the same each time."""
    data = read(Path(__file__).with_name("policy_facts.yaml"))[half]
    random_ = random.Random(f"policy {half}")
    made = []
    for template in data["sentences"]:
        for _ in range(FILLS if "{" in template else 1):
            facts: set[Fact] = set()

            def filled(slot: re.Match[str], facts: set[Fact] = facts) -> str:
                name = slot[1]
                if name in ("who", "what"):
                    value = random_.choice(data[name])
                    facts.add((name, value))
                    return str(value)
                if name == "much":
                    written, fact = _much(random_, half)
                    facts.add(fact)
                    return written
                written, day = _date(random_, half)
                if name == "until":
                    facts.add(("until", day))
                return written

            made.append((re.sub(r"\{(\w+)\}", filled, template), facts))
    return made


def ours(text: str) -> set[Fact]:
    """The product's facts, as labels write them."""
    found: set[Fact] = set()
    for fact in read_facts(text):
        found |= {("who", one) for one in fact.who} | {("what", one) for one in fact.what}
        found |= {("much", (one.value, one.unit, one.each, one.bound)) for one in fact.much}
        found |= {("until", one.isoformat()) for one in fact.until}
    return found


def theirs(text: str) -> set[Fact] | None:
    """Sums and days by jionlp; it doesn't tell an end from another day, so that each day counts as one."""
    try:
        import jionlp
    except ImportError:
        return None
    # It logs a traceback for every run of characters that is no time.
    logging.disable(logging.ERROR)
    found: set[Fact] = set()
    for one in jionlp.ner.extract_money(text):
        try:
            money = jionlp.parse_money(one["text"])
        except (ValueError, TypeError):
            continue
        number = money["num"][0] if isinstance(money["num"], list) else money["num"]
        bound = {"<=": "most", "<": "most", ">=": "least", ">": "least"}.get(money["definition"], "")
        if money["definition"] in ("blur", "accurate") or bound or number:
            found.add(("much", (float(number), "元", "", bound)))
    for one in jionlp.ner.extract_time(text):
        detail = one.get("detail", {}).get("time")
        if isinstance(detail, list):
            found.add(("until", str(detail[-1])[:10]))
    return found


def compared(
    found: set[Fact], wanted: set[Fact], fields: tuple[str, ...], *, each: bool = True
) -> tuple[int, int, int]:
    """Right, found, wanted, of `fields`; `each` False leaves out of the sums what they are for."""

    def shape(facts: set[Fact]) -> set[Fact]:
        return {
            (field, value if field != "much" else (float(value[0]), value[1], value[2] if each else "", value[3]))
            for field, value in facts
            if field in fields
        }

    one, other = shape(found), shape(wanted)
    return len(one & other), len(one), len(other)


def _f1(counts: list[tuple[int, int, int]]) -> float:
    right, found, wanted = (sum(one[place] for one in counts) for place in range(3))
    return 2 * right / max(1, found + wanted)


def report(errors: bool) -> None:
    """Print the figures."""
    fields = ("who", "what", "much", "until")
    for half in ("dev", "test"):
        made = cases(half)
        found = [ours(text) for text, _ in made]
        total = _f1([compared(one, wanted, fields) for one, (_, wanted) in zip(found, made, strict=True)])
        by = {
            f: _f1([compared(one, wanted, (f,)) for one, (_, wanted) in zip(found, made, strict=True)]) for f in fields
        }
        print(f"{half}: {len(made)} sentences  F1 {total:.3f}  " + "  ".join(f"{k} {v:.3f}" for k, v in by.items()))
        other = [theirs(text) for text, _ in made]
        if all(one is not None for one in other):
            rows = [(o, t, w) for o, t, (_, w) in zip(found, other, made, strict=True) if t is not None]
            for field in ("much", "until"):
                mine = _f1([compared(o, w, (field,), each=False) for o, _, w in rows])
                library = _f1([compared(t, w, (field,), each=False) for _, t, w in rows])
                print(f"  {field}, without what it is for: ours {mine:.3f}, jionlp {library:.3f}")
        for (text, wanted), one in zip(made, found, strict=True) if errors and half == "dev" else ():
            if one != wanted:
                print(f"    {text}\n      missed {wanted - one} wrong {one - wanted}")
