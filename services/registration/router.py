"""/api/registry: the models, and for admins their versions in memory and their aliases."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from models.loaded import LoadReport
from services.access.access import Access
from services.access.callers import Caller, Role
from services.registration.schemas import AliasIn, LoadOut, ModelList, ModelOut, VersionOut
from services.registration.service import RegistrationService


def _loaded(report: LoadReport) -> LoadOut:
    return LoadOut(
        name=report.name,
        version=report.version,
        verify_seconds=report.verify_seconds,
        load_seconds=report.load_seconds,
        warmup_seconds=report.warmup_seconds,
        memory_bytes=report.memory_bytes,
    )


def build_router(service: RegistrationService, access: Access) -> APIRouter:
    """The routes; reading needs a key of any role, changing needs an admin's."""
    router = APIRouter(prefix="/api/registry", tags=["模型登记"])
    reader = Depends(access.guard(Role.CLERK, Role.DEPARTMENT, Role.SCIENTIST))
    admin = Depends(access.guard(Role.ADMIN))

    @router.get("/models", dependencies=[reader], summary="模型清单")
    async def models() -> ModelList:
        states = {(one.name, one.version): one for one in service.host.status()}
        entries = []
        for name, entry in service.host.registry.models.items():
            versions = []
            for version, details in entry.versions.items():
                loaded = states.get((name, version))
                versions.append(
                    VersionOut(
                        version=version,
                        backend=details.backend,
                        state=loaded.state if loaded else "absent",
                        description=loaded.description if loaded else {},
                    )
                )
            entries.append(
                ModelOut(
                    name=name,
                    versions=versions,
                    history=[change.model_dump() for change in entry.history],
                    **entry.model_dump(include={"task", "title", "purpose", "owner", "licence", "aliases"}),
                )
            )
        return ModelList(models=entries)

    @router.post("/models/{name}/aliases/{alias}", summary="切换版本")
    async def point(name: str, alias: str, change: AliasIn, caller: Caller = admin) -> LoadOut:
        return _loaded(await service.point(name, alias, change.version, who=caller.name, why=change.reason))

    @router.post("/models/{name}/versions/{version}/load", dependencies=[admin], summary="装载版本")
    async def load(name: str, version: str) -> LoadOut:
        return _loaded(await service.host.load(name, version))

    @router.post("/models/{name}/versions/{version}/unload", dependencies=[admin], status_code=204, summary="卸载版本")
    async def unload(name: str, version: str) -> None:
        await service.host.unload(name, version)

    return router
