"""A sprint to plan: two teams with a capacity, what blocks what in and around it, carry-over, sub-tasks and a backlog."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira.payloads import RawIssue
from sprintreports.planning import by_hand, discovering, members
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.queue_inputs.reading import ReadInputs, Sources, read
from tests.integration.jira_site import NOW, fill, make_site
from tests.integration.planning_site import ADMIN
from tests.unit.jira.samples import issue

QA, WEB = "EMEA / QA", "EMEA / Web"


@dataclass(frozen=True, slots=True)
class QueueSite:
    """Ids of ours: of sprints and boards by Jira's number, of people in Jira by account, of teams and values by name."""

    sprints: dict[int, int]
    boards: dict[int, int]
    people: dict[str, int]
    teams: dict[str, int]
    values: dict[str, int]


def blocked_by(*numbers: int, kind: str = "Blocks") -> list[dict[str, Any]]:
    return [{"type": {"name": kind}, "inwardIssue": {"id": str(number)}} for number in numbers]


def priority(name: str) -> dict[str, str]:
    return {"id": "1", "name": name}


def issues(more: int = 0) -> list[RawIssue]:
    """`more`: how many more of them."""
    return [
        issue(
            10, team=QA, points=3, sprints=[3], assignee="bela", owner="olga",
            priority=priority("High"), issuelinks=blocked_by(11, 999),
        ),
        issue(11, team=WEB, points=5, sprints=[3], assignee="ada", issuelinks=blocked_by(18)),
        issue(12, team=QA, points=2, sprints=[2, 3], issuelinks=blocked_by(16)),
        issue(13, team=QA, sprints=[3, 4], priority=priority("Odd"), issuelinks=blocked_by(17, kind="BLOCKS")),
        issue(14, team=WEB, subtask_of=11),
        issue(15, team=WEB, points=1, sprints=[3], status="3"),
        issue(16, team=QA, points=8),
        issue(17, team=QA, points=1, sprints=[4]),
        issue(18, team=WEB, points=1, sprints=[2], issuelinks=blocked_by(10, kind="Relates")),
        issue(19, points=2, sprints=[3], priority=priority("Low")),
        issue(20, team="Ops", points=2, sprints=[3]),
        issue(21, team=WEB, points=1, priority=priority("Highest")),
        *(issue(100 + n, team=QA, points=1, sprints=[3], assignee=f"p{n}") for n in range(more)),
    ]  # fmt: skip


async def queue_site(session: AsyncSession, *, more: int = 0) -> QueueSite:
    site = await make_site(session, boards=(7, 8))
    await fill(session, site, issues(more), boards=(7,))
    values = await _ids(session, "SELECT name, id FROM discipline")
    people = await _ids(session, "SELECT account_key, id FROM jira_person")
    sprints = await _ids(session, "SELECT jira_sprint_id, id FROM sprint")
    made = await discovering.make_teams(session, ADMIN, [values[QA], values[WEB]])
    teams = {team.settings.name: team.id for team in made}
    await members.add(session, ADMIN, teams[QA], [people["bela"]], version=None)
    for name, amount in ((QA, 6), (WEB, 5)):
        override = Override(Measure.AMOUNT, Fraction(amount), reason="agreed")
        await by_hand.put(
            session, ADMIN, team_id=teams[name], sprint_id=sprints[3], override=override, replaces=None, now=NOW
        )  # fmt: skip
    return QueueSite(
        sprints, await _ids(session, "SELECT jira_board_id, id FROM board"), people, teams, values
    )


async def _ids(session: AsyncSession, query: str) -> dict[Any, int]:
    rows: Mapping[Any, int] = dict(tuple(row) for row in await session.execute(text(query)))
    return dict(rows)


async def inputs_of(session: AsyncSession, site: QueueSite, **more) -> ReadInputs:
    sources = more.pop("sources", Sources())
    more = {"unit": None, "now": NOW} | more
    return await read(session, ADMIN, sprint_id=site.sprints[3], sources=sources, **more)
