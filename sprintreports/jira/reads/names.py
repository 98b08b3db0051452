"""Names for the ids that reports and events speak of: teams, people, issues."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.identity.viewer import Viewer
from sprintreports.jira.reads import access
from sprintreports.kit.cache import Kept
from sprintreports.metrics.sprint_report import Breakdown, Dimension, SprintReport

NO_TEAM, NOBODY, NO_STAKEHOLDER, UNKNOWN = "No team", "Unassigned", "No stakeholder", "Not known"


@dataclass(frozen=True, slots=True)
class Names:
    """Teams and people of a report by id."""

    teams: Mapping[int, str]
    people: Mapping[int, str]

    def team(self, team_id: int | None) -> str:
        return NO_TEAM if not team_id else self.teams.get(team_id, UNKNOWN)

    def person(self, person_id: int | None) -> str:
        return NOBODY if person_id is None else self.people.get(person_id, UNKNOWN)

    def label(self, part: Breakdown) -> str:
        """A breakdown's label as a reader knows it."""
        if part.dimension is Dimension.TEAM:
            return self.team(int(part.label))
        if part.dimension is Dimension.STAKEHOLDER and not part.label:
            return NO_STAKEHOLDER
        if part.dimension in (Dimension.ASSIGNEE, Dimension.STAKEHOLDER):
            return self.person(int(part.label) if part.label else None)
        return part.label or UNKNOWN

    def labels(self, parts: Collection[Breakdown]) -> dict[str, str]:
        """The readers' labels by the parts' own."""
        return {part.label: self.label(part) for part in parts}


@dataclass(frozen=True, slots=True)
class IssueName:
    """How an issue is called and where it is in Jira."""

    key: str
    summary: str
    url: str


_NAMES = """
SELECT 'team', id, name FROM discipline WHERE id = ANY(CAST(:teams AS bigint[]))
UNION ALL SELECT 'person', id, name FROM jira_person WHERE id = ANY(CAST(:people AS bigint[]))
"""
_ISSUES = "SELECT jira_issue_id, key, summary FROM issue WHERE site_id = :site AND jira_issue_id = ANY(CAST(:ids AS bigint[]))"


_kept = Kept[dict[int, IssueName]](most=20_000, weigh=len)


async def of_report(session: AsyncSession, viewer: Viewer, report: SprintReport) -> Names:
    """The names of all teams and people that the report breaks down by; one query."""
    teams = {team.discipline for team in report.teams}
    people = {
        int(part.label)
        for dimension in (Dimension.ASSIGNEE, Dimension.STAKEHOLDER)
        for part in report.of(dimension)
        if part.label
    }
    return await of_ids(session, viewer, teams=teams, people=people)


async def of_ids(
    session: AsyncSession, viewer: Viewer, *, teams: Collection[int] = (), people: Collection[int] = ()
) -> Names:
    """The names of these teams and people as they are now; who was erased has the alias. One query."""
    access.boards_of(viewer)
    found = await session.execute(text(_NAMES), {"teams": sorted(teams), "people": sorted(people)})
    rows = found.all()
    return Names(
        teams={row[1]: row[2] for row in rows if row[0] == "team"},
        people={row[1]: row[2] for row in rows if row[0] == "person"},
    )


async def of_issues(
    session: AsyncSession,
    viewer: Viewer,
    *,
    sprint_id: int,
    board_id: int | None = None,
    issue_ids: Collection[int],
) -> dict[int, IssueName]:
    """Key, summary and link of a sprint's issues, by Jira's issue id: for the steps of a burndown."""
    place = await access.place(session, viewer, sprint_id=sprint_id, board_id=board_id)

    async def read() -> dict[int, IssueName]:
        found = await session.execute(text(_ISSUES), {"site": place.site_id, "ids": sorted(issue_ids)})
        return {row[0]: IssueName(row[1], row[2], access.issue_url(place.base_url, row[1])) for row in found}

    return await _kept.get((place.texts, frozenset(issue_ids)), read)
