"""An issue's life as hypothesis invents it, and the many ways in which a Jira may tell it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st

from sprintreports.jira.payloads import RawIssue
from tests.unit.jira.samples import DAY_ONE, TEAM, estimated, issue, item, moved, person, sprinted

OFFSETS = ("Z", "+0000", "+0530", "-0800", "+1400", "+02:00", "ms")
SPRINTS = (1, 2, 3)
_TEAMS = ("Backend", "Web", "QA")


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the changelog."""

    number: int
    at: datetime
    items: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Life:
    """What happened, the oldest first, and how the issue stood after each event (at 0: when it was created)."""

    events: tuple[Event, ...]
    states: tuple[dict[str, Any], ...]

    def told(self, changes: Sequence[bytes], *, until: int | None = None, number: int = 1) -> RawIssue:
        """The issue as it stood after the first `until` events (None: all), with these histories."""
        count = len(self.events) if until is None else until
        last = self.events[count - 1].at if count else DAY_ONE
        return issue(number, *changes, updated=last, **self.states[count])

    def plainly(self, *, until: int | None = None, number: int = 1) -> RawIssue:
        """In order, each once, all in UTC."""
        return self.told(
            [written(event, "+0000") for event in self.events[:until]], until=until, number=number
        )


def written(event: Event, offset: str) -> bytes:
    """The entry with its instant written in one of OFFSETS."""
    created: str | int
    if offset == "ms":
        created = round(event.at.timestamp() * 1000)
    else:
        local = event.at.replace(tzinfo=None) + _shift(offset)
        created = f"{local:%Y-%m-%dT%H:%M:%S}.{event.at.microsecond // 1000:03}{offset}"
    return msgspec.json.encode(
        {"id": str(event.number), "created": created, "author": person("ann"), "items": list(event.items)}
    )


def _shift(offset: str) -> timedelta:
    if offset == "Z":
        return timedelta()
    digits = offset[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -shift if offset[0] == "-" else shift


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Up to nine events: of several fields, several at one instant, with numbers that need not follow the time."""
    state: dict[str, Any] = {
        "status": draw(st.sampled_from("1234")),
        "sprints": sorted(draw(st.sets(st.sampled_from(SPRINTS), max_size=2))),
        "points": draw(st.sampled_from((None, 1.0, 3.0))),
        "team": draw(st.sampled_from((None, *_TEAMS))),
        "assignee": draw(st.sampled_from((None, "bob", "eve"))),
    }
    count = draw(st.integers(0, 9))
    together = draw(st.booleans())
    steps = draw(st.lists(st.integers(0 if together else 1, 5000), min_size=count, max_size=count))
    # Of one instant the number decides which came first; otherwise numbers may be anything (an import).
    numbers = list(range(101, 101 + count))
    if not together:
        numbers = draw(st.permutations(numbers))
    at, events, states = DAY_ONE, list[Event](), [state]
    for number, minutes in zip(numbers, steps, strict=True):
        at += timedelta(minutes=minutes, milliseconds=minutes)
        state = dict(state)
        names = draw(st.lists(st.sampled_from(tuple(state)), min_size=1, max_size=2, unique=True))
        events.append(Event(number, at, tuple(_changed(draw, state, name) for name in names)))
        states.append(state)
    return Life(tuple(events), tuple(states))


def _changed(draw: st.DrawFn, state: dict[str, Any], name: str) -> dict[str, Any]:
    before = state[name]
    match name:
        case "status":
            after: Any = draw(st.sampled_from([status for status in "1234" if status != before]))
            found = moved(before, after)
        case "sprints":
            others = st.sets(st.sampled_from(SPRINTS), max_size=3).map(sorted)
            after = draw(others.filter(lambda chosen: chosen != before))
            found = sprinted(before, after)
        case "points":
            after = draw(st.sampled_from([points for points in (None, 0.5, 2.0, 8.0) if points != before]))
            found = estimated(*(None if points is None else f"{points:g}" for points in (before, after)))
        case "team":
            after = draw(st.sampled_from([team for team in (None, *_TEAMS) if team != before]))
            found = item(
                "Discipline",
                TEAM,
                *((team and f"{_TEAMS.index(team) + 1}", team) for team in (before, after)),
            )
        case _:
            after = draw(st.sampled_from([who for who in (None, "bob", "eve", "kim") if who != before]))
            found = item(
                "assignee", "assignee", *((who, who and f"Name of {who}") for who in (before, after))
            )
    state[name] = after
    return found


def scrambled(life: Life, seed: int) -> list[bytes]:
    """The whole changelog in any order, some entries several times over, each time in any zone."""
    rng = random.Random(seed)  # noqa: S311  # chance that can be repeated
    told = [event for event in life.events for _ in range(rng.choice((1, 1, 2, 3)))]
    order = rng.choice(("shuffled", "newest first", "oldest first"))
    if order == "shuffled":
        rng.shuffle(told)
    elif order == "newest first":
        told.reverse()
    return [written(event, rng.choice(OFFSETS)) for event in told]


def pages(changes: Sequence[bytes], seed: int) -> list[list[bytes]]:
    """The same cut into pages anywhere, some of which begin with what the one before ended with, some of them empty."""
    rng = random.Random(seed)  # noqa: S311  # the same
    found: list[list[bytes]] = []
    start = 0
    while start < len(changes):
        size = rng.randint(1, 4)
        found.append(list(changes[max(0, start - rng.choice((0, 0, 1))) : start + size]))
        if rng.random() < 0.2:
            found.append([])
        start += size
    return found or [[]]
