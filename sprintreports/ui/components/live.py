"""Two small React pieces that need the browser's clock, and a form that really posts."""

from typing import Any

import reflex as rx
from reflex_components_core.el.element import Element

_LIBRARY = "$/public/live.jsx"


class Ago(rx.Component):
    """ "2 minutes ago", kept true while the page stays open; the exact time as its title."""

    library = _LIBRARY
    tag = "Ago"
    iso: rx.Var[str]
    prefix: rx.Var[str]
    exact: rx.Var[str]


class Every(rx.Component):
    """Fires `on_tick` each `seconds`, for as long as it is on the page and the tab is visible."""

    library = _LIBRARY
    tag = "Every"
    seconds: rx.Var[float]
    on_tick: rx.EventHandler[rx.event.no_args_event_spec]


class PostForm(Element):
    """A form that the browser itself sends; Reflex's own form suppresses that."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]


ago = Ago.create
every = Every.create


def post_form(*children: Any, action: str, **props: Any) -> rx.Component:
    return PostForm.create(*children, action=action, method="post", **props)
