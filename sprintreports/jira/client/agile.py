"""What Cloud and Data Center have in common: the agile family, and the plain lists of the platform."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec

from sprintreports.jira.client.gathering import together
from sprintreports.jira.client.pace import Traffic
from sprintreports.jira.client.paging import Pages
from sprintreports.jira.client.protocol import IssueRef
from sprintreports.jira.client.transport import Transport
from sprintreports.jira.errors import (
    JiraAnswerInvalid,
    JiraForbidden,
    JiraNotFound,
    JiraRefused,
    PagerNeverEnds,
)
from sprintreports.jira.payloads import (
    BoardConfiguration,
    BoardPayload,
    FieldPayload,
    FilterPayload,
    Named,
    PersonPayload,
    ServerInfo,
    SprintPayload,
    StatusPayload,
    parse_time,
)

T = TypeVar("T")

AGILE = "/rest/agile/1.0"
PAGE = 50
MOST_LISTS = 2000  # pages: 100,000 boards, or sprints of one board
SPRINT_REPORT = "/rest/greenhopper/1.0/rapid/charts/sprintreport"


class ValuePage(msgspec.Struct, Generic[T]):
    """A page of the agile family. `isLast` or `total` says whether another follows; some servers leave one out."""

    values: list[T]
    is_last: bool | None = msgspec.field(name="isLast", default=None)
    total: int | None = None
    start_at: int = msgspec.field(name="startAt", default=0)


class Stamp(msgspec.Struct, frozen=True):
    updated: str | None = None


class StampedIssue(msgspec.Struct, frozen=True):
    """An issue with the time of its last change."""

    id: str | int
    key: str = ""
    fields: Stamp = Stamp()

    def ref(self) -> IssueRef:
        updated = self.fields.updated
        at = parse_time(updated, endpoint=f"issue {self.id}") if updated else None
        return IssueRef(int(self.id), self.key, at)


class AgileFamily:
    """The calls that are the same for both kinds of Jira, below `platform` (/rest/api/3 or /rest/api/2)."""

    platform: str = "/rest/api/2"

    def __init__(self, transport: Transport, server: ServerInfo) -> None:
        self.transport: Transport = transport
        self.server: ServerInfo = server

    @property
    def base_url(self) -> str:
        return self.transport.base_url

    @property
    def traffic(self) -> Traffic:
        """What was asked so far, and how the pace is."""
        return self.transport.traffic

    @property
    def seconds_ahead(self) -> float | None:
        """How far Jira's clock is ahead of ours, by its last answer; None where it did not say."""
        return self.transport.seconds_ahead

    async def aclose(self) -> None:
        """Close the connections."""
        await self.transport.aclose()

    async def myself(self) -> PersonPayload:
        """The account that we are signed in as, with its time zone."""
        return await self.transport.get(f"{self.platform}/myself", PersonPayload)

    async def fields(self) -> list[FieldPayload]:
        """All fields, system and custom."""
        return await self.transport.get(f"{self.platform}/field", list[FieldPayload])

    async def statuses(self) -> list[StatusPayload]:
        """All statuses that exist now, with their categories."""
        return await self.transport.get(f"{self.platform}/status", list[StatusPayload])

    async def find_issue(self, issue_id: int) -> IssueRef | None:
        """An issue by its id, whatever its key is now; None where there is none or the account may not see it."""
        try:
            found = await self.transport.get(
                f"{self.platform}/issue/{issue_id}", StampedIssue, {"fields": "updated"}
            )
        except (JiraNotFound, JiraForbidden):
            return None
        return found.ref()

    async def project_visible(self, id_or_key: str) -> bool:
        """Whether the account sees this project."""
        try:
            await self.transport.get(f"{self.platform}/project/{quote(id_or_key, safe='')}", msgspec.Raw)
        except (JiraNotFound, JiraForbidden):
            return False
        return True

    async def priorities(self) -> list[Named]:
        """All priorities, highest first."""
        return await self.transport.get(f"{self.platform}/priority", list[Named])

    async def filter(self, filter_id: str) -> FilterPayload:
        """A saved filter with its JQL."""
        return await self.transport.get(f"{self.platform}/filter/{int(filter_id)}", FilterPayload)

    async def filters(self, filter_ids: Sequence[str]) -> dict[str, FilterPayload]:
        """Saved filters by their ids, each asked for alone. Those that the account may not see are left out."""
        wanted = list(dict.fromkeys(filter_ids))
        found = await together([self._filter_or_none(filter_id) for filter_id in wanted])
        return {filter_id: one for filter_id, one in zip(wanted, found, strict=True) if one is not None}

    async def _filter_or_none(self, filter_id: str) -> FilterPayload | None:
        try:
            return await self.filter(filter_id)
        except (JiraNotFound, JiraForbidden, JiraRefused):
            return None

    async def boards(self) -> list[BoardPayload]:
        """All boards that the account sees."""
        return await self._all(f"{AGILE}/board", ValuePage[BoardPayload], lambda board: board.id)

    async def board_configuration(self, board_id: int) -> BoardConfiguration:
        """Columns, estimation and filter of a board."""
        return await self.transport.get(f"{AGILE}/board/{board_id}/configuration", BoardConfiguration)

    async def sprints(self, board_id: int) -> list[SprintPayload]:
        """A board's sprints; none for a board that does not support sprints (Jira answers 400 for those)."""
        path = f"{AGILE}/board/{board_id}/sprint"
        try:
            return await self._all(path, ValuePage[SprintPayload], lambda sprint: sprint.id)
        except JiraRefused as error:
            if "support sprints" in error.message:
                return []
            raise

    async def sprint(self, sprint_id: int) -> SprintPayload:
        """One sprint, whichever board it is on."""
        return await self.transport.get(f"{AGILE}/sprint/{sprint_id}", SprintPayload)

    async def sprint_report(self, board_id: int, sprint_id: int) -> dict[str, Any]:
        """Jira's own, undocumented sprint report, as it is."""
        params = {"rapidViewId": board_id, "sprintId": sprint_id}
        return await self.transport.get(SPRINT_REPORT, dict[str, Any], params)

    async def _all(self, path: str, page_type: type[ValuePage[T]], identity: Callable[[T], int]) -> list[T]:
        async def page(start: int) -> ValuePage[T]:
            return await self.transport.get(path, page_type, {"startAt": start, "maxResults": PAGE})

        return await all_values(page, identity, endpoint=path)


async def all_values(
    page: Callable[[int], Awaitable[ValuePage[T]]], identity: Callable[[T], int], *, endpoint: str
) -> list[T]:
    """All values of a paged list, each once. Raises PagerNeverEnds when a page brings nothing new."""
    found: dict[int, T] = {}
    pages = Pages(endpoint, most=MOST_LISTS)
    start = 0
    while True:
        answer = await page(start)
        before = len(found)
        found.update((identity(value), value) for value in answer.values)
        start += len(answer.values)
        pages.count(fresh=len(found) > before)
        if answer.total is not None:
            pages.announced(answer.total, size=len(answer.values))
        if _was_last(answer, start):
            return list(found.values())
        if not answer.values:
            raise JiraAnswerInvalid(endpoint, f"a page is empty although {answer.total} are announced")
        if len(found) == before:
            raise PagerNeverEnds(endpoint, "its pages repeat themselves and never end")
        pages.go_on()


def _was_last(answer: ValuePage[T], seen: int) -> bool:
    if answer.is_last is not None:
        return answer.is_last
    if answer.total is not None:
        return seen >= answer.total
    return len(answer.values) < PAGE
