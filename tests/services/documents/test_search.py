from __future__ import annotations

import pytest

from models.tasks import OcrLine, OcrOutput
from services.documents.extraction.page_lines import Quad
from services.documents.search import find
from tests.services.documents.conftest import PAPERS, QuickHandle, Run
from tests.services.documents.make import encoded, page

UPRIGHT: Quad = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.2), (0.1, 0.2))


def lines(*texts: str, box: Quad = UPRIGHT) -> list[tuple[int, OcrOutput]]:
    return [(1, OcrOutput(1000, 1000, 0, tuple(OcrLine(text, 1.0, box) for text in texts)))]


def box_of(wanted: str, text: str, box: Quad) -> Quad:
    (hit,) = find(lines(text, box=box), wanted)
    (part,) = hit.parts
    return part.box


@pytest.mark.parametrize(
    ("texts", "wanted", "found"),
    [
        (["名 称：普陀区某店"], "名称", [("名 称",)]),
        (["名　称:某店"], "名称：", [("名　称:",)]),
        (["编号ＡＢ１２"], "ab12", [("ＡＢ１２",)]),
        (["编号ab12"], "ＡＢ 12", [("ab12",)]),
        (["上海市普陀", "区大渡河路"], "普陀区大渡", [("普陀", "区大渡")]),
        (["一一一一一"], "一一", [("一一",), ("一一",)]),
        (["㈱某"], "(株)", [("㈱",)]),
        (["abc"], "d", []),
        (["abc"], " \u200b", []),
        ([], "a", []),
        (["", "a"], "a", [("a",)]),
        (["Straße"], "strasse", [("Straße",)]),
    ],
)
def test_a_text_is_found_however_it_is_written(texts: list[str], wanted: str, found: list[tuple[str, ...]]) -> None:
    assert [tuple(part.text for part in hit.parts) for hit in find(lines(*texts), wanted)] == found


def test_the_box_is_of_the_part_alone() -> None:
    # Two Chinese characters are nearly as wide as four digits.
    (left, top), *others = box_of("1234", "编号1234", UPRIGHT)
    assert (left, top) == (pytest.approx(0.5, abs=0.02), 0.1)
    assert others == [(0.9, 0.1), (0.9, 0.2), (left, 0.2)]
    # A line that runs upwards: its left is at the bottom.
    upwards = box_of("甲", "甲乙丙丁", ((0.1, 0.9), (0.1, 0.1), (0.2, 0.1), (0.2, 0.9)))
    assert upwards == ((0.1, 0.9), (0.1, 0.7), (0.2, 0.7), (0.2, 0.9))


async def test_a_text_is_found_in_a_document(run: Run) -> None:
    async with run() as hub:
        document = (await hub.hand_in("form.png", (PAPERS / "form.png").read_bytes())).json()
        path = f"/api/documents/{document['document_id']}/search"
        answer = (await hub.client.get(path, params={"q": "卫生 许可证"})).json()
        assert answer["hits"]
        for hit in answer["hits"]:
            (part,) = hit["parts"]
            line = document["pages"][hit["page"] - 1]["lines"][part["line"]]
            assert line["text"][part["start"] : part["end"]].replace(" ", "") == "卫生许可证"
            assert line["box"][0][0] <= part["box"][0][0] < part["box"][1][0] <= line["box"][1][0] + 1e-4
        assert (await hub.client.get(path, params={"q": "查无此字"})).json()["hits"] == []
        for text in ("", "  ", "x" * 101):
            refusal = await hub.client.get(path, params={"q": text})
            assert (refusal.status_code, refusal.json()["code"]) == (422, "search_text_invalid")


async def test_more_hits_than_are_told(run: Run) -> None:
    async with run(QuickHandle("一" * 300)) as hub:
        document = (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()
        answer = (await hub.client.get(f"/api/documents/{document['document_id']}/search", params={"q": "一"})).json()
        assert (len(answer["hits"]), answer["more"]) == (200, True)
