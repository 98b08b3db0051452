"""The web process: Reflex's pages, the REST door mounted around them, in one ASGI app."""

import reflex as rx

from sprintreports.api.app import create_api
from sprintreports.ui import errors, routes
from sprintreports.ui.guard import Guard
from sprintreports.ui.telling import teller
from sprintreports.ui.web import running, wrapped_in

STYLESHEETS = [
    "/tokens.css",
    "/base.css",
    "/frame.css",
    "/parts.css",
    "/planning.css",
    "/queues.css",
    "/reports.css",
    "/planner.css",
]

app = rx.App(
    stylesheets=STYLESHEETS,
    reset_style=False,
    head_components=[
        rx.el.script(src="/boot.js"),
        rx.el.link(rel="icon", type="image/svg+xml", href="/favicon.svg"),
        rx.el.meta(name="color-scheme", content="light dark"),
    ],
    html_lang="en",
    app_wraps={
        (55, "ErrorBoundary"): errors.boundary,
        (5, "ConnectionToaster"): errors.connection_lost,
        (6, "Teller"): teller,
    },
    toaster=rx.toast.provider(position="bottom-right", rich_colors=True, close_button=True),
    frontend_exception_handler=errors.from_browser,
    backend_exception_handler=errors.from_server,
    api_transformer=wrapped_in(create_api()),
)
app.register_lifespan_task(running)
app.add_middleware(Guard(), index=0)
routes.register(app)
