"""Links, notices, empty states, skeletons, chips: the small words of every page."""

from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

Child = rx.Component | rx.Var | str

_NOTICE_ICONS = {"bad": "circle-alert", "warn": "triangle-alert", "good": "circle-check", "info": "info"}


def link(*children: Child, to: Any, **props: Any) -> rx.Component:
    """A link within the app: no page load."""
    return ReactRouterLink.create(*children, to=to, **props)


def outside(*children: Child, href: Any, **props: Any) -> rx.Component:
    """A link that leaves the app, in a tab of its own."""
    return rx.el.a(*children, href=href, target="_blank", rel="noopener noreferrer", **props)


def server_link(*children: Child, href: Any, **props: Any) -> rx.Component:
    """A link that the server answers, not a page of the app: Reflex's own links stay within the app."""
    return rx.el.a(*children, href=href, reload_document=True, **props)


def notice(*children: Child, tone: str = "info", **props: Any) -> rx.Component:
    """A sentence that matters, with its tone as a bar and an icon (never by colour alone)."""
    return rx.el.div(
        rx.icon(_NOTICE_ICONS[tone], size=18),
        rx.el.div(*children, class_name="grow stack tight"),
        class_name=f"notice {tone}",
        role="alert" if tone == "bad" else "status",
        **props,
    )


def failure(problem: Any, request_id: Any, *, retry: Any) -> rx.Component:
    """What went wrong in place of the content. Our own failures have a number that an admin can look up, and another try."""
    return notice(
        rx.el.p(problem, rx.cond(request_id != "", rx.el.span(" ", rx.el.code(request_id)))),
        rx.el.div(
            rx.cond(
                request_id != "",
                rx.el.button("Try again", type="button", on_click=retry, class_name="button small"),
                link("To the overview", to="/", class_name="button small"),
            )
        ),
        tone="bad",
    )


def empty(title: Child, *children: Child, icon: str = "inbox") -> rx.Component:
    """Nothing here yet: what that means and what to do next."""
    return rx.el.section(rx.icon(icon, size=30), rx.el.h2(title), *children, class_name="panel empty")


def skeleton(*, height: str, width: str = "100%") -> rx.Component:
    return rx.el.div(
        class_name="skeleton", style={"height": height, "width": width}, custom_attrs={"aria-hidden": "true"}
    )


def loading(*shapes: rx.Component) -> rx.Component:
    """Grey shapes where content will be; said once to screen readers."""
    return rx.el.div(
        rx.el.span("Loading", class_name="hidden-text"), *shapes, class_name="stack", role="status",
        custom_attrs={"aria-busy": "true"},
    )  # fmt: skip


def chip(text: Child, tone: Any = "") -> rx.Component:
    return rx.el.span(
        text, class_name=rx.cond(tone, "chip " + tone, "chip") if isinstance(tone, rx.Var) else f"chip {tone}"
    )


def by_status(state: Any, *, ready: rx.Component, blank: rx.Component, waiting: rx.Component) -> rx.Component:
    """The page's body for each status of its state."""
    return rx.match(
        state.status,
        ("ready", ready),
        ("empty", blank),
        ("failed", failure(state.problem, state.problem_id, retry=state.load)),
        waiting,
    )


def facts(*pairs: tuple[str, Child]) -> rx.Component:
    """Name and value, several side by side."""
    return rx.el.dl(
        *[rx.el.div(rx.el.dt(name), rx.el.dd(value)) for name, value in pairs], class_name="facts"
    )


def segments(options: Sequence[tuple[str, str]], *, chosen: Any, links: Any, label: str) -> rx.Component:
    """A choice of few, as links: each is a view of its own. `links` is a dict var from value to address."""
    return rx.el.div(
        *[
            link(
                text,
                to=links[value],
                custom_attrs={"aria-current": rx.cond(chosen == value, "true", "false")},
            )
            for value, text in options
        ],
        class_name="seg",
        role="group",
        custom_attrs={"aria-label": label},
    )
