"""What becomes of what nobody caught: in the browser and on the server. No stack reaches a reader."""

import reflex as rx
from reflex.event import EventSpec
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import connection_toaster

from sprintreports.observability import logs
from sprintreports.ui import telling
from sprintreports.ui.components.basics import server_link

log = logs.get("ui.errors")


def boundary(stateful: bool) -> rx.Component:
    """A page that failed to draw: an apology and a way on."""
    report = {} if stateful else {"on_error": rx.noop()}
    return ErrorBoundary.create(fallback_render=rx.Var.create(_sorry()), **report)


def connection_lost(stateful: bool) -> rx.Component | None:
    """A toast while the server cannot be reached; the page goes on by itself when it is back."""
    return rx.fragment(rx.memo(_connection_toaster)()) if stateful else None


def _connection_toaster() -> rx.Component:
    return connection_toaster()


def _sorry() -> rx.Component:
    return rx.el.main(
        rx.el.div(
            rx.el.h1("This page could not be drawn"),
            rx.el.p("It is our mistake, not yours, and it has been logged. Your data is safe."),
            rx.el.p(
                server_link("Back to the overview", href="/", class_name="button primary"),
            ),
            class_name="gate-card",
        ),
        class_name="gate",
    )


def from_browser(exception: Exception) -> None:
    """A browser told us about an error of its own."""
    log.warning("browser_error", error=str(exception)[:2000])


def from_server(exception: Exception) -> EventSpec:
    """An event failed outside every handler's own care."""
    request_id = logs.bind_request_id()
    log.error("event_failed", exc_info=exception)
    return telling.bad("Something went wrong on our side. Load the page again.", detail=request_id)
