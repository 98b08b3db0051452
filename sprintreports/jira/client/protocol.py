"""What the rest of the product may ask a Jira, whichever kind it is."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from sprintreports.jira.client.pace import Traffic
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

RECONCILED = 50  # of so many issues Cloud's search can be made to know the latest


class Dialect(StrEnum):
    CLOUD = "cloud"
    DATA_CENTER = "datacenter"


class IssueRef(msgspec.Struct, frozen=True, gc=False):
    """An issue that a search found, with its last change where that was asked for.

    Cloud is asked by id, Data Center by key.
    """

    id: int
    key: str = ""
    updated: datetime | None = None


class JiraClient(Protocol):
    """Every method raises a JiraError that says what to do. Lists are whole or not at all."""

    dialect: Dialect
    server: ServerInfo

    @property
    def base_url(self) -> str: ...

    @property
    def traffic(self) -> Traffic:
        """What was asked so far, and how the pace is."""
        ...

    @property
    def seconds_ahead(self) -> float | None:
        """How far Jira's clock is ahead of ours, by its last answer; None where it did not say."""
        ...

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

    async def filters(self, filter_ids: Sequence[str]) -> dict[str, FilterPayload]:
        """Saved filters by their ids. Those that the account may not see are left out."""
        ...

    async def approximate_count(self, jql: str) -> int:
        """About how many issues a search will find: for progress only."""
        ...

    def search(
        self, jql: str, *, stamps: bool = False, latest_of: Sequence[int] = ()
    ) -> AsyncGenerator[list[IssueRef]]:
        """What a search finds, page by page, each issue once. Raises PagerNeverEnds.

        `stamps`: with the times of their last changes, which makes Cloud's pages small. `latest_of`: the ids of issues
        (RECONCILED at most) that the search shall know the latest of, though it may lag behind on others.
        """
        ...

    async def ranked(self, jql: str) -> list[int]:
        """The ids of what a search without an order finds, in the order of Jira's rank. Raises JiraRefused, PagerNeverEnds."""
        ...

    async def find_issue(self, issue_id: int) -> IssueRef | None:
        """An issue by its id, whatever its key is now; None where there is none or the account may not see it."""
        ...

    async def project_visible(self, id_or_key: str) -> bool:
        """Whether the account sees this project."""
        ...

    async def issues(self, refs: Sequence[IssueRef], *, fields: Sequence[str]) -> list[RawIssue]:
        """These issues with their whole changelogs. Those that have vanished meanwhile are left out."""
        ...

    async def sprint_report(self, board_id: int, sprint_id: int) -> dict[str, Any]:
        """Jira's own, undocumented sprint report."""
        ...

    async def aclose(self) -> None: ...
