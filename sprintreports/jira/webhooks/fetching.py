"""Ask Jira for issues and sprints that webhooks named, and keep what it answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import context
from sprintreports.jira.client import Dialect, IssueRef, JiraClient
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.errors import JiraAnswerInvalid, JiraError
from sprintreports.jira.payloads import RawIssue, SprintPayload
from sprintreports.jira.store import mark_deleted, store_issues, store_sprints
from sprintreports.jira.store_views import store_views
from sprintreports.jira.sync import families
from sprintreports.jira.sync.strays import note_dates
from sprintreports.jira.sync.work import BOARD_LEVEL, Clock, UnitOfWork
from sprintreports.jira.webhooks.notices import Plan
from sprintreports.kit import db
from sprintreports.observability import counters, logs

IDS_A_SEARCH = 100
ISSUES_A_PAGE = 250

log = logs.get("jira.webhooks")

_UNSEEN = "None of the chosen boards shows the issue."
_VANISHED = "Jira does not show the issue to this account: it was deleted since, or a permission hides it."
_GONE = "The issue is marked as deleted."
_ALIVE = "Jira still shows the issue, so it is kept."

# The boards that list the sprint, and those that share sprints with the board that it comes from.
_BOARDS_OF_SPRINTS = """
    SELECT jira_board_id FROM board WHERE site_id = %(site)s AND selected AND deleted_at IS NULL AND problem IS NULL
    AND type <> 'kanban' AND (
        jira_board_id = ANY(%(origins)s)
        OR jira_board_id IN (SELECT jira_board_id FROM board_sprint WHERE site_id = %(site)s AND jira_sprint_id = ANY(%(sprints)s))
        OR jira_board_id IN (
            SELECT mine.jira_board_id FROM board_sprint mine JOIN board_sprint theirs USING (site_id, jira_sprint_id)
            WHERE site_id = %(site)s AND theirs.jira_board_id = ANY(%(origins)s)
        )
    )
    ORDER BY jira_board_id
"""


@dataclass(slots=True)
class Fetch:
    """One batch's dealings with one Jira. `refused`: issues whose answer could not be used; `notes`: what to say."""

    unit: UnitOfWork
    client: JiraClient
    site_id: int
    fields: tuple[str, ...]
    now: Clock
    refused: dict[int, str] = field(default_factory=dict[int, str])
    notes: dict[int, str] = field(default_factory=dict[int, str])

    async def sprints(self, sprints: Mapping[int, int | None]) -> None:
        """Read the lists of all boards that may show these sprints (with the boards that they come from)."""
        if not sprints:
            return
        origins = [board for board in sprints.values() if board is not None]
        async with self.unit() as session:
            connection = await db.raw(session)
            values = {"site": self.site_id, "origins": origins, "sprints": list(sprints)}
            cursor = await connection.execute(_BOARDS_OF_SPRINTS, values)
            boards = [board for (board,) in await cursor.fetchall()]
        lists = await together([self._sprints_of(board) for board in boards])
        async with self.unit() as session:
            site = await context.load(session, self.site_id)
            for board, found in zip(boards, lists, strict=True):
                if found is not None:
                    await store_sprints(session, site, board, found, now=self.now())
            await note_dates(session, self.site_id)

    async def issues(self, plan: Plan) -> None:
        """Fetch the issues with their sub-tasks, see which boards show them, and keep all that."""
        await self._add_subtasks(plan)
        for some in chunks(sorted(plan.issues), ISSUES_A_PAGE):
            found = await self._fetch(some, plan)
            page = [*some, *await self._add_relatives(found, plan)]
            shown = await self._views(sorted(found))
            try:
                async with self.unit() as session:
                    await self._keep(session, page, plan, found, shown)
            except JiraAnswerInvalid:
                for issue_id in page:
                    await self._keep_alone(issue_id, plan, found, shown)
            counters.SYNC_ISSUES.labels("webhook").inc(len(found))

    async def _add_subtasks(self, plan: Plan) -> None:
        """A sub-task shows its parent's sprints, and a parent counts its sub-tasks, and no event says that they changed."""
        async with self.unit() as session:
            connection = await db.raw(session)
            cursor = await connection.execute(
                "SELECT jira_issue_id, key FROM issue WHERE site_id = %s AND parent_issue_id = ANY(%s) "
                "AND is_subtask AND deleted_at IS NULL",
                (self.site_id, list(plan.issues)),
            )
            relatives = await cursor.fetchall()
            parents = await families.parents_of(session, self.site_id, sorted(plan.deleted))
        for issue_id, key in [*relatives, *((parent.id, parent.key) for parent in parents)]:
            plan.issues.setdefault(issue_id, [key])

    async def _add_relatives(self, found: dict[int, RawIssue], plan: Plan) -> list[int]:
        """Parents of sub-tasks that are new or have moved, and what else changed with what was found."""
        async with self.unit() as session:
            refs = await families.relatives(session, self.site_id, found.values(), besides=plan.issues)
        found |= await self._asked(refs)
        plan.issues.update((ref.id, [ref.key]) for ref in refs)
        return [ref.id for ref in refs]

    async def _keep_alone(
        self, issue_id: int, plan: Plan, found: Mapping[int, RawIssue], shown: Mapping[int, set[int]]
    ) -> None:
        """One bad answer must not hold up the others."""
        alone = {issue_id: found[issue_id]} if issue_id in found else {}
        seen = {board: issues & {issue_id} for board, issues in shown.items()}
        try:
            async with self.unit() as session:
                await self._keep(session, [issue_id], plan, alone, seen)
        except JiraAnswerInvalid as error:
            self.refused[issue_id] = error.message

    async def _keep(
        self,
        session: AsyncSession,
        page: Sequence[int],
        plan: Plan,
        found: Mapping[int, RawIssue],
        shown: Mapping[int, set[int]],
    ) -> None:
        site = await context.load(session, self.site_id)
        await store_views(session, site, list(found), shown, now=self.now())
        known = await self._stored(session, page)
        visible = {issue for issues in shown.values() for issue in issues}
        wanted = [raw for issue_id, raw in found.items() if issue_id in visible or issue_id in known]
        await store_issues(session, site, wanted, run_id=None, now=self.now())
        missing = [issue_id for issue_id in page if issue_id not in found]
        gone = [issue_id for issue_id in missing if issue_id in plan.deleted]
        await mark_deleted(session, site, gone, now=self.now())
        self.notes.update((issue_id, _UNSEEN) for issue_id in found if issue_id not in visible)
        self.notes.update((issue_id, _ALIVE) for issue_id in found if issue_id in plan.deleted)
        self.notes.update((issue_id, _VANISHED) for issue_id in missing)
        self.notes.update((issue_id, _GONE) for issue_id in gone)

    async def _fetch(self, page: Sequence[int], plan: Plan) -> dict[int, RawIssue]:
        """What Jira shows of these issues. Data Center is asked by key, which may have changed since the event."""
        stored: dict[int, str] = {}
        if self.client.dialect is Dialect.DATA_CENTER:
            async with self.unit() as session:
                stored = await self._stored(session, page)
        keys = {
            issue_id: list(dict.fromkeys([*plan.issues[issue_id], *filter(None, [stored.get(issue_id)])]))
            for issue_id in page
        }
        refs = [IssueRef(issue_id, next(iter(keys[issue_id]), "")) for issue_id in page]
        found = await self._asked(refs)
        if self.client.dialect is Dialect.DATA_CENTER:
            others = [
                IssueRef(ref.id, key) for ref in refs if ref.id not in found for key in keys[ref.id][1:]
            ]
            found |= await self._asked(others)
        return found

    async def _asked(self, refs: Iterable[IssueRef]) -> dict[int, RawIssue]:
        by_key = self.client.dialect is Dialect.DATA_CENTER
        askable = [ref for ref in refs if ref.key or not by_key]
        answer = await self.client.issues(askable, fields=self.fields) if askable else []
        return {raw.issue_id: raw for raw in answer}

    async def _views(self, issue_ids: Sequence[int]) -> dict[int, set[int]]:
        """Of each chosen board that can be read which of the issues its filter shows."""
        async with self.unit() as session:
            connection = await db.raw(session)
            cursor = await connection.execute(
                "SELECT jira_board_id, filter_id FROM board WHERE site_id = %s AND selected AND deleted_at IS NULL "
                "AND problem IS NULL AND filter_id IS NOT NULL ORDER BY jira_board_id",
                (self.site_id,),
            )
            boards = await cursor.fetchall()
        seen = await together([self._shown_by(filter_id, issue_ids) for _, filter_id in boards])
        return {board: found for (board, _), found in zip(boards, seen, strict=True) if found is not None}

    async def _shown_by(self, filter_id: str, issue_ids: Sequence[int]) -> set[int] | None:
        """None: Jira does not say, so what is known stays."""
        found: set[int] = set()
        try:
            for some in chunks(issue_ids, IDS_A_SEARCH):
                jql = f"filter = {filter_id} AND id in ({', '.join(map(str, some))})"
                async for page in self.client.search(jql):
                    found.update(ref.id for ref in page)
        except BOARD_LEVEL as error:
            self._log(error, filter_id)
            return None
        return found

    async def _sprints_of(self, board: int) -> list[SprintPayload] | None:
        try:
            return await self.client.sprints(board)
        except BOARD_LEVEL as error:
            self._log(error, str(board))
            return None

    async def _stored(self, session: AsyncSession, issue_ids: Sequence[int]) -> dict[int, str]:
        connection = await db.raw(session)
        cursor = await connection.execute(
            "SELECT jira_issue_id, key FROM issue WHERE site_id = %s AND jira_issue_id = ANY(%s)",
            (self.site_id, list(issue_ids)),
        )
        return dict(await cursor.fetchall())

    def _log(self, error: JiraError, subject: str) -> None:
        log.warning("webhook_board_unreadable", site_id=self.site_id, subject=subject, error=error.message)
