"""The page for papers, its fields: seen, pointed at, put right, in a real browser against the real hub with its real OCR."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.end_to_end.portal.axe import violations
from tests.end_to_end.portal.conftest import OpenPage, scrolls_sideways
from tests.end_to_end.portal.papers_page import (
    READING_MS,
    bounds,
    choose,
    draw,
    editor,
    field_of,
    hand_in,
    hand_in_changed,
    mark,
    on_screen,
    put_right,
    row,
)
from tests.end_to_end.server import Hub

OPERATOR = "1/operator"


def test_fields_stand_beside_the_page_with_how_sure_they_are(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    document = hand_in(page, papers / "hygiene-licence.jpg")
    (paper,) = document["papers"]
    expect(page.get_by_role("region", name="公共场所卫生许可证")).to_be_visible()
    expect(page.locator(".group .about")).to_contain_text("种类把握")
    assert page.locator(".field").count() == len(paper["fields"])
    expect(row(page, "法定代表人")).to_contain_text("韩怡歌")
    # Periods as people write them.
    expect(row(page, "有效期限")).to_contain_text("2022-04-15 至 2026-07-04")
    words = {"sure": "可采用", "check": "请核对", "missing": "没有读到"}
    for field in paper["fields"]:
        shown = page.locator(f'[data-field="1/{field["id"]}"]')
        expect(shown).to_contain_text(words[field["level"]])
        # By words, an icon and the line around it: colours alone tell some people nothing.
        expect(shown.locator(".standing svg")).to_have_count(1)
        style = shown.evaluate("(one) => getComputedStyle(one).borderTopStyle")
        assert style == {"sure": "solid", "check": "dashed", "missing": "dotted"}[field["level"]]
    placed = [field for field in paper["fields"] if field["places"]]
    expect(page.locator(".overlay .mark:not(.seal, .signature)")).to_have_count(len(placed))
    box = bounds(mark(page, OPERATOR))
    there = on_screen(page, field_of(document, "operator")["places"][0]["box"])
    assert abs(box["x"] - there["x"]) < 8
    assert abs(box["y"] + box["height"] / 2 - there["y"] - there["height"] / 2) < 4


def test_a_field_and_its_box_light_each_other(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    hand_in(page, papers / "hygiene-licence.jpg")
    row(page, "单位名称").hover()
    expect(page.locator(".overlay .mark.active")).to_have_attribute("data-mark", OPERATOR)
    mark(page, "1/address").hover(force=True)
    expect(page.locator(".field.active")).to_have_attribute("data-field", "1/address")
    mark(page, "1/address").click(force=True)
    expect(row(page, "地址")).to_be_focused()
    # A page that is enlarged moves to the box of the field that is chosen.
    for _ in range(6):
        page.get_by_role("button", name="放大").click()
    page.locator(".frame").evaluate("(frame) => frame.scrollTo(0, frame.scrollHeight)")
    expect(mark(page, "1/licence_number")).not_to_be_in_viewport()
    row(page, "许可证号").focus()
    expect(mark(page, "1/licence_number")).to_be_in_viewport()


def test_a_field_is_put_right_by_typing(open_page: OpenPage, papers: Path, hub: Hub) -> None:
    page = open_page("/papers")
    document = hand_in(page, papers / "hygiene-licence.jpg")
    address = f"{hub.url}/api/documents/{document['document_id']}"
    # Left as it was.
    row(page, "法定代表人").click()
    editor(page, "法定代表人（负责人）").fill("别人")
    page.keyboard.press("Escape")
    expect(row(page, "法定代表人")).to_contain_text("韩怡歌")
    expect(row(page, "法定代表人")).to_be_focused()
    # What the hub has against a value stands at the field, and what was typed is still there.
    row(page, "发证日期").click()
    value = editor(page, "发证日期")
    value.fill("没有这一天")
    value.press("Enter")
    expect(page.locator(".editor [role=alert]")).to_contain_text("日期")
    expect(value).to_have_value("没有这一天")
    expect(value).to_have_attribute("aria-invalid", "true")
    assert field_of(httpx.get(address).json(), "issued")["corrected"] is False
    value.fill("2022年12月28日")
    value.press("Enter")
    # In its normal form, and by words.
    expect(row(page, "发证日期")).to_contain_text("2022-12-28")
    expect(row(page, "发证日期")).to_contain_text("已改正")
    expect(row(page, "发证日期")).to_be_focused()
    kept = field_of(httpx.get(address).json(), "issued")
    assert (kept["value"], kept["corrected"]) == ("2022-12-28", True)
    # What isn't on the paper is said to be not there.
    put_right(page, "许可项目", "")
    expect(row(page, "许可项目")).to_contain_text("纸上没有")
    page.locator("summary", has_text="改动记录").click()
    expect(page.locator(".history li", has_text="发证日期")).to_contain_text("2022-12-28")
    expect(page.locator("details.history li")).to_have_count(2)


def test_what_was_typed_waits_while_another_file_is_looked_at(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    hand_in(page, papers / "hygiene-licence.jpg")
    row(page, "发证日期").click()
    editor(page, "发证日期").fill("2022年12月")
    hand_in(page, papers / "form.png")
    expect(page.locator(".editor")).to_have_count(0)
    page.locator(".history .open", has_text="hygiene-licence.jpg").click()
    expect(editor(page, "发证日期")).to_have_value("2022年12月")
    page.keyboard.press("Escape")
    expect(page.locator(".editor")).to_have_count(0)
    expect(row(page, "发证日期")).to_be_focused()


def test_a_field_is_put_right_by_drawing(open_page: OpenPage, papers: Path, hub: Hub) -> None:
    page = open_page("/papers")
    document = hand_in(page, papers / "hygiene-licence.jpg")
    line = next(one for one in document["pages"][0]["lines"] if "2022年12月27日" in one["text"])
    row(page, "发证日期").click()
    page.get_by_role("button", name="在页面上框选").click()
    read = draw(page, lambda: on_screen(page, line["box"]))
    assert read["asked"]["kind"] == "hygiene-licence"
    assert read["asked"]["field"] == "issued"
    value = editor(page, "发证日期")
    expect(value).to_have_value("2022-12-27")
    expect(page.locator(".editor .told")).to_contain_text("框内读到")
    expect(value).to_be_focused()
    # Nothing is kept before the person confirms it.
    address = f"{hub.url}/api/documents/{document['document_id']}"
    assert field_of(httpx.get(address).json(), "issued")["corrected"] is False
    with page.expect_response(lambda one: one.request.method == "PUT"):
        value.press("Enter")
    expect(row(page, "发证日期")).to_contain_text("已改正")
    (place,) = field_of(httpx.get(address).json(), "issued")["places"]
    assert place["page"] == 1
    for here, there in zip(place["box"], line["box"], strict=True):
        assert here == pytest.approx(there, abs=0.02)
    expect(mark(page, "1/issued")).to_be_visible()


def test_a_box_on_a_page_that_lies_on_its_side_is_read_upright(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    document = hand_in(page, papers / "business-licence-turned.jpg")
    assert document["pages"][0]["rotation"] in (90, 270)
    code = field_of(document, "credit_code")
    box = bounds(mark(page, "1/credit_code"))
    assert box["width"] > box["height"]
    # A further turn by hand changes what is seen and not what is read.
    page.get_by_role("button", name="向右转 90 度").click()
    box = bounds(mark(page, "1/credit_code"))
    assert box["height"] > box["width"]
    row(page, "统一社会信用代码").click()
    page.get_by_role("button", name="在页面上框选").click()
    read = draw(page, lambda: bounds(mark(page, "1/credit_code")))
    assert read["answer"]["value"] == code["value"]
    with page.expect_response(lambda one: one.request.method == "PUT") as saved:
        page.keyboard.press("Enter")
    sent = saved.value.request.post_data_json
    # The box begins where the text does, as those of the hub do.
    for here, there in zip(sent["box"], code["places"][0]["box"], strict=True):
        assert here == pytest.approx(there, abs=0.05)


def test_the_kind_of_a_paper_can_be_named(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    hand_in(page, papers / "form.png")
    put_right(page, "法定代表人（负责人）", "苏小磊")
    page.get_by_role("button", name="改种类").click()
    chosen = page.get_by_label("改为哪种材料")
    expect(chosen).to_be_focused()
    expect(chosen).to_have_value("")
    expect(page.locator(".chooser")).to_contain_text("已改正的 1 项要重新核对")
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".chooser [role=alert]")).to_have_text("请先选择种类。")
    chosen.select_option(label="公共场所卫生许可证")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("region", name="公共场所卫生许可证")).to_be_visible()
    expect(page.locator(".group .about")).to_contain_text("种类由人指明")
    expect(row(page, "许可证号")).to_be_visible()
    expect(page.get_by_role("button", name="改种类")).to_be_focused()
    assert violations(page) == []


def test_a_paper_of_no_kind_asks_for_its_kind(open_page: OpenPage, papers: Path, hub: Hub) -> None:
    def change(document: dict[str, Any]) -> None:
        document["papers"][0].update(kind="other", title="其他材料", chance=0.4, fields=[])

    page = open_page("/papers")
    hand_in_changed(page, hub, papers / "hygiene-licence.jpg", change)
    expect(page.locator(".summary")).to_have_text("1 份待指明种类")
    chosen = page.get_by_label("请指明种类")
    expect(chosen).to_have_value("")
    assert violations(page) == []
    page.get_by_role("button", name="下一处待核对").click()
    expect(chosen).to_be_focused()
    chosen.select_option(label="公共场所卫生许可证")
    page.get_by_role("button", name="确定").click()
    expect(row(page, "单位名称")).to_contain_text("上海然凯文化传播有限公司")
    # A box without a word in it.
    row(page, "发证日期").click()
    page.get_by_role("button", name="在页面上框选").click()
    draw(page, lambda: on_screen(page, [[0.1, 0.89], [0.45, 0.93]]))
    expect(page.locator(".editor [role=alert]")).to_contain_text("没有读到文字")


def test_several_files_go_their_own_ways(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    broken = {"name": "坏的.jpg", "mimeType": "image/jpeg", "buffer": "这不是图片".encode()}
    good = [
        {"name": one, "mimeType": "application/octet-stream", "buffer": (papers / one).read_bytes()}
        for one in ("form.png", "lease.pdf", "hygiene-licence.jpg")
    ]
    choose(page, [good[0], broken, *good[1:]])
    entries = page.locator(".history .entry")
    expect(entries).to_have_count(4)
    expect(page.locator(".history .name")).to_have_text(["form.png", "坏的.jpg", "lease.pdf", "hygiene-licence.jpg"])
    expect(page.locator(".history .spin")).to_have_count(0, timeout=READING_MS)
    expect(entries.nth(1)).to_contain_text("未成功")
    expect(entries.nth(0)).to_contain_text("申请表")
    expect(entries.nth(2)).to_contain_text("房屋租赁合同、食品经营许可证")
    # The first of them is the one that is shown.
    expect(page.locator(".viewer .sheet img")).to_have_attribute("alt", "form.png 第 1 页")
    entries.nth(2).locator(".open").click()
    # Two papers in one file: a field of the second brings its page with it.
    expect(page.locator(".group")).to_have_count(2)
    row(page, "主体业态").focus()
    expect(page.locator(".viewer .sheet img")).to_have_attribute("alt", "lease.pdf 第 2 页")
    expect(page.locator(".overlay .mark.active")).to_have_attribute("data-mark", "2/business_form")
    row(page, "租金").focus()
    expect(page.locator(".viewer .sheet img")).to_have_attribute("alt", "lease.pdf 第 1 页")
    assert violations(page) == []


def test_fields_leave_as_csv_and_json(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers")
    document = hand_in(page, papers / "form.png")
    put_right(page, "联系电话", "13900003137")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 CSV").click()
    assert download.value.suggested_filename == "form-字段.csv"
    content = Path(download.value.path()).read_text("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [one["字段"] for one in rows] == [field["name"] for field in document["papers"][0]["fields"]]
    number = next(one for one in rows if one["字段"] == "身份证件号码")
    # A tab in front, or a spreadsheet cuts 18 digits down to 15.
    assert number["值"] == "\t" + field_of(document, "number")["value"]
    assert next(one for one in rows if one["字段"] == "联系电话")["状态"] == "已改正"
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 JSON").click()
    told = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert told["document_id"] == document["document_id"]
    phone = field_of(told, "phone")
    assert (phone["value"], phone["standing"]) == ("13900003137", "corrected")


def test_repairs_doubts_faults_and_seals_are_said_in_words(open_page: OpenPage, papers: Path, hub: Hub) -> None:
    def change(document: dict[str, Any]) -> None:
        field_of(document, "credit_code").update(level="check", repair={"place": 16, "read": "O"}, proven=True)
        field_of(document, "number").update(level="check", proven=False)
        box = [[0.6, 0.8], [0.8, 0.8], [0.8, 0.95], [0.6, 0.95]]
        document["pages"][0]["seals"] = [{"box": box, "text": "上海丹岚酒店管理有限公司", "confidence": 0.4}]
        document["pages"][0]["signatures"] = [
            {"box": [[0.2, 0.8], [0.3, 0.8], [0.3, 0.85], [0.2, 0.85]], "label": "申请人签名"}
        ]
        document["pages"][0]["faults"] = [{"code": "blurred", "message": "太模糊，请重拍"}]

    page = open_page("/papers")
    hand_in_changed(page, hub, papers / "form.png", change)
    expect(row(page, "统一社会信用代码")).to_contain_text("第 17 位原读作 O")
    expect(row(page, "身份证件号码")).to_contain_text("校验位不符")
    expect(page.locator(".faults")).to_contain_text("第 1 页太模糊，请重拍")
    expect(page.locator(".history .entry")).to_contain_text("1 页建议重拍")
    # A hint, no refusal: the fields are there.
    expect(row(page, "联系电话")).to_be_visible()
    seal = page.locator(".stamps li", has_text="印章：上海丹岚酒店管理有限公司（请核对）")
    seal.hover()
    expect(page.locator(".overlay .mark.seal.active")).to_have_count(1)
    expect(page.locator(".overlay .mark.signature")).to_have_count(1)
    expect(page.locator(".stamps li", has_text="签名（申请人签名）")).to_be_visible()
    assert violations(page) == []


def test_on_a_phone_fields_stand_below_the_page(open_page: OpenPage, papers: Path) -> None:
    page = open_page("/papers", phone=True)
    hand_in(page, papers / "hygiene-licence.jpg")
    assert not scrolls_sideways(page)
    viewer = bounds(page.locator(".viewer"))
    assert viewer["y"] + viewer["height"] <= bounds(page.locator(".right"))["y"] + 1
    row(page, "有效期限").tap()
    value = editor(page, "有效期限")
    expect(value).to_be_focused()
    # The page stays in sight, and what is typed is not hidden beneath it.
    viewer = bounds(page.locator(".viewer"))
    typed = bounds(value)
    assert viewer["y"] >= 0
    assert viewer["y"] + viewer["height"] <= typed["y"]
    assert typed["y"] + typed["height"] <= 844
    assert not scrolls_sideways(page)
    assert violations(page) == []
