"""Defects that are planted in a clean submission, and which finding has to tell each.

Comes in: a clean plan. Goes out: the plan with one defect and the `Planted` record: materials that the finding may name, aspects
that it may have. A defect knows nothing of the rules that are to find it; it is named by what a clerk would object to.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from benchmarks.papers import made_up
from benchmarks.precheck.planning import Plan, Planned, material, role_of
from benchmarks.precheck.world import card_validity
from knowledge_base.terms import PaperType
from services.precheck.findings import Aspect

FAULTS = ("page_blurred", "page_dark", "page_glare", "page_small", "page_cut")
SEALED = re.compile("盖章|公章|签章")
SIGNED_OR_SEALED = re.compile("签字|签名|签章|盖章|公章")
IN_DATE = re.compile("有效期内|有效证件|有效居民身份证|有效身份证")


@dataclass(frozen=True, slots=True)
class Planted:
    """A defect. `materials`: any of them may be named; `aspects`: any of them is right; `field`: of the paper, where the finding
    should point, "" where there is nothing to point at."""

    name: str
    materials: frozenset[str]
    aspects: frozenset[Aspect]
    field: str = ""
    whole: bool = False
    """It says something of every paper: no other defect beside it."""


Done = tuple[Plan, Planted]
Plant = Callable[[Plan, random.Random], Done | None]


def _papers(plan: Plan, kind: str, role: str | None = None) -> list[Planned]:
    return [one for one in plan.papers if one.kind == kind and role in (None, one.role)]


def _with(plan: Plan, before: Planned, after: Planned | None) -> Plan:
    papers = [after if one is before else one for one in plan.papers]
    return replace(plan, papers=tuple(one for one in papers if one is not None))


def _planted(name: str, materials: set[str], aspects: set[Aspect], field: str = "", whole: bool = False) -> Planted:
    return Planted(name, frozenset(materials), frozenset(aspects), field, whole)


def _alike(plan: Plan, paper: Planned) -> set[str]:
    """Materials that ask for the same people's cards as the one that a card was planned for: one card serves them all."""
    if not paper.kind.startswith("identity-card"):
        return {paper.material}
    return {
        one.id
        for one in plan.item.materials
        if role_of(one, plan.world) == paper.role and PaperType.ID_CARD_FACE in one.paper_types
    }


def missing(plan: Plan, dice: random.Random) -> Done | None:
    """A required material is not there at all."""
    needed = sorted({one.material for one in plan.papers if not material(plan.item, one.material).exempt_by_sharing})
    if not needed:
        return None
    gone = dice.choice(needed)
    left = tuple(one for one in plan.papers if one.material != gone)
    return replace(plan, papers=left), _planted("missing", {gone}, {Aspect.PRESENT})


def side_missing(plan: Plan, dice: random.Random) -> Done | None:
    """Only one side of an identity card."""
    side = dice.choice(["identity-card-back", "identity-card-face"])
    found = _papers(plan, side)
    if not found:
        return None
    gone = dice.choice(found)
    return _with(plan, gone, None), _planted("side_missing", _alike(plan, gone), {Aspect.PRESENT, Aspect.COMPLETE})


def card_expired(plan: Plan, dice: random.Random) -> Done | None:
    """An identity card that is out of date on the day of application."""
    found = [one for one in _papers(plan, "identity-card-back") if "old" not in one.material]
    if not found or plan.item.id.startswith(("id-card", "temporary-id")):
        return None
    card = dice.choice(found)
    people = {"agent": plan.world.agent, "guardian": plan.world.guardian}
    validity = card_validity(dice, people.get(card.role, plan.world.applicant), plan.world.applied_on, expired=True)
    after = card.told(validity=validity, open_ended=False)
    return _with(plan, card, after), _planted("card_expired", _alike(plan, card), {Aspect.IN_DATE}, "valid_period")


def attorney_expired(plan: Plan, dice: random.Random) -> Done | None:
    """A power of attorney whose term has ended."""
    found = _papers(plan, "power-of-attorney")
    if not found:
        return None
    until = (plan.world.applied_on - timedelta(days=dice.randint(5, 90))).replace(day=1)
    after = found[0].told(term=(until.replace(year=until.year - 1), until))
    return _with(plan, found[0], after), _planted("attorney_expired", {found[0].material}, {Aspect.IN_DATE}, "term")


def licence_expired(plan: Plan, dice: random.Random) -> Done | None:
    """A licence or permit that has to be in date and is not."""
    for kind, field in (("hygiene-licence", "valid_period"), ("residence-permit", "valid_period")):
        for one in _papers(plan, kind):
            if not IN_DATE.search(material(plan.item, one.material).acceptance_standard):
                continue
            since = plan.world.applied_on - timedelta(days=dice.randint(1_500, 2_000))
            since = since.replace(day=min(since.day, 28))
            after = one.told(since=since, validity=(since, since.replace(year=since.year + 1)))
            return _with(plan, one, after), _planted("licence_expired", {one.material}, {Aspect.IN_DATE}, field)
    return None


def business_ended(plan: Plan, dice: random.Random) -> Done | None:
    """A business licence whose period of operation has ended."""
    for one in _papers(plan, "business-licence"):
        if one.given["firm"].founded.year > plan.world.applied_on.year - 3:
            continue
        if re.search("有效期|营业期限|未被吊销", material(plan.item, one.material).acceptance_standard):
            ends = (plan.world.applied_on - timedelta(days=dice.randint(40, 300))).replace(day=1)
            after = one.told(opened="", ends=ends, layout=0)
            return _with(plan, one, after), _planted("business_ended", {one.material}, {Aspect.IN_DATE}, "term")
    return None


def form_unsigned(plan: Plan, dice: random.Random) -> Done | None:
    """A form that nobody signed."""
    for one in _papers(plan, "application-form"):
        standard = material(plan.item, one.material).acceptance_standard
        if not re.search("签字|签名|签章", standard) or "网上" in standard or "在线" in standard:
            continue
        sealed = one.given["sealed"] and not re.search("或者盖章|签章|签字或|或者签字", standard)
        after = one.told(signed=False, sealed=sealed)
        return _with(plan, one, after), _planted("form_unsigned", {one.material}, {Aspect.SIGNED, Aspect.SEALED})
    return None


def form_unsealed(plan: Plan, dice: random.Random) -> Done | None:
    """A company's form without its seal."""
    for one in _papers(plan, "application-form"):
        standard = material(plan.item, one.material).acceptance_standard
        if plan.world.kind == "company" and re.search("加盖公章|单位加盖|盖公章", standard) and "网上" not in standard:
            return _with(plan, one, one.told(sealed=False)), _planted("form_unsealed", {one.material}, {Aspect.SEALED})
    return None


def attorney_unsigned(plan: Plan, dice: random.Random) -> Done | None:
    """The principal neither signed nor sealed."""
    for one in _papers(plan, "power-of-attorney"):
        if SIGNED_OR_SEALED.search(material(plan.item, one.material).acceptance_standard):
            after = one.told(principal_signs=False)
            return _with(plan, one, after), _planted(
                "attorney_unsigned", {one.material}, {Aspect.SIGNED, Aspect.SEALED}
            )
    return None


def strange_seal(plan: Plan, dice: random.Random) -> Done | None:
    """A form under another company's seal."""
    for one in _papers(plan, "application-form"):
        standard = material(plan.item, one.material).acceptance_standard
        if plan.world.kind == "company" and one.given["sealed"] and SEALED.search(standard):
            after = one.told(seal=made_up.company(dice).name)
            return _with(plan, one, after), _planted("strange_seal", {one.material}, {Aspect.SEALED, Aspect.HOLDER})
    return None


def agent_differs(plan: Plan, dice: random.Random) -> Done | None:
    """The agent's card is somebody else's than the power of attorney names."""
    attorney = _papers(plan, "power-of-attorney")
    for one in _papers(plan, "identity-card-face", "agent"):
        if attorney:
            other = made_up.person(dice, 1965, 2003)
            materials = {one.material, attorney[0].material}
            return _with(plan, one, one.told(holder=other)), _planted(
                "agent_differs", materials, {Aspect.AGREEMENT, Aspect.HOLDER}, "name"
            )
    return None


def card_of_another(plan: Plan, dice: random.Random) -> Done | None:
    """The applicant's card is somebody else's."""
    for one in _papers(plan, "identity-card-face", "applicant"):
        if one.material == "old_id_card":
            continue
        other = made_up.person(dice, 1958, 2004)
        aspects = {Aspect.AGREEMENT, Aspect.HOLDER, Aspect.FORM}
        return _with(plan, one, one.told(holder=other)), _planted("card_of_another", {one.material}, aspects, "name")
    return None


def company_differs(plan: Plan, dice: random.Random) -> Done | None:
    """The form names another company than the licence."""
    licences = _papers(plan, "business-licence")
    if "变更" not in plan.item.name:  # an older licence may well name the company as it was
        licences += _papers(plan, "hygiene-licence") + _papers(plan, "food-licence")
    for one in _papers(plan, "application-form"):
        if plan.world.kind == "company" and licences:
            other = made_up.company(dice)
            firm = replace(one.given["firm"], name=other.name)
            materials = {one.material, *(licence.material for licence in licences)}
            after = one.told(firm=firm, seal=plan.world.firm.name)
            aspects = {Aspect.AGREEMENT, Aspect.HOLDER, Aspect.FORM, Aspect.SEALED}
            return _with(plan, one, after), _planted("company_differs", materials, aspects, "applicant")
    return None


def code_wrong(plan: Plan, dice: random.Random) -> Done | None:
    """A credit code on the form whose check digit is wrong."""
    for one in _papers(plan, "application-form"):
        if plan.world.kind == "company":
            code = plan.world.firm.code
            wrong = code[:-1] + dice.choice([letter for letter in "0123456789ABCDEFG" if letter != code[-1]])
            after = one.told(firm=replace(one.given["firm"], code=wrong))
            aspects = {Aspect.CHECK_DIGITS, Aspect.AGREEMENT, Aspect.FORM}
            return _with(plan, one, after), _planted("code_wrong", {one.material}, aspects, "credit_code")
    return None


def number_wrong(plan: Plan, dice: random.Random) -> Done | None:
    """An identity number on the form whose check digit is wrong."""
    for one in _papers(plan, "application-form"):
        holder = one.given["holder"]
        wrong = holder.number[:-1] + dice.choice([digit for digit in "0123456789X" if digit != holder.number[-1]])
        after = one.told(holder=replace(holder, number=wrong))
        aspects = {Aspect.CHECK_DIGITS, Aspect.AGREEMENT, Aspect.FORM, Aspect.HOLDER}
        return _with(plan, one, after), _planted("number_wrong", {one.material}, aspects, "number")
    return None


def lease_ended(plan: Plan, dice: random.Random) -> Done | None:
    """A lease that has run out."""
    for one in _papers(plan, "lease"):
        until = (plan.world.applied_on - timedelta(days=dice.randint(10, 200))).replace(day=1)
        since = until.replace(year=until.year - 2)
        after = one.told(term=(since, until), signed=since - timedelta(days=9))
        aspects = {Aspect.IN_DATE, Aspect.THRESHOLD, Aspect.STANDARD}
        return _with(plan, one, after), _planted("lease_ended", {one.material}, aspects, "term")
    return None


def lease_of_another(plan: Plan, dice: random.Random) -> Done | None:
    """Somebody else is the tenant."""
    for one in _papers(plan, "lease"):
        firm, person = made_up.company(dice), made_up.person(dice)
        tenant = (firm.name, firm.code) if one.given["tenant"][1] else (person.name, "")
        aspects = {Aspect.HOLDER, Aspect.AGREEMENT, Aspect.FORM}
        return _with(plan, one, one.told(tenant=tenant)), _planted(
            "lease_of_another", {one.material}, aspects, "tenant"
        )
    return None


def lease_elsewhere(plan: Plan, dice: random.Random) -> Done | None:
    """The lease is of another address than the licence or the form."""
    for one in _papers(plan, "lease"):
        after = one.told(location=made_up.address(dice, home=False))
        materials = {one.material, *(form.material for form in _papers(plan, "application-form"))}
        aspects = {Aspect.AGREEMENT, Aspect.FORM}
        return _with(plan, one, after), _planted("lease_elsewhere", materials, aspects, "location")
    return None


def other_paper(plan: Plan, dice: random.Random) -> Done | None:
    """Some other paper in place of what was asked for."""
    found = [one for one in plan.papers if one.kind not in ("identity-card-face", "identity-card-back")]
    found = [
        one
        for one in found
        if sum(other.material == one.material for other in plan.papers) == 1
        and not material(plan.item, one.material).exempt_by_sharing
        and PaperType.OTHER not in material(plan.item, one.material).paper_types
    ]
    if not found:
        return None
    one = dice.choice(found)
    after = replace(one, kind="other", given={})
    return _with(plan, one, after), _planted(
        "other_paper", {one.material}, {Aspect.PRESENT, Aspect.RIGHT_KIND, Aspect.COMPLETE}
    )


def unreadable(plan: Plan, dice: random.Random) -> Done | None:
    """A photo that can't be read."""
    if not plan.papers:
        return None
    one = dice.choice(plan.papers)
    aspects = {Aspect.LEGIBLE, Aspect.PRESENT, Aspect.COMPLETE}
    return _with(plan, one, replace(one, fault=dice.choice(FAULTS))), _planted("unreadable", _alike(plan, one), aspects)


def typed_differs(plan: Plan, dice: random.Random) -> Done | None:
    """What is typed into the form isn't what the papers say."""
    papers = [
        one for one in plan.papers if one.role == "applicant" and one.kind in ("identity-card-face", "business-licence")
    ]
    if not papers:
        return None
    form: dict[str, str] = dict(plan.form)
    if papers[0].kind == "identity-card-face":
        if plan.world.kind != "person":
            return None
        other = made_up.person(dice)
        form |= {"person": other.name, "name": other.name, "number": other.number}
    else:
        other_firm = made_up.company(dice)
        form |= {"name": other_firm.name, "credit_code": other_firm.code}
    materials = {one.material for one in plan.papers}
    aspects = {Aspect.FORM, Aspect.HOLDER, Aspect.AGREEMENT}
    return replace(plan, form=form), _planted("typed_differs", materials, aspects, whole=True)


def form_empty(plan: Plan, dice: random.Random) -> Done | None:
    """Nothing is typed in."""
    return replace(plan, form={}), _planted("form_empty", set(), {Aspect.COMPLETE, Aspect.FORM}, whole=True)


DEFECTS: Mapping[str, Plant] = {
    plant.__name__: plant
    for plant in (
        missing, side_missing, card_expired, attorney_expired, licence_expired, business_ended, form_unsigned, form_unsealed,
        attorney_unsigned, strange_seal, agent_differs, card_of_another, company_differs, code_wrong, number_wrong, lease_ended,
        lease_of_another, lease_elsewhere, other_paper, unreadable, typed_differs, form_empty,
    )
}  # fmt: skip


def plant(plan: Plan, names: list[str], dice: random.Random, most: int = 1) -> tuple[Plan, list[Planted]]:
    """The plan with at most so many of the named defects, those that it has room for; a later one may not touch an earlier one's
    material."""
    done: list[Planted] = []
    touched: set[str] = set()
    for name in names:
        if len(done) == most:
            break
        result = DEFECTS[name](plan, dice)
        if result is None:
            continue
        changed, planted = result
        if planted.materials & touched or (done and (planted.whole or done[0].whole)):
            continue
        plan, touched = changed, touched | planted.materials
        done.append(planted)
    return plan, done
