"""Papers over HTTP, with the real models: kinds, fields, corrections, places read again."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from benchmarks.papers.kinds import drawn
from core.check_digits import identity_number_holds
from core.errors import Unavailable
from knowledge_base.samples import SampleKind
from services.access import Role
from tests.services.documents.conftest import Run, Running


def picture(kind: str, half: str = "dev", seed: int = 1) -> bytes:
    encoded = BytesIO()
    drawn(kind, half, seed).image.save(encoded, "PNG")
    return encoded.getvalue()


async def card(hub: Running, **more: Any) -> dict[str, Any]:
    answer = await hub.hand_in("card.png", picture("identity-card-face"), **more)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def fields(paper: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["id"]: field for field in paper["fields"]}


async def test_a_card_is_told_and_its_fields_are_read_with_their_places(run: Run) -> None:
    truth = drawn("identity-card-face", "dev", 1).fields
    async with run() as hub:
        (paper,) = (await card(hub))["papers"]
        assert (paper["kind"], paper["title"], paper["pages"]) == ("identity-card-face", "居民身份证（人像面）", [1])
        assert paper["chance"] > 0.9
        found = fields(paper)
        assert {name: found[name]["value"] for name in ("name", "number", "birth", "sex")} == {
            name: truth[name].value for name in ("name", "number", "birth", "sex")
        }
        number = found["number"]
        assert number["proven"] is True
        assert identity_number_holds(number["value"])
        (place,) = number["places"]
        assert place["page"] == 1
        assert 0.5 < place["box"][0][1] < 1.0  # printed at the bottom of the card


async def test_two_sides_on_one_page_are_two_papers(run: Run) -> None:
    sheet = Image.new("RGB", (1240, 1754), (252, 252, 250))
    for place, kind in enumerate(("identity-card-face", "identity-card-back")):
        side = drawn(kind, "dev", 2).image
        side = side.resize((760, round(760 * side.height / side.width)), Image.Resampling.LANCZOS)
        sheet.paste(side, (240, 120 + 850 * place))
    encoded = BytesIO()
    sheet.save(encoded, "PNG")
    async with run() as hub:
        papers = (await hub.hand_in("both.png", encoded.getvalue())).json()["papers"]
    assert [paper["kind"] for paper in papers] == ["identity-card-face", "identity-card-back"]
    assert [paper["pages"] for paper in papers] == [[1], [1]]
    assert fields(papers[1])["valid_period"]["places"][0]["box"][0][1] > 0.5


async def test_a_correction_is_kept_in_normal_form_with_its_history_and_as_a_sample(run: Run) -> None:
    async with run() as hub:
        document = await card(hub)
        at = f"/api/documents/{document['document_id']}"
        before = fields(document["papers"][0])["birth"]["value"]
        box = [[0.1, 0.1], [0.3, 0.1], [0.3, 0.2], [0.1, 0.2]]
        wanted = {"value": "1992年3月5日", "page": 1, "box": box}
        answer = await hub.client.put(f"{at}/papers/1/fields/birth", json=wanted)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        field = fields(answer.json()[0])["birth"]
        assert (field["value"], field["corrected"], field["level"]) == ("1992-03-05", True, "sure")
        assert field["places"] == [{"page": 1, "box": box}]
        again = (await hub.client.get(at)).json()
        assert fields(again["papers"][0])["birth"]["value"] == "1992-03-05"
        (row,) = (await hub.client.get(f"{at}/corrections")).json()
        assert (row["paper"], row["field"], row["before"], row["after"]) == (1, "birth", before, "1992-03-05")
        (sample,) = [one async for one in hub.samples.read(kind=SampleKind.CORRECTION)]
        assert sample.label["field"] == "birth"
        # Whose birthday it is stays out of what is learnt from.
        assert before not in str(sample)
        assert "1992" not in str(sample)


async def test_a_value_that_a_person_left_as_it_was_is_kept_as_confirmed(run: Run) -> None:
    async with run() as hub:
        document = await card(hub)
        at = f"/api/documents/{document['document_id']}"
        read = fields(document["papers"][0])["birth"]
        assert (read["confirmed"], read["corrected"]) == (False, False)
        path = f"{at}/papers/1/fields/birth"
        await hub.client.put(path, json={"value": read["value"]})
        field = fields((await hub.client.get(at)).json()["papers"][0])["birth"]
        assert (field["value"], field["confirmed"], field["level"]) == (read["value"], True, "sure")
        (row,) = (await hub.client.get(f"{at}/corrections")).json()
        assert row["by"] == field["confirmed_by"]
        assert row["at"] <= field["confirmed_at"]
        # Changed: what was confirmed is gone. Then confirmed: it stays the correction of who made it.
        await hub.client.put(path, json={"value": "1992-03-05"})
        field = fields((await hub.client.get(at)).json()["papers"][0])["birth"]
        assert (field["confirmed"], field["confirmed_by"], field["corrected"]) == (False, None, True)
        made = field["corrected_at"]
        await hub.client.put(path, json={"value": "1992-03-05"})
        field = fields((await hub.client.get(at)).json()["papers"][0])["birth"]
        assert (field["confirmed"], field["corrected_at"]) == (True, made)
        assert field["confirmed_at"] >= made
        await hub.client.put(path, json={"value": None})
        await hub.client.put(path, json={"value": None})
        field = fields((await hub.client.get(at)).json()["papers"][0])["birth"]
        assert (field["value"], field["confirmed"]) == (None, False)


async def test_a_wrong_number_is_kept_as_typed_and_told_to_be_wrong(run: Run) -> None:
    async with run() as hub:
        document = await card(hub)
        at = f"/api/documents/{document['document_id']}/papers/1/fields/number"
        answer = await hub.client.put(at, json={"value": "310107199001010000"})
        field = fields(answer.json()[0])["number"]
        assert (field["value"], field["proven"]) == ("310107199001010000", False)


async def test_naming_another_kind_reads_its_fields(run: Run) -> None:
    async with run() as hub:
        document = await card(hub)
        at = f"/api/documents/{document['document_id']}/papers/1/kind"
        (paper,) = (await hub.client.put(at, json={"kind": "residence-permit"})).json()
        assert (paper["kind"], paper["named_by_person"]) == ("residence-permit", True)
        assert "number" in fields(paper)
        (paper,) = (await hub.client.put(at, json={"kind": "other"})).json()
        assert (paper["title"], paper["fields"]) == ("其他材料", [])


async def test_a_place_is_read_again_in_the_form_of_its_field(run: Run) -> None:
    truth = drawn("identity-card-face", "dev", 1)
    async with run() as hub:
        document = await card(hub)
        (left, top), _, (right, bottom), _ = truth.fields["number"].quads[0]
        box = {
            "left": left / truth.width - 0.01,
            "top": top / truth.height - 0.01,
            "right": min(right / truth.width + 0.01, 1),
            "bottom": min(bottom / truth.height + 0.01, 1),
        }
        at = f"/api/documents/{document['document_id']}/pages/1/regions"
        asked = {**box, "kind": "identity-card-face", "field": "number"}
        found = (await hub.client.post(at, json=asked)).json()
        assert (found["value"], found["proven"]) == (truth.fields["number"].value, True)
        empty = await hub.client.post(at, json={"left": 0.5, "top": 0.5, "right": 0.5, "bottom": 0.9})
        assert (empty.status_code, empty.json()["code"]) == (422, "region_invalid")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("papers/1/fields/birth", {"value": "不清楚"}, 422, "field_value_invalid"),
        ("papers/1/fields/colour", {"value": "红"}, 404, "field_not_found"),
        ("papers/7/fields/birth", {"value": "2000-01-01"}, 404, "paper_not_found"),
        (
            "papers/1/fields/name",
            {"value": "安", "page": 9, "box": [[0, 0], [1, 0], [1, 1], [0, 1]]},
            422,
            "page_not_found",
        ),
        ("papers/1/kind", {"kind": "passport"}, 422, "paper_kind_unknown"),
    ],
)
async def test_what_can_not_be_put_right(run: Run, path: str, body: dict[str, Any], status: int, code: str) -> None:
    async with run() as hub:
        document = await card(hub)
        answer = await hub.client.put(f"/api/documents/{document['document_id']}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_somebody_elses_papers_are_not_there(run: Run) -> None:
    async with run() as hub:
        owner, other = hub.key(Role.DEPARTMENT), hub.key(Role.DEPARTMENT)
        document = await card(hub, headers=owner)
        at = f"/api/documents/{document['document_id']}"
        calls = [
            hub.client.put(f"{at}/papers/1/fields/name", json={"value": "安"}, headers=other),
            hub.client.put(f"{at}/papers/1/kind", json={"kind": "other"}, headers=other),
            hub.client.get(f"{at}/corrections", headers=other),
            hub.client.post(
                f"{at}/pages/1/regions", json={"left": 0, "top": 0, "right": 1, "bottom": 1}, headers=other
            ),
        ]
        for call in calls:
            answer = await call
            assert (answer.status_code, answer.json()["code"]) == (404, "document_not_found")


async def test_without_the_model_a_person_names_the_kind(run: Run) -> None:
    class Away:
        task = "page-classification"

        async def call(self, inputs: Any) -> Any:
            raise Unavailable("模型不在。", code="model_unavailable")

    async with run(told_by=Away()) as hub:
        document = await card(hub)
        assert document["status"] == "done"
        assert [(one["kind"], one["chance"]) for one in document["papers"]] == [("other", 0.0)]
        at = f"/api/documents/{document['document_id']}/papers/1/kind"
        (paper,) = (await hub.client.put(at, json={"kind": "identity-card-face"})).json()
        assert fields(paper)["number"]["proven"] is True


async def test_kinds_are_listed_with_their_fields(run: Run) -> None:
    async with run() as hub:
        kinds = {one["id"]: one for one in (await hub.client.get("/api/documents/kinds")).json()}
    assert len(kinds) >= 15
    assert kinds["identity-card-back"]["fields"] == {"issuer": "签发机关", "valid_period": "有效期限"}
    assert kinds["other"]["fields"] == {}
