"""When some of the open issues are to happen, as the company's Jira says it: a class, due dates, planned starts and ends.

Given when a tribe's life has been lived, by a stream of chance of its own: nothing else of the company depends on it. An issue has
it from birth, so that no changelog tells of it.
"""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sprintreports.demo import planning
from sprintreports.demo.catalog import EPIC, FLEXIBLE, TARGET, TOKEN_OWNER_ZONE, WINDOW
from sprintreports.demo.model import Issue, Sprint
from sprintreports.demo.team import Team

_BEGINS = time(10)
_LASTS = timedelta(hours=2)
_MIDWEEK = (1, 2, 3)  # hardly a holiday falls there
_ZONES = {team.name: team.zone for team in planning.TEAMS}


def give(life: Team, *, seed: str, now: int) -> None:
    """Of each sprint that is not over, one issue of every kind, as far as there are enough."""
    rng = random.Random(f"{seed}/timing/{life.tribe.index}")
    for sprint in life.world.sprints.values():
        if sprint.state == "closed" or sprint.planned_start is None or sprint.planned_end is None:
            continue
        days = _days(max(sprint.planned_start, now), sprint.planned_end)
        issues = _plannable(life, sprint)
        if len(days) < len(_MIDWEEK) or len(issues) < len(_GIVEN):
            continue
        for issue, give_to in zip(rng.sample(issues, len(_GIVEN)), _GIVEN, strict=True):
            give_to(issue, rng.choice(days))


def _plannable(life: Team, sprint: Sprint) -> list[Issue]:
    """Open, estimated, of a team, without a due date of its own, and of no script, which says all about its issues itself."""
    return [
        issue
        for issue in life.world.issues
        if sprint.id in issue.sprints
        and life.free(issue)
        and not issue.is_done
        and not issue.is_subtask
        and issue.type is not EPIC
        and issue.team is not None
        and issue.due is None
        and issue.estimate(life.tribe.estimation) is not None
    ]


def _window(issue: Issue, day: date) -> None:
    """Two hours of the team's morning."""
    zone = ZoneInfo(_ZONES.get(issue.team or "", TOKEN_OWNER_ZONE))
    begins = datetime.combine(day, _BEGINS, tzinfo=zone)
    issue.scheduling = WINDOW
    issue.planned_start, issue.planned_end = _stamp(begins), _stamp(begins + _LASTS)


def _target(issue: Issue, day: date) -> None:
    issue.scheduling, issue.due = TARGET, day.isoformat()


def _due(issue: Issue, day: date) -> None:
    """A due date alone, as most of them are."""
    issue.due = day.isoformat()


def _flexible(issue: Issue, _day: date) -> None:
    issue.scheduling = FLEXIBLE


_GIVEN = (_window, _target, _due, _flexible)


def _days(since: int, until: int) -> list[date]:
    """The middle days of the weeks between two instants, the first and the last day left out."""
    first, last = (datetime.fromtimestamp(at / 1000, UTC).date() for at in (since, until))
    every = (first + timedelta(days=number) for number in range(1, (last - first).days))
    return [day for day in every if day.weekday() in _MIDWEEK]


def _stamp(at: datetime) -> int:
    return int(at.timestamp()) * 1000
