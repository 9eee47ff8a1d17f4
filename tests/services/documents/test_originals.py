"""Originals as they lie on the disk of a running hub."""

from __future__ import annotations

from tests.services.documents.conftest import PAPERS, Run
from tests.services.documents.make import encoded, page

PAPER = (PAPERS / "form.png").read_bytes()


async def test_nothing_on_the_disk_is_in_the_clear(run: Run) -> None:
    async with run() as hub:
        document_id = (await hub.hand_in("a.png", PAPER)).json()["document_id"]
        image = await hub.client.get(f"/api/documents/{document_id}/pages/1.png")
        assert image.status_code == 200
        written = [path for path in hub.settings.var_dir.rglob("*") if path.is_file()]
        assert hub.settings.document_key_file in written
        assert not [path.name for path in written if PAPER[:200] in path.read_bytes()]
        assert not [path.name for path in written if b"PNG" in path.read_bytes()[:64]]


async def test_originals_from_before_are_read_and_sealed_at_the_next_start(run: Run) -> None:
    async with run() as hub:
        document_id = (await hub.hand_in("a.png", PAPER)).json()["document_id"]
        original = hub.settings.var_dir / "documents" / document_id
        original.write_bytes(PAPER)
        hub.settings.document_key_file.unlink()
    async with run() as hub:
        await hub.service.upkeep.sealed()
        assert not original.read_bytes().startswith(PAPER[:8])
        assert (await hub.client.get(f"/api/documents/{document_id}/pages/1.png")).status_code == 200


async def test_a_changed_original_is_said_to_be_changed(run: Run) -> None:
    async with run() as hub:
        document_id = (await hub.hand_in("a.png", PAPER)).json()["document_id"]
        original = hub.settings.var_dir / "documents" / document_id
        content = bytearray(original.read_bytes())
        content[len(content) // 2] ^= 1
        original.write_bytes(content)
        answer = await hub.client.get(f"/api/documents/{document_id}/pages/1.png")
        assert (answer.status_code, answer.json()["code"]) == (500, "file_tampered")
        assert (await hub.client.get(f"/api/documents/{document_id}")).json()["status"] == "done"


async def test_without_its_key_the_hub_starts_and_says_what_is_missing(run: Run) -> None:
    async with run() as hub:
        document_id = (await hub.hand_in("a.png", PAPER)).json()["document_id"]
        key = hub.settings.document_key_file.read_text()
        hub.settings.document_key_file.unlink()
    async with run() as hub:
        for answer in (
            await hub.client.get(f"/api/documents/{document_id}/pages/1.png"),
            await hub.hand_in("a.png", encoded(page(), "PNG")),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "document_key_unusable")
        assert not hub.settings.document_key_file.exists()
        assert (await hub.client.get(f"/api/documents/{document_id}")).json()["status"] == "done"
        hub.settings.document_key_file.write_text(key)
        assert (await hub.client.get(f"/api/documents/{document_id}/pages/1.png")).status_code == 200
        assert (await hub.hand_in("a.png", encoded(page(), "PNG"))).json()["status"] == "done"
