"""Which private addresses outgoing requests may go to: a panel for admins."""

from typing import Any

import reflex as rx

from sprintreports.identity import outgoing
from sprintreports.identity.permissions import Permission
from sprintreports.ui import telling
from sprintreports.ui.components.basics import notice
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState


class Outgoing(PageState, rx.State):
    """`lines`: what admins allow, one a line; `by_operator`: what the server's environment allows."""

    complaint: str = ""
    lines: str = ""
    by_operator: list[str] = []
    may_change: bool = False

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        here = visit()
        self._show(await outgoing.read(here.session, here.viewer))

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def keep(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        given = str(form.get("allowed", "")).replace(",", "\n").splitlines()
        self._show(await outgoing.change(here.session, here.viewer, allowed=given, now=here.now))
        return telling.good("Kept. It holds from the next connection on.")

    def _show(self, policy: outgoing.Policy) -> None:
        self._put(
            complaint="",
            lines="\n".join(policy.allowed),
            by_operator=list(policy.by_operator),
            may_change=visit().viewer.can(Permission.SETTINGS_WRITE),
        )
        self._settle(READY)


def outgoing_panel() -> rx.Component:
    return rx.cond(
        Outgoing.status == READY,
        rx.el.section(
            rx.el.h2("Outgoing requests"),
            rx.el.p(
                "Jira sites, identity providers and what reports are sent to (Confluence, Slack, Teams, mail servers) are asked at "
                "public addresses and encrypted alone. Name here what may be asked besides: in your own network, on this server, or "
                "by plain http://."
            ),
            rx.cond(Outgoing.complaint != "", notice(Outgoing.complaint, tone="bad")),
            rx.cond(Outgoing.may_change, _form(), _listed()),
            rx.cond(
                Outgoing.by_operator.length() > 0,
                rx.el.p(
                    "Allowed by whoever runs this server: ",
                    rx.foreach(Outgoing.by_operator, lambda one: rx.fragment(rx.el.code(one), " ")),
                    class_name="help wrap-anywhere",
                ),
            ),
            class_name="panel padded stack",
            id="outgoing",
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.el.label("Allowed hosts, addresses and networks", html_for="outgoing-allowed"),
            rx.el.textarea(
                id="outgoing-allowed",
                name="allowed",
                rows="4",
                spell_check=False,
                default_value=Outgoing.lines,
                key=Outgoing.lines,
            ),
            rx.el.span(
                "One a line: jira.corp.example, *.corp.example, 10.0.0.7 or 10.20.0.0/16, with a port (jira.corp.example:8080) "
                "where only that one is meant. Whoever may connect a Jira can have this server ask there.",
                class_name="help",
            ),
            class_name="field",
        ),
        rx.el.div(rx.el.button("Keep", type="submit", class_name="button"), class_name="row"),
        on_submit=Outgoing.keep,
        class_name="stack tight",
    )


def _listed() -> rx.Component:
    return rx.cond(
        Outgoing.lines != "",
        rx.el.p("Allowed: ", rx.el.code(Outgoing.lines), class_name="wrap-anywhere"),
        rx.el.p("Nothing more is allowed.", class_name="quiet"),
    )
