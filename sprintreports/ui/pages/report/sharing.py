"""Links that show the report without an account: a panel with those that there are, and the form of a new one."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.reports.library import shares
from sprintreports.reports.library.shares import ShareLink
from sprintreports.ui import telling
from sprintreports.ui.components.basics import chip
from sprintreports.ui.components.secrets import labelled, secret_form
from sprintreports.ui.components.tables import action_head
from sprintreports.ui.dates import day, instant
from sprintreports.ui.links import identifier
from sprintreports.ui.numbers import counted
from sprintreports.ui.pages.report.state import ReportPage
from sprintreports.ui.planning.parts import complaint, scrolling, side_panel
from sprintreports.ui.session import acts, visit

_MOST = 100
DAYS = (("1", "a day"), ("7", "a week"), ("30", "30 days"), ("90", "90 days"), ("366", "a year"))
_STATES = {
    "active": ("Active", "good"),
    "expired": ("Expired", ""),
    "revoked": ("Revoked", ""),
    "ended": ("Ended with the account", ""),
}
_HEADS = ("For", "Made by", "Password", "Good until", "Opened", "State")


@dataclass
class ShareLine:
    """A link as text."""

    id: str = ""
    name: str = ""
    owner: str = ""
    password: str = ""
    until: str = ""
    used: str = ""
    state: str = ""
    tone: str = ""
    active: bool = False


def line(link: ShareLink, zone: ZoneInfo) -> ShareLine:
    label, tone = _STATES[link.state]
    last = f", last {instant(link.last_used_at, zone)}" if link.last_used_at else ""
    return ShareLine(
        str(link.id),
        link.name,
        link.owner,
        "yes" if link.with_password else "no",
        day(link.expires_at, zone),
        f"{counted(link.opens, 'time')}{last}" if link.opens else "never",
        label,
        tone,
        link.state == "active",
    )


class ReportShares(rx.State):
    """The links of the report that the page shows."""

    is_open: bool = False
    of: str = ""
    at: str = ""
    lines: list[ShareLine] = []
    complaint: str = ""

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def show(self) -> None:
        self.reset()
        report = await self._report()
        await self._list(report)
        self.at = f"/api/v1/reports/{report}/shares"
        self.of = (await self.get_state(ReportPage)).at
        self.is_open = True

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def close(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def made(self) -> None:
        """A new link is there. The form stays: it shows the address, once."""
        await self._list(await self._report())

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def revoke(self, link: str) -> Any:
        here = visit()
        self.complaint = ""
        report = await self._report()
        await shares.revoke(here.session, here.viewer, report, identifier(link) or 0, now=here.now)
        await self._list(report)
        return telling.good("Revoked. Whoever opens the link sees nothing any more.")

    async def _report(self) -> int:
        return identifier((await self.get_state(ReportPage)).report) or 0

    async def _list(self, report: int) -> None:
        here = visit()
        found = await shares.listing(here.session, here.viewer, report, per_page=_MOST, now=here.now)
        self.lines = [line(one, here.zone) for one in found.items]


_IS_OPEN = ReportShares.is_open & (ReportShares.of == ReportPage.at)


def share_panel() -> rx.Component:
    return side_panel(
        rx.cond(ReportPage.name != "", "Share “" + ReportPage.name + "”", "Share this report"),
        "A link shows the report to whoever has it, without an account and without a way to anything else. Each time it is opened "
        "it shows the numbers of that moment, as you may see them, until it ends or you revoke it.",
        complaint(ReportShares.complaint),
        rx.cond(_IS_OPEN, _form()),
        rx.cond(
            ReportShares.lines.length() > 0,
            _links(),
            rx.el.p("Nobody has a link to it yet.", class_name="quiet"),
        ),
        is_open=_IS_OPEN,
        on_close=ReportShares.close,
        label="Share this report",
    )


def _form() -> rx.Component:
    return secret_form(
        labelled(
            "For whom?",
            "share-name",
            rx.el.input(
                id="share-name", name="name", type="text", required=True, max_length=100, placeholder="such as: the client"
            ),
        ),
        labelled(
            "Good for",
            "share-days",
            rx.el.select(
                *[rx.el.option(text, value=value) for value, text in DAYS],
                id="share-days",
                name="days",
                default_value="30",
                custom_attrs={"data-as": "number"},
            ),
        ),
        labelled(
            "Password",
            "share-password",
            rx.el.input(
                id="share-password",
                name="password",
                type="text",
                min_length=shares.SHORTEST_PASSWORD,
                max_length=shares.LONGEST_PASSWORD,
                custom_attrs={"data-as": "optional", "autoComplete": "off"},
            ),
            f"Leave it empty for none; else {shares.SHORTEST_PASSWORD} characters or more. Send it another way than the link.",
        ),
        to=ReportShares.at,
        label="Make a link",
        shown="url",
        sentence="Copy this link now. It is not shown again.",
        on_done=ReportShares.made,
    )  # fmt: skip


def _links() -> rx.Component:
    return scrolling(
        rx.el.table(
            rx.el.caption("Links to this report", class_name="hidden-text"),
            rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in _HEADS], action_head())),
            rx.el.tbody(rx.foreach(ReportShares.lines, _link)),
        ),
        label="Links to this report",
    )


def _link(one: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.th(one.name, scope="row"),
        rx.el.td(one.owner),
        rx.el.td(one.password),
        rx.el.td(one.until),
        rx.el.td(one.used),
        rx.el.td(chip(one.state, one.tone)),
        rx.el.td(
            rx.cond(
                one.active,
                rx.el.button(
                    "Revoke",
                    type="button",
                    class_name="button small",
                    on_click=ReportShares.revoke(one.id),
                    custom_attrs={"aria-label": "Revoke " + one.name},
                ),
            )
        ),
        key=one.id,
    )
