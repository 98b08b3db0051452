"""What is left after the issues: sprints that no board lists, and dates that cannot be true."""

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.errors import JiraForbidden, JiraNotFound
from sprintreports.jira.payloads import SprintPayload, optional_time
from sprintreports.jira.sync import runs
from sprintreports.jira.sync.work import Work
from sprintreports.kit import db

STRAYS_ASKED = 200  # a run's share; the rest are asked for by the next runs

_MISSING = (
    "Issues refer to this sprint, but Jira does not deliver it to this account (answer {status}): it was deleted, or it "
    "belongs to a board that this account may not see. Its dates and state are not known, so there is no report for it."
)
_ELSEWHERE = (
    "Issues refer to this sprint, but it is on none of the chosen boards. Choose its board to see its report."
)

_LATE = (
    "WITH late AS (SELECT s.jira_sprint_id, s.complete_date, "
    "count(*) FILTER (WHERE i.jira_created > s.complete_date) AS created_after, count(*) AS issues "
    "FROM sprint s JOIN issue_sprint m USING (site_id, jira_sprint_id) JOIN issue i USING (site_id, jira_issue_id) "
    "WHERE s.site_id = %s AND s.delivered AND s.state = 'closed' AND i.deleted_at IS NULL AND NOT i.is_subtask "
    "GROUP BY s.jira_sprint_id, s.complete_date) "
    "SELECT jira_sprint_id, created_after, issues FROM late WHERE created_after > 0"
)
_DATES = (
    "SELECT jira_sprint_id, state, coalesce(activated_at, start_date), complete_date FROM sprint "
    "WHERE site_id = %s AND delivered AND (state IN ('active', 'closed') AND coalesce(activated_at, start_date) IS NULL "
    "OR state = 'closed' AND complete_date IS NULL OR complete_date < coalesce(activated_at, start_date))"
)
_KEEP_NOTES = (
    "UPDATE sprint s SET note = new.note FROM (SELECT s.jira_sprint_id, told.note FROM sprint s "
    "LEFT JOIN unnest(%s::bigint[], %s::text[]) AS told(id, note) ON told.id = s.jira_sprint_id "
    "WHERE s.site_id = %s AND s.delivered) AS new "
    "WHERE s.site_id = %s AND s.jira_sprint_id = new.jira_sprint_id AND s.note IS DISTINCT FROM new.note"
)


async def read_strays(work: Work) -> None:
    """Ask Jira for each sprint that issues refer to and no board delivered; keep what it answers."""
    async with work.unit() as session:
        connection = await db.raw(session)
        cursor = await connection.execute(
            "SELECT s.jira_sprint_id FROM sprint s WHERE s.site_id = %s AND NOT s.delivered AND EXISTS "
            "(SELECT 1 FROM issue_sprint m WHERE m.site_id = s.site_id AND m.jira_sprint_id = s.jira_sprint_id) "
            "ORDER BY s.updated_at, s.jira_sprint_id LIMIT %s",
            (work.run.site_id, STRAYS_ASKED),
        )
        strays = [sprint for (sprint,) in await cursor.fetchall()]
    for sprint_id in strays:
        try:
            await _keep(work, await work.client.sprint(sprint_id))
        except (JiraNotFound, JiraForbidden) as error:
            status = 404 if isinstance(error, JiraNotFound) else 403
            await _note_missing(work, sprint_id, _MISSING.format(status=status))


async def _keep(work: Work, sprint: SprintPayload) -> None:
    where = f"sprint {sprint.id}"
    dates = [
        optional_time(value, endpoint=where)
        for value in (sprint.start_date, sprint.end_date, sprint.activated_date, sprint.complete_date)
    ]
    async with work.page() as session:
        connection = await db.raw(session)
        await connection.execute(
            "UPDATE sprint SET name = %s, state = %s, start_date = %s, end_date = %s, activated_at = %s, "
            "complete_date = %s, origin_board_id = %s, note = %s, updated_at = now() "
            "WHERE site_id = %s AND jira_sprint_id = %s",
            (
                sprint.name or f"Sprint {sprint.id}", sprint.state.lower() or "unknown", *dates,
                sprint.origin_board_id, _ELSEWHERE, work.run.site_id, sprint.id,
            ),
        )  # fmt: skip


async def _note_missing(work: Work, sprint_id: int, sentence: str) -> None:
    async with work.page() as session:
        connection = await db.raw(session)
        cursor = await connection.execute(
            "UPDATE sprint SET state = 'unknown', note = %s, updated_at = now() "
            "WHERE site_id = %s AND jira_sprint_id = %s RETURNING name",
            (sentence, work.run.site_id, sprint_id),
        )
        row = await cursor.fetchone()
        name = row[0] if row else sprint_id
        await runs.note(
            session, work.run, f"The sprint “{name}” is referred to by issues, but Jira does not deliver it."
        )


async def name_incoherent_dates(work: Work) -> None:
    """Say on each sprint what about its dates, or its issues' dates, cannot be true."""
    async with work.page() as session:
        await note_dates(session, work.run.site_id)


async def note_dates(session: AsyncSession, site_id: int) -> None:
    """The same in the caller's transaction. Sprints of which there is no more to say lose their note; others are left."""
    connection = await db.raw(session)
    notes: dict[int, list[str]] = {}
    cursor = await connection.execute(_DATES, (site_id,))
    for sprint_id, state, start, complete in await cursor.fetchall():
        notes.setdefault(sprint_id, []).append(
            _about_dates(state, known_start=start is not None, known_end=complete is not None)
        )
    cursor = await connection.execute(_LATE, (site_id,))
    for sprint_id, late, issues in await cursor.fetchall():
        verb = "was" if late == 1 else "were"
        notes.setdefault(sprint_id, []).append(
            f"{late} of its {issues} issues {verb} created after it closed."
        )
    told = {sprint_id: " ".join(sentences) for sprint_id, sentences in sorted(notes.items())}
    await connection.execute(_KEEP_NOTES, (list(told), list(told.values()), site_id, site_id))


def _about_dates(state: str, *, known_start: bool, known_end: bool) -> str:
    if not known_start:
        return f"It is {state}, but has no start date: its commitment is not known."
    if not known_end:
        return "It is closed, but Jira does not say when: its outcome is not known."
    return "It was closed before it was started."
