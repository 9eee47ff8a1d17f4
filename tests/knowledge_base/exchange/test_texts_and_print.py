"""YAML, JSON, lists of names, and the print view."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from knowledge_base.exchange.directory import read_directory
from knowledge_base.exchange.print_view import PAGE_SECURITY, print_page
from knowledge_base.exchange.texts import read_json, read_yaml, write_folder, write_json
from knowledge_base.library import Library, read_folder
from knowledge_base.questionnaire import read_answers


def test_the_whole_library_survives_yaml_and_json(library: Library, tmp_path: Path) -> None:
    write_folder(tmp_path, library.entries.values())
    assert {entry.id: entry for entry in read_folder(tmp_path)} == dict(library.entries)
    assert {entry.id: entry for entry in read_json(write_json(library.entries.values())).entries} == dict(
        library.entries
    )


def test_faults_of_a_yaml_file_have_their_line() -> None:
    reading = read_yaml("id: a\nname: 甲\nanswer: 乙\nelement: 没有\n".encode())
    assert not reading.sound
    assert reading.entries == []
    assert any("第 4 行 element" in fault.place for fault in reading.faults)


def test_a_list_of_names_becomes_directory_entries_once_each(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    line = '{"department": "区文旅局", "group": "未分类", "name": "导游证", "link": "http://example.test/1"}\n'
    file.write_text(line + line + line.replace("区文旅局", "区教育局"), encoding="utf-8")
    reading = read_directory(file, area="示例区")
    assert len(reading.entries) == 2
    assert len(reading.notices) == 1
    assert reading.entries[0].id.startswith("dir-")
    assert [entry.id for entry in read_directory(file).entries] == [entry.id for entry in reading.entries]


def test_the_print_view_shows_what_applies_escaped_and_marked(library: Library) -> None:
    item = library.item("public-venue-hygiene-new")
    answers = read_answers(item.situations, {"venue_type": "licensed", "central_air": False, "applicant": "self"})
    page = print_page(item, generation="7", answers=answers, large=True, today=date(2026, 1, 31))
    assert "授权委托书" in print_page(item, generation="7")
    assert "授权委托书" not in page
    assert "示例内容" in page
    assert "内容库第 7 代" in page
    assert "2026 年 1 月 31 日" in page
    assert "class=large" in page
    hostile = item.model_copy(update={"name": "<script>alert(1)</script>"})
    assert "<script" not in print_page(hostile, generation="7")
    assert PAGE_SECURITY["Content-Security-Policy"].startswith("default-src 'none'")
