"""The portal's built files: its pages, its assets, and its own page for addresses that do not exist."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

PAGES = (
    "/",
    "/checklists/{token}",
    "/kiosk",
    "/papers",
    "/desk",
    "/voice",
    "/consult-numbers",
    "/library",
    "/library/reviews",
    "/library/hit-test",
    "/library/import",
    "/library/entries/{entry_id}",
)
"""Addresses that the portal's own router knows; all are served its one HTML file."""

_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; style-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

_DOCS_SECURITY = _SECURITY | {
    # The page of the interfaces draws its icons and sizes inline.
    "Content-Security-Policy": _SECURITY["Content-Security-Policy"]
    .replace("img-src 'self' blob:", "img-src 'self' data:")
    .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
}

_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>靠普智枢</title>
<body style="font-family:sans-serif;max-width:40em;margin:4em auto;line-height:1.8">
<h1>网页还没有构建</h1><p>接口已在运行。请在项目目录执行 <code>make portal</code> 后刷新;
接口文档见 <a href="/openapi.json">/openapi.json</a>。</p></body></html>"""


class _Assets(StaticFiles):
    """Files whose names carry a hash of their content: they may be kept for good."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        """The file, with a year of caching."""
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class _Embedded(StaticFiles):
    """The script that other people's pages load by a name that stays: looked for anew after a few minutes."""

    def file_response(self, *arguments: object, **options: object) -> Response:
        """The file, for pages of any origin."""
        response = super().file_response(*arguments, **options)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=300"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def page(folder: Path, status: int = 200, *, document: str = "index.html") -> Response:
    """One of the portal's HTML files, or a plain page that says how to build them."""
    file = folder / document
    if not file.is_file():
        return HTMLResponse(_NOT_BUILT, status_code=503, headers=_DOCS_SECURITY)
    return FileResponse(file, status_code=status, headers=_SECURITY if document == "index.html" else _DOCS_SECURITY)


def wants_page(request: Request) -> bool:
    """A browser looking for a page, rather than a program calling an API."""
    first = request.url.path.split("/", 2)[1]
    return (
        request.method in ("GET", "HEAD")
        and first not in ("api", "v1", "v2", "assets", "embed")
        and "text/html" in request.headers.get("accept", "")
    )


def install_portal(app: FastAPI, folder: Path) -> None:
    """Serve the portal's pages and assets; call it after the API routes."""
    if (folder / "assets").is_dir():
        app.mount("/assets", GZipMiddleware(_Assets(directory=folder / "assets")), name="assets")

    if (folder / "embed").is_dir():
        app.mount("/embed", GZipMiddleware(_Embedded(directory=folder / "embed")), name="embed")

    async def portal_page() -> Response:
        return page(folder)

    for path in PAGES:
        app.add_api_route(path, portal_page, methods=["GET", "HEAD"], include_in_schema=False)

    async def docs_page() -> Response:
        return page(folder, document="docs.html")

    app.add_api_route("/docs", docs_page, methods=["GET", "HEAD"], include_in_schema=False)

    async def favicon() -> Response:
        icon = folder / "favicon.svg"
        return FileResponse(icon) if icon.is_file() else Response(status_code=404)

    app.add_api_route("/favicon.svg", favicon, include_in_schema=False)
