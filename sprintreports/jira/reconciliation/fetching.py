"""Where Jira's side comes from: asked for now, or uploaded by somebody who may see it when our account may not."""

from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import sites
from sprintreports.jira.client.protocol import IssueRef, JiraClient
from sprintreports.jira.errors import (
    JiraAnswerInvalid,
    JiraError,
    JiraForbidden,
    JiraGone,
    JiraNotFound,
    JiraRefused,
)
from sprintreports.jira.reconciliation import ours, stored
from sprintreports.jira.reconciliation.comparing import outcome
from sprintreports.jira.reconciliation.ours import NOT_CLOSED, OurSprint, Place
from sprintreports.jira.reconciliation.payload import NotASprintReport, decode
from sprintreports.jira.reconciliation.stored import Source
from sprintreports.kit.errors import Conflict, FieldProblem, Invalid
from sprintreports.metrics.reconciliation import paired

ENDPOINT = "/rest/greenhopper/1.0/rapid/charts/sprintreport"
MOST_BYTES = 1024 * 1024
_ASKED_AT_MOST = 200

# The endpoint is not documented: it may be missing, closed to the account, or turned off one day.
UNAVAILABLE = (JiraNotFound, JiraForbidden, JiraGone, JiraRefused)


class SprintReportUnavailable(JiraError):
    """Jira does not give its sprint report to our account."""

    def __init__(self, base_url: str, place: Place, error: JiraError) -> None:
        address = f"{base_url.rstrip('/')}{ENDPOINT}?rapidViewId={place.jira_board_id}&sprintId={place.jira_sprint_id}"
        super().__init__(
            "Jira does not give its sprint report to the account that we sync with. It is no documented part of Jira, so "
            f"nothing else is wrong. Sign in to Jira yourself, open {address}, save what it shows, and upload that here. "
            f"(Jira said: {error.message})"
        )
        self.turned_off: bool = isinstance(error, JiraGone)


async def fetch(session: AsyncSession, viewer: Viewer, place: Place, *, now: datetime) -> None:
    """Ask Jira for its report of a closed sprint, and keep it. Raises Conflict, and SprintReportUnavailable and its like."""
    viewer.require(Permission.SETTINGS_WRITE)
    sprint = await _closed(session, place, now=now)
    site = await sites.load(session, place.site_id)
    client = await sites.open_client(site)
    try:
        body = await ask(client, place)
        await store(session, sprint, body, client=client, by=viewer.user_id or None, now=now)
    finally:
        await client.aclose()


async def ask(client: JiraClient, place: Place) -> bytes:
    """Jira's report as JSON. Raises SprintReportUnavailable, and other kinds of JiraError."""
    try:
        answer = await client.sprint_report(place.jira_board_id, place.jira_sprint_id)
    except UNAVAILABLE as error:
        raise SprintReportUnavailable(client.base_url, place, error) from error
    return msgspec.json.encode(answer)


async def store(
    session: AsyncSession,
    sprint: OurSprint,
    body: bytes,
    *,
    client: JiraClient,
    by: int | None,
    now: datetime,
) -> None:
    """Keep what Jira answered, and ask it for the issues that only one side lists: may our account read them?

    Raises JiraAnswerInvalid.
    """
    place = sprint.place
    try:
        _check(body, place)
    except Invalid as error:
        problem = " ".join(detail.message for detail in error.details) or error.message
        raise JiraAnswerInvalid(ENDPOINT, problem) from error
    await stored.keep(session, place, body, source=Source.JIRA, by=by, now=now)
    refs = await _one_sided(session, place, body)
    if refs:
        try:
            given = await client.issues(refs, fields=["summary"])
        except UNAVAILABLE:
            pass  # nothing is known then, and nothing is claimed
        else:
            readable = {issue.issue_id for issue in given}
            missing = [ref.id for ref in refs if ref.id not in readable]
            await stored.keep_unreadable(session, place, missing)
    await _note(session, sprint, body)


async def upload(session: AsyncSession, viewer: Viewer, place: Place, body: bytes, *, now: datetime) -> None:
    """Keep a report that somebody saved from Jira. Raises Invalid, Conflict."""
    viewer.require(Permission.SETTINGS_WRITE)
    if len(body) > MOST_BYTES:
        problem = FieldProblem(
            "body", f"It holds more than {MOST_BYTES // 1024 // 1024} MiB. A sprint report is far smaller."
        )
        raise Invalid("This is not a sprint report of Jira.", details=(problem,))
    sprint = await _closed(session, place, now=now)
    _check(body, place)
    await stored.keep(session, place, body, source=Source.UPLOAD, by=viewer.user_id or None, now=now)
    await audit.record(
        session, viewer, audit.Action.JIRA_REPORT_UPLOADED, subject=("site", place.site_id),
        after={"jira_board": place.jira_board_id, "jira_sprint": place.jira_sprint_id, "bytes": len(body)},
    )  # fmt: skip
    await _note(session, sprint, body)


async def _closed(session: AsyncSession, place: Place, *, now: datetime) -> OurSprint:
    sprint = await ours.sprint(session, place, now=now)
    if not sprint.closed:
        raise Conflict(NOT_CLOSED)
    return sprint


def _check(body: bytes, place: Place) -> None:
    report = decode(body)
    if report.sprint != place.jira_sprint_id:
        raise NotASprintReport(
            f"It is the report of sprint {report.sprint} in Jira, and this is sprint {place.jira_sprint_id}."
        )


async def _one_sided(session: AsyncSession, place: Place, body: bytes) -> list[IssueRef]:
    report = decode(body)
    mine = await ours.lines(session, place, report.unit)
    refs = [
        IssueRef(line.issue, line.key)
        for pair in paired(mine, report.lines)
        if None in pair
        for line in pair
        if line is not None and line.issue is not None
    ]
    return refs if len(refs) <= _ASKED_AT_MOST else []  # so many have another cause than a permission


async def _note(session: AsyncSession, sprint: OurSprint, body: bytes) -> None:
    short = await outcome(session, sprint.place, body)
    await stored.keep_outcome(
        session,
        sprint.place,
        facts=sprint.facts,
        equal=short.equal,
        issues=short.issues,
        differing=short.differing,
    )
