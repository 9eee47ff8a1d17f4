"""Assemble the hub and run it.

`create_app(settings)` makes the parts, brings the database up to date, hands each part what it needs, and gives back the ASGI
application; its lifespan loads the models and builds the search. `run(settings)` serves it.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import structlog
import uvicorn
from fastapi import FastAPI

from core import logs
from core.database import Database
from core.errors import HubError
from core.limits import BodyLimit
from core.settings import Settings
from core.telemetry import Observe, Telemetry
from knowledge_base.life.seeding import seed
from knowledge_base.publication import Publisher
from knowledge_base.samples import Samples
from knowledge_base.search import SectionSearch
from knowledge_base.store import LibraryStore
from models.artifacts import ArtifactStore
from models.handle import Handle
from models.host import Host
from models.registry import Registry
from services.access.access import Access
from services.access.bootstrap import ensure_admin_key
from services.access.router import build_router as access_routes
from services.consult.chat_completions import build_router as chat_routes
from services.consult.chat_schemas import MODEL as CONSULT
from services.consult.checklists.router import build_router as checklist_routes
from services.consult.checklists.service import Checklists
from services.consult.desk.desk import Desk
from services.consult.desk.router import build_router as desk_routes
from services.consult.embedding import EmbedAccess, read_origins
from services.consult.heads import ELEMENT, ROUTE, TrainedHeads
from services.consult.mcp_server.endpoint import MCPEndpoint
from services.consult.mcp_server.tools import ConsultTools
from services.consult.naming import item_names
from services.consult.personal_data import mask
from services.consult.router import build_router as consult_routes
from services.consult.service import ConsultService
from services.consult.voice.groups import Groups
from services.consult.voice.numbers import NumbersReader
from services.consult.voice.ratings import Ratings
from services.consult.voice.router import build_router as voice_routes
from services.documents.papers.router import build_router as paper_routes
from services.documents.router import build_router as document_routes
from services.documents.service import DocumentService
from services.inference.express import Express
from services.inference.router import build_router as inference_routes
from services.inference.service import InferenceService
from services.library.router import build_router as library_routes
from services.operations.documentation import document_errors
from services.operations.errors import install_error_handlers
from services.operations.portal import install_portal
from services.operations.router import build_router as operations_routes
from services.precheck.automatic_routes import add_automatic_routes
from services.precheck.checking import run_check
from services.precheck.clock import Clock
from services.precheck.learning import Learning
from services.precheck.papers import held
from services.precheck.publishing import faults_of
from services.precheck.reports import add_report_routes
from services.precheck.router import build_router as submission_routes
from services.precheck.signing import Secrets
from services.precheck.submissions import Submissions
from services.precheck.webhook_delivery import Deliveries
from services.precheck.webhooks import Webhooks, add_webhook_routes
from services.registration.router import build_router as registration_routes
from services.registration.service import RegistrationService

EMBEDDER = "e5-small-zh"
READER = "ocr-zh"
PAPER_KINDS = "paper-kind"
STARTUP_FAILURE = 3
"""What the process ends with when the application could not start, as with `uvicorn.run`."""

log = structlog.get_logger("serve")


def create_app(settings: Settings) -> FastAPI:
    """The whole hub as an ASGI application.

    Raises:
        RegistryInvalid: registry.yaml has a mistake (line and expectation in the message).
        HubError: the content can't be read, a setting is wrong, the database or the admin's key file can't be used.
    """
    telemetry = Telemetry()
    database = Database(settings.database)
    registry = Registry(settings.registry_file)
    host = Host(
        registry,
        ArtifactStore(settings.artifacts),
        threads=settings.threads,
        queue_items=settings.queue_items,
        workers=settings.document_workers,
    )
    access = Access(database, settings)
    # Not in the lifespan: raised here, what is wrong is told in one line. After the registry, so that a mistake in it leaves
    # nothing behind; the content folder is read whole before anything of it is written.
    database.upgrade()
    store = LibraryStore(database, extra_faults=faults_of)
    _follow_folder(store, settings.content_dir)
    search = SectionSearch(store.read_library(), host.handle(EMBEDDER), cache=settings.var_dir / "index")
    publisher = Publisher(store, search)
    desk = Desk(database, settings.var_dir / "desk.key")
    heads = TrainedHeads(host.handle(ROUTE), host.handle(ELEMENT))
    rewording = None
    if settings.language_model_url:
        from services.consult.language_model.rewording import LanguageModel

        telemetry.registry.register(language_model := LanguageModel(settings))
        rewording = language_model.closing
    consult = ConsultService(
        search,
        database,
        settings,
        archive=store.section,
        desk=desk,
        heads=heads,
        checklists=True,
        rewording=rewording,
    )
    checklists = Checklists(database, lambda: search.library, days=settings.checklist_days)
    ratings = Ratings(database, item_names(lambda: search.library))
    groups = Groups(database, search, store)
    samples = Samples(database, mask)
    documents = DocumentService(
        database, host.handle(READER), host.handle(PAPER_KINDS), settings, held=held, samples=samples
    )
    secrets = Secrets(settings.var_dir / "webhook.key")
    clock = Clock()
    submissions = Submissions(
        database,
        documents,
        lambda: search.library,
        run_check,
        clock=clock,
        deliveries=Deliveries(database, secrets, clock, private=settings.webhook_private),
        learning=Learning(database, samples),
    )
    webhooks = Webhooks(database, secrets, clock, private=settings.webhook_private)
    ensure_admin_key(database, settings)

    async def prepare(candidate: Handle) -> None:
        # What would be refused isn't embedded for first.
        await consult.prepare(candidate)
        await search.prepare(candidate)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await host.start([name.strip() for name in settings.preload.split(",") if name.strip()])
        try:
            await search.build(_progress())
        except HubError as error:
            # Without the embedder the hub still lists, reads and answers what it can; /readyz says what is missing.
            log.error("search_not_built", code=error.code)
        await documents.start()
        await submissions.start()
        await desk.start()
        await groups.start()
        await checklists.start()
        following = asyncio.create_task(publisher.follow())
        # From disk as a rule; where it has to embed, the bot answers without the lines until they are there.
        remembering = asyncio.create_task(consult.remember_lines())
        log.info("ready" if host.ready else "not_ready", address=f"http://{settings.host}:{settings.port}")
        async with agents.run():
            yield
        following.cancel()
        remembering.cancel()
        await asyncio.gather(following, remembering, return_exceptions=True)
        await search.settle()
        await checklists.close()
        await groups.close()
        await desk.close()
        await submissions.close()
        await documents.close()
        await host.close()
        database.close()

    app = FastAPI(
        title="靠普智枢 Kaopu Hub",
        version="0.1.0",
        description="一网通办 AI 助手与算法中枢：咨询、材料识读、共享推理接口。",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    tools = ConsultTools(search, consult, checklists, longest=settings.max_message_characters)
    agents = MCPEndpoint(tools, access, settings, version=app.version)

    def end_streams() -> None:
        desk.following.end()
        documents.end_streams()
        submissions.end_streams()

    app.state.end_streams = end_streams
    inference = inference_routes(InferenceService(host, settings, {CONSULT: "一网通办咨询"}), access)
    for router in (
        inference,
        consult_routes(consult, access),
        checklist_routes(checklists, access),
        chat_routes(consult, access),
        desk_routes(desk, consult, store, lambda: search.library, access),
        voice_routes(ratings, groups, NumbersReader(database, lambda: search.library), access),
        library_routes(search, publisher, access),
        paper_routes(documents, access),
        document_routes(documents, access),
        submission_routes(
            submissions,
            access,
            lambda router: add_webhook_routes(router, webhooks, access),
            lambda router: add_automatic_routes(router, database, submissions.office, clock, access),
            lambda router: add_report_routes(router, database, clock, access),
        ),
        registration_routes(RegistrationService(host, {EMBEDDER: prepare}), access),
        access_routes(access),
        operations_routes(host, database, telemetry),
    ):
        app.include_router(router)
    app.router.routes.append(agents.route)
    install_portal(app, settings.portal_dir)
    install_error_handlers(app, settings.portal_dir)
    document_errors(app)
    app.add_middleware(Express, routes=inference.routes)
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes)
    app.add_middleware(Observe, telemetry=telemetry)
    if origins := read_origins(settings.embed_origins):
        app.add_middleware(EmbedAccess, origins=origins)
    return app


def _follow_folder(store: LibraryStore, folder: Path) -> None:
    """Import the shipped content if it has changed. What is already in the database is served even if the folder is broken.

    Raises:
        HubError: the folder can't be read, and there is nothing else to serve.
    """
    try:
        seed(store, folder)
    except HubError as error:
        if not store.read_library().items:
            raise
        log.error("content_folder_not_read", code=error.code, reason=error.message)


def _progress() -> Callable[[int, int], None]:
    """A line per quarter of the index, which is built once and then read from disk."""
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if done * 4 // total > told:
            told = done * 4 // total
            log.info("search_index", done=done, total=total)

    return tell


class _Server(uvicorn.Server):
    """Ends the streams of events before it waits for what is open: nothing else would end them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Called once, when the server is told to stop."""
        application = self.config.app
        if isinstance(application, FastAPI):
            application.state.end_streams()
        await super().shutdown(sockets)


def run(settings: Settings) -> None:
    """Serve until stopped. Raises HubError for what keeps the hub from starting."""
    logs.configure(level=settings.log_level, form=settings.log_format)
    # The default of 5 ms lets an answer being written hold up the thread that feeds the model.
    sys.setswitchinterval(0.0005)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Telemetry and access read the client's address themselves, from proxies that the settings trust.
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
    server = _Server(config)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


if __name__ == "__main__":
    run(Settings())
