"""Jira Cloud: token-paged search for ids, then issues and changelogs in bulk, several requests at once.

Limits (Atlassian's reference, platform v3): search/jql gives up to 5,000 ids a page, bulkfetch takes 100 issues,
changelog/bulkfetch up to 1,000 issues and 10,000 histories a page, and a page boundary can split an issue.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import msgspec

from sprintreports.jira.client.agile import AgileFamily
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.client.protocol import Dialect, IssueRef
from sprintreports.jira.errors import JiraAnswerInvalid, PagerNeverEnds
from sprintreports.jira.payloads import RawIssue, decode

SEARCH_PAGE = 5000
BULK_ISSUES = 100
BULK_CHANGELOG_ISSUES = 250  # of 1,000 allowed: four shorter chains run at once
BULK_CHANGELOG_PAGE = 10_000
RETRY_ISSUES = 10
IDLE_PAGES = 3  # Cloud may send an empty page before the last; not many in a row


class FoundIssue(msgspec.Struct, frozen=True):
    id: str
    key: str = ""


class SearchPage(msgspec.Struct, frozen=True):
    issues: tuple[FoundIssue, ...]
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

    async def approximate_count(self, jql: str) -> int:
        """About how many issues a search will find: for progress only."""
        return (
            await self.transport.post(f"{self.platform}/search/approximate-count", Count, {"jql": jql})
        ).count

    def updated_since(self, since: datetime, *, time_zone: str | None) -> str:
        """Epoch milliseconds: a JQL date without a zone would be read in the token owner's zone."""
        del time_zone
        return f"updated >= {int(since.timestamp() * 1000)}"

    async def search(self, jql: str) -> AsyncIterator[list[IssueRef]]:
        """Ids page by page, each once. Raises PagerNeverEnds for a token that repeats or pages that stay empty."""
        endpoint = f"{self.platform}/search/jql"
        seen: set[int] = set()
        tokens: set[str] = set()
        token: str | None = None
        idle = 0
        while True:
            body: dict[str, Any] = {"jql": jql, "maxResults": SEARCH_PAGE, "fields": ["id"]}
            page = await self.transport.post(
                endpoint, SearchPage, body | ({"nextPageToken": token} if token else {})
            )
            fresh = list(dict.fromkeys(IssueRef(int(issue.id), issue.key) for issue in page.issues))
            fresh = [ref for ref in fresh if ref.id not in seen]
            seen.update(ref.id for ref in fresh)
            idle = 0 if fresh else idle + 1
            if fresh:
                yield fresh
            token = page.next_page_token
            if not token or page.is_last:
                return
            _refuse_endless(endpoint, token, tokens, idle)

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
        tokens: set[str] = set()
        token: str | None = None
        idle = 0
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
            idle = 0 if sum(map(len, found.values())) > before else idle + 1
            token = page.next_page_token
            if not token:
                return {id_: tuple(histories) for id_, histories in found.items()}
            _refuse_endless(endpoint, token, tokens, idle)


def _refuse_endless(endpoint: str, token: str, tokens: set[str], idle: int) -> None:
    if token in tokens:
        raise PagerNeverEnds(endpoint, "it sends the same page token again and never ends")
    if idle >= IDLE_PAGES:
        raise PagerNeverEnds(
            endpoint, f"{idle} pages in a row bring nothing new and further ones are announced"
        )
    tokens.add(token)


def _by_id(issues: Sequence[msgspec.Raw], endpoint: str) -> dict[str, Any]:
    return {decode(raw, FoundIssue, endpoint).id: bytes(raw) for raw in issues}
