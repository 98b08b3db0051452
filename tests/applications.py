"""REST applications that tests share: FastAPI reads all routes anew for each, at its first requests, which takes longer than most tests."""

from functools import cache
from types import ModuleType

from fastapi import FastAPI

from sprintreports.api.app import create_api
from sprintreports.ui.entering import NotFromHere, not_from_here


@cache
def rest_app(*pages: ModuleType) -> FastAPI:
    """The REST application, with the routes of these modules of the pages. Who changes it makes one of their own."""
    app = create_api()
    for module in pages:
        app.include_router(module.router)
    if pages:
        app.add_exception_handler(NotFromHere, not_from_here)
    return app
