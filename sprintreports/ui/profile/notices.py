"""The profile's tab "notices": which kinds one is told of. A switch holds at once."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.identity import notice_choices
from sprintreports.identity.notices import choosing
from sprintreports.identity.notices.choosing import Choice
from sprintreports.identity.notices.kinds import Kind
from sprintreports.identity.permissions import Permission
from sprintreports.kit.errors import Invalid
from sprintreports.ui.components.basics import by_status, link, loading, notice, skeleton
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState


@dataclass
class ChoiceLine:
    """One kind of notice."""

    kind: str
    name: str
    wanted: bool


class NoticeChoices(PageState, rx.State):
    """What one is told in the app."""

    complaint: str = ""
    optional: list[ChoiceLine] = []
    always: list[str] = []

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        here = visit()
        self._show(await choosing.listing(here.session, here.viewer))

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def choose(self, kind: str, wanted: bool) -> None:
        here = visit()
        if kind not in set(Kind):
            raise Invalid("There is no such kind of notice. Load the page again.")
        self._show(await notice_choices.change(here.session, here.viewer, {Kind(kind): bool(wanted)}))

    def _show(self, choices: list[Choice]) -> None:
        self._put(
            complaint="",
            optional=[ChoiceLine(one.kind, one.name, one.wanted) for one in choices if not one.always],
            always=[one.name for one in choices if one.always],
        )
        self._settle(READY)


LOADS = (NoticeChoices.load,)


def panel() -> rx.Component:
    """The tab's content, without a frame of its own."""
    return by_status(
        NoticeChoices, ready=_ready(), blank=rx.fragment(), waiting=loading(skeleton(height="320px"))
    )


def _ready() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "Notices arrive in the app: under the bell, and on the page ",
            link("Notices", to="/notices"),
            ". A switch holds at once, on all your devices.",
        ),
        rx.cond(NoticeChoices.complaint != "", notice(NoticeChoices.complaint, tone="bad")),
        rx.el.section(
            rx.el.h2("What you can switch off"),
            rx.el.div(rx.foreach(NoticeChoices.optional, _switch)),
            class_name="stack tight",
        ),
        rx.el.section(
            rx.el.h2("What you are always told"),
            rx.el.p(
                "This is about the security of your account and, for admins, of the audit log: it cannot be switched off.",
                class_name="fine",
            ),
            rx.el.ul(
                rx.foreach(NoticeChoices.always, rx.el.li),
                class_name="plain-list",
                id="always-told",
            ),
            class_name="stack tight",
        ),
        class_name="stack loose",
    )


def _switch(line: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            role="switch",
            checked=line.wanted,
            on_change=lambda wanted: NoticeChoices.choose(line.kind, wanted),
        ),
        rx.el.span(line.name),
        class_name="choice flush",
    )
