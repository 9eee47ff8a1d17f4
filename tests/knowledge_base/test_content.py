"""The items that are shipped: complete, well written, marked as samples."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from core.settings import Settings
from knowledge_base.entries import kind_of
from knowledge_base.guide_lint import Severity, lint_library
from knowledge_base.library import Library
from knowledge_base.personal_sections import personal_text
from knowledge_base.reading import rules_of
from knowledge_base.rules import Answer
from knowledge_base.terms import ITEM_ELEMENTS, Element, EntryKind

ITEMS = (
    "birth-registration",
    "food-business-licence-new",
    "limited-company-setup",
    "outdoor-sign-approval",
    "public-venue-hygiene-cancel",
    "public-venue-hygiene-change",
    "public-venue-hygiene-new",
    "public-venue-hygiene-renew",
    "residence-permit-apply",
    "senior-card-apply",
    "social-security-card-apply",
    "special-equipment-registration",
)


def test_the_twelve_items_are_there(library: Library) -> None:
    assert set(ITEMS) <= set(library.items)


@pytest.mark.parametrize("item_id", ITEMS)
def test_an_item_has_every_element(library: Library, item_id: str) -> None:
    assert [section.element for section in library.sections(item_id)] == list(ITEM_ELEMENTS)


def test_section_ids_are_stable(library: Library) -> None:
    for item_id, item in library.items.items():
        for section in library.sections(item_id):
            assert section.id == f"{item_id}/{section.element.value}@{item.version}"
            assert library.section(section.id) is section


@pytest.mark.parametrize("item_id", ITEMS)
def test_an_item_has_aliases_and_a_legal_basis(library: Library, item_id: str) -> None:
    item = library.item(item_id)
    assert len(item.aliases) >= 5
    assert item.legal_basis
    assert any(basis.article for basis in item.legal_basis)


@pytest.mark.parametrize("item_id", ITEMS)
def test_an_item_is_marked_as_a_sample(library: Library, item_id: str) -> None:
    item = library.item(item_id)
    assert item.sample
    assert all(place.sample for place in item.places)
    assert "示例内容" in library.sections(item_id, "overview")[0].text
    first = (Settings().content_dir / "items" / f"{item_id}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# 示例内容")


@pytest.mark.parametrize("item_id", ITEMS)
def test_texts_have_chinese_punctuation_and_whole_sentences(library: Library, item_id: str) -> None:
    for section in library.sections(item_id):
        assert not re.search(r"[一-鿿][,;:?!]", section.text), section.id
        assert "。。" not in section.text, section.id
        assert "None" not in section.text, section.id
        for line in section.text.split("\n"):
            assert line == line.strip(), section.id
            assert line[-1] in "。：？", (section.id, line)


@pytest.mark.parametrize(
    ("section_id", "said"),
    [
        ("public-venue-hygiene-renew/conditions@1", ("有效期四年", "届满 30 日前")),
        ("public-venue-hygiene-change/conditions@1", ("变更经营项目、经营场所地址的，应当重新申请卫生许可证",)),
        ("residence-permit-apply/conditions@1", ("半年以上", "合法稳定就业", "合法稳定住所", "连续就读", "16 周岁")),
        ("food-business-licence-new/conditions@1", ("仅销售预包装食品的，备案即可，无需许可",)),
        ("limited-company-setup/conditions@1", ("一个以上五十个以下", "五年内缴足")),
        ("special-equipment-registration/conditions@1", ("投入使用后三十日内",)),
    ],
)
def test_thresholds_and_exceptions_are_written_out(library: Library, section_id: str, said: tuple[str, ...]) -> None:
    text = library.section(section_id).text
    for words in said:
        assert words in text


def test_no_phone_number_but_the_public_hotlines(library: Library) -> None:
    for item in library.items.values():
        for phone in (item.consult_phone, item.supervise_phone):
            # National and city hotlines have three to five digits; whatever is longer is somebody's desk.
            assert phone is None or phone.sample or re.fullmatch(r"1[12][0-9]{1,3}", phone.number), item.id


def test_the_library_is_as_large_as_promised(library: Library) -> None:
    counts = Counter(kind_of(entry) for entry in library.entries.values())
    assert counts[EntryKind.ITEM] >= 110
    assert counts[EntryKind.FAQ] >= 350
    assert counts[EntryKind.POLICY] >= 20
    assert counts[EntryKind.LIFE_EVENT] >= 12
    items = library.items.values()
    assert len({item.department for item in items}) >= 18
    assert sum(bool(item.situations and rules_of(item)) for item in items) >= 40


def test_every_item_is_complete_but_for_what_is_not_known(library: Library) -> None:
    """Fees and limits that are set locally are left out rather than guessed; the checker lists them as missing."""
    left_out = []
    for item_id in library.items:
        elements = {section.element for section in library.sections(item_id)}
        left_out.extend(set(ITEM_ELEMENTS) - elements)
    assert set(left_out) <= {Element.FEE, Element.LIMITS}
    assert len(left_out) <= 12


def test_every_text_is_whole_and_in_chinese_punctuation(library: Library) -> None:
    for section in library.all_sections():
        assert not re.search(r"[一-鿿][,;:?!]", section.text), section.id
        assert "。。" not in section.text, section.id
        assert "None" not in section.text, section.id


def test_everything_shipped_is_marked_as_a_sample(library: Library) -> None:
    for entry in library.entries.values():
        assert entry.sample, entry.id
    for item in library.items.values():
        assert all(place.sample for place in item.places), item.id


def test_the_checker_finds_nothing_that_must_be_mended(library: Library) -> None:
    assert [str(finding) for finding in lint_library(library) if finding.severity is Severity.ERROR] == []


def test_no_name_is_shared_by_two_items(library: Library) -> None:
    owners: dict[str, str] = {}
    for item in library.items.values():
        for name in (item.name, *item.aliases):
            assert owners.setdefault(name, item.id) == item.id, name


@pytest.mark.parametrize(
    ("item_id", "answers", "material", "asked_for"),
    [
        ("construction-permit", {"work": "decoration", "exterior_or_use": True}, "建设工程规划许可证", True),
        ("construction-permit", {"work": "decoration", "exterior_or_use": False}, "建设工程规划许可证", False),
        ("construction-permit", {"work": "building"}, "建设工程规划许可证", True),
        ("company-cancel", {"way": "simple", "excluded": False, "tax_cleared": True}, "清税证明", False),
        ("company-cancel", {"way": "simple", "excluded": False, "tax_cleared": False}, "清税证明", True),
        ("company-cancel", {"way": "simple", "excluded": True}, "清税证明", True),
        ("real-estate-transfer", {"mortgage": True, "transfer_restricted": False}, "抵押权人同意转让的材料", False),
        ("real-estate-transfer", {"mortgage": True, "transfer_restricted": True}, "抵押权人同意转让的材料", True),
    ],
)
def test_rules_keep_the_exceptions_of_the_text(
    library: Library, item_id: str, answers: dict[str, Answer], material: str, asked_for: bool
) -> None:
    known = {"action": "new", **answers} if item_id == "construction-permit" else answers
    text = personal_text(library.item(item_id), Element.MATERIALS, known)
    assert (material in (text or "")) is asked_for
