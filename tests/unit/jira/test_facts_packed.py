"""The packed form of a report and of a giant sprint's hours."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sprintreports.jira import facts_packed, facts_rows
from sprintreports.jira.facts_packed import Parts, hours_of, pack, unpack
from sprintreports.metrics.scope import EventKind, ScopeEvent
from sprintreports.metrics.sprint_report import Breakdown, Dimension, TeamReport, Transfer
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, Estimate

NUMBERS = st.integers(-(2**40), 2**40)
AMOUNTS = st.builds(Amount, NUMBERS, NUMBERS, NUMBERS)
TOTALS = st.builds(
    Totals,
    **dict.fromkeys(facts_rows.AMOUNTS, AMOUNTS),
    **dict.fromkeys(facts_rows.COUNTERS, st.integers(0, 9)),
)
LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
PARTS = st.lists(st.builds(Breakdown, st.sampled_from(Dimension), LABELS, TOTALS), max_size=3).map(tuple)
EXCLUDED = st.dictionaries(LABELS, st.integers(1, 9), max_size=2)
TEAMS = st.builds(TeamReport, st.integers(0, 99), TOTALS, AMOUNTS, AMOUNTS, PARTS, EXCLUDED)
TEAM = st.none() | st.integers(0, 99)
MOVES = st.lists(st.builds(Transfer, TEAM, TEAM, AMOUNTS), max_size=3).map(tuple)


@given(st.builds(Parts, st.lists(TEAMS, max_size=3).map(tuple), MOVES, TOTALS, PARTS, EXCLUDED))
def test_parts_come_back_as_they_were(parts: Parts):
    assert unpack(pack(parts)) == parts


def test_a_changed_field_asks_for_a_new_format():
    packed = {kind: tuple(field.name for field in fields(kind)) for kind in (TeamReport, Transfer, Breakdown)}
    assert facts_packed.FORMAT == 1
    assert tuple(field.name for field in fields(Totals)) == (*facts_rows.AMOUNTS, *facts_rows.COUNTERS)
    assert (len(facts_rows.AMOUNTS), len(facts_rows.COUNTERS)) == (12, 4)
    assert packed == {
        TeamReport: ("discipline", "totals", "transferred_in", "transferred_out", "breakdowns", "excluded"),
        Transfer: ("source", "target", "amount"),
        Breakdown: ("dimension", "label", "totals"),
    }
    assert list(Dimension) == ["team", "type", "status", "priority", "assignee", "stakeholder"]


def test_hours_hold_what_moved_in_them():
    nine = datetime(2025, 3, 3, 9, tzinfo=UTC)
    three = Estimate(3000, 60)

    def event(
        minutes: int, kind: EventKind, *, before: Estimate | None = None, after: Estimate | None = None
    ):
        return ScopeEvent(nine + timedelta(minutes=minutes), 1, kind, "", 1, before, after, done=False)

    events = [
        event(0, EventKind.ENTERED, after=three),
        event(59, EventKind.DONE, after=three),
        event(60, EventKind.LEFT, before=three),
    ]
    assert hours_of(events) == [
        (nine + timedelta(minutes=59), 3000, 60, 1, 3000, 60, 1),
        (nine + timedelta(minutes=60), -3000, -60, -1, 0, 0, 0),
    ]
    assert facts_packed.unpack_hours(facts_packed.pack_hours(hours_of(events))) == hours_of(events)
