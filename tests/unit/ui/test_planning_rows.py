"""Planning as text: what is typed, teams as a tree, what a capacity rests on, and the heat map's words."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from sprintreports.kit.errors import Invalid
from sprintreports.metrics.values import SprintState, Unit
from sprintreports.planning.capacity.computing import Load, Outcome, TeamCapacity
from sprintreports.planning.capacity.countries import countries
from sprintreports.planning.capacity.overrides import Measure
from sprintreports.planning.capacity.rates import PastSprint, Rate
from sprintreports.planning.teams import TeamRow, TeamSettings
from sprintreports.ui.pages.capacity import rows as capacity_rows
from sprintreports.ui.pages.teams.rows import fitting, tree, weekdays
from sprintreports.ui.planning import entering, figures

CLOSED = datetime(2026, 4, 20, tzinfo=UTC)


def team(number: int, name: str, parent: int | None = None) -> TeamRow:
    return TeamRow(number, TeamSettings(name, parent), (), 0, 1)


def cell(**changes: object) -> TeamCapacity:
    past = PastSprint(1, "Sprint 1", CLOSED, Fraction(25), Fraction(20))
    usual = TeamCapacity(
        team=1, name="QA", unit=Unit.POINTS, outcome=Outcome.READY, members=(), working_days=Fraction(10), days=Fraction(20),
        hours=Fraction(128), focus=Fraction(4, 5), rate=Rate(Fraction(4, 5), (past,)), amount=Fraction(16),
        load=Load(Fraction(12), Fraction(6)),
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "value"), [("7.5", "7.5"), ("7,5", "7.5"), ("80 %", "80"), ("-2", "-2")])
def test_numbers_are_read_as_people_type_them(text: str, value: str):
    assert entering.number(text, "Hours") == Decimal(value)


@pytest.mark.parametrize("text", ["", "many", "1.000,5", "1e9999", "NaN", "inf", "9" * 20])
def test_what_is_no_number_is_named(text: str):
    with pytest.raises(Invalid, match=r"^Hours: .* is no number"):
        entering.number(text, "Hours")


def test_days_and_regions_are_read():
    assert entering.day("", "The day") is None
    with pytest.raises(Invalid, match="is no day"):
        entering.day("tomorrow", "The day")
    with pytest.raises(Invalid, match="choose a day"):
        entering.needed_day("", "The day")
    assert [entering.region(text) for text in ("", "de", "de-be")] == [
        (None, None),
        ("DE", None),
        ("DE", "BE"),
    ]
    assert entering.region_text("DE", "BE") == "DE-BE"


def test_countries_have_names():
    found = countries()
    assert (found["DE"], found["US"]) == ("Germany", "United States")
    assert list(found.values()) == sorted(found.values())


def test_groups_stand_before_their_teams_and_a_ring_does_not_hang():
    found = [team(1, "App", 3), team(2, "Web", 3), team(3, "EMEA"), team(4, "QA", 2), team(5, "Lost", 99)]
    placed = tree(found)
    assert [(one.team.settings.name, len(one.above)) for one in placed] == [
        ("EMEA", 0), ("App", 1), ("Web", 1), ("QA", 2), ("Lost", 0),
    ]  # fmt: skip
    assert [one.team.id for one in fitting(placed, search="", group=2)] == [2, 4]
    assert [one.team.id for one in fitting(placed, search="QA", group=3)] == [4]
    ring = tree([team(1, "One", 2), team(2, "Two", 1)])
    assert sorted(one.team.id for one in ring) == [1, 2]
    assert weekdays((0, 1, 2, 3, 4)) == "Mon–Fri"
    assert weekdays((0, 2)) == "Mon, Wed"


def test_a_capacity_says_what_it_rests_on():
    said = capacity_rows.basis(cell())
    assert said[0] == "20 days × 0.8 points a day = 16 points."
    assert said[1] == "The rate is the median of 1 closed sprint: Sprint 1 20 points in 25 days, 0.8 a day."
    assert said[2] == "The same sprints completed 20 points in the middle; this capacity is 20 % below it."
    assert capacity_rows.basis(cell(overridden=frozenset({Measure.AMOUNT})))[0].startswith(
        "The capacity was set"
    )
    assert capacity_rows.basis(cell(unit=Unit.HOURS))[0].endswith("× focus factor 80 % = 128 hours.")
    unknown = cell(rate=None, amount=None, outcome=Outcome.NO_RATE)
    assert capacity_rows.basis(unknown) == [Outcome.NO_RATE.sentence]


@pytest.mark.parametrize(
    ("of", "state", "shown"),
    [
        (cell(), SprintState.ACTIVE, ("75 %", "12 of 16 pts", "good", "fits")),
        (cell(load=Load(Fraction(20))), SprintState.FUTURE, ("125 %", "20 of 16 pts", "bad", "too much")),
        (cell(load=Load(Fraction(4))), SprintState.FUTURE, ("25 %", "4 of 16 pts", "info", "much room")),
        (cell(), SprintState.CLOSED, ("50 %", "6 of 12 pts", "bad", "far from it")),
        (
            cell(load=Load(Fraction(10), Fraction(9))),
            SprintState.CLOSED,
            ("90 %", "9 of 10 pts", "good", "kept"),
        ),
        (cell(load=None), SprintState.CLOSED, ("—", "nothing planned", "", "")),
        (cell(amount=None), SprintState.FUTURE, ("—", "no capacity known", "", "")),
    ],
)
def test_a_cell_of_the_heat_map_has_its_words(of: TeamCapacity, state: SprintState, shown: tuple[str, ...]):
    assert capacity_rows.heat_cell(of, state) == shown


def test_figures_carry_their_word():
    assert figures.amount(Fraction(1), Unit.POINTS) == "1 pt"
    assert (figures.days(Fraction(17, 2)), figures.days(Fraction(1))) == ("8.5 days", "1 day")
    assert (figures.signed(Fraction(-3, 2), "pts"), figures.signed(Fraction(), "pts")) == (
        "−1.5 pts",
        "no change",
    )
