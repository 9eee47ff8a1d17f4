"""Papers to required materials: which paper was handed in as what, what is missing, what nobody asked for.

Comes in: a case. Goes out: `Matching`. A material takes papers of the kinds that the guide names; whose papers it asks for
is told by its name and compared with what the papers say (the agent of the power of attorney, the applicant of the form).
The two sides of a card are one unit, so are the pages of a household register. One paper may serve several materials where
that makes sense (generic.yaml), and a material may take the papers of several people.

The assignment is the best of all, not the first that fits: a small matrix of units and materials, by the Hungarian method's idea of
augmenting paths over whole scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from knowledge_base.questionnaire import applies
from knowledge_base.schema import Material
from knowledge_base.terms import Necessity, PaperType
from services.documents.extraction.kinds import paper_kinds
from services.precheck.comparing import same_name, same_number
from services.precheck.facts import Case, PaperFact
from services.precheck.findings import MaterialState
from services.precheck.generic_policy import Policy

FACE, BACK = "identity-card-face", "identity-card-back"
FRONT, MEMBER = "household-register-front", "household-register-person"
DECLARED, THEIRS, OPEN_SCORE, ANOTHERS = 100, 10, 5, 1
"""What speaks for a unit: said so by who handed it in; the right person; nobody knows; another person of this case."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Papers that belong together: a card's two sides, a register's pages, or one paper."""

    papers: tuple[PaperFact, ...]

    @property
    def types(self) -> frozenset[PaperType]:
        """Kinds as the guides call them."""
        return frozenset(type_of(one.kind) for one in self.papers)

    @property
    def declared(self) -> str | None:
        """The material that it was handed in as."""
        return next((one.material for one in self.papers if one.material), None)


@dataclass
class Matching:
    """What became of every material and every paper.

    Attributes:
        materials: those of the case's situation, in the guide's order.
        units: by material id.
        states: by material id.
        missing_sides: material id -> kinds of the sides that aren't there.
        wrong: (material id, paper): handed in as this material, and of another kind.
        duplicates: papers that are there twice. strangers: that no material takes.
    """

    materials: list[Material] = field(default_factory=list)
    units: dict[str, list[Unit]] = field(default_factory=dict)
    states: dict[str, MaterialState] = field(default_factory=dict)
    missing_sides: dict[str, list[str]] = field(default_factory=dict)
    wrong: list[tuple[str, PaperFact]] = field(default_factory=list)
    duplicates: list[PaperFact] = field(default_factory=list)
    strangers: list[PaperFact] = field(default_factory=list)

    def papers(self, material: str) -> list[PaperFact]:
        """All papers taken for a material."""
        return [paper for unit in self.units.get(material, ()) for paper in unit.papers]


def type_of(kind: str) -> PaperType:
    """Of an extraction kind."""
    known = paper_kinds().get(kind)
    return known.paper_type if known else PaperType.OTHER


def role_of(material: Material, policy: Policy) -> str:
    """Whose papers a material asks for: agent, guardian, couple, family or applicant."""
    return next((one.role for one in policy.roles if any(word in material.name for word in one.words)), "applicant")


def matched(case: Case, people: Mapping[str, Sequence[tuple[str, str]]], policy: Policy) -> Matching:
    """Match a case. `people`: role -> (name, number) as known so far from the form and from papers about others; either
    may be ""."""
    result = Matching()
    kept = _without_duplicates(case.papers, result)
    result.materials = [one for one in case.item.materials if applies(one, case.answers) is not False]
    units = _without_same_cards(_units([one for one in kept if one.unread is None]), result)
    _wrong_kinds(units, result, policy)
    free = _assigned(units, result, people, policy)
    _share(units, result, policy)
    for unit in free:
        result.strangers += unit.papers
    for material in result.materials:
        result.states[material.id] = _state(material, case, result)
    return result


def _without_duplicates(papers: Sequence[PaperFact], result: Matching) -> list[PaperFact]:
    """The same pages of the same file."""
    seen: set[tuple[str, tuple[int, ...], int]] = set()
    kept = []
    for one in papers:
        place = (one.sha256, one.pages, one.number)
        if one.sha256 and place in seen:
            result.duplicates.append(one)
            continue
        seen.add(place)
        kept.append(one)
    return kept


def _without_same_cards(units: Sequence[Unit], result: Matching) -> list[Unit]:
    """Photographed twice, a card is another file; its number says that it is the same, and the one with both sides is kept. Other
    papers may well come twice (several leases, several forms)."""
    kept: dict[str, Unit] = {}
    others = []
    for unit in units:
        face = next((one for one in unit.papers if one.kind == FACE), None)
        number = face.fields.get("number") if face is not None else None
        if number is None or not number.value or not number.sure or unit.declared:
            others.append(unit)
            continue
        before = kept.get(number.value)
        better = before is None or len(unit.papers) > len(before.papers)
        if before is not None:
            result.duplicates += (before if better else unit).papers
        if better:
            kept[number.value] = unit
    order = {id(unit): place for place, unit in enumerate(units)}
    return sorted([*kept.values(), *others], key=lambda unit: order[id(unit)])


def _units(papers: Sequence[PaperFact]) -> list[Unit]:
    """Cards: a face and the back that stands next to it, else the next that is free. Registers: a front and the members
    after it."""
    units: list[list[PaperFact]] = []
    backs = [one for one in papers if one.kind == BACK]
    place = {one.key: number for number, one in enumerate(papers)}
    faces = [one for one in papers if one.kind == FACE]
    partner: dict[str, PaperFact] = {}
    pairs = sorted(
        (abs(place[face.key] - place[back.key]), place[face.key], face.key, back.key)
        for face in faces
        for back in backs
    )
    taken: set[str] = set()
    by_key = {one.key: one for one in papers}
    for _, _, face_key, back_key in pairs:
        if face_key not in partner and back_key not in taken:
            partner[face_key] = by_key[back_key]
            taken.add(back_key)
    register: list[PaperFact] | None = None
    for one in papers:
        if one.kind == FACE:
            units.append([one, *([partner[one.key]] if one.key in partner else [])])
        elif one.kind == BACK:
            if one.key not in taken:
                units.append([one])
        elif one.kind in (FRONT, MEMBER):
            if register is None or one.kind == FRONT:
                register = []
                units.append(register)
            register.append(one)
        else:
            units.append([one])
    return [Unit(tuple(one)) for one in units]


def _wrong_kinds(units: list[Unit], result: Matching, policy: Policy) -> None:
    """What was handed in as something that it isn't."""
    known = {one.id: one for one in result.materials}
    for unit in list(units):
        material = known.get(unit.declared or "")
        if material is not None and material.paper_types and not unit.types & set(material.paper_types):
            result.wrong += [(material.id, paper) for paper in unit.papers]
            units.remove(unit)


def _assigned(
    units: list[Unit], result: Matching, people: Mapping[str, Sequence[tuple[str, str]]], policy: Policy
) -> list[Unit]:
    """Give each material one unit, as well as can be done for all together; then the rest to materials that take several."""
    scores = {
        (number, material.id): _score(unit, material, people, policy)
        for number, unit in enumerate(units)
        for material in result.materials
    }
    holders: dict[str, int] = {}
    owned: dict[int, str] = {}
    # Materials that can be chosen least come first; each may push another to its second choice if both gain together.
    classes = {one.id: (one.necessity is not Necessity.REQUIRED, one.exempt_by_sharing) for one in result.materials}
    for material in sorted(result.materials, key=lambda one: classes[one.id]):
        _augment(material.id, scores, holders, owned, len(units))
    _improve(scores, holders, owned)
    _hand_over(scores, holders, owned, classes)
    for material_id, number in holders.items():
        result.units.setdefault(material_id, []).append(units[number])
    free = []
    for number, unit in enumerate(units):
        if number in owned:
            continue
        fitting = [
            (scores[number, one.id], -place, one)
            for place, one in enumerate(result.materials)
            if scores[number, one.id] and (_takes_several(one, policy) or _joins(unit, one, result))
        ]
        if fitting:
            result.units.setdefault(max(fitting, key=lambda one: one[:2])[2].id, []).append(unit)
        else:
            free.append(unit)
    return free


def _augment(
    material: str, scores: Mapping[tuple[int, str], int], holders: dict[str, int], owned: dict[int, str], count: int
) -> bool:
    seen: set[int] = set()

    def find(wanted: str) -> bool:
        for number in sorted(range(count), key=lambda one: (-scores[one, wanted], one)):
            if not scores[number, wanted] or number in seen:
                continue
            seen.add(number)
            if number not in owned or find(owned[number]):
                owned[number], holders[wanted] = wanted, number
                return True
        return False

    return find(material)


def _improve(scores: Mapping[tuple[int, str], int], holders: dict[str, int], owned: dict[int, str]) -> None:
    """Swap two materials' units as long as both together are better off: at most every pair once a round."""
    for _ in range(len(holders)):
        better = [
            (one, other)
            for one in holders
            for other in holders
            if one < other
            and scores[holders[other], one]
            and scores[holders[one], other]
            and scores[holders[other], one] + scores[holders[one], other]
            > scores[holders[one], one] + scores[holders[other], other]
        ]
        if not better:
            return
        one, other = better[0]
        holders[one], holders[other] = holders[other], holders[one]
        owned[holders[one]], owned[holders[other]] = one, other


def _hand_over(
    scores: Mapping[tuple[int, str], int],
    holders: dict[str, int],
    owned: dict[int, str],
    classes: Mapping[str, tuple[bool, bool]],
) -> None:
    """Give a unit to a material that has none and that it suits better; away from one that needs it more only if it is another
    person's there."""
    for number, owner in list(owned.items()):
        for wanted, rank in classes.items():
            better = scores[number, wanted] > scores[number, owner]
            may = rank <= classes[owner] or scores[number, owner] == ANOTHERS
            if wanted not in holders and better and may:
                del holders[owner]
                holders[wanted], owned[number] = number, wanted
                break


def _score(unit: Unit, material: Material, people: Mapping[str, Sequence[tuple[str, str]]], policy: Policy) -> int:
    if unit.declared == material.id:
        return DECLARED
    if not unit.types & set(material.paper_types) or unit.declared is not None:
        return 0
    person = _person(unit)
    role = role_of(material, policy)
    # Where the guide takes one of several kinds, the first named is meant first.
    if person is None:
        return OPEN_SCORE
    if any(_same_person(person, one) for one in people.get(role, ())):
        return THEIRS
    others = [one for name, known in people.items() if name != role for one in known]
    if any(_same_person(person, one) for one in others):
        return ANOTHERS
    return OPEN_SCORE


def _person(unit: Unit) -> tuple[str, str] | None:
    for paper in unit.papers:
        if paper.kind in (FACE, "residence-permit"):
            name, number = paper.fields.get("name"), paper.fields.get("number")
            return (name.value or "" if name else "", number.value or "" if number else "")
    return None


def _same_person(one: tuple[str, str], other: tuple[str, str]) -> bool:
    if one[1] and other[1]:
        return same_number(one[1], other[1])
    return bool(one[0] and other[0]) and same_name(one[0], other[0])


def _takes_several(material: Material, policy: Policy) -> bool:
    return any(word in material.name for word in policy.several)


def _joins(unit: Unit, material: Material, result: Matching) -> bool:
    """A kind that the material asks for beside the one that it has (a register beside a card, the other side of a card)."""
    there = {kind for one in result.units.get(material.id, ()) for kind in one.types}
    return not unit.types & there


def _share(units: Sequence[Unit], result: Matching, policy: Policy) -> None:
    """A paper that was taken for one material also serves another that has none."""
    for material in result.materials:
        if result.units.get(material.id) or not material.paper_types:
            continue
        found = [
            unit
            for unit in units
            if unit.types & set(material.paper_types)
            and all(paper.kind in policy.shared for paper in unit.papers)
            and unit.declared in (None, material.id)
            and _may_share(unit, material, result, policy)
        ]
        if found:
            result.units[material.id] = found[:1]


def _may_share(unit: Unit, material: Material, result: Matching, policy: Policy) -> bool:
    """Cards only where both materials ask for the same people."""
    if not any(paper.kind in (FACE, BACK) for paper in unit.papers):
        return True
    takers = [one for one in result.materials if unit in result.units.get(one.id, ())]
    return all(role_of(one, policy) == role_of(material, policy) for one in takers)


def _state(material: Material, case: Case, result: Matching) -> MaterialState:
    papers = result.papers(material.id)
    needed = applies(material, case.answers)
    if papers:
        sides = _missing_sides(material, papers)
        if sides:
            result.missing_sides[material.id] = sides
            return MaterialState.PARTLY
        return MaterialState.MATCHED
    if needed is None:
        return MaterialState.OPEN
    if material.exempt_by_sharing:
        return MaterialState.EXEMPT
    if material.necessity is Necessity.LATER:
        return MaterialState.LATER
    if material.necessity is Necessity.OPTIONAL:
        return MaterialState.NOT_NEEDED
    return MaterialState.MISSING if material.paper_types else MaterialState.BY_PERSON


def _missing_sides(material: Material, papers: Sequence[PaperFact]) -> list[str]:
    """Sides of cards that the guide asks for and that aren't there: as many of one as of the other."""
    both = {PaperType.ID_CARD_FACE, PaperType.ID_CARD_BACK} <= set(material.paper_types)
    faces = sum(one.kind == FACE for one in papers)
    backs = sum(one.kind == BACK for one in papers)
    if not both or faces == backs:
        return []
    return [BACK] if faces > backs else [FACE]
