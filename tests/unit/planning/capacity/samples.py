"""The team of docs/capacity.md, its sprint and its past."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from sprintreports.planning.capacity.availability import TeamPlan
from sprintreports.planning.capacity.calendars import DayOff, Region, TeamCalendar
from sprintreports.planning.capacity.days import DayPart, Span
from sprintreports.planning.capacity.people import Absence, Member
from sprintreports.planning.capacity.rates import PastSprint

BERLIN = ZoneInfo("Europe/Berlin")
HALF = Fraction(1, 2)
ADA, BELA, CHANDRA, DEE = 1, 2, 3, 4
SPRINT = Span(datetime(2026, 4, 27, 9, tzinfo=BERLIN), datetime(2026, 5, 11, 9, tzinfo=BERLIN))
CALENDAR = TeamCalendar(
    "Europe/Berlin",
    region=Region("DE", "BE"),
    days_off=(DayOff(date(2026, 4, 29), date(2026, 4, 29), DayPart.AFTERNOON, "Outing"),),
)
ABSENCES = (
    Absence(BELA, date(2026, 5, 4), date(2026, 5, 4)),
    Absence(BELA, date(2026, 5, 5), date(2026, 5, 5), DayPart.MORNING),
    Absence(BELA, date(2026, 5, 4), date(2026, 5, 5), DayPart.MORNING),
    Absence(CHANDRA, date(2026, 4, 29), date(2026, 4, 29)),
)
QA = TeamPlan(
    team=1,
    name="QA Berlin",
    calendar=CALENDAR,
    members=(
        Member(ADA, "Ada"),
        Member(BELA, "Bela", part_time=Fraction(4, 5)),
        Member(CHANDRA, "Chandra", share=HALF, hours_per_day=Fraction(6)),
        Member(DEE, "Dee", since=date(2026, 5, 4)),
    ),
    absences=ABSENCES,
)
WEB = TeamPlan(
    team=2,
    name="Web",
    calendar=TeamCalendar("Europe/Berlin", region=Region("DE", "BE")),
    members=(Member(CHANDRA, "Chandra", share=HALF, hours_per_day=Fraction(6)),),
    absences=ABSENCES,
)


def past(number: int, points: int, days: int) -> PastSprint:
    closed = datetime(2026, 1, 1, tzinfo=BERLIN) + timedelta(days=14 * number)
    return PastSprint(number, f"Sprint {number}", closed, Fraction(days), Fraction(points))


HISTORY = (past(1, 20, 25), past(2, 21, 21), past(3, 18, 20))
