"""The console as an application: pages, assets, errors."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp

from counterfoil.console.assets import Assets
from counterfoil.console.background import Background
from counterfoil.console.checking import Checks
from counterfoil.console.live import Lives
from counterfoil.console.pages import (
    accounts,
    audit,
    batches,
    bookings,
    checks,
    finding,
    instances,
    instructions,
    instruments,
    matching,
    parties,
    processes,
    settlement_day,
    signing,
    tasks,
    today,
)
from counterfoil.console.places import Place
from counterfoil.console.problems import add_problem_handlers
from counterfoil.console.rendering import Renderer
from counterfoil.console.shield import Shield
from counterfoil.console.visit import visit
from counterfoil.faces import Services

PAGES: Sequence[ModuleType] = (
    today,
    tasks,
    processes,
    instances,
    matching,
    instruments,
    parties,
    accounts,
    bookings,
    instructions,
    settlement_day,
    batches,
    checks,
    audit,
)
"""The groups of pages, in the order of the navigation. Each has `router`, and may have `PLACES`, `FINDERS` and
`STREAMED`."""


def create_console(services: Services, assets: Assets | None = None) -> ASGIApp:
    """The console over these services. It answers below `/console` only."""
    app = create_pages(services, assets or Assets())
    streamed = frozenset(path for pages in PAGES for path in getattr(pages, "STREAMED", ()))
    return Shield(app, app.state.renderer, streamed)


def create_pages(services: Services, assets: Assets) -> FastAPI:
    """The pages, without what holds for every answer."""
    app = FastAPI(
        title="Counterfoil console", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    places: list[Place] = [place for pages in PAGES for place in getattr(pages, "PLACES", ())]
    app.state.services = services
    app.state.renderer = Renderer(assets, places)
    app.state.board = today.board_of(services, app.state.renderer)
    app.state.finders = tuple(finder for pages in PAGES for finder in getattr(pages, "FINDERS", ()))
    app.state.background = Background()
    app.state.checks = Checks()
    app.state.lives = Lives()
    add_problem_handlers(app)
    app.include_router(signing.router)
    for pages in (*PAGES, finding):
        app.include_router(pages.router, dependencies=[Depends(visit)])
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    return app
