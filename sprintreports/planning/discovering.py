"""Teams found in Jira's values: those that no team stands for yet, teams made of them, renamed and merged ones."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity import audit
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import disciplines
from sprintreports.jira.reads.disciplines import DisciplineRow
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.planning import access, teams
from sprintreports.planning.teams import LONGEST_NAME, TeamRow, TeamSettings

MOST_AT_ONCE = 500
_MAPPED = text(
    "SELECT discipline_id FROM team_alias a JOIN team t ON t.id = a.team_id WHERE t.deleted_at IS NULL"
)
_OWNERS = text(
    "SELECT DISTINCT team_id FROM team_alias WHERE discipline_id = ANY(:values) AND team_id <> :id ORDER BY 1"
)
_TAKE = text("""
INSERT INTO team_alias (discipline_id, team_id) SELECT unnest(CAST(:values AS bigint[])), :id
ON CONFLICT (discipline_id) DO UPDATE SET team_id = :id
""")
_FREE = text("DELETE FROM team_alias WHERE team_id = :id AND discipline_id <> ALL(CAST(:values AS bigint[]))")
_BY_NAME = text("SELECT id FROM team WHERE lower(name) = lower(:name) AND deleted_at IS NULL")
# Somebody in both teams gives the one what the two had, and is there as long as in either.
_MOVE_MEMBERS = text("""
INSERT INTO team_member AS kept (team_id, person_id, share, since, until)
SELECT :target, person_id, share, since, until FROM team_member WHERE team_id = :source
ON CONFLICT (team_id, person_id) DO UPDATE SET share = least(100, kept.share + excluded.share), updated_at = now(),
    since = CASE WHEN kept.since IS NULL OR excluded.since IS NULL THEN NULL ELSE least(kept.since, excluded.since) END,
    until = CASE WHEN kept.until IS NULL OR excluded.until IS NULL THEN NULL ELSE greatest(kept.until, excluded.until) END
""")


async def unmapped(session: AsyncSession, viewer: Viewer) -> list[DisciplineRow]:
    """Jira's values, of those that the viewer sees, that no team stands for. Raises Forbidden."""
    mapped = set(await session.scalars(_MAPPED))
    return [row for row in await disciplines.listing(session, viewer) if row.id not in mapped]


async def make_teams(
    session: AsyncSession,
    viewer: Viewer,
    values: Collection[int],
    *,
    separator: str = "",
    like: TeamSettings | None = None,
) -> list[TeamRow]:
    """A team for each of these values, or the team that has its name already; what is mapped stays.

    separator: what stands between a group and its teams, as in "EMEA / QA"; empty: no groups. like: whose zone, weekdays
    and rates new teams get. Raises Forbidden, Invalid.
    """
    wanted = set(values)
    free = {row.id: row for row in await unmapped(session, viewer) if row.id in wanted}
    await access.may_write(session, viewer, free)
    if len(free) > MOST_AT_ONCE:
        raise Invalid(f"Make at most {MOST_AT_ONCE} teams at once.")
    if like is not None:
        await teams.check(session, viewer, replace(like, name="Team", parent_id=None), team_id=None)
    made: dict[int, None] = {}
    for row in free.values():
        made[await _team_for(session, viewer, row, separator.strip(), like)] = None
    listed = {team.id: team for team in await teams.listing(session, viewer)}
    return [listed[team_id] for team_id in made if team_id in listed]


async def set_disciplines(
    session: AsyncSession, viewer: Viewer, team_id: int, values: Collection[int], *, version: int | None
) -> TeamRow:
    """Say which of Jira's values the team stands for. A value of another team is taken from it.

    Raises Forbidden, NotFound, Overtaken, Invalid.
    """
    asked = {"id": team_id, "values": sorted(values)}
    others = set(await session.scalars(_OWNERS, asked))
    # In the order in which everybody locks.
    locked = {
        one: await access.hold(session, viewer, one, version=version if one == team_id else None)
        for one in sorted({team_id, *others})
    }
    held = locked[team_id]
    known = {row.id for row in await disciplines.listing(session, viewer)}
    if set(values) - known:
        problem = FieldProblem(
            "disciplines", "One of these values is not there, or you may not see it. Load the list again."
        )
        raise Invalid(problem.message, details=(problem,))
    await access.may_write(session, viewer, values)
    for other in others:
        await access.grown(session, locked[other])
    await session.execute(_FREE, asked)
    await session.execute(_TAKE, asked)
    await access.grown(session, held)
    await _tell(session, viewer, team_id, before=held.disciplines, after=values)
    return await teams.one(session, viewer, team_id)


async def merge(session: AsyncSession, viewer: Viewer, source_id: int, *, into: int) -> TeamRow:
    """One team of two: values, members and days of the first go to the second, and the first is deleted.

    No number of a sprint changes: values of Jira are mapped on reading. Raises Forbidden, NotFound, Invalid.
    """
    if source_id == into:
        raise Invalid("A team cannot be merged with itself. Choose another one.")
    first, second = sorted((source_id, into))  # the order in which everybody locks
    held = {one: await access.hold(session, viewer, one) for one in (first, second)}
    source, target = held[source_id], held[into]
    both = {"source": source_id, "target": into}
    await session.execute(_MOVE_MEMBERS, both)
    await session.execute(_TAKE, {"id": into, "values": sorted(source.disciplines)})
    await session.execute(
        text("UPDATE team SET parent_id = :target WHERE parent_id = :source AND id <> :target"), both
    )
    await access.grown(session, target)
    await _tell(
        session, viewer, into, before=target.disciplines, after=target.disciplines | source.disciplines
    )
    await teams.delete(session, viewer, source_id, version=source.version)
    return await teams.one(session, viewer, into)


async def _team_for(
    session: AsyncSession, viewer: Viewer, row: DisciplineRow, separator: str, like: TeamSettings | None
) -> int:
    parts = [part.strip() for part in row.name.split(separator)] if separator else [row.name.strip()]
    parts = [part for part in parts if part][: teams.DEEPEST] or [f"Team {row.id}"]
    parent: int | None = None
    for length in range(1, len(parts)):
        parent, _ = await _found_or_made(session, viewer, _joined(parts[:length], separator), parent, like)
    team_id, is_new = await _found_or_made(session, viewer, _joined(parts, separator), parent, like)
    before: Collection[int] = ()
    if not is_new:
        held = await access.hold(session, viewer, team_id)
        before = held.disciplines
        await access.grown(session, held)
    await session.execute(_TAKE, {"id": team_id, "values": [row.id]})
    await _tell(session, viewer, team_id, before=before, after={*before, row.id})
    return team_id


async def _found_or_made(
    session: AsyncSession, viewer: Viewer, name: str, parent: int | None, like: TeamSettings | None
) -> tuple[int, bool]:
    found = await session.scalar(_BY_NAME, {"name": name})
    if found is not None:
        return found, False
    settings = replace(like or TeamSettings(name), name=name, parent_id=parent)
    team_id = await session.scalar(teams.INSERT, teams.values_of(settings))
    if team_id is None:  # somebody made it just now
        return (await session.execute(_BY_NAME, {"name": name})).scalar_one(), False
    await audit.record(
        session,
        viewer,
        audit.Action.TEAM_CHANGED,
        subject=("team", team_id),
        after=teams.told(settings),
    )
    return team_id, True


def _joined(parts: Sequence[str], separator: str) -> str:
    return f" {separator} ".join(parts)[:LONGEST_NAME].strip()


async def _tell(
    session: AsyncSession, viewer: Viewer, team_id: int, *, before: Collection[int], after: Collection[int]
) -> None:
    await audit.record_change(
        session,
        viewer,
        audit.Action.TEAM_CHANGED,
        subject=("team", team_id),
        before={"disciplines": sorted(before)},
        after={"disciplines": sorted(after)},
    )
