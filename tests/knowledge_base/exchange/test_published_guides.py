"""Guides as offices publish them: tables for the layout, merged cells, no-break blanks, styles inside the tags, hidden parts."""

from __future__ import annotations

import io
from typing import Any

import pytest
from docx import Document

from core.errors import HubError
from knowledge_base.exchange.guide_blocks import GuideDraft
from knowledge_base.exchange.guide_files import read_docx, read_html

PORTAL_PAGE = """<!DOCTYPE html><html><head><title>办事指南</title><style>td{color:red}</style></head>
<body><form id="aspnetForm" action="x.aspx"><input type="hidden" name="__VIEWSTATE" value="dDwtMTA4">
<table width="1000" align="center"><tr><td colspan="2"><h1 style="text-align:center">养犬登记办事指南</h1></td></tr>
<tr><td width="200" valign="top"><div class="nav" style="display:none">首页 &gt; 办事服务</div></td><td>
 <table border="1" cellspacing="0" style="width:100%">
  <tr><td rowspan="3" style="background:#eee">基本信息</td><td>事项类型</td><td>行政许可</td><td>办件类型</td><td>承诺件</td></tr>
  <tr><td>实施主体</td><td colspan="3"><span style="font-size:14px">示例区&nbsp;公安分局</span></td></tr>
  <tr><td>法定办结时限</td><td>20&nbsp;(个)工作日</td><td>承诺办结时限</td><td>5&nbsp;个工作日</td></tr>
  <tr><td>服务对象</td><td colspan="2">自然人、法人</td><td>监督电话</td><td>&nbsp;</td></tr>
  <tr><td>受理条件</td><td colspan="4"><p>1、在本区有固定住所；</p><p>2、犬只已经免疫。<br>
  3、未满&nbsp;18&nbsp;周岁的由监护人代办</p></td></tr>
  <tr><td>申请材料</td><td colspan="4">
   <table class="inner"><caption>&nbsp;</caption>
    <tr><th colspan="5">申请材料目录</th></tr>
    <tr><th>序号</th><th>材料名称</th><th>材料形式</th><th>份数</th><th>受理标准</th></tr>
    <tr><td colspan="5">一、个人提交</td></tr>
    <tr><td>1</td><td rowspan="2">免疫证明</td><td rowspan="2">原件</td><td rowspan="2">1</td><td>在有效期内</td></tr>
    <tr><td>2</td><td>由本区动物诊疗机构出具</td></tr>
    <tr><td>3</td><td>居民身份证<br>（养犬人）</td><td>复印件</td><td>1&nbsp;份</td><td>&nbsp;</td></tr>
   </table></td></tr>
 </table></td></tr></table></form></body></html>"""

WORD_PAGE = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang=ZH-CN>
<div class=WordSection1>
<p class=MsoNormal align=center
 style='text-align:center'><b><span style='font-size:22.0pt;font-family:宋体'>再生育审批办事指南<o:p></o:p></span></b></p>
<p class=MsoNormal><span style='font-family:黑体;font-weight:bold'>一、受理条件</span></p>
<p class=MsoNormal style='text-indent:32.0pt'><span lang=EN-US>1.</span><span>夫妻一方为</span><span>本市户籍</span>，<font
  color="red">且</font>符合规定
   的；</p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoNormal><span style='font-family:黑体'>二、办理流程</span></p>
<div>申请：到<a href="http://a.example/">窗口</a>递交<br>受理：当场核对材料<p>决定：作出决定</p></div>
<p style="display: none">内部备注：不要公开</p>
<dl><dt>咨询电话</dt><dd>021-12345678</dd><dt>收费标准</dt><dd>不收费</dd></dl>
<p><img src="http://a.example/flow.png" alt="流程图"></p>
<p>三、设定依据</p><ul><li><p>《示例市人口条例》第九条</p></li></ul>
</div></body></html>"""


def fields(draft: GuideDraft, text: str) -> str:
    return next(block.field for block in draft.blocks if text in block.text)


def texts(draft: GuideDraft, part: str) -> list[str]:
    return [one["text"] for one in draft.document[part]]


def test_a_page_of_tables_in_tables_within_a_form() -> None:
    draft = read_html(PORTAL_PAGE.encode())
    document = draft.document
    assert document["name"] == "养犬登记"
    assert (document["item_type"], document["handling_kind"]) == ("行政许可", "承诺件")
    assert document["authority"] == "示例区 公安分局"
    assert document["statutory_limit"] == {"number": 20, "unit": "工作日"}
    assert document["promised_limit"] == {"number": 5, "unit": "工作日"}
    assert document["applicant_kinds"] == ["自然人", "法人"]
    assert texts(draft, "conditions") == ["在本区有固定住所；", "犬只已经免疫。", "未满 18 周岁的由监护人代办"]
    assert document["materials"] == [
        {
            "id": "material_1",
            "name": "免疫证明",
            "kind": "原件",
            "copies": 1,
            "acceptance_standard": "在有效期内；由本区动物诊疗机构出具",
        },
        {"id": "material_2", "name": "居民身份证；（养犬人）", "kind": "复印件", "copies": 1},
    ]
    assert fields(draft, "一、个人提交") == "not_understood"
    assert {block.reason for block in draft.blocks if block.field == "ignored"} >= {
        "表单项没有读",
        "隐藏的内容没有读",
        "没有填写",
    }
    assert "首页" not in str(document)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_page_saved_by_a_word_processor(encoding: str) -> None:
    draft = read_html(WORD_PAGE.encode(encoding))
    assert draft.document["name"] == "再生育审批"
    assert texts(draft, "conditions") == ["夫妻一方为本市户籍，且符合规定的；"]
    assert draft.document["steps"] == [
        {"name": "申请", "text": "到窗口递交"},
        {"name": "受理", "text": "当场核对材料"},
        {"name": "决定", "text": "作出决定"},
    ]
    assert draft.document["consult_phone"] == {"name": "咨询服务", "number": "021-12345678"}
    assert draft.document["fee"] == {"charged": False}
    assert draft.document["legal_basis"] == [{"law": "示例市人口条例", "article": "第九条"}]
    assert "内部备注" not in str(draft)
    assert "图片没有读" in {block.reason for block in draft.blocks}


def test_cells_that_cover_too_much_are_refused_and_depth_is_harmless() -> None:
    wide = "<table>" + '<tr><td colspan="9999" rowspan="9999">a</td></tr>' * 400 + "</table>"
    with pytest.raises(HubError) as error:
        read_html(wide.encode())
    assert error.value.code == "guide_too_long"
    assert read_html(("<div>" * 20_000 + "受理条件").encode()).document == {"version": 1}


def saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def filled(rows: list[list[str]]) -> Any:
    table = Document().add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts_of_row in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts_of_row, strict=True):
            cell.text = text
    return table


def in_document(table: Any, heading: str) -> bytes:
    document = Document()
    document.add_heading(heading, 1)
    document.element.body.insert(1, table._tbl)
    return saved(document)


def test_a_material_over_several_rows_of_a_docx_is_one_material() -> None:
    table = filled(
        [
            ["序号", "材料名称", "份数", "受理标准", "来源"],
            ["1", "免疫证明", "1", "在有效期内", "其他"],
            ["", "", "", "由本区机构出具", ""],
            ["2", "身份证", "2", "", ""],
            ["3", "身份证", "1", "清晰", "政府部门核发"],
        ]
    )
    for column in (0, 1, 2):
        table.cell(1, column).merge(table.cell(2, column))
    table.cell(1, 4).merge(table.cell(3, 4))
    draft = read_docx(in_document(table, "申请材料"))
    first, second, third = draft.document["materials"]
    assert (first["name"], first["copies"], first["acceptance_standard"]) == (
        "免疫证明",
        1,
        "在有效期内；由本区机构出具",
    )
    # The source is merged over two materials: it is said of both.
    assert (first["source"], second["source"]) == ("其他", "其他")
    # Two cells with the same words that aren't merged are two materials.
    assert (second["name"], third["name"], third["copies"]) == ("身份证", "身份证", 1)


def test_a_group_name_merged_downwards_before_names_and_values() -> None:
    table = filled(
        [
            ["时限", "法定办结时限", "20个工作日"],
            ["", "承诺办结时限", "5个工作日"],
            ["受理条件", "在本区有固定住所", "在本区有固定住所"],
            ["", "犬只已经免疫", "犬只已经免疫"],
        ]
    )
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(2, 0).merge(table.cell(3, 0))
    draft = read_docx(in_document(table, "基本信息"))
    assert draft.document["statutory_limit"]["number"] == 20
    assert draft.document["promised_limit"]["number"] == 5
    assert texts(draft, "conditions") == ["在本区有固定住所", "犬只已经免疫"]
