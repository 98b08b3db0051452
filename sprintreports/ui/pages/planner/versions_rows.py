"""From a version that was kept to what is shown of it: a team's order, by rounds where it was dealt in rounds. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from zoneinfo import ZoneInfo

from sprintreports.planning.queue.options import Algorithm
from sprintreports.planning.queue.results import Placement, Queue, Side, TeamQueue
from sprintreports.planning.queues.exports.lines import Line, Names, lines_of
from sprintreports.planning.queues.exports.words import SCHEDULING
from sprintreports.planning.queues.states import QueueState
from sprintreports.planning.queues.store import QueueInfo
from sprintreports.planning.queues.versions import Version
from sprintreports.ui.dates import instant, moment_of_day
from sprintreports.ui.numbers import UNKNOWN, counted, plain, short_unit, whole
from sprintreports.ui.planning import plans

PER_PAGE = 100
_BY_ROUNDS = frozenset({str(Algorithm.ROUND_ROBIN), str(Algorithm.WEIGHTED_FAIR)})


@dataclass
class VersionLine:
    """A version in the list."""

    number: str = ""
    name: str = ""
    note: str = ""
    author: str = ""
    made: str = ""
    algorithm: str = ""
    inside: str = ""
    below: str = ""
    conflicts: str = ""
    fairness: str = ""
    proof: str = ""


@dataclass
class TeamLine:
    """A team of a version as its users know it: issues, stakeholders, load, capacity, fairness, share."""

    id: str = ""
    name: str = ""
    issues: str = ""
    stakeholders: str = ""
    load: str = ""
    capacity: str = ""
    used: str = ""
    fairness: str = ""
    wait: str = ""
    below: str = ""
    share: str = ""
    chosen: bool = False


@dataclass
class IssueLine:
    """One issue in its team's order."""

    position: str = ""
    place: str = ""
    key: str = ""
    url: str = ""
    summary: str = ""
    stakeholder: str = ""
    assignee: str = ""
    type: str = ""
    priority: str = ""
    scheduling: str = ""
    tone: str = ""
    load: str = ""
    running: str = ""
    when: str = ""
    why: str = ""


@dataclass
class Group:
    """A round, or what stands below the cut-line or aside."""

    title: str = ""
    note: str = ""
    lines: list[IssueLine] = field(default_factory=list)


def version_line(version: Version, people: Mapping[int, str], zone: ZoneInfo) -> VersionLine:
    figures = version.summary
    return VersionLine(
        number=str(version.number),
        name=f"Version {version.number}",
        note=version.note,
        author=people.get(version.created_by, UNKNOWN),
        made=instant(version.created_at, zone),
        algorithm=plans.algorithm_name(figures.algorithm) if figures else UNKNOWN,
        inside=whole(figures.inside) if figures else UNKNOWN,
        below=whole(figures.below) if figures else UNKNOWN,
        conflicts=plans.conflicts_text(figures) if figures else UNKNOWN,
        fairness=plans.fairness_text(figures.fairness) if figures else UNKNOWN,
        proof="proven best" if figures and figures.proven else "",
    )


def state_text(info: QueueInfo, zone: ZoneInfo) -> str:
    """What the state means, and since when."""
    if info.state is QueueState.ACTIVE:
        return f"The plan of its sprint since {instant(info.activated_at, zone)}. It can still be edited."
    if info.state is QueueState.COMPLETED:
        return f"Completed {instant(info.completed_at, zone)}. It stays as it was; begin a new queue from a version to go on."
    if info.state is QueueState.ARCHIVED:
        return f"Put away {instant(info.archived_at, zone)}. It stays as it was; begin a new queue from a version to go on."
    return "A draft: people may edit it, and nobody works by it yet."


def ahead_text(info: QueueInfo, steps: int, *, any_kept: bool) -> str:
    """What no version has yet; empty where all is kept."""
    if not info.editable:
        return ""
    if not any_kept:
        return "No version is kept yet. Keep a first one before this queue becomes the plan of its sprint."
    if not steps:
        return ""
    return (
        f"{counted(steps, 'edit')} since the last version {'is' if steps == 1 else 'are'} in no version yet."
    )


def team_lines(queue: Queue, *, chosen: str) -> list[TeamLine]:
    inside = {team.team: _count(team, Side.IN) for team in queue.teams}
    total = sum(inside.values())
    return [
        TeamLine(
            id=team_id(team),
            name=team.name,
            issues=whole(inside[team.team]),
            stakeholders=whole(team.stakeholders),
            load=plans.load_text(team.load, team.unit),
            capacity=plans.load_text(team.capacity, team.unit),
            used=plans.share_text(team.load, team.capacity),
            fairness=plans.fairness_text(team.fairness.index),
            wait=plans.wait_text(team.fairness),
            below=whole(_count(team, Side.BELOW)),
            share=plans.share_text(inside[team.team], total),
            chosen=team_id(team) == chosen,
        )
        for team in in_sight(queue)
    ]


def in_sight(queue: Queue) -> list[TeamQueue]:
    """The teams in the order in which they are shown: those with something in, with anything at all, the others."""
    return sorted(queue.teams, key=lambda team: (not _count(team, Side.IN), not team.placements))


def team_id(team: TeamQueue) -> str:
    """As it is chosen by; the issues without a team have one too."""
    return "none" if team.team is None else str(team.team)


def in_rounds(queue: Queue) -> bool:
    """Whether it was dealt in rounds, and is shown so."""
    return str(queue.options.algorithm) in _BY_ROUNDS


def part(queue: Queue, team: TeamQueue, number: int) -> tuple[Queue, int]:
    """The queue cut to one page of one team's order, and how many pages there are; of a number beyond, the last."""
    pages = max(1, -(-len(team.placements) // PER_PAGE))
    first = (min(max(number, 1), pages) - 1) * PER_PAGE
    shown = replace(team, placements=team.placements[first : first + PER_PAGE])
    return replace(queue, teams=(shown,), conflicts=()), pages


def groups(shown: Queue, names: Names, whole_queue: Queue, zone: ZoneInfo) -> list[Group]:
    """One page of a team's order, round by round. whole_queue: what the reasons speak of."""
    (team,) = shown.teams
    rounds = in_rounds(shown)
    pairs = zip(team.placements, _lines(shown, names, whole_queue), strict=True)
    found: list[Group] = []
    for key, several in groupby(pairs, key=lambda pair: _group_of(pair[0], rounds=rounds)):
        title, note = key
        found.append(Group(title, note, [_issue(line, zone) for _, line in several]))
    return found


def _lines(shown: Queue, names: Names, whole_queue: Queue) -> Iterable[Line]:
    """The shown team's lines; other teams stay in, without issues, since reasons name them."""
    (team,) = shown.teams
    empty = [replace(one, placements=()) for one in whole_queue.teams if one.team != team.team]
    return lines_of(replace(shown, teams=(team, *empty)), names)


def _group_of(placement: Placement, *, rounds: bool) -> tuple[str, str]:
    if placement.side is Side.BELOW:
        return "Below the cut-line", "These wait for room, or for something else."
    if placement.side is Side.ASIDE:
        return "Aside", "These take no part: they are done, left out, or counted elsewhere."
    if not rounds:
        return "In the plan", ""
    if not placement.round:
        return "Before the rounds", "Pinned, at exact times, kept from before, or needed by such."
    return f"Round {placement.round}", ""


def _issue(line: Line, zone: ZoneInfo) -> IssueLine:
    return IssueLine(
        position="" if line.position is None else whole(line.position),
        place="" if line.place is None else whole(line.place),
        key=line.key,
        url=line.url,
        summary=line.summary,
        stakeholder=line.stakeholder,
        assignee=line.assignee,
        type=line.type,
        priority=line.priority,
        scheduling=SCHEDULING[line.scheduling],
        tone=plans.TONES[line.scheduling],
        load=f"{plain(line.load)} {short_unit(line.load, line.unit)}",
        running="" if line.position is None else plain(line.running),
        when=_when(line, zone),
        why=line.why,
    )


def _when(line: Line, zone: ZoneInfo) -> str:
    """ "Tue 14 Oct, 09:30 – Wed 15 Oct, 11:00"; empty where it cannot be said."""
    if line.start is None or line.finish is None:
        return ""
    return f"{moment_of_day(line.start, zone)} – {moment_of_day(line.finish, zone)}"


def reading(queue: Queue, teams: Sequence[TeamLine]) -> str:
    """The version in a sentence."""
    inside = sum(_count(team, Side.IN) for team in queue.teams)
    below = sum(_count(team, Side.BELOW) for team in queue.teams)
    said = f"{counted(inside, 'issue')} in, {whole(below)} below the cut-line, {counted(len(teams), 'team')}"
    if queue.fairness.index is not None:
        said += f", fairness {plans.fairness_text(queue.fairness.index)} of 100"
    if queue.fairness.wait:
        said += f", longest wait {plans.wait_text(queue.fairness)}"
    return f"{said}."


def _count(team: TeamQueue, side: Side) -> int:
    return sum(one.side is side for one in team.placements)
