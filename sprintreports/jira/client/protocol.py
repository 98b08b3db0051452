"""What the rest of the product may ask a Jira, whichever kind it is."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sprintreports.jira.payloads import (
    BoardConfiguration,
    BoardPayload,
    FieldPayload,
    FilterPayload,
    Named,
    PersonPayload,
    RawIssue,
    ServerInfo,
    SprintPayload,
    StatusPayload,
)


class Dialect(StrEnum):
    CLOUD = "cloud"
    DATA_CENTER = "datacenter"


@dataclass(frozen=True, slots=True)
class IssueRef:
    """An issue that a search found. Cloud is asked by id, Data Center by key."""

    id: int
    key: str = ""


class JiraClient(Protocol):
    """Every method raises a JiraError that says what to do. Lists are whole or not at all."""

    dialect: Dialect
    server: ServerInfo

    @property
    def base_url(self) -> str: ...

    async def myself(self) -> PersonPayload:
        """The account that we are signed in as, with its time zone."""
        ...

    async def boards(self) -> list[BoardPayload]:
        """All boards that the account sees."""
        ...

    async def board_configuration(self, board_id: int) -> BoardConfiguration: ...

    async def sprints(self, board_id: int) -> list[SprintPayload]:
        """A board's sprints; none for a board that does not support sprints."""
        ...

    async def sprint(self, sprint_id: int) -> SprintPayload: ...

    async def fields(self) -> list[FieldPayload]: ...

    async def statuses(self) -> list[StatusPayload]: ...

    async def priorities(self) -> list[Named]: ...

    async def filter(self, filter_id: str) -> FilterPayload: ...

    async def approximate_count(self, jql: str) -> int:
        """About how many issues a search will find: for progress only."""
        ...

    def updated_since(self, since: datetime, *, time_zone: str | None) -> str:
        """The JQL clause for issues updated since an instant; never narrower than that."""
        ...

    def search(self, jql: str) -> AsyncIterator[list[IssueRef]]:
        """What a search finds, page by page, each issue once. Raises PagerNeverEnds."""
        ...

    async def issues(self, refs: Sequence[IssueRef], *, fields: Sequence[str]) -> list[RawIssue]:
        """These issues with their whole changelogs. Those that have vanished meanwhile are left out."""
        ...

    async def sprint_report(self, board_id: int, sprint_id: int) -> dict[str, Any]:
        """Jira's own, undocumented sprint report."""
        ...

    async def aclose(self) -> None: ...
