"""Sprints to plan, made from a seed: 100 teams, 600 people, 15 % of the issues blocked, half of those across teams."""

import random
from datetime import UTC, datetime

from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.values import Amount, Estimate, Unit
from sprintreports.planning.queue.schedule import OfficeHours
from sprintreports.planning.queue.values import Blocker, Candidate, Inputs, Person, Sprint, TeamLimit

TEAMS, PEOPLE = 100, 600
_POINTS = (1, 1, 2, 2, 3, 3, 5, 5, 8, 13)
_BLOCKED, _ACROSS, _ROOM = 0.15, 0.5, 0.6


def instance(issues: int, *, seed: int, across: bool = True, teams: int = TEAMS) -> Inputs:
    """Teams have room for three fifths of their work. across False: no link leaves its team."""
    chance = random.Random(seed)  # noqa: S311  # an instance, not a secret
    team_of = [chance.randrange(teams) for _ in range(issues)]
    in_team: dict[int, list[int]] = {}
    candidates: list[Candidate] = []
    total = [0] * teams
    for number in range(issues):
        team = team_of[number]
        points = 1000 * chance.choice(_POINTS)
        blockers: tuple[Blocker, ...] = ()
        if number and chance.random() < _BLOCKED:
            elsewhere = across and chance.random() < _ACROSS
            pool = range(number) if elsewhere else in_team.get(team, ())
            if pool:
                other = chance.choice(pool)
                blockers = (Blocker(other, f"PLAN-{other}"),)
        in_team.setdefault(team, []).append(number)
        total[team] += points
        candidates.append(
            Candidate(
                issue=number,
                key=f"PLAN-{number}",
                team=team,
                estimate=Estimate(points, None),
                stakeholder=chance.randrange(40),
                assignee=chance.randrange(PEOPLE),
                priority=chance.randrange(5),
                rank=f"0|i{chance.randrange(36**6):08d}:",
                blockers=blockers,
            )
        )
    limits = [
        TeamLimit(team, f"Team {team}", Unit.POINTS, Amount(1000 * round(total[team] * _ROOM / 1000), 0, 0))
        for team in range(teams)
    ]
    hours = OfficeHours(WorkCalendar("Europe/Berlin"))
    return Inputs(
        candidates=candidates,
        limits=limits,
        sprint=Sprint(datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 12, 4, 16, tzinfo=UTC)),
        people=[Person(person) for person in range(PEOPLE)],
        calendars=dict.fromkeys(range(teams), hours),
    )
