"""The month's grid says of each day what capacity counts."""

from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from sprintreports.planning.capacity.calendars import Region
from sprintreports.planning.capacity.computing import capacity
from sprintreports.planning.capacity.days import Span
from sprintreports.planning.capacity.months import DayKind, month_of
from sprintreports.planning.capacity.people import Member
from tests.unit.planning.capacity.samples import BELA, BERLIN, CHANDRA, DEE, QA


def test_a_month_has_each_day_once_and_adds_up_to_the_capacity():
    for year, month, last in ((2026, 4, 30), (2026, 5, 31)):
        rows = month_of(QA, year, month)
        first, end = datetime(year, month, 1, tzinfo=BERLIN), datetime(year, month + 1, 1, tzinfo=BERLIN)
        days = {member.person: member for member in capacity(QA, Span(first, end)).members}
        for row, member in zip(rows, QA.members, strict=True):
            assert [cell.day.day for cell in row.cells] == list(range(1, last + 1))
            halves = sum(int(cell.free).bit_count() for cell in row.cells)
            part = member.share * member.part_time
            counted = days[member.person].days if member.person in days else 0
            assert Fraction(halves, 2) * part == counted


def test_each_day_says_why():
    may = {row.person: row.cells for row in month_of(QA, 2026, 5)}
    april = {row.person: row.cells for row in month_of(QA, 2026, 4)}
    assert (may[BELA][0].kind, may[BELA][0].note) == (DayKind.HOLIDAY, "Labor Day")
    assert may[BELA][1].kind is DayKind.NO_WEEKDAY
    assert [(cell.free, cell.away) for cell in may[BELA][3:6]] == [(0, 3), (2, 1), (3, 0)]
    assert may[DEE][0].kind is may[DEE][2].kind is DayKind.OUTSIDE
    outing = april[CHANDRA][28]
    assert (outing.kind, outing.note, outing.free, outing.away) == (DayKind.DAY_OFF, "Outing", 0, 3)
    abroad = replace(QA, members=(Member(9, "Fay", region=Region("US")),))
    assert month_of(abroad, 2026, 5)[0].cells[0].kind is DayKind.WORKING
