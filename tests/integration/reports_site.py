"""A sprint whose issues are told change by change, so that a Jira can be delivered as it was at any moment of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from sprintreports.jira import store
from sprintreports.jira.context import SiteContext
from sprintreports.jira.payloads import RawIssue
from tests.integration.jira_site import BOARD, SPRINTS, fill, rebuild, sprint
from tests.unit.jira.samples import (
    OWNER,
    change,
    day,
    estimated,
    issue,
    item,
    moved,
    person,
    sprinted,
    teamed,
)

SPRINT = 3
START, PLANNED_END, CLOSE = day(45), day(59), day(59.5)


@dataclass(slots=True)
class Tale:
    """One issue: what it was born as, and each change as (when, what, new value)."""

    number: int
    created: datetime
    first: dict[str, Any]
    changes: list[tuple[datetime, str, Any]] = field(default_factory=list[tuple[datetime, str, Any]])

    def delivered(self, at: datetime) -> RawIssue:
        """As Jira tells it at the moment: the changes until then, and what they led to."""
        values = dict(self.first)
        told: list[bytes] = []
        for number, (when, what, new) in enumerate(self.changes):
            if when <= at:
                told.append(change(self.number * 100 + number, when, _item(what, values[what], new)))
                values[what] = new
        owner = values.pop("owner")
        return issue(
            self.number,
            *told,
            created=self.created,
            updated=max([self.created, *(when for when, _, _ in self.changes if when <= at)]),
            priority={"id": "1", "name": values.pop("priority")},
            owner=owner,
            **values,
        )


def _item(what: str, old: Any, new: Any) -> dict[str, Any]:
    match what:
        case "status":
            return moved(old, new)
        case "points":
            return estimated(*(None if one is None else str(one) for one in (old, new)))
        case "team":
            return teamed(old or "", new or "")
        case "sprints":
            return sprinted(old, new)
        case "assignee" | "owner":
            sides = [(None, None) if one is None else (one, person(one)["displayName"]) for one in (old, new)]
            return (
                item("assignee", "assignee", *sides) if what == "assignee" else item("Owner", OWNER, *sides)
            )
        case "type_":
            return item("issuetype", "issuetype", ("1", old), ("2", new))
        case _:
            return item(what, what, (None, old), (None, new))


_CHOICES: dict[str, Sequence[Any]] = {
    "status": ("1", "2", "3", "4"),
    "points": (None, 1, 2, 3, 5, 8, 0.5),
    "team": ("Backend", "Frontend", "QA"),
    "sprints": ((), (3,), (3, 4), (4,)),
    "assignee": (None, "ann", "bob"),
    "owner": (None, "olga", "omar"),
    "type_": ("Story", "Bug", "Task"),
    "priority": ("Low", "Medium", "High"),
    "summary": ("Pay by card", "Pay later", "=cmd|' /C calc'!A0", "\u202eتقرير\u202c 🧾"),
}


def tales(seed: int, *, issues: int = 25) -> list[Tale]:
    """Random ones: three of four are born before the sprint, all change between then and its end."""
    chance = Random(seed)  # noqa: S311  # a test's data, the same each time
    made: list[Tale] = []
    for number in range(1, issues + 1):
        born = day(chance.choice((1, 20, 40, 50)) + chance.random())
        first = {what: chance.choice(values) for what, values in _CHOICES.items()}
        one = Tale(number, born, first)
        now = dict(first)
        for hour in sorted(chance.sample(range(1, 24 * 62), chance.randint(0, 12))):
            when = day(hour / 24)
            what = chance.choice(tuple(_CHOICES))
            new = chance.choice(_CHOICES[what])
            if when > born and new != now[what]:
                one.changes.append((when, what, new))
                now[what] = new
        made.append(one)
    return made


async def deliver(
    session: AsyncSession, site: SiteContext, told: Sequence[Tale], at: datetime, *, closed: bool = False
) -> None:
    """A sync at this moment: all issues as they are then, and the sprint closed or not."""
    listed = sprint(SPRINT, "closed", 45, 59, 59.5) if closed else sprint(SPRINT, "active", 45, 59)
    if at < START:
        listed = sprint(SPRINT, "future", 45, 59)
    others = [one for one in SPRINTS if one.id != SPRINT]
    await store.store_sprints(session, site, BOARD, [*others, listed], now=at)
    await fill(session, site, [one.delivered(at) for one in told if one.created <= at], now=at)
    await rebuild(session, site, now=at)
