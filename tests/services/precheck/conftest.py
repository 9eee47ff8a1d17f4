"""Submissions over real documents, a real database and real keys; the check and the clock are the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image

from core.database import Database
from core.errors import Unavailable
from core.settings import Settings
from knowledge_base.library import Library
from knowledge_base.samples import Samples
from knowledge_base.schema import ServiceItem
from models.handle import CallResult
from services.access import Access, Role
from services.access.keys import create_key
from services.documents.papers.router import build_router as paper_routes
from services.documents.router import build_router as document_routes
from services.documents.service import DocumentService
from services.operations.errors import install_error_handlers
from services.precheck.automatic_routes import add_automatic_routes
from services.precheck.clock import Clock
from services.precheck.facts import Case
from services.precheck.findings import (
    Aspect,
    Evidence,
    Finding,
    MatchedMaterial,
    MaterialState,
    Report,
    Severity,
    Verdict,
)
from services.precheck.papers import held
from services.precheck.reports import add_report_routes
from services.precheck.router import build_router
from services.precheck.signing import Secrets
from services.precheck.submissions import Submissions
from services.precheck.webhooks import Webhooks, add_webhook_routes
from tests.services.documents.conftest import QuickHandle, with_jobs

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10 o'clock in Shanghai, on a working day."""


def item(version: int = 1, **changes: Any) -> ServiceItem:
    """A made-up item: a form, a question, two materials of which the second depends on the answer."""
    data: dict[str, Any] = {
        "id": "made-up-licence",
        "version": version,
        "name": "示例经营登记",
        "department": "示例局",
        "item_type": "行政许可",
        "level": "县（区）",
        "authority": "示例局",
        "applicant_kinds": ["自然人"],
        "handling_kind": "承诺件",
        "summary": "示例。",
        "situations": [
            {"id": "agent", "question": "是否委托他人办理？", "kind": "yes_no"},
        ],
        "materials": [_material("identity", "身份证"), _material("lease", "租赁合同")],
        "statutory_limit": {"number": 20, "unit": "工作日"},
        "promised_limit": {"number": 10, "unit": "自然日"},
        "consult_phone": {"name": "咨询", "number": "021-12345678"},
        "legal_basis": [{"law": "示例法"}],
        "form": [
            {"id": "name", "name": "姓名", "kind": "name"},
            {"id": "kind", "name": "业态", "kind": "choice", "options": ["餐饮", "零售"]},
        ],
    }
    return ServiceItem.model_validate({**data, **changes})


def _material(material_id: str, name: str) -> dict[str, Any]:
    return {
        "id": material_id,
        "name": name,
        "necessity": "必要",
        "kind": "复印件",
        "copies": 1,
        "source": "申请人自备",
        "acceptance_standard": "清晰完整。",
    }


def small_check(case: Case) -> Report:
    """Stands in for the real check: a material that nobody handed anything in for is missing, what wasn't read is undetermined, the
    same file twice is a note."""
    findings, matched = [], []
    for material in case.item.materials:
        papers = [paper for paper in case.papers if paper.material == material.id]
        if not papers:
            matched.append(MatchedMaterial(material.id, MaterialState.MISSING))
            findings.append(
                Finding(
                    "generic/present",
                    Aspect.PRESENT,
                    Severity.DEFECT,
                    material.id,
                    f"缺{material.name}",
                    f"没有交{material.name}",
                    f"请交{material.name}",
                )
            )
        else:
            matched.append(MatchedMaterial(material.id, MaterialState.MATCHED, tuple(one.key for one in papers)))
        for paper in papers:
            if paper.unread:
                evidence = (Evidence(material.id, paper.key, None, "", None),)
                findings.append(
                    Finding(
                        "generic/legible",
                        Aspect.LEGIBLE,
                        Severity.UNDETERMINED,
                        material.id,
                        "读不了",
                        f"{material.name}看不清",
                        "请重新拍摄",
                        evidence,
                        reason=paper.unread,
                    )
                )
    sums = [paper.sha256 for paper in case.papers]
    if len(set(sums)) < len(sums):
        findings.append(Finding("generic/duplicate", Aspect.PRESENT, Severity.NOTE, None, "重复", "重复", "不用处理"))
    verdict = Verdict.PASS
    if any(one.severity is Severity.UNDETERMINED for one in findings):
        verdict = Verdict.TO_PERSON
    elif any(one.severity is Severity.DEFECT for one in findings):
        verdict = Verdict.TO_CORRECT
    return Report(verdict, tuple(findings), tuple(matched), (), len(case.item.materials), {"rules": "test"})


class NoKinds:
    """The model that tells kinds of paper isn't there: every page is a paper of no known kind."""

    task = "page-classification"

    async def call(self, inputs: Sequence[Any]) -> CallResult:
        raise Unavailable("没有模型。")


@dataclass
class Time:
    """A clock that a test moves; `wall` alone if somebody sets it."""

    wall: datetime = MONDAY
    steady: float = 0.0

    def pass_(self, **by: float) -> None:
        self.wall += timedelta(**by)
        self.steady += timedelta(**by).total_seconds()

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.steady)


@dataclass
class Shelf:
    """The library in force, which a test may change."""

    library: Library = field(default_factory=lambda: Library([item()]))


class Person:
    """One caller, with a key or without; `status` is the last answer's."""

    def __init__(self, client: httpx.AsyncClient, key: str | None) -> None:
        self.client = client
        self.headers = {"X-API-Key": key} if key else {}
        self.status = 0

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        response = await self.client.request(
            method,
            f"/api/submissions{path}",
            json=body,
            headers={**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )
        self.status = response.status_code
        return response.json() if "json" in response.headers.get("content-type", "") else response.content

    async def hand_in(self, one: str, material: str | None = None, shade: int = 200, **headers: str) -> Any:
        response = await self.client.post(
            f"/api/submissions/{one}/papers",
            files={"file": ("纸.png", png(shade))},
            data={"material": material} if material else {},
            headers={**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )
        self.status = response.status_code
        return response.json()


def png(shade: int) -> bytes:
    """A file of its own for every shade 0..255."""
    content = BytesIO()
    Image.new("L", (60, 40), shade).save(content, "PNG")
    return content.getvalue()


@dataclass
class Hub:
    """The routes over running services."""

    client: httpx.AsyncClient
    service: Submissions
    documents: DocumentService
    database: Database
    time: Time
    shelf: Shelf
    settings: Settings

    def key(self, name: str, role: Role) -> str:
        with self.database.session() as session:
            return create_key(session, name=name, role=role)[1]

    def person(self, name: str, role: Role) -> Person:
        return Person(self.client, self.key(name, role))

    @property
    def nobody(self) -> Person:
        return Person(self.client, None)

    async def settled(self, one: str, caller: Person) -> Any:
        """The submission once its documents are read and the check has run."""
        for _ in range(600):
            seen = await caller("GET", f"/{one}")
            if seen["report"] and not seen["report"]["stale"]:
                return seen
            self.service.checks.wake()
            await asyncio.sleep(0.02)
        raise AssertionError("never checked")

    async def received(self, applicant: Person, *materials: str) -> Any:
        """A submission with papers for the materials, handed in and checked."""
        made = await applicant("POST", "", {"item_id": "made-up-licence", "answers": {"agent": False}})
        for number, material in enumerate(materials):
            made = (await applicant.hand_in(made["id"], material, 100 + number))["submission"]
        made = await applicant("POST", f"/{made['id']}/steps", {"step": "submit", "revision": made["revision"]})
        assert applicant.status == 200, made
        return await self.settled(made["id"], applicant)


Run = Callable[..., AbstractAsyncContextManager[Hub]]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite; a file of tests may ask for both by parametrising this."""
    return f"sqlite:///{tmp_path}/hub.sqlite3"


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    """Start the services and their routes; more than once over the same data, if asked."""

    @asynccontextmanager
    async def start(
        check: Callable[[Case], Report] = small_check,
        time: Time | None = None,
        shelf: Shelf | None = None,
        ocr: Any = None,
        **more: Any,
    ) -> AsyncIterator[Hub]:
        settings = Settings(
            var_dir=tmp_path / "var",
            database_url=database_url,
            anonymous_limit="100000/minute",
            key_limit="100000/minute",
        )
        database = Database(settings.database)
        database.upgrade()
        documents = DocumentService(database, with_jobs(ocr or QuickHandle()), NoKinds(), settings, held=held)  # type: ignore[arg-type]
        time, shelf = time or Time(), shelf or Shelf()
        service = Submissions(database, documents, lambda: shelf.library, check, clock=time.clock(), **more)
        await documents.start()
        await service.start()
        app = FastAPI()
        access = Access(database, settings)
        keys = Secrets(settings.var_dir / "webhook.key")
        webhooks = Webhooks(database, keys, service.clock, private=False)
        for router in (
            build_router(
                service,
                access,
                lambda router: add_webhook_routes(router, webhooks, access),
                lambda router: add_automatic_routes(router, database, service.office, service.clock, access),
                lambda router: add_report_routes(router, database, service.clock, access),
            ),
            paper_routes(documents, access),
            document_routes(documents, access),
        ):
            app.include_router(router)
        install_error_handlers(app, settings.portal_dir)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub", timeout=60) as client:
            yield Hub(client, service, documents, database, time, shelf, settings)
        await service.close()
        await documents.close()
        database.close()

    return start


@pytest.fixture
def samples(database_url: str) -> Callable[[Database], Samples]:
    from services.consult.personal_data import mask

    return lambda database: Samples(database, mask)
