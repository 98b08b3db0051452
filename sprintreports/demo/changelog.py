"""The changelog of an issue in Jira's words, in either dialect."""

from collections.abc import Callable, Sequence
from typing import cast

import msgspec

from sprintreports.demo import stamps
from sprintreports.demo.catalog import (
    DISCIPLINE_OPTION,
    FIELD_IDS,
    PRIORITY_NAME,
    RESOLUTIONS,
    SCHEDULING_OPTION,
    STATUS_BY_ID,
    TOKEN_OWNER_ZONE,
    TYPE_BY_ID,
    Dialect,
    Estimation,
)
from sprintreports.demo.model import Issue, Project, Sprint
from sprintreports.demo.people import Person
from sprintreports.demo.site import History

# How Jira names a value: what it stores and what it shows.
_Shown = tuple[str | None, str | None]

# Every so manieth issue has changelog entries that give sprints by their names alone.
NAMES_ONLY = 41


def text(value: str | None) -> str:
    return "null" if value is None else msgspec.json.encode(value).decode()


class Scribe:
    """Writes changelog entries for one site."""

    def __init__(
        self, dialect: Dialect, *, people: dict[int, Person], author_json: dict[int, str], projects: dict[str, Project],
        sprints: dict[int, Sprint], key_of: Callable[[int], str],
    ) -> None:  # fmt: skip
        self._cloud = dialect is Dialect.CLOUD
        self._ids = FIELD_IDS[dialect]
        self._people = people
        self._author_json = author_json
        self._projects = projects
        self._sprints = sprints
        self._key_of = key_of
        self._seen: dict[tuple[object, ...], tuple[str | None, str]] = {}
        self._show: dict[str, Callable[[object], _Shown]] = {
            "status": lambda value: (str(value), STATUS_BY_ID[str(value)].name),
            "assignee": self._person,
            "owner": self._person,
            "priority": lambda value: (str(value), PRIORITY_NAME[str(value)]),
            "type": lambda value: (str(value), TYPE_BY_ID[str(value)].name),
            "team": lambda value: (DISCIPLINE_OPTION[str(value)], str(value)),
            "resolution": lambda value: (str(value), RESOLUTIONS[str(value)]),
            "epic": self._issue,
            "parent": self._issue,
            "project": lambda value: (str(value), self._projects[str(value)].name),
            "key": lambda value: (None, str(value)),
            "summary": lambda value: (None, str(value)),
            "description": lambda value: (None, str(value)),
            "due": lambda value: (str(value), f"{value} 00:00:00.0"),
            "scheduling": lambda value: (SCHEDULING_OPTION[str(value)], str(value)),
            "planned_start": _moment,
            "planned_end": _moment,
            "labels": _labels,
            "seconds": lambda value: (str(value), str(value)),
            "points": lambda value: (None, points_text(value)),
        }
        self._names: dict[str, tuple[str, str, str | None]] = {
            "status": ("status", "jira", "status"),
            "assignee": ("assignee", "jira", "assignee"),
            "owner": ("Owner", "custom", self._ids.owner),
            "priority": ("priority", "jira", "priority"),
            "type": ("issuetype", "jira", "issuetype"),
            "team": ("Discipline Team", "custom", self._ids.discipline),
            "resolution": ("resolution", "jira", "resolution"),
            "epic": ("Epic Link", "custom", self._ids.epic_link),
            "parent": ("Parent", "jira", "parent"),
            "project": ("project", "jira", "project"),
            "key": ("Key", "jira", "issuekey"),
            "summary": ("summary", "jira", "summary"),
            "description": ("description", "jira", "description"),
            "due": ("duedate", "jira", "duedate"),
            "scheduling": ("Scheduling", "custom", self._ids.scheduling),
            "planned_start": ("Planned start", "custom", self._ids.planned_start),
            "planned_end": ("Planned end", "custom", self._ids.planned_end),
            "labels": ("labels", "jira", "labels"),
            "seconds": ("timeoriginalestimate", "jira", "timeoriginalestimate"),
            "link": ("Link", "jira", "issuelinks"),
            "ranked": ("Rank", "custom", self._ids.rank),
            "sprints": ("Sprint", "custom", self._ids.sprint),
        }

    def write(self, issue: Issue) -> list[History]:
        """The oldest first, but some pages come out of order, as real ones do."""
        entries = [
            self._entry(issue, number, at, author, items)
            for number, (at, author, items) in enumerate(issue.history())
        ]
        if issue.id % 7 == 0:
            for position in range(0, len(entries) - 1, 2):
                entries[position], entries[position + 1] = entries[position + 1], entries[position]
        return entries

    def _entry(
        self, issue: Issue, number: int, at: int, author: int, items: Sequence[tuple[str, object, object]]
    ) -> History:
        head = f'{{"id":"{issue.id * 1000 + number}","author":{self._author_json[author]},'
        written = tuple(self._item(issue, at, name, before, after) for name, before, after in items)
        return History(at, stamps.local(at, self._people[author].zone), head, written)

    def _item(
        self, issue: Issue, at: int, name: str, before: object, after: object
    ) -> tuple[str | None, str]:
        if name == "sprints":
            return self._sprint_item(issue, at, before, after)
        if name == "link":
            return self._link_item(before, after)
        if name == "ranked":
            return self._line(self._names["ranked"], "", "", "", str(after))
        estimation = issue.project.estimation if name == "points" else None
        key = (name, estimation, *map(_hashable, (before, after)))
        known = self._seen.get(key)
        if known is None:
            known = self._seen[key] = self._plain_item(name, estimation, before, after)
        return known

    def _plain_item(
        self, name: str, estimation: Estimation | None, before: object, after: object
    ) -> tuple[str | None, str]:
        show = self._show[name]
        old, old_text = (None, None) if before is None else show(before)
        new, new_text = (None, None) if after is None else show(after)
        if estimation is not None:
            label = (estimation.value, "custom", self._ids.estimate(estimation))
            # A number field that was emptied shows an empty string, one that was never set shows null.
            new_text = "" if new_text is None else new_text
        else:
            label = self._names[name]
        return self._line(label, old, old_text, new, new_text)

    def _line(
        self,
        label: tuple[str, str, str | None],
        old: str | None,
        old_text: str | None,
        new: str | None,
        new_text: str | None,
    ) -> tuple[str | None, str]:
        field, kind, field_id = label
        identity = f'"fieldId":{text(field_id)},' if self._cloud else ""
        return field_id, (
            f'{{"field":{text(field)},"fieldtype":"{kind}",{identity}"from":{text(old)},"fromString":{text(old_text)},'
            f'"to":{text(new)},"toString":{text(new_text)}}}'
        )

    def _sprint_item(self, issue: Issue, at: int, before: object, after: object) -> tuple[str | None, str]:
        """Comma-separated ids and names; the names are those of that day; some old entries have only names."""
        old, new = _ids(before), _ids(after)
        texts = [", ".join(self._sprints[sprint].name_at(at) for sprint in ids) for ids in (old, new)]
        values = [", ".join(map(str, ids)) for ids in (old, new)]
        only_names = issue.id % NAMES_ONLY == 0 and all(self._unmistakable(sprint) for sprint in (*old, *new))
        if only_names:
            values = ["", ""]
        return self._line(self._names["sprints"], values[0], texts[0], values[1], texts[1])

    def _unmistakable(self, sprint_id: int) -> bool:
        sprint = self._sprints[sprint_id]
        return len(sprint.names) == 1 and "," not in sprint.name

    def _link_item(self, before: object, after: object) -> tuple[str | None, str]:
        shown: list[_Shown] = [(None, None), (None, None)]
        for position, value in enumerate((before, after)):
            if isinstance(value, list):
                phrase, other = cast("tuple[str, int]", value)
                key = self._key_of(other)
                shown[position] = (key, f"This issue {phrase} {key}")
        return self._line(self._names["link"], *shown[0], *shown[1])

    def _person(self, value: object) -> _Shown:
        person = self._people[int(str(value))]
        return (person.account_id if self._cloud else person.user_key), person.name

    def _issue(self, value: object) -> _Shown:
        return str(value), self._key_of(int(str(value)))


def points_text(value: object) -> str:
    """Thousandths as Jira prints a number: 3, 0.5, 2.25."""
    return f"{int(str(value)) / 1000:g}"


def _moment(value: object) -> _Shown:
    shown = stamps.local(int(str(value)), TOKEN_OWNER_ZONE)
    return shown, shown


def _labels(value: object) -> _Shown:
    return None, " ".join(cast("Sequence[str]", value))


def _ids(value: object) -> tuple[int, ...]:
    return tuple(cast("Sequence[int]", value))


def _hashable(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value
