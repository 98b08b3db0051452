"""How the demo company plans: its teams, their seats, who is away when. Plain values; people of Jira take the seats.

Days are working days of the running sprint and the next one: 0 is the Monday of the week in which the running one began, 10 the
first Monday of the next one. Percentages are whole numbers.
"""

from dataclasses import dataclass

from sprintreports.demo.people import zone_of

_COUNTRIES = {
    "Europe/Berlin": ("DE", "BE"), "Asia/Kolkata": ("IN", None), "America/New_York": ("US", None),
    "Europe/Lisbon": ("PT", None), "Asia/Tokyo": ("JP", None), "Africa/Nairobi": ("KE", None),
    "Europe/Warsaw": ("PL", None), "Australia/Adelaide": ("AU", "SA"),
}  # fmt: skip

Country = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Away:
    """From one working day to another, both counted. part: whole, morning or afternoon."""

    first: int
    last: int
    part: str = "whole"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """How somebody works in a team. rest: the team that has what this one leaves of them. since and until: working days.

    abroad: with the holidays of the country that their name is from, where that is not the team's.
    """

    share: int = 100
    part_time: int = 100
    hours: int | None = None
    rest: str = ""
    since: int | None = None
    until: int | None = None
    skills: tuple[str, ...] = ()
    away: tuple[Away, ...] = ()
    abroad: bool = False


@dataclass(frozen=True, slots=True)
class PlannedTeam:
    """A value of Jira's team field and how its people work. off: days on which nobody of it does."""

    name: str
    zone: str
    seats: tuple[Seat, ...]
    group: str = ""
    focus: int = 80
    in_hours: bool = False
    off: tuple[Away, ...] = ()

    @property
    def country(self) -> Country:
        return _COUNTRIES[self.zone]


@dataclass(frozen=True, slots=True)
class ByHand:
    """The person-days that somebody set for the n-th seat of a team in the next sprint, and why."""

    team: str
    seat: int
    days: int
    reason: str


FULL = Seat()
# Teams of one tribe stand first, so that they find their people before the others take them.
TEAMS: tuple[PlannedTeam, ...] = (
    PlannedTeam(
        "Frontend", "Europe/Berlin", group="Apps",
        seats=(
            Seat(skills=("React", "Accessibility"), away=(Away(3, 4),)),
            Seat(part_time=80, skills=("TypeScript",), away=(Away(14, 14),)),
            Seat(skills=("React", "Design system"), since=12, abroad=True),
        ),
        off=(Away(17, 17, "afternoon", "Team outing"),),
    ),
    PlannedTeam(
        "iOS", "Europe/Berlin", group="Apps",
        seats=(Seat(skills=("Swift",), away=(Away(10, 11),), abroad=True), Seat(part_time=60, hours=7, skills=("Swift",))),
    ),
    PlannedTeam(
        "Android", "Europe/Berlin", group="Apps",
        seats=(Seat(skills=("Kotlin",)), Seat(skills=("Kotlin", "Gradle"), away=(Away(6, 7), Away(15, 15, "morning")), abroad=True)),
    ),
    PlannedTeam(
        "UX Design", "Europe/Lisbon", group="Apps",
        seats=(Seat(skills=("Research",)), Seat(part_time=50, skills=("Prototyping",), away=(Away(12, 13, "morning"),), abroad=True)),
    ),
    PlannedTeam(
        "Data Engineering", "Asia/Kolkata", group="Data",
        seats=(Seat(skills=("Spark",)), Seat(skills=("SQL", "dbt"), away=(Away(11, 15),)), Seat(abroad=True), Seat(part_time=80)),
    ),
    PlannedTeam(
        "Analytics", "Asia/Kolkata", group="Data",
        seats=(Seat(skills=("SQL",), abroad=True), Seat(share=50, rest="Data Engineering"), Seat(until=13, skills=("Statistics",))),
        off=(Away(8, 8, name="Offsite"),),
    ),
    PlannedTeam(
        "Quality Assurance", "Europe/Berlin", focus=75,
        seats=(
            Seat(skills=("Test automation",)),
            Seat(part_time=80, skills=("Exploratory tests",), away=(Away(10, 10), Away(11, 11, "morning"))),
            Seat(share=50, rest="Technical Writing", hours=6, away=(Away(16, 16),), abroad=True),
            Seat(since=15, skills=("Load tests",)),
        ),
        off=(Away(12, 12, "afternoon", "Release rehearsal"),),
    ),
    PlannedTeam(
        "Backend", "Europe/Berlin",
        seats=(
            Seat(skills=("PostgreSQL",), away=(Away(5, 6),)), Seat(skills=("Python", "Payments")), Seat(part_time=80),
            Seat(share=60, rest="Platform", skills=("Kubernetes",), abroad=True), Seat(away=(Away(13, 13, "afternoon"), Away(18, 19))),
        ),
    ),
    PlannedTeam(
        "DevOps", "Europe/Lisbon", focus=60, in_hours=True,
        seats=(Seat(skills=("Terraform",)), Seat(away=(Away(1, 2),), abroad=True), Seat(hours=6, part_time=75)),
    ),
    PlannedTeam(
        "Platform", "Europe/Lisbon",
        seats=(Seat(skills=("Kubernetes",)), Seat(abroad=True), Seat(away=(Away(16, 16),))),
    ),
    PlannedTeam(
        "Security", "America/New_York", focus=70,
        seats=(Seat(skills=("Pentests",), abroad=True), Seat(away=(Away(14, 14, "morning"),)), Seat(part_time=50)),
        off=(Away(19, 19, name="Team day"),),
    ),
    PlannedTeam("Technical Writing", "America/New_York", seats=(Seat(part_time=80), FULL)),
)  # fmt: skip
SET_BY_HAND = ByHand("Backend", 1, 5, "On call in the first week, which leaves no time for planned work.")
ACTIVE_QUEUE, DRAFT_QUEUE = "What we agreed on", "Draft of the next sprint"
ACTIVE_NOTE = "As agreed when the sprint was planned."
FROM_BACKLOG = 40  # issues that may join the next sprint


def home_of(name: str) -> Country | None:
    """The country that somebody of the company lives in, by their name; None for who is not of the company."""
    zone = zone_of(name)
    return None if zone is None else _COUNTRIES.get(zone)
