"""What the frame around the pages shows: who is signed in, boards and sprints to pick, freshness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from sprintreports.identity.notices import reading
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.jira.reads import choices
from sprintreports.jira.reads.choices import BoardChoice, Choices, SprintChoice
from sprintreports.jira.reads.runs import Freshness
from sprintreports.metrics.values import SprintState
from sprintreports.ui import roles
from sprintreports.ui.dates import instant, iso
from sprintreports.ui.links import address, identifier
from sprintreports.ui.live import numbers
from sprintreports.ui.news import Change, sentence
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.showing import Sparing

_LATE_AFTER_HOURS = 2
_PATHS = (
    "/",
    "/sprint",
    "/velocity",
    "/capacity",
    "/queues",
    "/reports",
    "/baselines",
    "/schedules",
    "/deliveries",
    "/teams",
    "/quality",
    "/reconciliation",
    "/sites",
    "/runs",
    "/webhooks",
    "/connections",
    "/sign-in-providers",
    "/api-clients",
    "/audit",
    "/personal-data",
    "/users",
    "/definitions",
)


@dataclass
class Option:
    """One entry of a picker."""

    value: str
    label: str


class Frame(Sparing, rx.State):
    """Display values only: permissions are checked again at every event."""

    user_name: str = ""
    user_email: str = ""
    user_role: str = ""
    initials: str = ""
    zone: str = ""
    is_admin: bool = False
    sees_users: bool = False
    keeps_reports: bool = False
    theme: str = ""  # as the profile sets it
    unread: str = ""  # notices; empty where there are none
    unread_label: str = ""
    # Where the navigation leads: the picked board and sprint go along.
    nav: dict[str, str] = {path: path for path in _PATHS}
    boards: list[Option] = []
    board: str = ""
    sprints: list[Option] = []
    sprint: str = ""
    fresh_tone: str = ""
    fresh_text: str = ""
    fresh_iso: str = ""
    fresh_exact: str = ""
    # Which state of the numbers the page was made from, and what was new when it loaded itself again.
    live: str = ""
    news: str = ""

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        await self._show()

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def pick_board(self, board: str) -> Any:
        return rx.redirect(self._changed(board=board, sprint=None, page=None, changes=None, search=None))

    @rx.event
    @acts(Permission.SPRINTS_READ)
    async def pick_sprint(self, sprint: str) -> Any:
        return rx.redirect(
            self._changed(board=self.board, sprint=sprint, page=None, changes=None, search=None)
        )

    def _changed(self, **changes: object) -> str:
        url = self.router.url
        return address(url.path.rstrip("/") or "/", dict(url.query_parameters), **changes)

    async def _show(self) -> Choices:
        here = visit()
        state = numbers.version  # before anything is read: what changes meanwhile is newer
        parameters = self.router.url.query_parameters
        wanted = parameters.get("sprint") or None
        found = await choices.read(
            here.session,
            here.viewer,
            board_id=identifier(parameters.get("board")),
            sprint_id=identifier(wanted),
            last_board=identifier(self.board),
            last_sprint=identifier(self.sprint),
        )
        await self._count_unread()
        board = str(found.board.id) if found.board else ""
        sprint = (str(found.sprint_id) if found.sprint_id else "") if wanted is None else wanted
        self._put(
            **_who(here.viewer),
            zone=here.zone.key,
            boards=_board_options(found.boards),
            board=board,
            sprints=_with(_sprint_options(found.sprints), sprint),
            sprint=sprint,
            nav=_nav(board, sprint, parameters.get("unit")),
            live=state,
            news="",
            **_freshness(found.freshness, now=here.now, zone=here.zone),
        )
        self._all_put()
        return found

    async def _count_unread(self) -> int:
        here = visit()
        count = await reading.unread(here.session, here.viewer)
        shown = str(count) if count < reading.MOST_COUNTED else f"{reading.MOST_COUNTED - 1}+"
        self._put(
            unread=shown if count else "",
            unread_label=f"Notices, {shown} unread" if count else "Notices, none unread",
        )
        return count


async def around(state: rx.State) -> Choices:
    """Load the frame in the same event as its page; what it found."""
    return await (await state.get_state(Frame))._show()  # noqa: SLF001  # what begins without _ is a handler


async def tell_unread(state: rx.State) -> int:
    """Count the unread notices again, after some were read; how many there are."""
    return await (await state.get_state(Frame))._count_unread()  # noqa: SLF001  # what begins without _ is a handler


async def tell(state: rx.State, changes: Sequence[Change]) -> None:
    """Say in the frame what a page that loaded itself again shows differently."""
    here = visit()
    (await state.get_state(Frame))._put(news=sentence(changes, now=here.now, zone=here.zone))  # noqa: SLF001  # what begins without _ is a handler


def _who(viewer: Viewer) -> dict[str, Any]:
    name = viewer.name or viewer.email
    return {
        "user_name": name,
        "user_email": viewer.email,
        "user_role": _role_of(viewer),
        "initials": initials(name),
        "is_admin": viewer.can(Permission.SETTINGS_READ),
        "sees_users": viewer.can(Permission.USERS_READ),
        "keeps_reports": viewer.can(Permission.REPORTS_WRITE),
        "theme": viewer.theme,
    }


def _role_of(viewer: Viewer) -> str:
    """The role, and where it ends."""
    held = viewer.grants or (Grant(viewer.role, viewer.board_ids, viewer.team_ids),)
    return ", ".join(part for part in roles.words(held) if part)


def _nav(board: str, sprint: str, unit: str | None) -> dict[str, str]:
    return {path: path for path in _PATHS} | {
        "/sprint": address("/sprint", board=board, sprint=sprint, unit=unit),
        "/velocity": address("/velocity", board=board, unit=unit),
        "/capacity": address("/capacity", board=board, sprint=sprint),
        "/queues": address("/queues", board=board, sprint=sprint),
        "/quality": address("/quality", board=board),
        "/reconciliation": address("/reconciliation", board=board),
    }


def _freshness(state: Freshness, *, now: datetime, zone: ZoneInfo) -> dict[str, str]:
    at = state.last_synced_at
    shown = {"fresh_iso": iso(at), "fresh_exact": f"{instant(at, zone)} ({zone.key})"}
    if at is None:
        return shown | {"fresh_tone": "late", "fresh_text": "Not synced yet"}
    if state.failed:
        return shown | {"fresh_tone": "failed", "fresh_text": "Last sync failed; data from "}
    late = (now - at).total_seconds() / 3600 > _LATE_AFTER_HOURS
    return shown | {"fresh_tone": "late" if late else "good", "fresh_text": "Synced "}


@lru_cache(maxsize=256)
def _board_options(boards: tuple[BoardChoice, ...]) -> list[Option]:
    return [Option(str(board.id), board.name) for board in boards]


def _with(options: list[Option], sprint: str) -> list[Option]:
    """A sprint that was asked for and is not in the list: the picker says so, and shows no other one as the picked."""
    if not sprint or not options or any(option.value == sprint for option in options):
        return options
    return [Option(sprint, "Not in this list"), *options]


@lru_cache(maxsize=256)
def _sprint_options(sprints: tuple[SprintChoice, ...]) -> list[Option]:
    return [
        Option(str(one.id), one.name if one.state == SprintState.CLOSED else f"{one.name} · {one.state}")
        for one in sprints
    ]


def initials(name: str) -> str:
    """One or two letters for the avatar."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words if len(words) == 1 else words[:1] + words[-1:])).upper()
