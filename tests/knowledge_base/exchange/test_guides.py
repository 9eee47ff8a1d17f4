"""Guides written by people: headings, tables and labels to fields, and what is left for people is said."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml

from core.errors import HubError
from knowledge_base.exchange.guide_blocks import GuideDraft
from knowledge_base.exchange.guide_fields import basis, fee, limit, phone
from knowledge_base.exchange.guide_files import read_docx, read_html

TEXT_BOX = (
    '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:pict><w:txbxContent><w:p><w:r>'
    "<w:t>框里的字</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>"
)


def saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def guide() -> Any:
    document = Document()
    document.add_heading("养犬登记办事指南", 0)
    document.add_heading("一、基本信息", 1)
    for line in (
        "事项类型：行政许可",
        "行使层级：县（区）",
        "实施主体：公安分局",
        "服务对象：自然人、法人",
        "办件类型：承诺件",
    ):
        document.add_paragraph(line)
    document.add_heading("二、受理条件", 1)
    document.add_paragraph("（一）在本区有固定住所")
    document.add_paragraph("（二）犬只已经免疫")
    document.add_paragraph().add_run("三、申请材料").bold = True
    table = document.add_table(rows=1, cols=6)
    for cell, text in zip(
        table.rows[0].cells, ("序号", "材料名称", "份数", "原件/复印件", "来源", "必要性"), strict=True
    ):
        cell.text = text
    for row in (
        ("1", "免疫证明", "1", "原件", "其他", "必要"),
        ("2", "居民身份证", "1份", "复印件", "政府部门核发", "必要"),
    ):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    cells = table.add_row().cells
    cells[0].merge(cells[5]).text = "以上材料一式一份"
    document.add_heading("四、办理时限", 1)
    document.add_paragraph("法定办结时限：20 个工作日")
    document.add_paragraph("承诺办结时限：５个工作日（自受理之日起）")
    document.add_heading("五、收费标准", 1)
    document.add_paragraph("不收费")
    document.add_heading("六、设定依据", 1)
    document.add_paragraph("《示例市养犬管理条例》第十二条：饲养犬只应当办理登记")
    document.add_heading("七、联系方式与其他", 1)
    document.add_paragraph("咨询电话：021-12345678（公安分局）")
    document.add_paragraph("请带好证件早点来")
    return document


def fields(draft: GuideDraft, text: str) -> str:
    return next(block.field for block in draft.blocks if text in block.text)


def test_a_docx_guide_is_mapped_and_the_rest_is_said() -> None:
    draft = read_docx(saved(guide()))
    document = draft.document
    assert document["name"] == "养犬登记"
    assert document["item_type"] == "行政许可"
    assert document["applicant_kinds"] == ["自然人", "法人"]
    assert [one["text"] for one in document["conditions"]] == ["在本区有固定住所", "犬只已经免疫"]
    assert document["materials"][1] == {
        "id": "material_2", "name": "居民身份证", "copies": 1, "kind": "复印件", "source": "政府部门核发", "necessity": "必要",
    }  # fmt: skip
    assert document["statutory_limit"] == {"number": 20, "unit": "工作日"}
    assert document["promised_limit"] == {"number": 5, "unit": "工作日", "notes": ["自受理之日起"]}
    assert document["fee"] == {"charged": False}
    assert document["legal_basis"] == [
        {"law": "示例市养犬管理条例", "article": "第十二条", "text": "饲养犬只应当办理登记"}
    ]
    assert document["consult_phone"] == {"name": "公安分局", "number": "021-12345678"}
    assert fields(draft, "请带好证件") == "not_understood"
    assert "summary" in {name for name, _ in draft.missing}
    assert "materials.0.acceptance_standard" in {name for name, _ in draft.missing}


def test_text_boxes_are_not_read_and_said() -> None:
    document = Document()
    document.add_paragraph("养犬")._p.append(parse_xml(TEXT_BOX))
    draft = read_docx(saved(document))
    assert fields(draft, "框里的字") == "ignored"
    assert "框里的字" not in str(draft.document)


def test_a_docx_without_headings_falls_back_to_labels_and_says_so() -> None:
    document = Document()
    for line in ("事项名称：养犬登记", "法定时限：10个工作日", "随便写的一段话"):
        document.add_paragraph(line)
    draft = read_docx(saved(document))
    assert draft.document["name"] == "养犬登记"
    assert draft.document["statutory_limit"]["number"] == 10
    assert fields(draft, "随便写的") == "not_understood"
    assert "没有认得的标题" in draft.notices[0]


def test_html_is_read_without_scripts_and_images() -> None:
    page = """<!doctype html><html><body><h1>养犬登记</h1><script>alert(1)</script><img src="http://a.example/b.png">
    <h2>受理条件</h2><p>在本区有<a href="http://a.example">固定住所</a></p><div><strong>办理流程</strong></div>
    <ul><li>申请：到窗口递交</li></ul><table><tr><td>办件类型</td><td>即办件</td></tr></table></body></html>"""
    draft = read_html(page.encode())
    assert draft.document["conditions"] == [{"text": "在本区有固定住所"}]
    assert draft.document["steps"] == [{"name": "申请", "text": "到窗口递交"}]
    assert draft.document["handling_kind"] == "即办件"
    assert {block.reason for block in draft.blocks if block.field == "ignored"} == {"脚本没有读", "图片没有读"}
    assert "alert" not in str(draft)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("20日", None),
        ("当场办结", {"unit": "即办"}),
        ("3 自然日", {"number": 3, "unit": "自然日"}),
        ("20(个)工作日", {"number": 20, "unit": "工作日"}),
    ],
)
def test_a_bare_day_is_not_taken_for_a_working_day(text: str, found: Any) -> None:
    assert limit(text) == found


def test_what_the_words_do_not_say_is_not_guessed() -> None:
    assert fee("按规定") is None
    assert phone("021-12345678 或 021-87654321") is None
    assert basis("有关规定") is None
    assert basis("《决定》（国发〔2016〕12号）") == {"law": "决定", "document_number": "国发〔2016〕12号"}


def test_a_damaged_docx_is_refused() -> None:
    with pytest.raises(HubError) as error:
        read_docx(b"PK\x03\x04")
    assert error.value.code == "file_damaged"
