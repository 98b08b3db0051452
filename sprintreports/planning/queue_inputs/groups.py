"""Groups of teams in a queue: a group has teams below it and does no work of its own, so that nothing is planned for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sprintreports.jira.reads.candidates import IssueNow
from sprintreports.planning.sprint_plan import TeamBasis


@dataclass(frozen=True, slots=True)
class Grouped:
    """teams: those that work is planned for. groups: names of the others by Jira's values that they stand for."""

    teams: tuple[TeamBasis, ...]
    groups: dict[int, str]

    @property
    def team_of(self) -> dict[int, int]:
        """The team of each of Jira's values; a group's values are no team's."""
        return {value: one.team.id for one in self.teams for value in one.team.disciplines}

    def notes(self, issues: Iterable[IssueNow]) -> Iterable[str]:
        """A sentence for each group that issues belong to."""
        count: dict[str, int] = {}
        for one in issues:
            if one.discipline in self.groups and not one.done:
                name = self.groups[one.discipline]
                count[name] = count.get(name, 0) + 1
        for name, many in sorted(count.items()):
            yield (
                f"{many} {'issue belongs' if many == 1 else 'issues belong'} to {name}, which is a group of teams without members or a "
                "capacity of its own. They stand without a team until each is given to one of the group's teams."
            )


def grouped(bases: Sequence[TeamBasis]) -> Grouped:
    """A team with others below it is a group, unless it has members of its own or a figure that somebody set for this sprint."""
    above = {one.team.settings.parent_id for one in bases}
    planned: list[TeamBasis] = []
    groups: dict[int, str] = {}
    for one in bases:
        if one.team.id in above and not one.members and not one.basis.plan.overrides:
            groups |= dict.fromkeys(one.team.disciplines, one.team.settings.name)
        else:
            planned.append(one)
    return Grouped(tuple(planned), groups)
