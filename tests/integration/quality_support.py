"""A tidy board to plant doubts on, and what its data quality says."""

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.context import SiteContext
from sprintreports.jira.payloads import RawIssue
from sprintreports.jira.quality.check import CheckName
from sprintreports.jira.reads import quality
from tests.integration.jira_site import (
    BOARD,
    NOW,
    rows,
)
from tests.unit.jira.samples import (
    change,
    day,
    estimated,
    issue,
    moved,
)

SYSTEM = Viewer.system()
CREATED = day(1)


def tidy(
    number: int, *changes: bytes, started: float | None = 3, done: float | None = 5, **fields: object
) -> RawIssue:
    """An issue of the closed sprint 1 that is as one wishes: estimated, begun, done, with a team and an owner."""
    own = [*changes]
    if started is not None:
        own.append(change(number * 100 + 98, day(started), moved("1", "2")))
    if done is not None:
        own.append(change(number * 100 + 99, day(done), moved("2" if started is not None else "1", "3")))
    values: dict[str, object] = {
        "created": CREATED, "updated": day(40), "status": "3" if done is not None else "1", "sprints": [1],
        "points": 3, "team": "Backend", "owner": "olga",
    }  # fmt: skip
    return issue(number, *own, **values | fields)  # type: ignore[arg-type]


CLEAN = (
    tidy(1),
    tidy(2, change(21, day(4), estimated("3", "5")), points=5, timeoriginalestimate=7200),
    tidy(3, started=46, done=None, status="2", sprints=[3]),
    tidy(4, started=None, done=None, sprints=[4]),
    # A sub-task without an estimate, closed with its parent, is as it should be.
    tidy(5, subtask_of=1, sprints=[], points=None),
)


async def board_id(session: AsyncSession, site: SiteContext) -> int:
    found = await rows(
        session, "SELECT id FROM board WHERE site_id = %s AND jira_board_id = %s", site.site_id, BOARD
    )
    return int(found[0][0])


async def asked(session: AsyncSession, site: SiteContext, viewer: Viewer = SYSTEM) -> quality.Quality:
    return await quality.summary(session, viewer, board_id=await board_id(session, site), now=NOW)


async def fired(session: AsyncSession, site: SiteContext, viewer: Viewer = SYSTEM) -> dict[str, int]:
    found = await asked(session, site, viewer)
    return {line.check.name.value: line.count for line in found.found}


async def subjects(
    session: AsyncSession, site: SiteContext, check: CheckName, viewer: Viewer = SYSTEM
) -> list[tuple[str, str]]:
    found = await quality.findings(
        session, viewer, board_id=await board_id(session, site), check=check, now=NOW
    )
    assert found.page.total == found.line.count == len(found.page.items)
    return [(one.name, one.detail) for one in found.page.items]
