"""The guideline by what teams can do, in the figures of docs/capacity.md and in others that can be checked by hand."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from sprintreports.metrics.calendar import GuidePoint, WorkCalendar
from sprintreports.metrics.values import Amount
from sprintreports.planning.capacity.availability import Presence, TeamPlan
from sprintreports.planning.capacity.calendars import TeamCalendar
from sprintreports.planning.capacity.computing import capacity
from sprintreports.planning.capacity.days import DayPart, Span
from sprintreports.planning.capacity.guideline import Part, guideline, pace_of, pace_of_days, parts_of
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence, Member
from tests.unit.planning.capacity.samples import ADA, BERLIN, DEE, QA, SPRINT, WEB

PAGE = (Path(__file__).parents[4] / "docs" / "capacity.md").read_text()
ROW = re.compile(r"^\| \w+ (\d+) (April|May) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)
START, END = datetime(2026, 4, 27, 9, tzinfo=BERLIN), datetime(2026, 5, 11, 9, tzinfo=BERLIN)
BOARD = WorkCalendar("Europe/Berlin")
MONDAY, FRIDAY = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 6, tzinfo=UTC)  # to the end of Friday
WEEK = Span(MONDAY, FRIDAY)
ONE = TeamPlan(1, "One", TeamCalendar(), (Member(1, "A"),))


def points(count: int) -> Amount:
    return Amount(1000 * count, 3600 * count, count)


def left(line: Sequence[GuidePoint], at: datetime) -> float:
    """The points that the line has left at an instant."""
    for before, after in pairwise(line):
        if before.at <= at <= after.at:
            gone = (at - before.at) / (after.at - before.at)
            return (before.points + gone * (after.points - before.points)) / 1000
    raise AssertionError(f"{at} is outside the line")


def drawn(*teams: tuple[int, TeamPlan], initial: int) -> tuple[GuidePoint, ...]:
    parts = parts_of(
        points(initial), [(points(count), plan) for count, plan in teams], WorkCalendar(), MONDAY, FRIDAY
    )
    return guideline(parts, MONDAY, FRIDAY)


def test_the_table_by_hand_is_what_is_computed():
    rows = ROW.findall(PAGE)
    assert len(rows) == 10
    by_day = Presence(QA, (SPRINT,)).by_day(SPRINT)
    by_capacity = guideline(parts_of(points(18), [(points(18), QA)], BOARD, START, END), START, END)
    by_working_days = BOARD.guideline(START, END, points(18))
    for number, month, days, ours, boards in rows:
        day = date(2026, {"April": 4, "May": 5}[month], int(number))
        evening = datetime.combine(day + timedelta(days=1), time(), tzinfo=BERLIN)
        assert Fraction(days) == by_day.pop(day, 0)
        assert float(ours) == pytest.approx(left(by_capacity, evening), abs=0.0051)
        assert float(boards) == pytest.approx(left(by_working_days, evening), abs=0.0051)
    assert by_day == {}


def test_somebody_who_is_always_there_gives_the_boards_own_guideline():
    ours, boards = drawn((10, ONE), initial=10), WorkCalendar().guideline(MONDAY, FRIDAY, points(10))
    for hour in range(0, 121, 5):
        at = MONDAY + timedelta(hours=hour)
        assert left(ours, at) == pytest.approx(left(boards, at))
    assert (ours[0].points, ours[0].seconds, ours[0].count) == (10_000, 36_000, 10)
    assert (ours[-1].points, ours[-1].seconds, ours[-1].count) == (0, 0, 0)


def test_it_is_flat_while_everybody_is_away_and_half_as_steep_on_half_days():
    away = (
        Absence(1, date(2026, 6, 1), date(2026, 6, 2)),
        Absence(1, date(2026, 6, 3), date(2026, 6, 3), DayPart.MORNING),
    )
    line = drawn((5, replace(ONE, absences=away)), initial=5)
    # Two and a half days are left: 0.5, 1, 1.
    evenings = [left(line, MONDAY + timedelta(days=n)) for n in range(6)]
    assert evenings == pytest.approx([5, 5, 5, 4, 2, 0])


def test_each_team_falls_at_its_own_pace_and_the_rest_by_the_boards_working_days():
    late = replace(ONE, team=2, name="Late", absences=(Absence(1, date(2026, 6, 1), date(2026, 6, 4)),))
    nobody = TeamPlan(3, "Nobody", TeamCalendar())
    together = drawn((10, ONE), (6, late), (4, nobody), initial=25)
    alone = [drawn((10, ONE), initial=10), drawn((6, late), initial=6)]
    rest = WorkCalendar().guideline(MONDAY, FRIDAY, points(9))
    for hour in range(0, 121, 6):
        at = MONDAY + timedelta(hours=hour)
        assert left(together, at) == pytest.approx(sum(left(line, at) for line in (*alone, rest)))
    # On Thursday evening a fifth of the ten is left, all six, a fifth of the nine that nobody's team is there for.
    assert left(together, MONDAY + timedelta(days=4)) == pytest.approx(2 + 6 + 1.8)


def test_without_a_team_that_is_there_nothing_is_drawn():
    absent = replace(ONE, absences=(Absence(1, date.min, date.max),))
    assert parts_of(points(5), [(points(5), absent)], BOARD, START, END) == ()
    assert parts_of(points(5), [(points(0), ONE)], BOARD, START, END) == ()
    assert parts_of(points(5), [(points(5), ONE)], BOARD, END, START) == ()
    assert parts_of(points(5), [(points(5), ONE)], BOARD, START, START + timedelta(days=500)) == ()
    assert guideline((), START, END) == ()


def test_a_board_without_working_days_lets_the_rest_fall_evenly():
    (rest,) = pace_of_days(WorkCalendar(weekdays=frozenset()), MONDAY, FRIDAY)
    assert (rest.since, rest.until) == (MONDAY, FRIDAY)
    line = guideline((Part("", points(10), (rest,)),), MONDAY, FRIDAY)
    assert left(line, MONDAY + timedelta(hours=60)) == pytest.approx(5)


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        (Override(Measure.DAYS, Fraction(6), DEE),),
        (Override(Measure.SHARE, Fraction(50), ADA),),
        (Override(Measure.DAYS, Fraction(40)),),
        (Override(Measure.DAYS, Fraction(0)),),
    ],
    ids=["none", "a member's days", "a member's share", "the team's days", "no days"],
)
@pytest.mark.parametrize("plan", [QA, WEB, replace(QA, members=())], ids=["QA", "Web", "nobody"])
def test_the_days_add_up_to_the_capacity(plan: TeamPlan, overrides: tuple[Override, ...]):
    by_day = Presence(plan, (SPRINT,)).by_day(SPRINT, overrides)
    assert sum(by_day.values()) == capacity(replace(plan, overrides=overrides), SPRINT).days
    assert date(2026, 5, 1) not in by_day  # Labour Day


def test_days_by_hand_of_somebody_who_is_away_go_over_the_teams_days():
    away = replace(ONE, absences=(Absence(1, date(2026, 6, 1), date(2026, 6, 30)),))
    by_hand = replace(away, overrides=(Override(Measure.DAYS, Fraction(1), 1, "comes in all the same"),))
    assert [one.weight for one in pace_of(by_hand, MONDAY, FRIDAY)] == [Fraction(1, 5)] * 5
    assert pace_of(away, MONDAY, FRIDAY) == ()


def test_a_day_goes_from_midnight_to_midnight_of_the_team():
    there = replace(ONE, calendar=TeamCalendar("Asia/Kolkata"))
    first, *_, last = pace_of(there, MONDAY, FRIDAY)
    assert (first.since, first.until) == (MONDAY, datetime(2026, 6, 1, 18, 30, tzinfo=UTC))
    # Friday evening in UTC is Saturday in Kolkata.
    assert last.until == datetime(2026, 6, 5, 18, 30, tzinfo=UTC)
