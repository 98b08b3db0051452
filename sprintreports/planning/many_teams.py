"""The same change for several teams at once: for all of them, or for none."""

from collections.abc import Callable, Collection

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import FieldProblem, NotFound
from sprintreports.planning import teams
from sprintreports.planning.teams import TeamRow, TeamSettings

MOST_AT_ONCE = 500


async def change(
    session: AsyncSession,
    viewer: Viewer,
    team_ids: Collection[int],
    changed: Callable[[TeamSettings], TeamSettings],
) -> tuple[TeamRow, ...]:
    """The teams that are others now, by name; those that were so already are left as they are.

    Raises Forbidden, NotFound, Overtaken, Invalid; then the caller's transaction stores none.
    """
    known = {team.id: team for team in await teams.listing(session, viewer)}
    missing = sorted(set(team_ids) - set(known))
    if missing:
        problem = f"There is no team {missing[0]}, or you may not see it. Choose teams from the list."
        raise NotFound(problem, details=(FieldProblem("team_ids", problem),))
    done: list[TeamRow] = []
    for team in known.values():
        if team.id not in team_ids:
            continue
        wanted = changed(team.settings)
        if wanted != team.settings:
            done.append(await teams.change(session, viewer, team.id, wanted, version=team.version))
    return tuple(done)
