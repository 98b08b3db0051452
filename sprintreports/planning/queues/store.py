"""Queues found, begun, and held while somebody changes them: who may, and which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.jira import board_order
from sprintreports.jira.reads import access
from sprintreports.jira.reads.access import VISIBLE
from sprintreports.kit import listening
from sprintreports.kit.errors import Conflict, FieldProblem, Invalid, NotFound
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues.encoding import options_json, options_of
from sprintreports.planning.queues.tables import LONGEST_NAME, QueueState

CHANNEL = "sprintreports_queues"  # said of which queue somebody changed, as its number
MOST_QUEUES = 100  # of a sprint
NO_QUEUE = "There is no such queue, or you may not see it. Choose one from the list of the sprint's queues."


class NotEditable(Conflict):
    """This queue is completed or archived, and stays as it was. Begin a new one from it."""


@dataclass(frozen=True, slots=True)
class QueueInfo:
    """A queue without its content. head: its last edit; versions: how many were kept."""

    id: int
    sprint_id: int
    board_id: int
    name: str
    state: QueueState
    base: Options
    sources: Sources
    head: int
    versions: int
    created_by: int
    created_at: datetime
    updated_at: datetime
    activated_at: datetime | None
    completed_at: datetime | None
    archived_at: datetime | None
    deleted: bool = False

    @property
    def editable(self) -> bool:
        return self.state in (QueueState.DRAFT, QueueState.ACTIVE)


_COLUMNS = """q.id, q.sprint_id, q.board_id, q.name, q.state, q.base, q.sources, q.head, q.versions, q.created_by, q.created_at,
    q.updated_at, q.activated_at, q.completed_at, q.archived_at, q.deleted_at IS NOT NULL"""
_FROM = f"""
FROM queue q JOIN board b ON b.id = q.board_id JOIN site ON site.id = b.site_id
WHERE {VISIBLE} AND site.deleted_at IS NULL AND (q.deleted_at IS NULL OR :deleted)
"""
_LISTING = text(f"""
SELECT {_COLUMNS} {_FROM} AND q.sprint_id = :sprint AND (:archived OR q.state <> 'archived')
ORDER BY array_position(ARRAY['active', 'draft', 'completed', 'archived'], q.state::text), q.id DESC LIMIT {MOST_QUEUES}
""")
_ONE = f"SELECT {_COLUMNS} {_FROM} AND q.id = :id"
_HOLD = text(f"{_ONE} FOR UPDATE OF q")
_INSERT = text("""
INSERT INTO queue (sprint_id, board_id, name, base, sources, created_by, created_at, updated_at)
VALUES (:sprint, :board, :name, CAST(:base AS jsonb), CAST(:sources AS jsonb), :by, :now, :now) RETURNING id
""")
_COUNT = text("SELECT count(*) FROM queue WHERE sprint_id = :sprint AND deleted_at IS NULL")
_RENAME = text("UPDATE queue SET name = :name, updated_at = :now WHERE id = :id")


def boards_of(viewer: Viewer) -> list[int] | None:
    """The bind value of `:boards`. Raises Forbidden."""
    viewer.require(Permission.QUEUES_READ)
    boards = viewer.boards_for(Permission.QUEUES_READ)
    return None if boards is None else sorted(boards)


async def listing(
    session: AsyncSession, viewer: Viewer, *, sprint_id: int, archived: bool = False
) -> list[QueueInfo]:
    """A sprint's queues: the active one, drafts, completed ones, each the newest first. Raises Forbidden."""
    asked = {"boards": boards_of(viewer), "sprint": sprint_id, "archived": archived, "deleted": False}
    return [_info(row) for row in await session.execute(_LISTING, asked)]


async def one(session: AsyncSession, viewer: Viewer, queue_id: int) -> QueueInfo:
    """Raises Forbidden, NotFound."""
    asked = {"boards": boards_of(viewer), "id": queue_id, "deleted": False}
    found = await session.execute(text(_ONE), asked)
    return _found(found.one_or_none())


async def hold(
    session: AsyncSession, viewer: Viewer, queue_id: int, *, editing: bool = False, deleted: bool = False
) -> QueueInfo:
    """Lock a queue that the viewer may change until the transaction ends. deleted: one that was deleted, too.

    A plan is one for all teams of its board, so it takes the permission there for all of them. Raises Forbidden, NotFound,
    and with `editing` NotEditable.
    """
    viewer.require(Permission.QUEUES_WRITE)
    asked = {"boards": boards_of(viewer), "id": queue_id, "deleted": deleted}
    found = await session.execute(_HOLD, asked)
    info = _found(found.one_or_none())
    viewer.require(Permission.QUEUES_WRITE, board_id=info.board_id)
    if editing and not info.editable:
        raise NotEditable
    return info


async def create(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    name: str,
    options: Options,
    sources: Sources,
    now: datetime,
) -> QueueInfo:
    """Begin a draft; `options` are what it begins with, for example those of another queue. Raises Forbidden, NotFound, Invalid."""
    viewer.require(Permission.QUEUES_WRITE)
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)
    viewer.require(Permission.QUEUES_WRITE, board_id=place.board_id)
    wanted = checked_name(name)
    await check_room(session, sprint_id)
    values = {
        "sprint": sprint_id,
        "board": place.board_id,
        "name": wanted,
        "base": _text(options_json(options)),
        "sources": sources_text(sources),
        "by": viewer.user_id,
        "now": now,
    }
    queue_id = (await session.execute(_INSERT, values)).scalar_one()
    await board_order.want(session, place.board_id, now=now)
    await audit.record(
        session,
        viewer,
        audit.Action.QUEUE_CREATED,
        subject=("queue", queue_id),
        after={"name": wanted, "sprint": sprint_id, "board": place.board_id},
    )
    return await one(session, viewer, queue_id)


async def check_room(session: AsyncSession, sprint_id: int) -> None:
    """Raises Invalid where the sprint has as many queues as it may."""
    if await session.scalar(_COUNT, {"sprint": sprint_id}) >= MOST_QUEUES:
        raise Invalid(
            f"This sprint has {MOST_QUEUES} queues already. Go on with one of them, or delete one that nobody needs."
        )


async def rename(
    session: AsyncSession, viewer: Viewer, queue_id: int, name: str, *, now: datetime
) -> QueueInfo:
    """Raises Forbidden, NotFound, Invalid."""
    held = await hold(session, viewer, queue_id)
    wanted = checked_name(name)
    if wanted == held.name:
        return held
    await session.execute(_RENAME, {"id": queue_id, "name": wanted, "now": now})
    await audit.record(
        session,
        viewer,
        audit.Action.QUEUE_CHANGED,
        subject=("queue", queue_id),
        before={"name": held.name},
        after={"name": wanted},
    )
    await announce(session, queue_id)
    return await one(session, viewer, queue_id)


async def announce(session: AsyncSession, queue_id: int) -> None:
    """Tell the open pages of a queue that somebody changed it, once this transaction has committed."""
    await listening.announce(session, CHANNEL, str(queue_id))


def checked_name(name: str) -> str:
    """The name without blanks around it. Raises Invalid."""
    wanted = name.strip()
    if not wanted or len(wanted) > LONGEST_NAME or "\0" in wanted:
        problem = FieldProblem("name", f"Give the queue a name of 1 to {LONGEST_NAME} characters.")
        raise Invalid(problem.message, details=(problem,))
    return wanted


def sources_text(sources: Sources) -> str:
    """As it is stored."""
    return _text(msgspec.to_builtins(sources))


def sources_of(plain: object) -> Sources:
    """Sources of plain JSON values. Raises Invalid."""
    try:
        return msgspec.convert(plain, Sources)
    except msgspec.ValidationError as error:
        raise Invalid(f"The sources of a queue are not written as they should be: {error}.") from error


def _text(plain: object) -> str:
    return msgspec.json.encode(plain).decode()


def _found(row: Sequence[Any] | None) -> QueueInfo:
    if row is None:
        raise NotFound(NO_QUEUE)
    return _info(row)


def _info(row: Sequence[Any]) -> QueueInfo:
    queue_id, sprint_id, board_id, name, state, base, sources, *rest = row
    return QueueInfo(
        queue_id,
        sprint_id,
        board_id,
        name,
        QueueState(state),
        options_of(base),
        sources_of(sources),
        *rest,
    )
