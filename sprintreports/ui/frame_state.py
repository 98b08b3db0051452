"""What the frame around the pages shows: who is signed in, boards and sprints to pick, freshness."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import boards, runs, sprints
from sprintreports.metrics.values import SprintState
from sprintreports.ui.dates import instant, iso
from sprintreports.ui.links import address, identifier
from sprintreports.ui.session import acts, loads, visit

_LATE_AFTER_HOURS = 2
_MOST_SPRINTS = 100


@dataclass
class Option:
    """One entry of a picker."""

    value: str
    label: str


class Frame(rx.State):
    """Display values only: permissions are checked again at every event."""

    user_name: str = ""
    user_email: str = ""
    user_role: str = ""
    initials: str = ""
    zone: str = ""
    is_admin: bool = False
    # Where the navigation leads: the picked board and sprint go along.
    nav: dict[str, str] = {
        path: path
        for path in (
            "/",
            "/sprint",
            "/velocity",
            "/quality",
            "/reconciliation",
            "/sites",
            "/runs",
            "/definitions",
        )
    }
    boards: list[Option] = []
    board: str = ""
    sprints: list[Option] = []
    sprint: str = ""
    fresh_tone: str = ""
    fresh_text: str = ""
    fresh_iso: str = ""
    fresh_exact: str = ""

    @rx.event
    @loads(Permission.SPRINTS_READ)
    async def load(self) -> None:
        here = visit()
        self._show_viewer(here.viewer)
        self.zone = here.zone.key
        parameters = self.router.url.query_parameters
        found = await boards.listing(here.session, here.viewer)
        self.boards = [Option(str(board.id), board.name) for board in found]
        self.board = _chosen(parameters.get("board"), self.board, self.boards)
        await self._load_sprints(parameters.get("sprint"))
        self.nav = {**self.nav, **self._reports(parameters.get("unit"))}
        await self._load_freshness()

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

    def _reports(self, unit: str | None) -> dict[str, str]:
        return {
            "/sprint": address("/sprint", board=self.board, sprint=self.sprint, unit=unit),
            "/velocity": address("/velocity", board=self.board, unit=unit),
            "/quality": address("/quality", board=self.board),
            "/reconciliation": address("/reconciliation", board=self.board),
        }

    def _show_viewer(self, viewer: Viewer) -> None:
        self.user_name = viewer.name or viewer.email
        self.user_email = viewer.email
        self.user_role = viewer.role.label
        self.initials = initials(self.user_name)
        self.is_admin = viewer.can(Permission.SETTINGS_READ)

    async def _load_sprints(self, wanted: str | None) -> None:
        board_id = identifier(self.board)
        if board_id is None:
            self.sprints, self.sprint = [], ""
            return
        here = visit()
        found = await sprints.choices(here.session, here.viewer, board_id=board_id, limit=_MOST_SPRINTS)
        self.sprints = [Option(str(row.id), _sprint_label(row)) for row in found]
        known = {option.value for option in self.sprints}
        if wanted is not None:
            self.sprint = wanted
        elif self.sprint not in known:
            self.sprint = default_sprint(found)

    async def _load_freshness(self) -> None:
        here = visit()
        state = await runs.freshness(here.session, here.viewer)
        self.fresh_iso = iso(state.last_synced_at)
        self.fresh_exact = f"{instant(state.last_synced_at, here.zone)} ({here.zone.key})"
        if state.last_synced_at is None:
            self.fresh_tone, self.fresh_text = "late", "Not synced yet"
            return
        hours = (here.now - state.last_synced_at).total_seconds() / 3600
        self.fresh_tone = "failed" if state.failed else "late" if hours > _LATE_AFTER_HOURS else "good"
        self.fresh_text = "Last sync failed; data from " if state.failed else "Synced "


def initials(name: str) -> str:
    """One or two letters for the avatar."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in (words if len(words) == 1 else words[:1] + words[-1:])).upper()


def default_sprint(rows: Sequence[Any]) -> str:
    """The sprint to show when none was asked for: the active one, else the last closed, else the next."""
    for state in (SprintState.ACTIVE, SprintState.CLOSED, SprintState.FUTURE):
        for row in rows:
            if row.state == state:
                return str(row.id)
    return str(rows[0].id) if rows else ""


def _sprint_label(row: Any) -> str:
    return row.name if row.state == SprintState.CLOSED else f"{row.name} · {row.state}"


def _chosen(wanted: str | None, before: str, options: Sequence[Option]) -> str:
    known = [option.value for option in options]
    for value in (wanted, before):
        if value in known:
            return value or ""
    return known[0] if known else ""
