"""Who may have what done by itself: asked when a schedule is made, and of the same person again at each run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import boards
from sprintreports.kit.errors import FieldProblem, Forbidden, Invalid
from sprintreports.reports.baselines.keeping import WHOLE_BOARD
from sprintreports.reports.library import reports, specs, system_templates, templates
from sprintreports.reports.library.reports import USUAL
from sprintreports.reports.publishing import deliveries
from sprintreports.reports.schedules import triggers
from sprintreports.reports.schedules.tables import LONGEST_NAME
from sprintreports.reports.schedules.triggers import Clock, ForecastBelow, ScopeChange
from sprintreports.reports.schedules.values import Recipient, SprintReport, StoredReport, Wanted

MOST_RECIPIENTS = 10
_WHOLE = "This trigger follows the work of all teams of a board, and your role is limited to some. Choose another one."


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
    else:
        await _check_template(session, viewer, wanted.content)
    follows_all = isinstance(wanted.trigger, ScopeChange | ForecastBelow)
    if viewer.team_ids is not None and (wanted.baseline or follows_all):
        raise Forbidden(WHOLE_BOARD if wanted.baseline else _WHOLE)
    if wanted.baseline:
        viewer.require(Permission.REPORTS_WRITE, board_id=wanted.board_id)
    found = list[Recipient]()
    for place, one in enumerate(wanted.recipients):
        found.append(await _recipient(session, viewer, one, about, place=place))
    return replace(wanted, recipients=tuple(found))


async def _recipient(
    session: AsyncSession, viewer: Viewer, one: Recipient, about: set[int], *, place: int
) -> Recipient:
    try:
        _connection, target = await deliveries.sendable(
            session, viewer, one.connection_id, one.target, boards=sorted(about)
        )
    except Invalid as error:
        named = (FieldProblem(f"recipients.{place}.{that.field}", that.message) for that in error.details)
        raise Invalid(error.message, details=tuple(named)) from error
    return Recipient(one.connection_id, target)


async def _check_template(session: AsyncSession, viewer: Viewer, content: SprintReport) -> None:
    """Raises Forbidden, NotFound, Invalid."""
    choice = content.template
    if choice is None:
        return
    if choice.system is not None:
        kind = system_templates.one(choice.system).kind
    else:
        kind = (await templates.one(session, viewer, choice.template_id or 0)).kind
    await templates.chosen(session, viewer, choice)
    if kind is not content.report:
        sentence = f"This template is for another kind of report. Choose one for a {content.report} report."
        raise Invalid(sentence, details=(FieldProblem("content.template", sentence),))


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
    content = wanted.content
    if isinstance(content, SprintReport) and content.template == USUAL:
        content = msgspec.structs.replace(content, template=None)
    return replace(wanted, name=name, content=content)
