"""Who may have what done by itself: asked when a schedule is made, and of the same person again at each run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import boards
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid
from sprintreports.reports.baselines.keeping import WHOLE_BOARD
from sprintreports.reports.library import reports, specs
from sprintreports.reports.publishing import deliveries
from sprintreports.reports.schedules import triggers
from sprintreports.reports.schedules.tables import LONGEST_NAME
from sprintreports.reports.schedules.triggers import Clock, ScopeChange
from sprintreports.reports.schedules.values import Recipient, StoredReport, Wanted

MOST_RECIPIENTS = 10
_WHOLE = "This trigger follows the scope of all teams of a board, and your role is limited to some. Choose another one."


async def allowed(session: AsyncSession, viewer: Viewer, wanted: Wanted, *, now: datetime) -> Wanted:
    """The same in its usual spelling. Raises Forbidden, NotFound, Invalid.

    It takes the right to read reports; to freeze baselines or to send to anybody but oneself, to write them on every board that
    the report speaks of.
    """
    viewer.require(Permission.REPORTS_READ)
    wanted = _checked(wanted)
    about = set[int]()
    if wanted.board_id is not None:
        await boards.one(session, replace(viewer, scopes=None), wanted.board_id)
        about.add(wanted.board_id)
    if isinstance(wanted.content, StoredReport):
        info = await reports.one(session, viewer, wanted.content.report_id)
        about |= set(info.board_ids)
        await specs.definite(session, replace(viewer, scopes=None), info.spec, now=now)
    if viewer.team_ids is not None and (wanted.baseline or isinstance(wanted.trigger, ScopeChange)):
        raise Forbidden(WHOLE_BOARD if wanted.baseline else _WHOLE)
    if wanted.baseline:
        viewer.require(Permission.REPORTS_WRITE, board_id=wanted.board_id)
    found = [await _recipient(session, viewer, one, about) for one in wanted.recipients]
    return replace(wanted, recipients=tuple(found))


async def _recipient(session: AsyncSession, viewer: Viewer, one: Recipient, about: set[int]) -> Recipient:
    _connection, target = await deliveries.sendable(
        session, viewer, one.connection_id, one.target, boards=sorted(about)
    )
    return Recipient(one.connection_id, target)


def _checked(wanted: Wanted) -> Wanted:
    """What can be said without asking anybody. Raises Invalid."""
    triggers.checked(wanted.trigger, wanted.zone)
    name, problems = wanted.name.strip(), list[FieldProblem]()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        problems.append(
            FieldProblem("name", f"Give the schedule a name of 1 to {LONGEST_NAME} printable characters.")
        )
    stored = isinstance(wanted.content, StoredReport)
    if wanted.board_id is None and not (stored and isinstance(wanted.trigger, Clock) and not wanted.baseline):
        problems.append(FieldProblem("board_id", "Name the board whose sprints this is about."))
    if not wanted.baseline and not wanted.recipients:
        problems.append(FieldProblem("recipients", "Say where the report goes, or that a baseline is taken."))
    if len(wanted.recipients) > MOST_RECIPIENTS:
        problems.append(
            FieldProblem("recipients", f"A schedule sends to at most {MOST_RECIPIENTS} connections.")
        )
    if problems:
        raise Invalid(problems[0].message, details=tuple(problems))
    return replace(wanted, name=name)
