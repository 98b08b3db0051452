"""What the tests over told histories share: a synced site, a sprint's course as lines to read, and a naive burndown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sprintreports.jira import boards
from sprintreports.jira.client import Auth
from sprintreports.jira.reads import boards as read_boards
from sprintreports.jira.reads import burndowns
from sprintreports.jira.sites import Connection
from sprintreports.kit import clock, db
from sprintreports.metrics.burndown import Burndown, Step
from sprintreports.metrics.values import Amount
from tests.integration.sync_support import SYSTEM, connected, one, rows, synced
from tests.integration.told_histories import Events, is_made_up

ZONE = "America/New_York"


async def told_site(address: str) -> int:
    """The Jira at this address, synced; its one board in New York's zone."""
    site_id = await connected(Connection(address, Auth.BEARER, "", "a token"))
    async with db.transaction() as session:
        (board,) = await read_boards.listing(session, SYSTEM, site_id=site_id)
        await boards.set_board(session, SYSTEM, board.id, boards.BoardSettings(zone=ZONE), now=clock.now())
    outcome = await synced(site_id)
    assert (outcome.end, outcome.error) == ("done", None)
    return site_id


async def course(url: str, jira_sprint_id: int) -> Burndown:
    number = one(url, "SELECT id FROM sprint WHERE jira_sprint_id = %s", jira_sprint_id)
    async with db.transaction() as session:
        return await burndowns.read(session, SYSTEM, sprint_id=number, now=clock.now())


def as_lines(url: str, found: Burndown) -> list[str]:
    """One line a step, times in UTC: "04-10 13:07:07 RAINCATCH-507 done: 40 of 43"."""
    keys = dict(rows(url, "SELECT jira_issue_id, key FROM issue"))
    return [_line(step, keys) for step in found.steps if step.event is not None]


def _line(step: Step, keys: Mapping[int, str]) -> str:
    event = step.event
    assert event is not None
    before, after = (
        "none" if side is None else points(Amount.of(side)) for side in (event.before, event.after)
    )
    what = {"entered": f"{event.reason} with {after}", "left": f"{event.reason} with {before}",
            "reestimated": f"{before} became {after}"}.get(event.kind.value, event.kind.value)  # fmt: skip
    return f"{step.at:%m-%d %H:%M:%S} {keys[event.issue]} {what}: {points(step.remaining)} of {points(step.scope)}"


def points(amount: Amount) -> int:
    whole, rest = divmod(amount.points, 1000)
    assert rest == 0
    return whole


def remaining_at_ends_of(found: Burndown, days: Sequence[str]) -> list[int]:
    """Our remaining points when each local day ended."""
    return [points(step_at_end_of(found, day).remaining) for day in days]


def scope_after(found: Burndown, day: str) -> int:
    """What scope changes after that day still bring."""
    assert found.last is not None
    return points(found.last.scope) - points(step_at_end_of(found, day).scope)


def step_at_end_of(found: Burndown, day: str) -> Step:
    zone = ZoneInfo(ZONE)
    return [step for step in found.steps if step.at.astimezone(zone).date().isoformat() <= day][-1]


def naive_burndown(issues: Mapping[str, Events], unsaid: Mapping[str, int], days: Sequence[str]) -> list[int]:
    """The collector's daily burndown: all that the sprint holds today, as estimated today, was there from the first day
    on; an issue is burnt on the day on which it first got any resolution, for good."""
    sizes = {key: _size(events, unsaid.get(key, 0)) for key, events in issues.items()}
    burnt = {key: _first_resolution(events) for key, events in issues.items()}
    return [
        sum(size for key, size in sizes.items() if not (burnt[key] and burnt[key] <= day)) for day in days
    ]


def _size(events: Events, unsaid: int) -> int:
    noted = events.get("Story Points")
    if not noted:
        return unsaid
    latest = max(noted, key=lambda event: (not is_made_up(event), datetime.fromisoformat(event["change"])))[
        "to"
    ]
    return int(latest or 0)


def _first_resolution(events: Events) -> str:
    found = [event["change"] for event in events.get("Resolution", ()) if event["to"] is not None]
    return min(found, default="")[:10]


def naive_guideline(total: int, days: Sequence[str]) -> list[float]:
    """The collector's straight line: an equal part a weekday, the first day included."""
    working = [day for day in days if datetime.fromisoformat(day).weekday() < 5]
    return [total * (1 - sum(one <= day for one in working) / len(working)) for day in days]
