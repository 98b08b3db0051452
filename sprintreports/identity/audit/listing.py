"""Reads the audit log: a page after another, each from where the one before ended."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.audit.actions import Action, Outcome
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.kit.paging import Sort, order_by

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; None: everything. `action` ending with a dot is a whole family, such as "session."."""

    since: datetime | None = None
    until: datetime | None = None
    action: str | None = None
    actor: int | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    outcome: Outcome | None = None
    address: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry, with its actor's name as it is now (None: nobody known; 0 is the system)."""

    id: int
    at: datetime
    action: str
    outcome: str
    actor_id: int | None
    actor: str | None
    subject_kind: str
    subject_id: str
    before: Any
    after: Any
    address: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Entries:
    """A page, the newest first. `next`: what to ask for as `before` to go on; None: this was all."""

    rows: tuple[Row, ...]
    next: str | None


ORDERS = {"at": "e.at {way}"}
_CONDITIONS = {
    "since": "e.at >= :since",
    "until": "e.at < :until",
    "actor": "e.actor_id = :actor",
    "subject_kind": "e.subject_kind = :subject_kind",
    "subject_id": "e.subject_id = :subject_id",
    "address": "e.address = :address",
    "request_id": "e.request_id = :request_id",
}


async def page(
    session: AsyncSession,
    viewer: Viewer,
    filters: Filters,
    *,
    sort: Sort = (),
    before: str | None = None,
    per_page: int = 50,
) -> Entries:
    """Entries that the filters let through, the newest first unless sorted by `at`. Raises Forbidden, Invalid."""
    viewer.require(Permission.SETTINGS_READ)
    query, values = statement(filters, before=before, limit=per_page + 1, sort=sort)
    found = [Row(**row) for row in (await session.execute(query, values)).mappings()]
    rows = tuple(found[:per_page])
    return Entries(rows, _cursor(rows[-1]) if len(found) > per_page else None)


def statement(
    filters: Filters, *, before: str | None, limit: int, sort: Sort = ()
) -> tuple[TextClause, dict[str, Any]]:
    """The query and its values: only what is asked for stands in it, so that an index serves each."""
    values: dict[str, Any] = {"limit": limit}
    conditions: list[str] = []
    for name, condition in _CONDITIONS.items():
        value = getattr(filters, name)
        if value is not None:
            conditions.append(condition)
            values[name] = value
    if filters.action is not None:
        family = [one.value for one in Action if one.startswith(filters.action)]
        conditions.append("e.action = ANY(:action)" if filters.action.endswith(".") else "e.action = :action")
        values["action"] = family if filters.action.endswith(".") else filters.action
    if filters.outcome is not None:
        # In the statement itself: the index of what was refused or failed is one of those rows alone.
        conditions.append(f"e.outcome = '{Outcome(filters.outcome).value}'")
    if before is not None:
        values["at"], values["id"] = _position(before)
        conditions.append(f"(e.at, e.id) {'>' if _oldest_first(sort) else '<'} (:at, :id)")
    where = " AND ".join(conditions) or "true"
    order = order_by(sort, ORDERS, usual="e.at DESC", last=f"e.id {'ASC' if _oldest_first(sort) else 'DESC'}")
    return text(f"""
        SELECT e.id, e.at, e.action, e.outcome, e.actor_id, u.name AS actor, e.subject_kind, e.subject_id, e.before,
               e.after, e.address, e.request_id
        FROM audit_entry e LEFT JOIN user_account u ON u.id = e.actor_id
        WHERE {where} {order} LIMIT :limit
    """), values


def _oldest_first(sort: Sort) -> bool:
    return any(not one.descending for one in sort)


def _cursor(row: Row) -> str:
    return f"{(row.at - _EPOCH) // timedelta(microseconds=1)}.{row.id}"


def _position(cursor: str) -> tuple[datetime, int]:
    moment, _, identifier = cursor.partition(".")
    try:
        found = _EPOCH + timedelta(microseconds=int(moment)), int(identifier)
    except (ValueError, OverflowError):
        found = _EPOCH, -1
    if not 0 <= found[1] < 2**63:
        problem = FieldProblem("before", "Take it from the page before, or leave it out.")
        raise Invalid("This is no place in the list.", details=(problem,))
    return found
