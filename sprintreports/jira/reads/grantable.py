"""What a role can be limited to, and whom in Jira an account can be linked to: for those who look after users."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.permissions import Permission
from sprintreports.identity.viewer import Grant, Viewer
from sprintreports.jira.reads.words import pattern
from sprintreports.kit.errors import FieldProblem, Invalid
from sprintreports.kit.paging import Page, Sort, order_by

MOST_PEOPLE = 20
_MOST_TEAMS = 100_000


@dataclass(frozen=True, slots=True)
class Place:
    """A board or a team; teams are what Jira's field says, site by site."""

    id: int
    name: str
    site_name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Jira."""

    account_id: str
    name: str
    site_name: str
    active: bool


_BOARDS = """
SELECT b.id, b.name, site.name FROM board b JOIN site ON site.id = b.site_id
WHERE b.selected AND b.deleted_at IS NULL AND site.deleted_at IS NULL ORDER BY site.name, lower(b.name), b.id
"""
_TEAMS = "FROM discipline d JOIN site ON site.id = d.site_id WHERE site.deleted_at IS NULL"
TEAM_ORDERS = {"name": "lower(d.name) {way}", "site_name": "lower(site.name) {way}"}
_UNKNOWN = """
SELECT 'board_ids', id FROM unnest(CAST(:boards AS bigint[])) AS id WHERE id NOT IN (SELECT b.id FROM board b)
UNION ALL
SELECT 'team_ids', id FROM unnest(CAST(:teams AS bigint[])) AS id WHERE id NOT IN (SELECT d.id FROM discipline d)
"""
_PEOPLE = """
FROM jira_person p JOIN site ON site.id = p.site_id
WHERE site.deleted_at IS NULL AND (p.name ILIKE :pattern OR p.account_key = :exact)
"""
PEOPLE_ORDERS = {
    "name": "lower(p.name) {way}",
    "account_id": "p.account_key {way}",
    "site_name": "lower(site.name) {way}",
    "active": "p.active {way}",
}
_NEAREST = "p.account_key = :exact DESC, p.active DESC, lower(p.name)"


async def boards(session: AsyncSession, viewer: Viewer) -> list[Place]:
    """The boards chosen for sync, by site and name. Raises Forbidden."""
    viewer.require(Permission.USERS_WRITE)
    return [Place(*row) for row in await session.execute(text(_BOARDS))]


async def teams(session: AsyncSession, viewer: Viewer) -> list[Place]:
    """The teams that issues name, by site and name. Raises Forbidden."""
    viewer.require(Permission.USERS_WRITE)
    return (await team_page(session, viewer, per_page=_MOST_TEAMS)).items


async def team_page(
    session: AsyncSession, viewer: Viewer, *, sort: Sort = (), page: int = 1, per_page: int = 25
) -> Page[Place]:
    """The same, cut into pages. Raises Forbidden."""
    viewer.require(Permission.USERS_WRITE)
    total = (await session.execute(text(f"SELECT count(*) {_TEAMS}"))).scalar_one()
    order = order_by(sort, TEAM_ORDERS, usual="site.name, lower(d.name)", last="d.id")
    found = await session.execute(
        text(f"SELECT d.id, d.name, site.name {_TEAMS} {order} LIMIT :limit OFFSET :offset"),
        {"limit": per_page, "offset": (page - 1) * per_page},
    )
    return Page([Place(*row) for row in found], total, page, per_page)


async def check(session: AsyncSession, viewer: Viewer, grants: Iterable[Grant]) -> None:
    """Raises Invalid where a grant names a board or team that does not exist."""
    viewer.require(Permission.USERS_WRITE)
    asked = list(grants)
    values = {
        "boards": sorted({one for grant in asked for one in grant.board_ids or ()}),
        "teams": sorted({one for grant in asked for one in grant.team_ids or ()}),
    }
    unknown = (await session.execute(text(_UNKNOWN), values)).all()
    if unknown:
        details = tuple(
            FieldProblem(f"limited.{row[0]}", f"There is no such id: {row[1]}.") for row in unknown
        )
        raise Invalid("A role is limited to something that does not exist: see the details.", details=details)


async def people(session: AsyncSession, viewer: Viewer, words: str) -> list[Person]:
    """People in Jira whose name holds the words, or whose account id they are; at most 20. Raises Forbidden."""
    return (await people_page(session, viewer, words, per_page=MOST_PEOPLE)).items


async def people_page(
    session: AsyncSession, viewer: Viewer, words: str, *, sort: Sort = (), page: int = 1, per_page: int = 25
) -> Page[Person]:
    """All of them, cut into pages, the nearest first. Raises Forbidden."""
    viewer.require(Permission.USERS_WRITE)
    wanted = pattern(words)
    if wanted is None:
        return Page([], 0, page, per_page)
    values = {"pattern": wanted, "exact": words.replace("\0", "").strip()}
    total = (await session.execute(text(f"SELECT count(*) {_PEOPLE}"), values)).scalar_one()
    order = order_by(sort, PEOPLE_ORDERS, usual=_NEAREST, last="p.account_key, p.id")
    found = await session.execute(
        text(
            f"SELECT p.account_key, p.name, site.name, p.active {_PEOPLE} {order} LIMIT :limit OFFSET :offset"
        ),
        values | {"limit": per_page, "offset": (page - 1) * per_page},
    )
    return Page([Person(*row) for row in found], total, page, per_page)
