"""The frame around every page, and the narrow one around sign-in and set-up."""

from typing import Any

import reflex as rx

from sprintreports.ui.components.basics import Child, link, server_link
from sprintreports.ui.components.live import ago, live, post_form, theme_of
from sprintreports.ui.components.search import search_button, search_panel
from sprintreports.ui.frame_state import Frame

_PAGES = (
    ("/", "Overview", "layout-dashboard"),
    ("/sprint", "Sprint", "chart-line"),
    ("/velocity", "Velocity", "chart-column"),
    ("/capacity", "Capacity", "gauge"),
    ("/queues", "Queues", "list-ordered"),
    ("/reports", "Reports", "file-text"),
    ("/baselines", "Baselines", "archive"),
    ("/schedules", "Schedules", "calendar-clock"),
    ("/deliveries", "Deliveries", "send"),
    ("/teams", "Teams", "users-round"),
    ("/quality", "Data quality", "list-checks"),
    ("/reconciliation", "Reconciliation", "scale"),
)
_PEOPLE_PAGES = (("/users", "Users", "users"),)
_ADMIN_PAGES = (
    *_PEOPLE_PAGES,
    ("/sites", "Jira sites", "plug-zap"),
    ("/runs", "Sync runs", "refresh-cw"),
    ("/webhooks", "Webhooks", "webhook"),
    ("/connections", "Connections", "share-2"),
    ("/sign-in-providers", "Sign-in", "key-round"),
    ("/api-clients", "API clients", "braces"),
    ("/audit", "Audit log", "scroll-text"),
    ("/personal-data", "Personal data", "user-x"),
)


def mark(size: int = 22) -> rx.Component:
    """The product's mark: remaining work, coming down in steps."""
    line = {
        "fill": "none", "stroke": "var(--accent-ink)", "strokeWidth": "2.4", "strokeLinecap": "round",
        "strokeLinejoin": "round",
    }  # fmt: skip
    return rx.el.svg(
        rx.el.svg.rect(width="24", height="24", rx="6", custom_attrs={"fill": "currentColor"}),
        rx.el.svg.path(d="M5 6h4v5h5v4h5v3", custom_attrs=line),
        view_box="0 0 24 24",
        width=str(size),
        height=str(size),
        custom_attrs={"aria-hidden": "true"},
    )


def frame(
    *children: Child, page: str, picker: rx.Component | None = None, refresh: Any = None
) -> rx.Component:
    """Navigation at the left, pickers and the user's menu on top, the page below.

    refresh: the event that loads the page again when its numbers have changed.
    """
    return rx.el.div(
        server_link("Skip to content", href="#content", class_name="skip"),
        _side(page),
        rx.el.div(
            _bar(picker),
            rx.el.main(*children, id="content", class_name="main", tab_index=-1),
            class_name="page",
        ),
        _for_who_is_in(search_panel()),
        theme_of(theme=Frame.theme),
        *([live(seen=Frame.live, on_change=refresh), _news()] if refresh is not None else []),
        class_name="frame",
    )


def _news() -> rx.Component:
    return rx.el.p(Frame.news, role="status", class_name="hidden-text", id="news")


def gate(*children: Child, wide: bool = False) -> rx.Component:
    """One narrow column in the middle: for people who are not in yet."""
    return rx.el.main(
        rx.el.div(
            rx.el.a(mark(26), "Sprint Reports", href="/", class_name="brand"),
            *children,
            class_name="gate-card wide" if wide else "gate-card",
        ),
        class_name="gate",
    )


def page_head(title: Child, sub: Child = "", *controls: rx.Component) -> rx.Component:
    return rx.el.header(
        rx.el.div(rx.el.h1(title), rx.el.p(sub, class_name="sub")),
        rx.el.div(*controls, class_name="row"),
        class_name="page-head",
    )


def theme_switch() -> rx.Component:
    return rx.el.button(
        rx.color_mode_cond(rx.icon("moon", size=18), rx.icon("sun", size=18)),
        type="button",
        class_name="icon-button",
        on_click=rx.toggle_color_mode,
        custom_attrs={"aria-label": rx.color_mode_cond("Use the dark theme", "Use the light theme")},
    )


def _side(page: str) -> rx.Component:
    return rx.el.aside(
        link(mark(), "Sprint Reports", to="/", class_name="brand"),
        _navigation(_PAGES, page, label="Reports"),
        rx.cond(
            Frame.is_admin,
            _navigation(_ADMIN_PAGES, page, label="Administration", titled=True),
            rx.cond(Frame.sees_users, _navigation(_PEOPLE_PAGES, page, label="People", titled=True)),
        ),
        rx.el.div(
            rx.el.nav(
                link(
                    "Definitions",
                    to="/definitions",
                    custom_attrs={"aria-current": _current(page == "/definitions")},
                ),
                server_link("REST interface", href="/api/v1/docs"),
                class_name="nav",
                custom_attrs={"aria-label": "Help"},
            ),
            class_name="side-foot",
        ),
        id="side",
        class_name="side",
        custom_attrs={"popover": "auto"},
    )


def _navigation(pages: Any, current: str, *, label: str, titled: bool = False) -> rx.Component:
    entries = [
        link(
            rx.icon(icon, size=17),
            text,
            to=Frame.nav[path],
            custom_attrs={"aria-current": _current(path == current)},
        )
        for path, text, icon in pages
    ]
    title = [rx.el.p(label, class_name="nav-title")] if titled else []
    return rx.el.nav(*title, *entries, class_name="nav", custom_attrs={"aria-label": label})


def _current(here: bool) -> str:
    return "page" if here else "false"


def _bar(picker: rx.Component | None) -> rx.Component:
    return rx.el.header(
        rx.el.button(
            rx.icon("menu", size=20),
            type="button",
            class_name="icon-button menu-button",
            custom_attrs={"popoverTarget": "side", "aria-label": "Open the navigation"},
        ),
        picker or rx.fragment(),
        rx.el.div(
            _freshness(),
            _for_who_is_in(search_button()),
            theme_switch(),
            _for_who_is_in(_bell()),
            _user_menu(),
            class_name="end",
        ),
        class_name="bar",
    )


def _for_who_is_in(child: rx.Component) -> rx.Component:
    return rx.cond(Frame.user_name != "", child)


def _freshness() -> rx.Component:
    return rx.cond(
        Frame.fresh_tone != "",
        rx.el.span(
            rx.cond(
                Frame.fresh_iso != "",
                ago(iso=Frame.fresh_iso, prefix=Frame.fresh_text, exact=Frame.fresh_exact),
                rx.el.span(Frame.fresh_text),
            ),
            class_name="fresh " + Frame.fresh_tone,
        ),
    )


def _bell() -> rx.Component:
    """Where notices wait, with how many of them are unread."""
    return link(
        rx.icon("bell", size=18),
        rx.cond(
            Frame.unread != "",
            rx.el.span(Frame.unread, class_name="count", custom_attrs={"aria-hidden": "true"}),
        ),
        to="/notices",
        class_name="icon-button bell",
        custom_attrs={"aria-label": Frame.unread_label},
    )


def _user_menu() -> rx.Component:
    menu = rx.el.div(
        rx.el.div(
            rx.el.p(rx.el.strong(Frame.user_name)),
            rx.el.p(Frame.user_email, class_name="fine"),
            rx.el.p(Frame.user_role, class_name="fine"),
        ),
        rx.el.p("Dates are in ", Frame.zone, ".", class_name="fine"),
        link("Your profile", to="/profile", class_name="button wide"),
        post_form(
            rx.el.button("Sign out", type="submit", class_name="button wide"), action="/session/sign-out"
        ),
        id="user-menu",
        class_name="pop menu",
        custom_attrs={"popover": "auto"},
    )
    button = rx.el.button(
        Frame.initials,
        type="button",
        class_name="avatar",
        custom_attrs={"popoverTarget": "user-menu", "aria-label": "Your account"},
    )
    return _for_who_is_in(rx.fragment(button, menu))
