"""Jira Data Center and Server: searches by `startAt`, changelogs by `expand`, one by one where a search leaves them out.

Lists are read twice over at the seams: each page begins with the last issue of the page before. If it does not,
issues moved between pages while we read, and the list is read again.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from sprintreports.jira.client.agile import AgileFamily, StampedIssue
from sprintreports.jira.client.gathering import chunks, together
from sprintreports.jira.client.paging import Pages
from sprintreports.jira.client.protocol import Dialect, IssueRef
from sprintreports.jira.errors import JiraAnswerInvalid
from sprintreports.jira.payloads import ChangelogRaw, RawIssue, decode
from sprintreports.observability import logs

SEARCH_PAGE = 1000
FETCH_PAGE = 100
READINGS = 4
NOTHING: Mapping[str, str] = MappingProxyType({})
ORDER = "ORDER BY created, key"
BY_RANK = "ORDER BY Rank ASC, key ASC"

log = logs.get("jira.client")


class FoundIssue(msgspec.Struct, frozen=True):
    id: str | int
    key: str

    def ref(self) -> IssueRef:
        return IssueRef(int(self.id), self.key)


class SearchPage(msgspec.Struct, frozen=True):
    issues: tuple[msgspec.Raw, ...]
    total: int
    start_at: int = msgspec.field(name="startAt", default=0)


class DataCenterClient(AgileFamily):
    """`JiraClient` for Jira Data Center and Server."""

    dialect: Dialect = Dialect.DATA_CENTER
    platform: str = "/rest/api/2"

    async def approximate_count(self, jql: str) -> int:
        """How many issues a search finds."""
        return (await self._search(jql, start=0, size=0, fields=("key",))).total

    async def search(
        self, jql: str, *, stamps: bool = False, latest_of: Sequence[int] = ()
    ) -> AsyncGenerator[list[IssueRef]]:
        """Ids and keys page by page, each issue once, read again where the list moved meanwhile.

        The index is this server's own: there is nothing to ask `latest_of` for.
        """
        del latest_of
        seen: set[int] = set()
        for _ in range(READINGS):
            pages = Pages(self._endpoint)
            last: int | None = None
            start, moved = 0, False
            while not moved:
                refs, total = await self._page_of_refs(jql, max(0, start - 1), stamps=stamps)
                if last is not None:
                    moved = not refs or refs[0].id != last
                    refs = refs[1:]
                if moved:
                    break
                fresh = [ref for ref in refs if ref.id not in seen]
                seen.update(ref.id for ref in fresh)
                if fresh:
                    yield fresh
                start += len(refs)
                pages.count(fresh=bool(refs))
                pages.announced(total, size=len(refs))
                if start >= total:
                    return
                if not refs:
                    raise JiraAnswerInvalid(
                        self._endpoint, f"it announces {total} issues and delivers {start}"
                    )
                pages.go_on()
                last = refs[-1].id
            log.info("jira_search_moved", pages_read_again=True, found=len(seen))
        raise JiraAnswerInvalid(self._endpoint, "the list of issues kept changing while it was read")

    async def ranked(self, jql: str) -> list[int]:
        """The ids of what a search finds in the order of Jira's rank, 1,000 a page, begun again where it moved meanwhile.

        Raises JiraRefused where there is nothing to sort by, JiraAnswerInvalid for a list that does not come to rest.
        """
        for _ in range(READINGS):
            found = await self._in_one_piece(jql)
            if found is not None:
                return found
        raise JiraAnswerInvalid(self._endpoint, "the order of the issues kept changing while it was read")

    async def _in_one_piece(self, jql: str) -> list[int] | None:
        """None: an issue moved between two pages, so that nobody knows which it was."""
        found: list[int] = []
        pages = Pages(self._endpoint)
        while True:
            refs, total = await self._page_of_refs(jql, max(0, len(found) - 1), order=BY_RANK)
            if found:
                if not refs or refs[0].id != found[-1]:
                    return None
                refs = refs[1:]
            found += [ref.id for ref in refs]
            pages.count(fresh=bool(refs))
            pages.announced(total, size=len(refs))
            if len(found) >= total:
                return found if len(set(found)) == len(found) else None
            if not refs:
                raise JiraAnswerInvalid(
                    self._endpoint, f"it announces {total} issues and delivers {len(found)}"
                )
            pages.go_on()

    async def issues(self, refs: Sequence[IssueRef], *, fields: Sequence[str]) -> list[RawIssue]:
        """These issues with their whole changelogs, in the order asked. Vanished ones are left out."""
        answers = await together([self._fetch(chunk, fields) for chunk in chunks(refs, FETCH_PAGE)])
        found = {issue.issue_id: issue for answer in answers for issue in answer}
        return [found[ref.id] for ref in refs if ref.id in found]

    async def _fetch(self, refs: Sequence[IssueRef], fields: Sequence[str]) -> list[RawIssue]:
        keys = ", ".join(f'"{ref.key}"' for ref in refs)
        page = await self._search(
            f"key in ({keys})",
            start=0,
            size=len(refs),
            fields=fields,
            # A key that vanished since the search must not fail the others.
            more={"expand": "changelog", "validateQuery": "false"},
        )
        wanted = {ref.id for ref in refs}
        split = [_split(raw, self._endpoint) for raw in page.issues]
        split = [(found, body, changelog) for found, body, changelog in split if found.ref().id in wanted]
        whole = [
            RawIssue(found.ref().id, body, _histories(log_))
            for found, body, log_ in split
            if log_ and log_.complete
        ]
        partial = [found.ref() for found, _, log_ in split if not (log_ and log_.complete)]
        return [*whole, *await together([self._one(ref, fields) for ref in partial])]

    async def _one(self, ref: IssueRef, fields: Sequence[str]) -> RawIssue:
        path = f"{self.platform}/issue/{ref.key}"
        raw = await self.transport.get(path, msgspec.Raw, {"expand": "changelog", "fields": ",".join(fields)})
        found, body, changelog = _split(raw, f"{self.platform}/issue/{{key}}")
        if changelog is None:
            raise JiraAnswerInvalid(
                f"{self.platform}/issue/{{key}}", f"{ref.key} comes without its changelog"
            )
        if not changelog.complete:
            log.warning(
                "jira_changelog_truncated", issue=ref.key, total=changelog.total, got=len(changelog.histories)
            )
        return RawIssue(found.ref().id, body, _histories(changelog))

    async def _page_of_refs(
        self, jql: str, start: int, *, stamps: bool = False, order: str = ORDER
    ) -> tuple[list[IssueRef], int]:
        fields = ("key", "updated") if stamps else ("key",)
        page = await self._search(f"{jql} {order}", start=start, size=SEARCH_PAGE, fields=fields)
        return [decode(raw, StampedIssue, self._endpoint).ref() for raw in page.issues], page.total

    async def _search(
        self, jql: str, *, start: int, size: int, fields: Sequence[str], more: Mapping[str, str] = NOTHING
    ) -> SearchPage:
        query = {"jql": jql, "startAt": start, "maxResults": size, "fields": ",".join(fields), **more}
        return await self.transport.get(self._endpoint, SearchPage, query)

    @property
    def _endpoint(self) -> str:
        return f"{self.platform}/search"


def _split(raw: msgspec.Raw, endpoint: str) -> tuple[FoundIssue, bytes, ChangelogRaw | None]:
    """Who it is, the issue without its changelog, and the changelog where there is one."""
    parts = decode(raw, dict[str, msgspec.Raw], endpoint)
    changelog = parts.pop("changelog", None)
    body = msgspec.json.encode(parts)
    return (
        decode(body, FoundIssue, endpoint),
        body,
        None if changelog is None else decode(changelog, ChangelogRaw, endpoint),
    )


def _histories(changelog: ChangelogRaw) -> tuple[bytes, ...]:
    return tuple(map(bytes, changelog.histories))
