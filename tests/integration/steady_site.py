"""A board whose working days all bring the same, so that any forecast of it can be worked out in the head.

Six weeks of one sprint each, from Monday at nine to Friday at five (UTC). Each working day finishes one issue of Backend (2 points) and
one of Frontend (1 point) of its sprint, at noon, in the sprints 1 to 4, which are closed. Sprint 5 does so until Wednesday, and nothing
after it: 9 of its 15 points are done, 6 are left over.
"""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.payloads import RawIssue, SprintPayload
from tests.integration.jira_site import BOARD, fill, make_site
from tests.unit.jira.samples import DAY_ONE, change, issue, moved, stamp

SPRINT, CLOSED_SPRINTS, DAYS = 5, 4, 5
_MONDAY = DAY_ONE + timedelta(days=7 - DAY_ONE.weekday())
BACKEND, FRONTEND = 2, 1


def at(number: int, weekday: int, hour: float = 9) -> datetime:
    """A time in the week of a sprint; weekday 0: Monday."""
    monday = _MONDAY.replace(hour=0) + timedelta(weeks=number - 1)
    return monday + timedelta(days=weekday, hours=hour)


def _sprint(number: int, now: datetime) -> SprintPayload:
    close = at(number, 4, 17.5)
    state = "future" if now < at(number, 0) else "closed" if now >= close else "active"
    return SprintPayload(
        id=10 + number, name=f"Week {number}", state=state, start_date=stamp(at(number, 0)),
        end_date=stamp(at(number, 4, 17)), complete_date=stamp(close) if state == "closed" else None, origin_board_id=BOARD,
    )  # fmt: skip


def _issues(now: datetime) -> list[RawIssue]:
    found: list[RawIssue] = []
    for sprint in range(1, SPRINT + 1):
        for weekday in range(DAYS):
            for place, (team, points) in enumerate((("Backend", BACKEND), ("Frontend", FRONTEND))):
                number = 100 * sprint + 10 * weekday + place
                noon = at(sprint, weekday, 12)
                done = noon <= now and (sprint < SPRINT or weekday < 3)
                told = [change(number, noon, moved("1", "3"))] if done else []
                found.append(
                    issue(
                        number, *told, status="3" if done else "1", sprints=[10 + sprint], points=points, team=team,
                        created=DAY_ONE, updated=noon if done else DAY_ONE,
                    )
                )  # fmt: skip
    return found


async def synced(session: AsyncSession, now: datetime, site: SiteContext | None = None) -> SiteContext:
    """The board as it is known at the moment; with `site` the next sync of it."""
    site = site or await make_site(session)
    await store.store_sprints(
        session, site, BOARD, [_sprint(number, now) for number in range(1, SPRINT + 1)], now=now
    )
    await fill(session, site, _issues(now), now=now)
    await session.execute(
        text("UPDATE site SET last_synced_at = :now WHERE id = :id"), {"now": now, "id": site.site_id}
    )
    return site
