"""What the profile's tab "security" knows: whether its owner proved lately who they are, their second factor, their sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity import devices, proof, second_factor, sessions
from sprintreports.identity.permissions import Permission
from sprintreports.identity.sessions import SessionRow
from sprintreports.ui import said, telling
from sprintreports.ui.dates import day, instant, iso
from sprintreports.ui.numbers import counted
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

_DONE = {
    "proved": "Thank you. For ten minutes you can change how you sign in.",
    "password": "Your password is changed. Everything else that was signed in is signed out.",
    "ended": "Signed out there. What was open goes to the sign-in page within a second.",
}


@dataclass
class SessionLine:
    """One browser that is signed in."""

    id: str
    device: str
    address: str
    seen: str
    seen_exact: str
    since: str
    here: bool


class SecurityTab(PageState, rx.State):
    """Display values only: what a form or a request changes is checked where it arrives."""

    told: str = ""
    mistake: str = ""
    complaint: str = ""
    proved: bool = False
    has_password: bool = False
    on: bool = False
    required: bool = False
    factor: str = ""
    sessions: list[SessionLine] = []
    alone: bool = True

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        parameters = self._parameters()
        mistake = said.sentence(parameters)
        self._put(mistake=mistake, told="" if mistake else _DONE.get(parameters.get("done", ""), ""))
        await self._show()

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def again(self) -> None:
        """After the browser itself has changed something."""
        self._put(mistake="", told="")
        await self._show()

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def switch_off(self) -> Any:
        here = visit()
        if here.opened is None or not here.opened.proved_lately(here.now):
            raise proof.ProofNeeded
        await second_factor.switch_off(here.session, here.viewer)
        await self._show()
        return telling.good("The second factor is switched off.")

    async def _show(self) -> None:
        here = visit()
        status = await second_factor.status(here.session, user_id=here.viewer.user_id)
        rows = await sessions.listing(here.session, user_id=here.viewer.user_id, now=here.now)
        own = here.opened
        self._put(
            complaint="",
            proved=own is not None and own.proved_lately(here.now),
            has_password=await proof.has_password(here.session, here.viewer),
            on=status.on,
            required=status.required,
            factor=_factor(status, here.zone),
            sessions=[_line(row, own.id if own else 0, here.zone) for row in rows],
            alone=len(rows) < 2,
        )
        self._settle(READY)


def _factor(status: second_factor.Status, zone: ZoneInfo) -> str:
    if status.confirmed_at is None:
        return "Off: your password alone lets you in."
    codes = counted(status.codes_left, "recovery code")
    return f"On since {day(status.confirmed_at, zone)}, with {codes} left."


def _line(row: SessionRow, own: int, zone: ZoneInfo) -> SessionLine:
    return SessionLine(
        id=str(row.id),
        device=devices.words(row.user_agent),
        address=row.address or "not known",
        seen=iso(row.last_seen_at),
        seen_exact=_exact(row.last_seen_at, zone),
        since=instant(row.created_at, zone),
        here=row.id == own,
    )


def _exact(moment: datetime, zone: ZoneInfo) -> str:
    return f"{instant(moment, zone)} ({zone.key})"
