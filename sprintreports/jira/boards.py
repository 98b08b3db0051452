"""Boards as an admin sees them: discover, choose, and set what is ours: zone, days, unit, sub-tasks, what is done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import board_done, board_recount, context, sites
from sprintreports.jira.board_done import BoardStatus, DoneRule
from sprintreports.jira.board_recount import Progress
from sprintreports.jira.store import FoundBoard, store_boards
from sprintreports.jira.tables import Board
from sprintreports.kit.errors import FieldProblem, Invalid, NotFound
from sprintreports.metrics.values import SubtaskRule, Unit

_SHOWN = 60  # characters of what somebody typed that are told again
_DAYS_OF_WEEK = frozenset(range(7))


class BoardNotFound(NotFound):
    """There is no such board. Load the list of boards again."""


@dataclass(frozen=True, slots=True)
class BoardChoice:
    """A board that can be chosen for the sync."""

    board_id: int
    jira_board_id: int
    name: str
    type: str
    project_key: str | None
    selected: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """What we decide about a board; None leaves a setting as it is. Weekdays: 0 is Monday."""

    zone: str | None = None
    weekdays: Collection[int] | None = None
    days_off: Collection[date] | None = None
    unit: Unit | None = None
    subtasks: SubtaskRule | None = None
    done: DoneRule | None = None

    def check(self) -> None:
        """Raises Invalid that names every setting that cannot be."""
        problems: list[FieldProblem] = []
        if self.zone is not None and self.zone not in available_timezones():
            problems.append(
                FieldProblem(
                    "zone", f"{_short(self.zone)} is no time zone. Use a name such as Europe/Berlin."
                )
            )
        if self.weekdays is not None and not (self.weekdays and _DAYS_OF_WEEK.issuperset(self.weekdays)):
            problems.append(
                FieldProblem("weekdays", "Give at least one working day from 0 (Monday) to 6 (Sunday).")
            )
        if problems:
            raise Invalid("The board's settings are not valid.", details=tuple(problems))


async def discover(
    session: AsyncSession, viewer: Viewer, site_id: int, *, now: datetime
) -> list[BoardChoice]:
    """Ask Jira for all boards, keep them, and list them: chosen ones first, scrum before kanban, then by name."""
    viewer.require(Permission.SETTINGS_WRITE)
    site = await sites.load(session, site_id)
    client = await sites.open_client(site)
    try:
        found = await client.boards()
    finally:
        await client.aclose()
    stored = await context.load(session, site_id)
    rows = await session.scalars(select(Board).where(col(Board.site_id) == site_id))
    known = {row.jira_board_id: row.problem for row in rows}
    await store_boards(
        session, stored, [FoundBoard(board, problem=known.get(board.id)) for board in found], now=now
    )
    return await listing(session, viewer, site_id)


async def listing(session: AsyncSession, viewer: Viewer, site_id: int) -> list[BoardChoice]:
    """The boards of a site as last discovered."""
    viewer.require(Permission.SETTINGS_READ)
    rows = await session.scalars(
        select(Board).where(col(Board.site_id) == site_id, col(Board.deleted_at).is_(None))
    )
    choices = [
        BoardChoice(row.id, row.jira_board_id, row.name, row.type, row.project_key, row.selected, row.problem)
        for row in rows
        if row.id is not None
    ]
    return sorted(
        choices, key=lambda one: (not one.selected, one.type == "kanban", one.name.casefold(), one.board_id)
    )


async def choose(
    session: AsyncSession, viewer: Viewer, site_id: int, *, board_ids: Collection[int], now: datetime
) -> None:
    """These boards (our ids), and no others, are synced from now on. What was stored of others stays."""
    viewer.require(Permission.SETTINGS_WRITE)
    await sites.load(session, site_id)
    if not board_ids:
        problem = FieldProblem("board_ids", "Choose at least one board.")
        raise Invalid("Without a board there is nothing to sync.", details=(problem,))
    found = await session.scalars(
        select(col(Board.id)).where(
            col(Board.site_id) == site_id, col(Board.id).in_(board_ids), col(Board.deleted_at).is_(None)
        )
    )
    missing = sorted(set(board_ids) - set(found))
    if missing:
        problem = FieldProblem(
            "board_ids", f"This site has no board {', '.join(map(str, missing))}. Load them again."
        )
        raise Invalid("Some of these boards do not exist.", details=(problem,))
    query = select(col(Board.id)).where(col(Board.site_id) == site_id, col(Board.selected))
    before = {"boards": sorted(one for one in await session.scalars(query) if one is not None)}
    await audit.record_change(
        session, viewer, audit.Action.BOARDS_CHOSEN, subject=("site", site_id), before=before,
        after={"boards": sorted(set(board_ids))},
    )  # fmt: skip
    await session.execute(
        update(Board)
        .where(col(Board.site_id) == site_id)
        .values(selected=col(Board.id).in_(board_ids), updated_at=now)
    )


async def set_board(
    session: AsyncSession, viewer: Viewer, board_id: int, settings: BoardSettings, *, now: datetime
) -> None:
    """Change a board's settings. Where its numbers depend on them, a job that computes these again is queued.

    On a large board that job counts its issues first (`recounting` says how far it is).
    """
    viewer.require(Permission.SETTINGS_WRITE)
    settings.check()
    board = await _load(session, board_id, lock=True)
    if settings.done is not None and settings.done.statuses is not None:
        board_done.check(settings.done, await board_done.statuses(session, viewer, board))
    zone, rules, told = board.zone, (board.subtasks, board.done_statuses), _told(board)
    _apply(board, settings)
    board.updated_at = now
    await session.flush()
    await audit.record_change(
        session,
        viewer,
        audit.Action.BOARD_CHANGED,
        subject=("board", board_id),
        before=told,
        after=_told(board),
    )
    if (board.subtasks, board.done_statuses) != rules:
        # They decide which issues count and are done.
        await board_recount.begin(session, board.site_id, board.jira_board_id, now=now)
    elif board.zone != zone:
        await board_recount.days_changed(session, board.site_id, board.jira_board_id, now=now)


def _told(board: Board) -> dict[str, Any]:
    names = ("zone", "weekdays", "days_off", "unit", "subtasks", "done_statuses")
    return {name: getattr(board, name) for name in names}


async def statuses(session: AsyncSession, viewer: Viewer, board_id: int) -> list[BoardStatus]:
    """What can be chosen as done on a board: its columns' statuses, and others that its issues have or had."""
    viewer.require(Permission.SETTINGS_READ)
    return await board_done.statuses(session, viewer, await _load(session, board_id, lock=False))


async def recounting(session: AsyncSession, viewer: Viewer, board_id: int) -> Progress | None:
    """How far a large board is that is counted by new rules; None when it is not being counted."""
    viewer.require(Permission.SETTINGS_READ)
    board = await _load(session, board_id, lock=False)
    return await board_recount.progress(session, board.site_id, board.jira_board_id)


async def _load(session: AsyncSession, board_id: int, *, lock: bool) -> Board:
    query = select(Board).where(col(Board.id) == board_id, col(Board.deleted_at).is_(None))
    board = await session.scalar(query.with_for_update() if lock else query)
    if board is None:
        raise BoardNotFound
    return board


def _apply(board: Board, settings: BoardSettings) -> None:
    if settings.zone is not None:
        board.zone = settings.zone
    if settings.weekdays is not None:
        board.weekdays = sorted(set(settings.weekdays))
    if settings.days_off is not None:
        board.days_off = _days(settings.days_off)
    if settings.unit is not None:
        board.unit = settings.unit
    if settings.subtasks is not None:
        board.subtasks = settings.subtasks
    if settings.done is not None:
        chosen = settings.done.statuses
        board.done_statuses = None if chosen is None else sorted(set(chosen))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _days(days: Collection[date]) -> list[str]:
    found: Sequence[date] = sorted(set(days))
    return [day.isoformat() for day in found]
