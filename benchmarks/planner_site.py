"""Generated sprints as a synchronised Jira's rows: every issue, link, team and amount of `queue_instances`."""

from fractions import Fraction

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.queue_instances import instance
from sprintreports.cli import accounts
from sprintreports.identity.viewer import Viewer
from sprintreports.jira.payloads import RawIssue
from sprintreports.jira.reads import disciplines
from sprintreports.kit import clock, db
from sprintreports.planning import by_hand, discovering
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.queue.options import Options
from sprintreports.planning.queue.values import Inputs
from sprintreports.planning.queue_inputs.reading import Sources
from sprintreports.planning.queues import serving
from tests.integration.jira_site import fill, make_site
from tests.unit.jira.samples import issue

_SYSTEM = Viewer.system()
_ACTIVE, _COMING = 3, 4  # Jira's numbers of the sprints of `jira_site`
_APART = 100_000  # between the issues of the two sprints
_PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
_PLACED = text("""
UPDATE board_issue b SET place = now_at.place
FROM (SELECT * FROM unnest(CAST(:issues AS bigint[]), CAST(:places AS integer[]))) AS now_at(issue, place)
WHERE b.jira_issue_id = now_at.issue
""")
_SPRINTS = text("SELECT jira_sprint_id, id FROM sprint")


async def filled(small: int, large: int) -> tuple[int, int]:
    """A sprint with so many issues and one with so many more, of one board: our ids of both."""
    await accounts.ensure_first_admin()
    sizes = {_ACTIVE: instance(small, seed=1), _COMING: instance(large, seed=1)}
    async with db.transaction() as session:
        site = await make_site(session)
        issues = [one for sprint, inputs in sizes.items() for one in _issues(inputs, sprint)]
        await fill(session, site, issues)
        await _rank(session, sizes)
    async with db.transaction() as session:
        values = [row.id for row in await disciplines.listing(session, _SYSTEM)]
        teams = {
            team.settings.name: team.id
            for team in await discovering.make_teams(session, _SYSTEM, values, separator="")
        }
        sprints = {row[0]: row[1] for row in await session.execute(_SPRINTS)}
        for sprint, inputs in sizes.items():
            for limit in inputs.limits:
                amount = Fraction(limit.capacity.points, 1000)
                await by_hand.put(
                    session,
                    _SYSTEM,
                    team_id=teams[limit.name],
                    sprint_id=sprints[sprint],
                    override=Override(Measure.AMOUNT, amount, reason="measured"),
                    replaces=None,
                    now=clock.now(),
                )
    return sprints[_ACTIVE], sprints[_COMING]


async def queue_of(sprint: int, algorithm: str) -> int:
    """A draft of the sprint, with its first version kept. Its id."""
    async with db.transaction() as session:
        begun = await serving.begin(
            session,
            _SYSTEM,
            sprint_id=sprint,
            name=f"Plan by {algorithm}",
            options=Options(algorithm=algorithm),
            sources=Sources(),
            now=clock.now(),
        )
        basis = await serving.basis(session, _SYSTEM, begun.id, now=clock.now())
        await serving.keep(session, _SYSTEM, basis, await serving.made(basis), now=clock.now())
        return begun.id


def _issues(inputs: Inputs, sprint: int) -> list[RawIssue]:
    return [
        issue(
            _number(one.issue, sprint),
            project="PLAN",
            points=(one.estimate.points or 0) / 1000,
            sprints=[sprint],
            team=f"Team {one.team}",
            owner=f"owner-{one.stakeholder}",
            assignee=f"person-{one.assignee}",
            priority={"id": "1", "name": _PRIORITIES[one.priority]},
            issuelinks=[
                {"type": {"name": "Blocks"}, "inwardIssue": {"id": str(_number(blocker.issue, sprint))}}
                for blocker in one.blockers
            ],
        )
        for one in inputs.candidates
    ]


async def _rank(session: AsyncSession, sizes: dict[int, Inputs]) -> None:
    """The board's order, as it would have been read from Jira."""
    ordered = [
        _number(one.issue, sprint)
        for sprint, inputs in sizes.items()
        for one in sorted(inputs.candidates, key=lambda one: one.rank)
    ]
    await session.execute(_PLACED, {"issues": ordered, "places": list(range(1, len(ordered) + 1))})


def _number(issue: int, sprint: int) -> int:
    return sprint * _APART + issue + 1
