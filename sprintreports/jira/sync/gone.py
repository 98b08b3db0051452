"""What boards show no more: it only left the board, or it is hidden by a permission, or it was deleted in Jira.

Each issue is asked for. One that answers has left the board, if the board's filter says so when asked about it alone. Of
the others those are hidden whose whole project is; the rest is deleted, each asked for once more by its id.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sprintreports.jira import context
from sprintreports.jira.client import RECONCILED, Dialect, IssueRef
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.payloads import RawIssue
from sprintreports.jira.store import mark_deleted, store_issues
from sprintreports.jira.store_deleted import mark_hidden
from sprintreports.jira.store_views import store_views
from sprintreports.jira.sync import doubts, families, gone_words, listing, runs
from sprintreports.jira.sync.sweep import Swept
from sprintreports.jira.sync.work import BOARD_LEVEL, ChosenBoard, Work, log
from sprintreports.kit import db

PAGE = 250
ASKED_ALONE = 2000  # a run's share of single questions; the rest is looked at by the next run

_KNOWN = (
    "SELECT i.jira_issue_id, i.key, i.project_key, p.jira_project_id, i.hidden_at IS NOT NULL FROM issue i "
    "LEFT JOIN LATERAL (SELECT jira_project_id FROM project p WHERE p.site_id = i.site_id AND p.key = i.project_key "
    "LIMIT 1) p ON true WHERE i.site_id = %(site)s AND i.deleted_at IS NULL "
    "AND (i.hidden_at IS NOT NULL OR i.jira_issue_id = ANY(%(ids)s))"
)
_OF_PROJECT = "SELECT count(*) FROM issue WHERE site_id = %s AND project_key = %s AND deleted_at IS NULL AND hidden_at IS NULL"
_VIEWS = (
    "SELECT jira_board_id, jira_issue_id FROM board_issue WHERE site_id = %s AND seen_to IS NULL "
    "AND jira_board_id = ANY(%s) AND jira_issue_id = ANY(%s)"
)


@dataclass(frozen=True, slots=True)
class _Known:
    """A stored issue, the project that it was in when we last saw it, and whether it is marked as hidden."""

    ref: IssueRef
    project_key: str
    project: str
    hidden: bool


@dataclass(slots=True)
class _Settling:
    """One run's dealings with what is missing. `visible`: what Jira said of projects; the rest is counted for the notes."""

    work: Work
    swept: Swept
    visible: dict[str, bool] = field(default_factory=dict[str, bool])
    deleted: int = 0
    hidden: int = 0
    hidden_projects: set[str] = field(default_factory=set[str])


async def settle(work: Work, swept: Swept) -> None:
    """Say of each missing issue what became of it, and keep that."""
    settling = _Settling(work, swept)
    shown = swept.refs()
    missing = {issue for issues in swept.missing.values() for issue in issues}
    elsewhere = sorted(missing & shown.keys())
    await _end_views(settling, elsewhere, there=elsewhere)
    known = await _known(work, missing - shown.keys())
    await _look_at_projects(settling, [one for one in known.values() if one.hidden])
    candidates = {
        issue
        for issue in (missing | known.keys()) - shown.keys()
        if issue not in known or not known[issue].hidden or settling.visible[known[issue].project]
    }
    unanswered: list[_Known] = []
    for page in chunks(sorted(candidates), PAGE):
        found = await _asked(
            work, [known[issue].ref if issue in known else IssueRef(issue) for issue in page]
        )
        settled = [issue for issue in page if issue in found or issue not in known]
        await _end_views(settling, settled, there=found, found=found)
        unanswered += [known[issue] for issue in page if issue in known and issue not in found]
    await _tell_apart(settling, unanswered)
    await _note(settling)


async def _known(work: Work, issues: Collection[int]) -> dict[int, _Known]:
    """Of these issues, and of all that are hidden, what is stored."""
    async with work.unit() as session:
        connection = await db.raw(session)
        cursor = await connection.execute(_KNOWN, {"site": work.run.site_id, "ids": list(issues)})
        return {
            issue: _Known(IssueRef(issue, key), project_key, str(number or project_key), hidden)
            for issue, key, project_key, number, hidden in await cursor.fetchall()
        }


async def _asked(work: Work, refs: Iterable[IssueRef]) -> dict[int, RawIssue]:
    by_key = work.client.dialect is Dialect.DATA_CENTER
    askable = [ref for ref in refs if ref.key or not by_key]
    answer = await work.client.issues(askable, fields=work.fields) if askable else []
    return {raw.issue_id: raw for raw in answer}


async def _look_at_projects(settling: _Settling, issues: Iterable[_Known]) -> None:
    projects = sorted({known.project for known in issues} - settling.visible.keys())
    answers = await together([settling.work.client.project_visible(one) for one in projects])
    settling.visible.update(zip(projects, answers, strict=True))


async def _tell_apart(settling: _Settling, unanswered: Sequence[_Known]) -> None:
    work = settling.work
    await _look_at_projects(settling, unanswered)
    hidden = [known for known in unanswered if not settling.visible[known.project] and not known.hidden]
    for page in chunks(hidden, PAGE):
        async with work.page() as session:
            site = await context.load(session, work.run.site_id)
            settling.hidden += await mark_hidden(session, site, [one.ref.id for one in page], now=work.now())
    settling.hidden_projects = {known.project_key for known in hidden}
    believed = await _believed(work, [known for known in unanswered if settling.visible[known.project]])
    for page in chunks(believed[:ASKED_ALONE], PAGE):
        await _ask_alone(settling, page)


async def _believed(work: Work, gone: Sequence[_Known]) -> list[_Known]:
    """Of each project what may be taken for deleted by this run. The rest is noted, and left to the next one."""
    found: list[_Known] = []
    for project_key in sorted({known.project_key for known in gone}):
        missing = {known.ref.id: known for known in gone if known.project_key == project_key}
        async with work.page() as session:
            connection = await db.raw(session)
            cursor = await connection.execute(_OF_PROJECT, (work.run.site_id, project_key))
            row = await cursor.fetchone()
            issues = await doubts.weigh(
                session, work, f"project:{project_key}", missing, known=row[0] if row else 0
            )
            if len(issues) < len(missing):
                sentence = gone_words.project_doubted(project_key, len(missing) - len(issues))
                await runs.note(session, work.run, sentence)
        found += [missing[issue] for issue in sorted(issues)]
    return found


async def _ask_alone(settling: _Settling, page: Sequence[_Known]) -> None:
    work = settling.work
    answers = await together([work.client.find_issue(known.ref.id) for known in page])
    found = await _asked(work, [ref for ref in answers if ref is not None])
    await _end_views(settling, sorted(found), there=found, found=found)
    gone = [known.ref.id for known, ref in zip(page, answers, strict=True) if ref is None]
    if gone:
        async with work.unit() as session:
            parents = await families.parents_of(session, work.run.site_id, gone)
        batch = list((await _asked(work, parents)).values())
        async with work.page() as session:
            site = await context.load(session, work.run.site_id)
            settling.deleted += await mark_deleted(session, site, gone, now=work.now())
            await store_issues(session, site, batch, run_id=work.run.run_id, now=work.now())


async def _end_views(
    settling: _Settling,
    issues: Sequence[int],
    *,
    there: Collection[int],
    found: Mapping[int, RawIssue] | None = None,
) -> None:
    """End the views of those boards that say, asked about these issues alone, that they do not show them.

    `there`: the issues that exist, which alone can be asked about. `found`: what Jira delivered of them, which is kept.
    """
    if not issues:
        return
    work, boards = settling.work, settling.swept.boards
    views = await _views(settling, issues)
    asked = [_shown(work, boards[board], seen.intersection(there)) for board, seen in views.items()]
    said = dict(zip(views, await together(asked), strict=True))
    for page in chunks(issues, PAGE):
        async with work.page() as session:
            site = await context.load(session, work.run.site_id)
            for board, seen in views.items():
                shown, mine = said[board], seen.intersection(page)
                if shown is not None and mine:
                    await store_views(session, site, mine, {board: shown & mine}, now=work.now())
            batch = [found[issue] for issue in page if issue in found] if found else []
            await store_issues(session, site, batch, run_id=work.run.run_id, now=work.now())


async def _views(settling: _Settling, issues: Sequence[int]) -> dict[int, set[int]]:
    """Of each board that was read what it showed of these issues before, and has not listed now."""
    work, lists = settling.work, settling.swept.lists
    async with work.unit() as session:
        connection = await db.raw(session)
        cursor = await connection.execute(_VIEWS, (work.run.site_id, list(lists), list(issues)))
        rows = await cursor.fetchall()
    views: dict[int, set[int]] = {}
    for board, issue in rows:
        if issue not in lists[board].refs:
            views.setdefault(board, set()).add(issue)
    return views


async def _shown(work: Work, board: ChosenBoard, issues: Collection[int]) -> set[int] | None:
    """Which of these issues the board's filter shows. None: Jira does not say, so what is known stays."""
    shown: set[int] = set()
    try:
        for some in chunks(sorted(issues), RECONCILED):
            jql = f"{listing.jql_of(board)} AND id in ({', '.join(map(str, some))})"
            found = {ref.id async for page in work.client.search(jql, latest_of=some) for ref in page}
            if len(found) < len(some) and await work.client.approximate_count(jql) > len(found):
                return None  # something of the answer got lost
            shown |= found
    except BOARD_LEVEL as error:
        log.warning(
            "sweep_board_unreadable", run_id=work.run.run_id, board=board.jira_board_id, error=error.message
        )
        return None
    return shown


async def _note(settling: _Settling) -> None:
    if not (settling.deleted or settling.hidden):
        return
    work = settling.work
    async with work.page() as session:
        if settling.deleted:
            await runs.note(session, work.run, gone_words.deleted(settling.deleted))
        if settling.hidden:
            projects = sorted(settling.hidden_projects)
            await runs.note(session, work.run, gone_words.hidden(settling.hidden, projects))
