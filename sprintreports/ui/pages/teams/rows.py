"""Teams as text: pure. Groups stand before what belongs to them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sprintreports.jira.reads.disciplines import DisciplineRow
from sprintreports.planning.teams import TeamRow
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import address
from sprintreports.ui.numbers import counted
from sprintreports.ui.planning import figures
from sprintreports.ui.planning.entering import WEEKDAYS, region_text

PATH = "/teams"
_NAMED = 3
_UNITS = dict(figures.UNITS)


@dataclass
class TeamLine:
    """One team of the list. depth: how many groups it is within, as far as they are shown."""

    id: str = ""
    name: str = ""
    link: str = ""
    depth: int = 0
    path: str = ""
    members: str = ""
    unit: str = ""
    calendar: str = ""
    stands_for: str = ""
    may: bool = False


@dataclass
class ValueLine:
    """A value of Jira that no team stands for. field: its name in the form."""

    field: str = ""
    name: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A team in the tree. above: the names of the groups that it is within, from the top."""

    team: TeamRow
    above: tuple[str, ...]


def tree(found: Sequence[TeamRow]) -> list[Placed]:
    """The teams as a tree, read from top to bottom; a group that is not among them is left out."""
    known = {team.id for team in found}
    below: defaultdict[int | None, list[TeamRow]] = defaultdict(list)
    for team in found:
        parent = team.settings.parent_id
        below[parent if parent in known and parent != team.id else None].append(team)
    placed: list[Placed] = []
    waiting = [Placed(team, ()) for team in reversed(below.pop(None, []))]
    while waiting:
        one = waiting.pop()
        placed.append(one)
        above = (*one.above, one.team.settings.name)
        waiting += [Placed(team, above) for team in reversed(below.pop(one.team.id, []))]
    # Two who put each other's group below theirs at once: shown beside each other, never left out.
    return placed + [Placed(team, ()) for ring in below.values() for team in ring]


def fitting(placed: Iterable[Placed], *, search: str, group: int | None) -> list[Placed]:
    """Those whose name has these words, within a group."""
    wanted = search.casefold().split()
    inside: set[int] = set() if group is None else {group}
    found: list[Placed] = []
    for one in placed:
        team = one.team
        if group is not None:
            if team.id != group and team.settings.parent_id not in inside:
                continue
            inside.add(team.id)
        if all(word in team.settings.name.casefold() for word in wanted):
            found.append(one)
    return found


def line(one: Placed, *, names: Mapping[int, str], may: bool, flat: bool) -> TeamLine:
    """flat: groups are not above their teams, as what was searched for stands alone."""
    team, settings = one.team, one.team.settings
    region = region_text(settings.country, settings.subdivision)
    return TeamLine(
        id=str(team.id),
        name=settings.name,
        link=address("/team", team=team.id),
        depth=0 if flat else min(len(one.above), 6),
        path=" › ".join(one.above) if flat else "",
        members=counted(team.members, "member") if team.members else "Nobody yet",
        unit=_UNITS[settings.unit.value],
        calendar=", ".join(
            [settings.zone, weekdays(settings.weekdays), f"holidays of {region}" if region else "no holidays"]
        ),
        stands_for=_values([names[value] for value in team.disciplines if value in names]),
        may=may,
    )


def weekdays(numbers: Sequence[int]) -> str:
    """ "Mon–Fri", "Mon, Wed, Thu"."""
    short = [WEEKDAYS[number][:3] for number in numbers]
    in_a_row = len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1))
    return f"{short[0]}–{short[-1]}" if in_a_row else ", ".join(short)


def value_lines(rows: Iterable[DisciplineRow]) -> list[ValueLine]:
    return [ValueLine(f"value-{row.id}", row.name or "(empty)", row.site_name) for row in rows]


def groups(placed: Iterable[Placed]) -> list[Option]:
    """Teams that other teams belong to, to look at one of them."""
    found = list(placed)
    parents = {one.team.settings.parent_id for one in found}
    return [choice(one) for one in found if one.team.id in parents]


def choice(one: Placed) -> Option:
    return Option(str(one.team.id), " › ".join([*one.above, one.team.settings.name]))


def _values(names: Sequence[str]) -> str:
    if not names:
        return "None: nothing is counted for it"
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
