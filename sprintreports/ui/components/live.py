"""Small React pieces that need the browser itself: its clock, its dialog, a form that really posts."""

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


class Live(rx.Component):
    """Fires `on_change` when the numbers are no longer those that the page was made from, in `seen`.

    One stream serves the whole tab (`ui/live.py`); a tab that nobody sees has none, and asks when it is seen again.
    """

    library = _LIBRARY
    tag = "Live"
    seen: rx.Var[str]
    on_change: rx.EventHandler[rx.event.no_args_event_spec]


class Was(rx.Component):
    """What a figure was before it changed by itself: for a moment, and only where there is a `text`."""

    library = _LIBRARY
    tag = "Was"
    text: rx.Var[str]


class Drawer(rx.Component):
    """A panel over the right edge while `open`: a modal dialog of the browser's own."""

    library = _LIBRARY
    tag = "Drawer"
    open: rx.Var[bool]
    label: rx.Var[str]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class PageTitle(rx.Component):
    """The title of the tab, once it is known what the page shows."""

    library = _LIBRARY
    tag = "PageTitle"
    text: rx.Var[str]


class Resent(rx.Component):
    """Within a form whose answer may be `?problem=…`: what was typed into `field` is there again, and `then` has the focus.

    It stays in this tab of the browser, never in an address or a cookie.
    """

    library = _LIBRARY
    tag = "Resent"
    field: rx.Var[str]
    then: rx.Var[str]


class ThemeOf(rx.Component):
    """Applies the profile's theme once on each device that has not seen it yet."""

    library = "$/public/theme.jsx"
    tag = "ThemeOf"
    theme: rx.Var[str]


class PostForm(Element):
    """A form that the browser itself sends; Reflex's own form suppresses that."""

    tag = "form"
    action: rx.Var[str]
    method: rx.Var[str]


ago = Ago.create
every = Every.create
live = Live.create
was = Was.create
drawer = Drawer.create
resent = Resent.create
theme_of = ThemeOf.create


def titled(text: Any) -> rx.Component:
    """Call the tab after what the page shows, such as the sprint's name; nothing while `text` is empty."""
    return PageTitle.create(text=text)


def post_form(*children: Any, action: str, **props: Any) -> rx.Component:
    return PostForm.create(*children, action=action, method="post", **props)
