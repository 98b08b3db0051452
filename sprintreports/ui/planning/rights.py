"""Whether somebody may change a team: so that pages show nothing that cannot be done."""

from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Viewer
from sprintreports.kit.errors import Forbidden, NotFound
from sprintreports.planning import access, teams


def writes_everywhere(viewer: Viewer) -> bool:
    """Whether the viewer may change every team, and make new ones."""
    return viewer.can(Permission.CAPACITY_WRITE) and viewer.boards_for(Permission.CAPACITY_WRITE) is None


async def may_change(session: AsyncSession, viewer: Viewer, values: Collection[int]) -> bool:
    """Whether the viewer may change a team that stands for these values of Jira."""
    if not viewer.can(Permission.CAPACITY_WRITE):
        return False
    try:
        await access.may_write(session, viewer, values)
    except Forbidden:
        return False
    return True


async def may_change_person(session: AsyncSession, viewer: Viewer, person_id: int) -> bool:
    """The same of somebody, all of whose teams it concerns."""
    if writes_everywhere(viewer):
        return True
    if not viewer.can(Permission.CAPACITY_WRITE):
        return False
    try:
        await access.may_write_person(session, viewer, person_id)
    except Forbidden:
        return False
    return True


async def may_change_team(session: AsyncSession, viewer: Viewer, team_id: int) -> bool:
    """The same of a team by its id; one that the viewer does not see may not be changed."""
    if writes_everywhere(viewer):
        return True
    try:
        team = await teams.one(session, viewer, team_id)
    except NotFound:
        return False
    return await may_change(session, viewer, team.disciplines)
