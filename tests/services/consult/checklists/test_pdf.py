"""The PDF says what the list says: read back with another library."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest

from services.consult.checklists.building import build_checklist
from services.consult.checklists.kept import Kept
from services.consult.checklists.pdf import render_pdf

VENUE = "public-venue-hygiene-new"
ADDRESS = "/api/consult/checklists"
MADE = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
"""The next day in China."""
LONG = "申请书由法定代表人签字并写明日期"
OF_WHAT_IS_BROUGHT = ("kind", "source", "page_format", "filling_notes", "acceptance_standard", "sample_form", "when")


def _kept(library, item_id, answers, **fields) -> Kept:
    checklist = build_checklist(library, item_id, answers)
    values = {"current_version": checklist.item.version, **fields}
    return Kept("a1" * 16, MADE, MADE + timedelta(days=180), checklist, **values)


def _pages(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("item_id", "answers"),
    [(VENUE, {"venue_type": "licensed", "central_air": True}), ("adoption-registration", {})],
)
def test_everything_of_the_list_is_in_it(library, item_id, answers):
    kept = _kept(library, item_id, answers)
    pages = _pages(render_pdf(kept))
    # Without the line at the foot of each page a text that goes on overleaf is one again.
    whole = "".join(_bare(page) for page in pages)
    whole = re.sub(rf"{_bare(kept.checklist.item.name)}办事指南第\d+版[\d年月日]+生成第\d+页，共\d+页", "", whole)
    said = {text for _, text in kept.checklist.quoted()}
    # Of what need not be brought only the name and the licence are told; whose a phone is and the summary are on the page.
    left_out = {kept.checklist.summary, *(phone.owner for phone in kept.checklist.phones)}
    for material in kept.checklist.materials:
        if material.exempt:
            left_out |= {getattr(material, name) for name in OF_WHAT_IS_BROUGHT}
    assert [text for text in said - left_out if _bare(text) not in whole] == []
    for source in kept.checklist.sources:
        assert source.section_id in whole
    assert f"第{len(pages)}页，共{len(pages)}页" in _bare(pages[-1])
    assert "2026年11月23日" in _bare(pages[0])


def test_a_long_text_goes_on_overleaf(library):
    short = len(_pages(render_pdf(_kept(library, VENUE, {}))))
    item = library.item(VENUE)
    long = tuple(one.model_copy(update={"acceptance_standard": f"{LONG}，" * 110}) for one in item.materials)
    entries = [entry for entry in library.entries.values() if entry.id != VENUE]
    longer = type(library)([*entries, item.model_copy(update={"materials": long})])
    kept = _kept(longer, VENUE, {})
    pages = _pages(render_pdf(kept))
    assert len(pages) > short
    # One of each material may be parted by a page's foot.
    materials = sum(not one.exempt for one in kept.checklist.materials)
    assert _bare("".join(pages)).count(LONG) >= 109 * materials


def test_it_says_that_the_guide_has_changed(library):
    assert "更新到第9版" in _bare(_pages(render_pdf(_kept(library, VENUE, {}, current_version=9)))[0])
    assert "不在现行办事指南里" in _bare(_pages(render_pdf(_kept(library, VENUE, {}, current_version=None)))[0])
    assert "注意：" not in _bare(_pages(render_pdf(_kept(library, VENUE, {})))[0])


async def test_downloaded(citizen):
    made = (await citizen.post(ADDRESS, json={"item_id": VENUE})).json()
    response = await citizen.get(made["pdf_url"])
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["cache-control"] == "no-store"
    assert "filename*=UTF-8''%E4%B8%80" in response.headers["content-disposition"]
    assert "公共场所卫生许可证新办" in _bare(_pages(response.content)[0])


@pytest.mark.parametrize("token", ["0" * 32, "x", "a1b2.pdf"])
async def test_a_forged_address_opens_nothing(citizen, token):
    response = await citizen.get(f"{ADDRESS}/{token}.pdf")
    assert response.status_code == 404
    assert response.json()["code"] == "checklist_not_found"
