"""Which papers a submission needs, by the library's own item: for each required material of the situation, the papers that satisfy
it, drawn of the people that it is about.

Comes in: an item, answers, a world. Goes out: `Planned` papers that `benchmarks.papers` can draw. Materials that no kind of paper
is known for are what a person has to look at; items are chosen so that there are none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from benchmarks.papers.made_up import Person
from benchmarks.precheck.world import Applicant, World, card_validity, world
from knowledge_base.questionnaire import applies, possible_answers
from knowledge_base.rules import Answer
from knowledge_base.schema import Material, ServiceItem
from knowledge_base.terms import ApplicantKind, Necessity, PaperType

EXEMPT_HANDED_IN = 0.6
FORMS = (PaperType.ID_CARD_FACE, PaperType.ID_CARD_BACK)
MINORS = re.compile("监护|未成年|儿童|新生儿|子女|学生")
UNUSUAL = re.compile("死亡|继承|新生儿|父母|家庭成员|核对授权|出租人和承租人|双方居民身份证|总公司|派遣|任职")
"""Materials about people that a made-up world doesn't have."""
BOTH_MARKS = re.compile("签字并盖章")
"""Company papers are drawn with a seal or a signature, not with both."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One paper to be drawn. `role`: whose it is; `given`: what the drawing is told (`benchmarks.papers.made_up.told`); `fault`: of
    the photo, "" if it can be read."""

    material: str
    kind: str
    role: str
    given: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""

    def told(self, **given: Any) -> Planned:
        """The same with other things told."""
        return replace(self, given={**self.given, **given})


@dataclass(frozen=True, slots=True)
class Plan:
    """A submission before it is drawn. `form`: typed values by meaning (`forms.py` brings them to the item's fields)."""

    name: str
    item: ServiceItem
    answers: Mapping[str, Answer]
    world: World
    papers: tuple[Planned, ...]
    form: Mapping[str, str]


def material(item: ServiceItem, material_id: str) -> Material:
    """A material of an item."""
    return next(one for one in item.materials if one.id == material_id)


def required(item: ServiceItem, answers: Mapping[str, Answer]) -> list[Material]:
    """What has to be handed in or is exempt by sharing."""
    return [one for one in item.materials if one.necessity is Necessity.REQUIRED and applies(one, answers) is not False]


def usable(item: ServiceItem) -> list[dict[str, Answer]]:
    """The situations of an item in which every paper can be drawn, and nothing is open."""
    rules = [one.rule for one in item.materials if one.rule]
    found = []
    for answers in possible_answers(item.situations, rules):
        needed = required(item, answers)
        handed = [one for one in needed if not one.exempt_by_sharing]
        if (
            handed
            and all(one.paper_types for one in handed)
            and all(applies(one, answers) is not None for one in item.materials)
            and not any(UNUSUAL.search(one.name) for one in needed if one.paper_types)
            and not any(BOTH_MARKS.search(one.acceptance_standard) for one in needed if one.paper_types)
        ):
            found.append(answers)
    return found


def planned(item: ServiceItem, answers: Mapping[str, Answer], seed: str) -> Plan:
    """A clean submission; the same seed gives the same one."""
    dice = random.Random(seed)
    needed = required(item, answers)
    minor = any(MINORS.search(one.name) for one in needed if one.paper_types)
    place = world(dice, applicant_kind(item, needed, dice), minor)
    papers: list[Planned] = []
    for one in needed:
        if one.paper_types and (not one.exempt_by_sharing or dice.random() < EXEMPT_HANDED_IN):
            # Nobody hands in the same card twice.
            cards = {paper.role for paper in papers if paper.kind == "identity-card-face"}
            papers += [
                paper
                for paper in _papers(one, item, place, dice)
                if not (paper.kind.startswith("identity-card") and paper.role in cards)
            ]
    form = {
        "name": place.applicant_name,
        "person": place.applicant.name,
        "number": place.applicant.number,
        "sex": place.applicant.sex,
        "birth": f"{place.applicant.born}",
        "nation": place.applicant.nation,
        "phone": place.phone,
        "area": place.area,
        "home": place.home,
        "premises": place.premises,
        "agent": place.agent.name,
        "agent_number": place.agent.number,
        "landlord": place.landlord.name,
        "scope": place.firm.scope,
    }
    if place.kind != "person":
        form |= {"credit_code": place.firm.code, "head": place.head.name}
    return Plan(seed, item, answers, place, tuple(papers), form)


def applicant_kind(item: ServiceItem, needed: list[Material], dice: random.Random) -> Applicant:
    """Who applies."""
    if item.id.startswith("sole-trader"):
        return "sole_trader"
    if ApplicantKind.PERSON not in item.applicant_kinds:
        return "company"
    firms = any(PaperType.BUSINESS_LICENCE in one.paper_types or "公章" in one.acceptance_standard for one in needed)
    return "company" if firms and len(item.applicant_kinds) > 1 else "person"


def role_of(one: Material, world_: World) -> str:
    """Whose papers a material asks for, by its name."""
    if re.search("代理|代办|受托|经办", one.name):
        return "agent"
    if "监护" in one.name:
        return "guardian"
    if "夫妻" in one.name:
        return "couple"
    return "applicant"


def _papers(one: Material, item: ServiceItem, place: World, dice: random.Random) -> Iterator[Planned]:
    kinds = list(one.paper_types)
    groups = [[kind for kind in kinds if kind in FORMS], *([kind] for kind in kinds if kind not in FORMS)]
    groups = [group for group in groups if group]
    together = PaperType.POWER_OF_ATTORNEY in kinds or ("和" in one.name and PaperType.HOUSEHOLD_REGISTER in kinds)
    for group in groups if together else [dice.choice(groups)]:
        for kind in group:
            yield from _paper(kind, one, item, place, dice)


def _paper(kind: PaperType, one: Material, item: ServiceItem, place: World, dice: random.Random) -> Iterator[Planned]:
    role = role_of(one, place)
    people: list[Person] = {
        "agent": [place.agent],
        "guardian": [place.guardian],
        "couple": [place.applicant, place.spouse],
    }.get(role, [place.applicant])
    day, company = place.applied_on, place.kind != "person"
    since = _within(dice, day, 30, 300)
    if kind is PaperType.ID_CARD_FACE:
        for person in people:
            yield Planned(one.id, "identity-card-face", role, {"holder": person, "home": place.home})
    elif kind is PaperType.ID_CARD_BACK:
        for person in people:
            first, last = card_validity(dice, person, day)
            yield Planned(one.id, "identity-card-back", role, {"validity": (first, last), "open_ended": last == "长期"})
    elif kind is PaperType.BUSINESS_LICENCE:
        issued = max(place.firm.founded, date(2019, 3, 1)) + timedelta(days=dice.randint(1, 900))
        yield Planned(
            one.id,
            "business-licence",
            role,
            {
                "firm": place.firm,
                "sole": place.kind == "sole_trader",
                "name": place.firm.name,
                "issued": min(issued, day),
                "opened": dice.choice(["长期", ""]),
                "ends": day.replace(day=1, year=day.year + dice.choice([2, 8, 15])),
            },
        )
    elif kind is PaperType.HOUSEHOLD_REGISTER:
        yield Planned(one.id, "household-register-front", role, {"head": place.applicant.name, "home": place.home})
        for person in people if role != "guardian" else [place.applicant]:
            yield Planned(one.id, "household-register-person", role, {"holder": person})
    elif kind is PaperType.RESIDENCE_PERMIT:
        first = _within(dice, day, 20, 300)
        until = first.replace(year=first.year + 1) - timedelta(days=1)
        given = {"holder": people[0], "here": place.home, "validity": (first, until)}
        yield Planned(one.id, "residence-permit", role, given)
    elif kind is PaperType.REAL_ESTATE_CERTIFICATE:
        owner = place.landlord.name if company else place.applicant.name
        yield Planned(one.id, "property-certificate", role, {"owner": owner, "location": place.premises})
    elif kind is PaperType.FOOD_BUSINESS_LICENCE:
        given = {"firm": place.firm, "place": place.premises, "since": _within(dice, day, 200, 1_500)}
        yield Planned(one.id, "food-licence", role, given)
    elif kind is PaperType.HYGIENE_LICENCE:
        yield Planned(one.id, "hygiene-licence", role, {"firm": place.firm, "since": _within(dice, day, 200, 1_200)})
    elif kind is PaperType.MARRIAGE_CERTIFICATE:
        couple = (place.applicant, place.spouse)
        registered = max(person.born for person in couple).replace(day=1) + timedelta(days=365 * 23)
        yield Planned(one.id, "marriage-certificate", role, {"couple": couple, "registered": min(registered, day)})
    elif kind is PaperType.HEALTH_CERTIFICATE:
        yield Planned(one.id, "health-certificate", role, {"holder": people[0], "firm": place.firm, "examined": since})
    elif kind is PaperType.LEASE_CONTRACT:
        until = since.replace(day=1, year=since.year + dice.choice([2, 3, 5]))
        tenant = (place.firm.name, place.firm.code) if company else (place.applicant.name, "")
        yield Planned(
            one.id,
            "lease",
            role,
            {
                "landlord": place.landlord,
                "tenant": tenant,
                "number": place.applicant.number,
                "location": place.premises,
                "area": place.area,
                "term": (since.replace(day=1), until),
                "signed": since.replace(day=1) - timedelta(days=dice.randint(1, 20)),
            },
        )
    elif kind is PaperType.POWER_OF_ATTORNEY:
        first = _within(dice, day, 1, 40)
        until = first.replace(day=min(first.day, 28), year=first.year + 1)
        principal = place.guardian if role == "guardian" else place.applicant
        yield Planned(
            one.id,
            "power-of-attorney",
            "applicant",
            {
                "principal": principal,
                "firm": place.firm if place.kind == "company" else None,
                "agent": place.agent,
                "matter": f"办理{item.name}",
                "term": (first.replace(day=min(first.day, 28)), until),
            },
        )
    elif kind is PaperType.APPLICATION_FORM:
        yield Planned(
            one.id,
            "application-form",
            "applicant",
            {
                "firm": replace(place.firm, address=place.premises if company else place.home),
                "holder": place.applicant,
                "area": place.area,
                "applied": _within(dice, day, 0, 6),
                "kind": _kind_of_application(item),
                "of_person": not company,
                "sealed": company,
                "title": re.split("[（(]", one.name)[0],
            },
        )


def _kind_of_application(item: ServiceItem) -> str:
    for words, kind in (("注销", "注销"), ("变更", "变更"), ("延续|换", "延续"), ("补", "补办")):
        if re.search(words, item.name):
            return kind
    return "新办"


def _within(dice: random.Random, day: date, least: int, most: int) -> date:
    found = day - timedelta(days=dice.randint(least, most))
    return found.replace(day=min(found.day, 28))
