"""Sprints and members counted together give what each half day, looked at alone, gives."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sprintreports.planning.capacity.availability import Presence, TeamPlan, available
from sprintreports.planning.capacity.calendars import DayOff, Region, TeamCalendar, holidays_between
from sprintreports.planning.capacity.days import DayPart, Span, halves_of
from sprintreports.planning.capacity.overrides import Measure, Override
from sprintreports.planning.capacity.people import Absence, Member
from tests.unit.planning.capacity.samples import BERLIN, QA, SPRINT

FIRST = date(2026, 4, 20)
DAYS = st.integers(0, 45).map(lambda n: FIRST + timedelta(days=n))
PARTS = st.sampled_from(list(DayPart))
REGIONS = st.sampled_from([None, Region("DE", "BE"), Region("US")])
PERCENT = st.integers(0, 10_000).map(lambda n: Fraction(n, 10_000))
MAYBE = st.none() | DAYS
FROM_TO = st.tuples(DAYS, DAYS).map(lambda ends: (min(ends), max(ends)))


@st.composite
def plans(draw: st.DrawFn) -> TeamPlan:
    members = tuple(
        Member(
            person,
            f"P{person}",
            draw(PERCENT),
            draw(PERCENT),
            Fraction(draw(st.integers(1, 96)), 4),
            draw(MAYBE),
            draw(MAYBE),
            region=draw(REGIONS),
        )
        for person in range(draw(st.integers(0, 4)))
    )
    away = [
        Absence(draw(st.integers(0, 5)), *draw(FROM_TO), draw(PARTS)) for _ in range(draw(st.integers(0, 4)))
    ]
    offs = [DayOff(*draw(FROM_TO), draw(PARTS)) for _ in range(draw(st.integers(0, 2)))]
    weekdays = draw(st.frozensets(st.integers(0, 6), min_size=1))
    calendar = TeamCalendar("Europe/Berlin", weekdays, draw(REGIONS), tuple(offs))
    return TeamPlan(1, "T", calendar, members, tuple(away), focus=draw(PERCENT))


@st.composite
def spans(draw: st.DrawFn) -> Span:
    begin = datetime.combine(draw(DAYS), datetime.min.time(), tzinfo=BERLIN)
    start = begin + timedelta(hours=draw(st.integers(0, 23)))
    return Span(start, start + timedelta(hours=draw(st.integers(-10, 600))))


def works(plan: TeamPlan, region: Region | None) -> Callable[[date, DayPart], bool]:
    def at(day: date, half: DayPart) -> bool:
        return (
            day.weekday() in plan.calendar.weekdays
            and day not in holidays_between(region or plan.calendar.region, (day,))
            and not any(one.first <= day <= one.last and one.part & half for one in plan.calendar.days_off)
        )

    return at


def half_days(plan: TeamPlan, member: Member, span: Span) -> int:
    """A member's, one by one."""
    at = works(plan, member.region)
    return sum(
        1
        for day, parts in halves_of(span, zone=plan.calendar.zone).items()
        for half in (DayPart.MORNING, DayPart.AFTERNOON)
        if parts & half
        and (member.since or day) <= day <= (member.until or day)
        and at(day, half)
        and not any(
            one.person == member.person and one.first <= day <= one.last and one.part & half
            for one in plan.absences
        )
    )


@given(plans(), st.lists(spans(), min_size=1, max_size=3))
def test_what_is_counted_at_once_is_what_half_days_one_by_one_add_up_to(plan: TeamPlan, found: list[Span]):
    presence = Presence(plan, found)
    for span in found:
        days = hours = Fraction()
        for member in plan.members:
            own = half_days(plan, member, span) * member.share * member.part_time / 2
            days += own
            hours += own * member.hours_per_day * plan.focus
        team = presence.available(span, named=False)
        assert (team.days, team.hours) == (days, hours)
        alone = available(plan, span)
        assert team == replace(alone, members=())
        assert sum((one.days for one in alone.members), Fraction()) == days
        assert sum((one.hours for one in alone.members), Fraction()) == hours
        assert team.present == len(alone.members)


def test_members_who_were_not_asked_for_count_by_what_was_set_of_them():
    by_hand = (Override(Measure.SHARE, Fraction(50), 1), Override(Measure.HOURS, Fraction(4), 3))
    presence = Presence(QA, (SPRINT,))
    told, untold = presence.available(SPRINT, by_hand), presence.available(SPRINT, by_hand, named=False)
    # Ada gives 4.25 of her 8.5 days; Chandra's 4 days have 4 hours each in place of 6.
    assert untold.days == told.days == Fraction("23.1") - Fraction("4.25")
    assert untold.hours == told.hours == Fraction("141.44") - Fraction("27.2") - Fraction("6.4")
    assert (untold.members, untold.present, len(told.members)) == ((), 4, 4)
