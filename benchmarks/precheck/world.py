"""The people and the company of one submission, who agree with each other on every paper unless a defect is planted."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from benchmarks.papers import made_up
from benchmarks.papers.made_up import Company, Person

Applicant = Literal["person", "company", "sole_trader"]
Validity = tuple[date, date | str]
"""First day and last, or 长期."""


@dataclass(frozen=True, slots=True)
class World:
    """Who applies, on which day, and who else has papers in it. `head`: the company's legal representative, or the sole trader;
    where a person applies, that person."""

    kind: Applicant
    applied_on: date
    applicant: Person
    firm: Company
    agent: Person
    spouse: Person
    guardian: Person
    landlord: Person
    home: str
    phone: str
    area: str
    premises: str

    @property
    def head(self) -> Person:
        """Who signs for the applicant."""
        return self.applicant

    @property
    def applicant_name(self) -> str:
        """As the form has it."""
        return self.applicant.name if self.kind == "person" else self.firm.name


def world(dice: random.Random, kind: Applicant, minor: bool) -> World:
    """A world in November 2026. `minor`: the applicant is a child."""
    applied_on = date(2026, 11, 2) + timedelta(days=dice.choice([0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16, 17, 18]))
    applicant = made_up.person(dice, *((2012, 2019) if minor else (1958, 2004)))
    premises = made_up.address(dice, home=False)
    firm = replace(made_up.company(dice), head=applicant.name, address=premises)
    if kind == "sole_trader":
        district = dice.choice(made_up.PLACES)[2]
        shop = dice.choice(["理发店", "小吃店", "便利店", "服装店"])
        firm = replace(
            firm, name=f"{district}{''.join(dice.sample(made_up.GIVEN, 2))}{shop}", code=made_up.credit_code(dice, "92")
        )
    other = "女" if applicant.sex == "男" else "男"
    spouse = made_up.person(dice, 1958, 2002)
    while spouse.sex != other:
        spouse = made_up.person(dice, 1958, 2002)
    return World(
        kind,
        applied_on,
        applicant,
        firm,
        made_up.person(dice, 1965, 2003),
        spouse,
        made_up.person(dice, 1975, 1992),
        made_up.person(dice, 1955, 1990),
        made_up.address(dice),
        made_up.phone(dice),
        str(dice.randint(40, 180)),
        premises,
    )


def card_validity(dice: random.Random, holder: Person, applied_on: date, expired: bool = False) -> Validity:
    """When an identity card holds, by the age at issue (《居民身份证法》第五条: 5, 10, 20 years, or for good from 46 on)."""
    for _ in range(200):
        since = applied_on - timedelta(days=dice.randint(60, 7_000 if expired else 3_000))
        since = since.replace(day=min(since.day, 28))
        age = (since - holder.born).days // 365
        if age < 1:
            continue
        years = 5 if age < 16 else 10 if age < 26 else 20 if age < 46 else 0
        if not years:
            if expired:
                continue
            return since, "长期"
        until = since.replace(year=since.year + years)
        if (until < applied_on) == expired and (until - applied_on).days not in range(3):
            return since, until
    since = applied_on.replace(day=min(applied_on.day, 28), year=applied_on.year - 11)
    return since, since.replace(year=since.year + 10)
