"""Small sprints to plan, by hand and by hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.values import Amount, Estimate, Unit
from sprintreports.planning.queue.options import Options, Pin, Unestimated
from sprintreports.planning.queue.schedule import OfficeHours
from sprintreports.planning.queue.values import (
    Blocker,
    Candidate,
    Inputs,
    Scheduling,
    Sprint,
    TeamLimit,
    Timing,
)

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
FRIDAY = datetime(2026, 12, 4, 17, tzinfo=UTC)
SPRINT = Sprint(MONDAY, FRIDAY)
HOURS = OfficeHours(WorkCalendar("UTC"))
QA, DEV = 1, 2


def at(day: int, hour: int = 10) -> datetime:
    """An hour of the sprint's nth day, from 0."""
    return MONDAY.replace(hour=hour) + timedelta(days=day)


def hard(day: int, hour: int = 10, hours: int = 2) -> Timing:
    return Timing(Scheduling.HARD, at(day, hour), at(day, hour) + timedelta(hours=hours))


def due(day: int) -> Timing:
    return Timing(Scheduling.SOFT, None, at(day, 17))


def issue(
    number: int, points: float | None = 1, *, by: int | None = 1, team: int | None = QA, after=(), **more
):
    """ABC-<number>; `after`: numbers of the issues that block it."""
    thousandths = None if points is None else round(points * 1000)
    blockers = tuple(one if isinstance(one, Blocker) else Blocker(one, f"ABC-{one}") for one in after)
    more.setdefault("rank", f"{number:06d}")
    return Candidate(
        number,
        f"ABC-{number}",
        team,
        Estimate(thousandths, None),
        stakeholder=by,
        blockers=blockers,
        **more,
    )


def limit(team: int | None, points: float, name: str = "") -> TeamLimit:
    named = name or {QA: "QA", DEV: "Dev"}.get(team, f"Team {team}")
    return TeamLimit(team, named, Unit.POINTS, Amount(round(points * 1000), round(points * 3600), 5))


def sprint(*candidates: Candidate, qa: float = 10, dev: float = 10, **more) -> Inputs:
    more.setdefault("limits", [limit(QA, qa), limit(DEV, dev)])
    more.setdefault("sprint", SPRINT)
    more.setdefault("calendars", {QA: HOURS, DEV: HOURS})
    return Inputs(candidates=candidates, **more)


def keys(queue, team: int | None = QA, side: str = "in") -> list[int]:
    """The issues on one side of a team's cut-line, in order."""
    mine = next(one for one in queue.teams if one.team == team)
    return [placement.issue for placement in mine.placements if placement.side == side]


_TIMINGS = st.one_of(
    st.just(Timing()),
    st.just(Timing()),
    st.integers(-2, 14).map(due),
    st.builds(hard, st.integers(-2, 14), st.integers(8, 15)),
)


@st.composite
def inputs(draw, *, most: int = 10, teams: int = 3, plain: bool = False):
    """Anything that may come: rings, zero and negative estimates, no team, no limit, done, sub-tasks, outside blockers.

    plain: flexible, estimated issues of known teams without rings, for oracles.
    """
    count = draw(st.integers(0, most))
    candidates = []
    for number in range(count):
        reach = range(number) if plain else range(-1, count + 1)
        after = draw(st.lists(st.sampled_from(reach), max_size=2, unique=True)) if reach else []
        points = draw(st.integers(1, 5) if plain else st.one_of(st.none(), st.integers(-1, 9)))
        more = {} if plain else draw(_oddities(count))
        candidates.append(
            issue(
                number,
                points,
                by=draw(st.integers(1, 3) if plain else st.one_of(st.none(), st.integers(1, 3))),
                team=draw(st.integers(1, teams) if plain else st.one_of(st.none(), st.integers(1, teams))),
                after=[one for one in after if one != number],
                priority=draw(st.integers(0, 2)),
                rank=f"{draw(st.integers(0, 5)):03d}",
                **more,
            )
        )
    limits = [limit(team, draw(st.integers(0, 12))) for team in range(1, teams + (1 if plain else 0))]
    return Inputs(candidates, limits, SPRINT, calendars=dict.fromkeys(range(1, teams + 1), HOURS))


@st.composite
def _oddities(draw, count: int):
    return {
        "done": draw(st.integers(0, 9)) == 0,
        "is_subtask": draw(st.integers(0, 4)) == 0,
        "parent": draw(st.one_of(st.none(), st.integers(0, count))),
        "carry_over": draw(st.booleans()),
        "timing": draw(_TIMINGS),
        "told": draw(st.sampled_from(("", "", "Scheduling = Fixed"))),
        "lacks": draw(st.sampled_from((None, None, Scheduling.HARD, Scheduling.SOFT))),
    }


@st.composite
def options(draw, *, algorithm: str, count: int = 10):
    numbers = st.integers(0, count)
    pins = draw(st.dictionaries(numbers, st.one_of(st.none(), st.integers(1, 9)), max_size=3))
    return Options(
        algorithm=algorithm,
        include_subtasks=draw(st.booleans()),
        weights=draw(st.dictionaries(st.integers(1, 3), st.integers(1, 400), max_size=3)),
        buffer=draw(st.sampled_from((0, 0, 20, 100))),
        carry_over_first=draw(st.booleans()),
        unestimated=draw(st.sampled_from(Unestimated)),
        pins={number: Pin(position) for number, position in pins.items()},
        exclusions=frozenset(draw(st.lists(numbers, max_size=2))),
        seed=draw(st.integers(0, 3)),
    )
