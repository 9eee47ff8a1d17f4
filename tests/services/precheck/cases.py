"""Made-up cases: an item that asks for a form, a licence, a lease, a power of attorney and the agent's card; papers agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from knowledge_base.entries import EntryKind
from knowledge_base.reading import parse_entry
from knowledge_base.schema import ServiceItem
from services.precheck.facts import Case, FieldFact, MarkFact, PaperFact, Place

APPLIED = date(2026, 11, 20)
COMPANY = "上海明远餐饮有限公司"
CODE = "91310107MA1T000052"
HEAD, HEAD_NUMBER = "安晓宁", "310107199203151022"
AGENT, AGENT_NUMBER = "何佳凯", "11010519491231002X"
BOX = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.12), (0.1, 0.12))


def item(checks: list[dict[str, Any]] | None = None, **changes: Any) -> ServiceItem:
    """The item, with `checks` of its own."""
    data: dict[str, Any] = {
        "id": "venue-licence",
        "name": "场所许可",
        "department": "区卫生健康委员会",
        "authority": "区卫生健康委员会",
        "item_type": "行政许可",
        "level": "县（区）",
        "applicant_kinds": ["法人"],
        "handling_kind": "承诺件",
        "summary": "开办场所前申请许可",
        "situations": [
            {
                "id": "applicant",
                "question": "由谁来办理？",
                "options": [{"value": "self", "label": "自己办"}, {"value": "agent", "label": "委托他人代办"}],
            }
        ],
        "materials": [
            material("application_form", "申请表", ["申请表"], "填写完整，法定代表人签字，单位加盖公章"),
            material("business_licence", "营业执照", ["营业执照"], "在有效期内", exempt_by_sharing=True),
            material("lease", "房屋租赁合同", ["房屋租赁合同"], "写明坐落、面积和期限"),
            agent("power_of_attorney", "授权委托书", ["授权委托书"], "委托人签字或者盖章"),
            agent("agent_id_card", "代理人身份证件", ["居民身份证人像面", "居民身份证国徽面"], "在有效期内"),
        ],
        "legal_basis": [{"law": "公共场所卫生管理条例"}],
        "checks": checks or [],
    }
    parsed = parse_entry(EntryKind.ITEM, data | changes)
    assert isinstance(parsed, ServiceItem)
    return parsed


def material(name: str, title: str, types: list[str], standard: str, **more: Any) -> dict[str, Any]:
    """A required original."""
    return {
        "id": name,
        "name": title,
        "necessity": "必要",
        "kind": "原件",
        "copies": 1,
        "source": "申请人自备",
        "acceptance_standard": standard,
        "paper_types": types,
        **more,
    }


def agent(name: str, title: str, types: list[str], standard: str) -> dict[str, Any]:
    """Asked for where somebody acts for the applicant."""
    return material(name, title, types, standard, when="委托他人代办", rule="applicant == 'agent'")


def paper(number: int, kind: str, fields: Mapping[str, str], **more: Any) -> PaperFact:
    """A paper that was read without a doubt."""
    document = f"document-{number}"
    place = Place(document, 1, BOX)
    facts = {name: FieldFact(value, raw=value, places=(place,)) for name, value in fields.items()}
    return PaperFact(document, 1, kind, fields=facts, sha256=document, **more)


def mark(number: int, text: str) -> MarkFact:
    """A seal or a signature on paper `number`."""
    return MarkFact(text, 1.0, Place(f"document-{number}", 1, BOX))


def papers() -> dict[str, PaperFact]:
    """One of each, all in order."""
    return {
        "form": paper(
            1,
            "application-form",
            {
                "applicant": COMPANY,
                "credit_code": CODE,
                "legal_representative": HEAD,
                "number": HEAD_NUMBER,
                "address": "上海市普陀区武宁路1235弄7号",
            },
            seals=(mark(1, COMPANY),),
            signatures=(mark(1, HEAD),),
        ),
        "licence": paper(
            2,
            "business-licence",
            {"name": COMPANY, "credit_code": CODE, "legal_representative": HEAD},
            seals=(mark(2, "普陀区市场监督管理局"),),
        ),
        "lease": paper(
            3,
            "lease",
            {
                "landlord": "许欣然",
                "tenant": COMPANY,
                "location": "普陀区武宁路1235弄7号",
                "term": "2026-01-01/2029-12-31",
            },
        ),
        "attorney": paper(
            4,
            "power-of-attorney",
            {
                "principal": COMPANY,
                "principal_number": CODE,
                "agent": AGENT,
                "agent_number": AGENT_NUMBER,
                "term": "2026-11-01/2027-10-31",
            },
            seals=(mark(4, COMPANY),),
            signatures=(mark(4, AGENT),),
        ),
        "face": paper(5, "identity-card-face", {"name": AGENT, "number": AGENT_NUMBER}),
        "back": paper(6, "identity-card-back", {"valid_period": "2016-03-01/长期"}),
    }


def form() -> dict[str, str]:
    """What is typed in."""
    return {
        "name": COMPANY,
        "credit_code": CODE,
        "legal_representative": HEAD,
        "phone": "13800000001",
        "agent_name": AGENT,
        "agent_number": AGENT_NUMBER,
    }


def case(
    papers_: Mapping[str, PaperFact] | None = None,
    form_: Mapping[str, str] | None = None,
    item_: ServiceItem | None = None,
    answers: Mapping[str, Any] | None = None,
) -> Case:
    """A clean case, but for what is given."""
    return Case(
        item_ or item(),
        {"applicant": "agent"} if answers is None else answers,
        form() if form_ is None else form_,
        tuple((papers() if papers_ is None else papers_).values()),
        APPLIED,
    )


def changed(paper_: PaperFact, **fields: str | FieldFact | None) -> PaperFact:
    """The paper with other values; None takes a field away."""
    facts = dict(paper_.fields)
    for name, value in fields.items():
        if value is None:
            facts.pop(name, None)
        elif isinstance(value, FieldFact):
            facts[name] = value
        else:
            facts[name] = replace(facts.get(name, FieldFact(value)), value=value)
    return replace(paper_, fields=facts)
