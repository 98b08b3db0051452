"""How a plan fares, as text: what each team has done, what is next, what slipped, what came fresh. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sprintreports.jira.reads.names import IssueName
from sprintreports.metrics.values import Unit
from sprintreports.planning.queue.results import Queue
from sprintreports.planning.queues.exports.lines import NOBODY
from sprintreports.planning.queues.progress import ItemProgress, Progress, Standing, TeamProgress
from sprintreports.ui.dates import moment_of_day
from sprintreports.ui.numbers import counted, whole
from sprintreports.ui.planning import plans

MOST_SLIPPED = 10  # of a team; more are counted
MOST_OUTSIDE = 50


@dataclass
class IssueNote:
    """An issue with a word about it."""

    key: str = ""
    url: str = ""
    summary: str = ""
    note: str = ""


@dataclass
class TeamLine:
    """A team: done: of how much, and share as a number for the bar; waiting: what cannot be begun yet."""

    name: str = ""
    done: str = ""
    share: int = 0
    finished: bool = False
    next: list[IssueNote] = field(default_factory=list)
    idle: str = ""
    slipped: list[IssueNote] = field(default_factory=list)
    more: str = ""
    waiting: list[IssueNote] = field(default_factory=list)
    more_waiting: str = ""


def shown_issues(progress: Progress) -> set[int]:
    """The issues that are named on the page."""
    found = {*progress.extra[:MOST_OUTSIDE], *progress.fresh[:MOST_OUTSIDE]}
    for team in progress.teams:
        several = (*team.next, *team.slipped[:MOST_SLIPPED], *_waiting(team)[:MOST_SLIPPED])
        found |= {one.placement.issue for one in several}
    return found


def shown_people(progress: Progress) -> set[int]:
    """Who is next."""
    return {
        one.placement.assignee
        for team in progress.teams
        for one in team.next
        if one.placement.assignee is not None
    }


def reading(progress: Progress) -> str:
    """The whole plan in a sentence."""
    items = [one for team in progress.teams for one in team.items]
    done = sum(one.standing is Standing.DONE for one in items)
    said = [f"{whole(done)} of {counted(len(items), 'planned issue')} done"]
    late = sum(one.late for one in items)
    gone = sum(one.standing is Standing.GONE for one in items)
    if late:
        said.append(f"{whole(late)} late")
    if gone:
        said.append(f"{whole(gone)} no longer in the sprint")
    if progress.fresh:
        said.append(
            f"{whole(len(progress.fresh))} came fresh and {'is' if len(progress.fresh) == 1 else 'are'} not in the plan"
        )
    return ", ".join(said) + "."


def team_lines(
    progress: Progress,
    queue: Queue,
    issues: Mapping[int, IssueName],
    people: Mapping[int, str],
    zone: ZoneInfo,
) -> list[TeamLine]:
    """A line a team that has something planned."""
    units = {team.team: team.unit for team in queue.teams}
    return [_team(team, units[team.team], issues, people, zone) for team in progress.teams if team.items]


def outside(numbers: Sequence[int], issues: Mapping[int, IssueName]) -> tuple[list[IssueNote], str]:
    """Issues that the plan does not have in, by key, and how many more there are."""
    shown = [_note(issue, "", issues, "") for issue in numbers[:MOST_OUTSIDE] if issue in issues]
    return shown, _more(len(numbers), len(shown))


def _team(
    team: TeamProgress,
    unit: Unit,
    issues: Mapping[int, IssueName],
    people: Mapping[int, str],
    zone: ZoneInfo,
) -> TeamLine:
    slipped, waiting = team.slipped, _waiting(team)
    finished = all(one.standing in (Standing.DONE, Standing.GONE) for one in team.items)
    return TeamLine(
        name=team.name,
        done=_done(team, unit),
        share=round(100 * team.done / team.load) if team.load else 100 * finished,
        finished=finished,
        next=[_next(one, issues, people) for one in team.next],
        idle=_idle(team, finished=finished),
        slipped=[_slipped(one, issues, zone) for one in slipped[:MOST_SLIPPED]],
        more=_more(len(slipped), MOST_SLIPPED),
        waiting=[_waits(one, issues) for one in waiting[:MOST_SLIPPED]],
        more_waiting=_more(len(waiting), MOST_SLIPPED),
    )


def _done(team: TeamProgress, unit: Unit) -> str:
    count = sum(one.standing is Standing.DONE for one in team.items)
    said = f"{whole(count)} of {counted(len(team.items), 'issue')}"
    if unit is Unit.COUNT:
        return said
    return f"{said}, {plans.load_text(team.done, unit)} of {plans.load_text(team.load, unit)}"


def _idle(team: TeamProgress, *, finished: bool) -> str:
    if team.next:
        return ""
    return (
        "All that was planned is done."
        if finished
        else "Nothing can be begun: all that is left waits for something."
    )


def _waiting(team: TeamProgress) -> Sequence[ItemProgress]:
    return [one for one in team.items if one.standing is Standing.WAITING]


def _next(one: ItemProgress, issues: Mapping[int, IssueName], people: Mapping[int, str]) -> IssueNote:
    who = one.placement.assignee
    name = NOBODY if who is None else people.get(who) or f"Person {who}"
    return _note(one.placement.issue, one.placement.key, issues, name)


def _slipped(one: ItemProgress, issues: Mapping[int, IssueName], zone: ZoneInfo) -> IssueNote:
    if one.standing is Standing.GONE:
        said = "has left the sprint undone"
    elif one.placement.finish is None:
        said = "late"
    else:
        said = f"was to be done by {moment_of_day(one.placement.finish, zone)}"
    if one.waits_for:
        said += f", waits for {_keys(one.waits_for)}"
    return _note(one.placement.issue, one.placement.key, issues, said)


def _waits(one: ItemProgress, issues: Mapping[int, IssueName]) -> IssueNote:
    return _note(one.placement.issue, one.placement.key, issues, f"for {_keys(one.waits_for)}")


def _keys(keys: Collection[str]) -> str:
    shown = sorted(keys)[:3]
    return ", ".join(shown) + (f" and {len(keys) - len(shown)} more" if len(keys) > len(shown) else "")


def _note(issue: int, key: str, issues: Mapping[int, IssueName], said: str) -> IssueNote:
    found = issues.get(issue)
    if found is None:
        return IssueNote(key or f"Issue {issue}", "", "", said)
    return IssueNote(found.key, found.url, found.summary, said)


def _more(count: int, shown: int) -> str:
    return f"and {counted(count - shown, 'more issue')}" if count > shown else ""


def undated(items: Iterable[ItemProgress]) -> bool:
    """Whether nothing has an expected time, so that nothing can be late."""
    return not any(one.placement.finish for one in items)
