"""Who may see a team and who may change it.

A team is seen by whoever sees one of the Jira values it stands for. Changing it takes the permission on all boards where it
works and for all of those values, since its capacity is the same everywhere.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Ids, Viewer
from sprintreports.jira.reads import disciplines
from sprintreports.kit.errors import Conflict, Forbidden, NotFound

NO_TEAM = "There is no such team, or you may not see it. Choose one from the list of teams."
NOT_YOURS = "Your role does not allow this for this team, or not on all boards where it works. Ask an admin if you need it."
_NOWHERE = -1  # a board that no grant names

# Each query that joins a team as `t` starts its conditions with this. `:seen` NULL: all teams.
VISIBLE = """t.deleted_at IS NULL AND (CAST(:seen AS bigint[]) IS NULL OR EXISTS (
    SELECT FROM team_alias va WHERE va.team_id = t.id AND va.discipline_id = ANY(CAST(:seen AS bigint[]))))"""

_TEAM = text(f"""
SELECT t.version, ARRAY(SELECT a.discipline_id FROM team_alias a WHERE a.team_id = t.id ORDER BY 1)
FROM team t WHERE {VISIBLE} AND t.id = :id FOR UPDATE OF t
""")
_OF_PERSON = text("""
SELECT m.team_id, ARRAY(SELECT a.discipline_id FROM team_alias a WHERE a.team_id = m.team_id)
FROM team_member m JOIN team t ON t.id = m.team_id WHERE m.person_id = :person AND t.deleted_at IS NULL
""")
_GROWN = text("UPDATE team SET version = version + 1, updated_at = now() WHERE id = :id RETURNING version")


class Overtaken(Conflict):
    """Somebody changed this while you were at it. Load it again, look at what changed, and repeat your change."""


@dataclass(frozen=True, slots=True)
class Held:
    """A team that is locked until the transaction ends."""

    id: int
    version: int
    disciplines: frozenset[int]


async def seen(session: AsyncSession, viewer: Viewer) -> list[int] | None:
    """The bind value of `:seen`: Jira's values that the viewer sees. None: all. Raises Forbidden."""
    viewer.require(Permission.CAPACITY_READ)
    if viewer.board_ids is None:
        return None if viewer.team_ids is None else sorted(viewer.team_ids)
    asked = ("planning.seen", viewer.board_ids, viewer.team_ids)
    if asked not in session.info:
        session.info[asked] = [row.id for row in await disciplines.listing(session, viewer)]
    return session.info[asked]


async def may_write(session: AsyncSession, viewer: Viewer, of: Collection[int]) -> None:
    """Raises Forbidden unless the viewer may change a team that stands for these values."""
    viewer.require(Permission.CAPACITY_WRITE)
    if viewer.boards_for(Permission.CAPACITY_WRITE) is None:
        return
    teams: Ids = frozenset(of) or None
    boards = await disciplines.boards_of(session, of)
    try:
        for board in sorted(boards) or [_NOWHERE]:
            viewer.require(Permission.CAPACITY_WRITE, board_id=board, team_ids=teams)
    except Forbidden:
        raise Forbidden(NOT_YOURS) from None


async def hold(session: AsyncSession, viewer: Viewer, team_id: int, *, version: int | None = None) -> Held:
    """Lock a team that the viewer may change. `version`: the one that was read; None: whichever it is.

    Raises Forbidden, NotFound, Overtaken.
    """
    viewer.require(Permission.CAPACITY_WRITE)
    row = (await session.execute(_TEAM, {"id": team_id, "seen": await seen(session, viewer)})).one_or_none()
    if row is None:
        raise NotFound(NO_TEAM)
    await may_write(session, viewer, row[1])
    if version is not None and version != row[0]:
        raise Overtaken
    return Held(team_id, row[0], frozenset(row[1]))


async def grown(session: AsyncSession, held: Held) -> int:
    """The team's next version, after a change of it."""
    return (await session.execute(_GROWN, {"id": held.id})).scalar_one()


async def may_write_person(session: AsyncSession, viewer: Viewer, person_id: int) -> frozenset[int]:
    """The teams of somebody, all of which the viewer may change: what concerns a person concerns them all.

    Raises Forbidden.
    """
    viewer.require(Permission.CAPACITY_WRITE)
    rows = (await session.execute(_OF_PERSON, {"person": person_id})).all()
    for _, values in rows:
        await may_write(session, viewer, values)
    if not rows:
        await may_write(session, viewer, ())
    return frozenset(row[0] for row in rows)
