"""What the HTTP side asks of a site, whether it is the living company or a recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sprintreports.demo.catalog import Dialect

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """What JQL can ask about an issue."""

    id: int
    key: str
    number: int
    project_id: str
    project_key: str
    sprints: frozenset[int]
    created: int
    updated: int
    rank: int
    priority: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """One entry of a changelog, already JSON but for its date, which one endpoint gives as a number."""

    at: int
    created: str
    # Everything before and after the value of "created".
    head: str
    items: tuple[tuple[str | None, str], ...]

    def json(self, *, epoch: bool = False, only: frozenset[str] | None = None) -> str | None:
        """None: no item is about one of the fields asked for."""
        items = [text for field, text in self.items if only is None or field in only]
        if not items:
            return None
        created = str(self.at) if epoch else f'"{self.created}"'
        return f'{self.head}"created":{created},"items":[{",".join(items)}]}}'


class Entry(Protocol):
    """One entry of a changelog, ready to be written."""

    @property
    def at(self) -> int: ...
    def json(self, *, epoch: bool = False, only: frozenset[str] | None = None) -> str | None: ...


class Site(Protocol):
    """Everything is JSON values or JSON text in the site's own dialect."""

    @property
    def dialect(self) -> Dialect: ...
    @property
    def base_url(self) -> str: ...

    def server_info(self) -> Json: ...
    def myself(self) -> Json: ...
    def fields(self) -> list[Json]: ...
    def statuses(self) -> list[Json]: ...
    def priorities(self) -> list[Json]: ...
    def issue_types(self) -> list[Json]: ...
    def projects(self) -> list[Json]: ...
    def boards(self) -> list[Json]: ...
    def board(self, board_id: int) -> Json | None: ...
    def board_projects(self, board_id: int) -> frozenset[str]: ...
    def configuration(self, board_id: int) -> Json: ...
    def filter(self, filter_id: str) -> Json | None: ...
    def sprints(self, board_id: int) -> list[Json]: ...
    def sprint(self, sprint_id: int) -> Json | None: ...
    def rows(self) -> Sequence[Row]: ...
    def find(self, id_or_key: str) -> Row | None: ...
    def issue(self, row: Row, wanted: frozenset[str] | None) -> str: ...
    def histories(self, row: Row) -> Sequence[Entry]: ...
    def sprint_report(self, board_id: int, sprint_id: int) -> Json | None: ...
    def time_zone(self) -> str: ...

    @property
    def version(self) -> int:
        """Another number after every change: what was found before is then out of date."""
        ...
