"""Jira Cloud: token-paged search for ids, then issues and changelogs in bulk, several requests at once.

Limits (Atlassian's reference, platform v3): search/jql gives up to 5,000 ids a page, bulkfetch takes 100 issues,
changelog/bulkfetch up to 1,000 issues and 10,000 histories a page, and a page boundary can split an issue.
"""

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import msgspec

from sprintreports.jira.client.agile import AgileFamily, StampedIssue, ValuePage, all_values
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.client.paging import TokenPages
from sprintreports.jira.client.protocol import Dialect, IssueRef
from sprintreports.jira.errors import JiraAnswerInvalid, JiraGone, JiraNotFound
from sprintreports.jira.payloads import FilterPayload, Named, RawIssue, decode

SEARCH_PAGE = 5000
STAMPED_PAGE = 100
BULK_ISSUES = 100
BULK_CHANGELOG_ISSUES = 250  # of 1,000 allowed: four shorter chains run at once
BULK_CHANGELOG_PAGE = 10_000
RETRY_ISSUES = 10
BY_RANK = "ORDER BY Rank ASC"
FILTERS_A_PAGE = 100  # of 200 ids that may be named
CHANGELOG_PAGES = 1000  # ten million changes of 250 issues


class FoundIssue(msgspec.Struct, frozen=True):
    id: str
    key: str = ""


class SearchPage(msgspec.Struct, frozen=True):
    """A page of ids, which are texts: to be parsed without `strict`."""

    issues: tuple[IssueRef, ...]
    next_page_token: str | None = msgspec.field(name="nextPageToken", default=None)
    is_last: bool | None = msgspec.field(name="isLast", default=None)


class StampedPage(msgspec.Struct, frozen=True):
    issues: tuple[StampedIssue, ...]
    next_page_token: str | None = msgspec.field(name="nextPageToken", default=None)
    is_last: bool | None = msgspec.field(name="isLast", default=None)


class IssueError(msgspec.Struct, frozen=True):
    id: str = ""
    message: str | None = msgspec.field(name="errorMessage", default=None)


class BulkIssues(msgspec.Struct, frozen=True):
    issues: tuple[msgspec.Raw, ...]
    issue_errors: tuple[IssueError, ...] = msgspec.field(name="issueErrors", default=())


class IssueChangelog(msgspec.Struct, frozen=True):
    issue_id: str = msgspec.field(name="issueId")
    histories: tuple[msgspec.Raw, ...] = msgspec.field(name="changeHistories", default=())


class BulkChangelogs(msgspec.Struct, frozen=True):
    changelogs: tuple[IssueChangelog, ...] = msgspec.field(name="issueChangeLogs")
    next_page_token: str | None = msgspec.field(name="nextPageToken", default=None)


class Count(msgspec.Struct, frozen=True):
    count: int


class CloudClient(AgileFamily):
    """`JiraClient` for Jira Cloud."""

    dialect: Dialect = Dialect.CLOUD
    platform: str = "/rest/api/3"

    async def priorities(self) -> list[Named]:
        """All priorities, highest first. Cloud is to turn the plain list off; then the paged one is asked."""
        try:
            return await super().priorities()
        except (JiraGone, JiraNotFound):
            return await self._all(
                f"{self.platform}/priority/search", ValuePage[Named], lambda one: int(one.id or 0)
            )

    async def filters(self, filter_ids: Sequence[str]) -> dict[str, FilterPayload]:
        """Saved filters by their ids, a hundred a request. Those that the account may not see are left out."""
        lists = await together(
            [self._filters(some) for some in chunks(sorted({int(one) for one in filter_ids}), FILTERS_A_PAGE)]
        )
        return {str(one.id): one for found in lists for one in found}

    async def _filters(self, filter_ids: Sequence[int]) -> list[FilterPayload]:
        path = f"{self.platform}/filter/search"

        async def page(start: int) -> ValuePage[FilterPayload]:
            asked = {"id": filter_ids, "expand": "jql", "startAt": start, "maxResults": FILTERS_A_PAGE}
            return await self.transport.get(path, ValuePage[FilterPayload], asked)

        return await all_values(page, lambda one: int(one.id), endpoint=path)

    async def approximate_count(self, jql: str) -> int:
        """About how many issues a search will find: for progress only."""
        return (
            await self.transport.post(f"{self.platform}/search/approximate-count", Count, {"jql": jql})
        ).count

    async def search(
        self, jql: str, *, stamps: bool = False, latest_of: Sequence[int] = ()
    ) -> AsyncGenerator[list[IssueRef]]:
        """Ids page by page, each once. Raises PagerNeverEnds for a token that repeats or pages that stay empty.

        With stamps a page has 100 issues instead of 5,000. `latest_of`: up to 50 ids.
        """
        asked: dict[str, Any] = {"jql": jql, "maxResults": SEARCH_PAGE, "fields": ["id"]}
        if stamps:
            asked |= {"maxResults": STAMPED_PAGE, "fields": ["id", "updated"]}
        if latest_of:
            asked["reconcileIssues"] = list(latest_of)
        endpoint = f"{self.platform}/search/jql"
        seen: set[int] = set()
        pages = TokenPages(endpoint)
        token: str | None = None
        while True:
            now_asked = asked | ({"nextPageToken": token} if token else {})
            if stamps:
                page = await self.transport.post(endpoint, StampedPage, now_asked)
                refs = [issue.ref() for issue in page.issues]
            else:
                page = await self.transport.post(endpoint, SearchPage, now_asked, strict=False)
                refs = page.issues
            fresh = {ref.id: ref for ref in refs}
            if seen:
                fresh = {issue: ref for issue, ref in fresh.items() if issue not in seen}
            seen.update(fresh)
            pages.count(fresh=bool(fresh))
            if fresh:
                yield list(fresh.values())
            token = pages.follow(page.next_page_token, is_last=page.is_last)
            if token is None:
                return

    async def ranked(self, jql: str) -> list[int]:
        """The ids of what a search finds in the order of Jira's rank, each once, 5,000 a page.

        Raises JiraRefused where there is nothing to sort by, PagerNeverEnds.
        """
        return [ref.id async for page in self.search(f"{jql} {BY_RANK}") for ref in page]

    async def issues(self, refs: Sequence[IssueRef], *, fields: Sequence[str]) -> list[RawIssue]:
        """These issues with their whole changelogs, in the order asked. Vanished ones are left out."""
        ids = [str(ref.id) for ref in refs]
        issue_calls = [self._bulk(chunk, fields) for chunk in chunks(ids, BULK_ISSUES)]
        change_calls = [self._changelogs(chunk) for chunk in chunks(ids, BULK_CHANGELOG_ISSUES)]
        answers = await together([*issue_calls, *change_calls])
        bodies: dict[str, Any] = {}
        changes: dict[str, Any] = {}
        for answer in answers[: len(issue_calls)]:
            bodies.update(answer)
        for answer in answers[len(issue_calls) :]:
            changes.update(answer)
        return [
            RawIssue(issue_id=int(id_), issue=bodies[id_], changes=tuple(changes.get(id_, ())))
            for id_ in ids
            if id_ in bodies
        ]

    async def _bulk(self, ids: Sequence[str], fields: Sequence[str]) -> dict[str, Any]:
        answer = await self._bulk_answer(ids, fields)
        found = _by_id(answer.issues, f"{self.platform}/issue/bulkfetch")
        troubled = [error.id for error in answer.issue_errors if error.id in set(ids)]
        for chunk in chunks(troubled, RETRY_ISSUES):
            again = await self._bulk_answer(chunk, fields)
            found.update(_by_id(again.issues, f"{self.platform}/issue/bulkfetch"))
            if again.issue_errors:
                error = again.issue_errors[0]
                raise JiraAnswerInvalid(
                    f"{self.platform}/issue/bulkfetch", f"issue {error.id} cannot be read ({error.message})"
                )
        return found

    async def _bulk_answer(self, ids: Sequence[str], fields: Sequence[str]) -> BulkIssues:
        body = {"issueIdsOrKeys": list(ids), "fields": list(fields)}
        return await self.transport.post(f"{self.platform}/issue/bulkfetch", BulkIssues, body)

    async def _changelogs(self, ids: Sequence[str]) -> dict[str, Any]:
        """All histories of some issues. An issue split by a page boundary is put together again, repeats dropped."""
        endpoint = f"{self.platform}/changelog/bulkfetch"
        found: dict[str, dict[bytes, None]] = {id_: {} for id_ in ids}
        pages = TokenPages(endpoint, most=CHANGELOG_PAGES)
        token: str | None = None
        while True:
            body: dict[str, Any] = {"issueIdsOrKeys": list(ids), "maxResults": BULK_CHANGELOG_PAGE}
            page = await self.transport.post(
                endpoint, BulkChangelogs, body | ({"nextPageToken": token} if token else {})
            )
            before = sum(map(len, found.values()))
            for changelog in page.changelogs:
                if changelog.issue_id in found:
                    found[changelog.issue_id].update(
                        (bytes(history), None) for history in changelog.histories
                    )
            pages.count(fresh=sum(map(len, found.values())) > before)
            token = pages.follow(page.next_page_token)
            if token is None:
                return {id_: tuple(histories) for id_, histories in found.items()}


def _by_id(issues: Sequence[msgspec.Raw], endpoint: str) -> dict[str, Any]:
    return {decode(raw, FoundIssue, endpoint).id: bytes(raw) for raw in issues}
