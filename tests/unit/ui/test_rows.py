"""From values to words: figures, health, what is missing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from sprintreports.jira.reads.overview import ActiveSprintCard
from sprintreports.kit.paging import Page
from sprintreports.metrics.burndown import DailyPoint
from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, SprintState, Unit, Window
from sprintreports.metrics.velocity import SprintTotals, velocity
from sprintreports.ui.components.tables import pager_of, sort_links
from sprintreports.ui.connecting.runs import run_line
from sprintreports.ui.pages.overview import rows as overview
from sprintreports.ui.pages.sprint import rows as sprint
from sprintreports.ui.pages.velocity import rows as velocities

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
START = NOW - timedelta(days=7)
UTC_ZONE = ZoneInfo("UTC")


def points(number: int, count: int = 1) -> Amount:
    return Amount(number * 1000, 0, count)


TOTALS = Totals(
    initial=points(40, 10), added=points(8, 2), removed=points(3, 1), reestimated=points(-5, 0), final=points(40, 11),
    completed=points(10, 4), not_completed=points(30, 7), issues=12, unestimated=2,
)  # fmt: skip


def report(**changes: object) -> SprintReport:
    made = SprintReport(
        board_id=1, sprint_id=2, sprint_name="S", state=SprintState.ACTIVE, window=Window(START, NOW, closed=False),
        zone="UTC", totals=TOTALS, breakdowns=(), teams=(), transfers=(), excluded={"status not on the board": 1},
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def card(**changes: object) -> ActiveSprintCard:
    days = tuple(
        DailyPoint(date(2026, 3, 4 + at), points(40), points(at), points(40 - at)) for at in range(8)
    )
    made = ActiveSprintCard(
        sprint_id=2, sprint_name="S", goal=None, site_name="Company", board_id=1, board_name="Shop", unit=Unit.POINTS,
        start=START, planned_end=START + timedelta(days=14), zone="UTC", working_days=10, working_days_left=5,
        totals=TOTALS, days=days, as_of=NOW,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_tiles_of_a_running_sprint():
    tiles = sprint.tiles(report(), Unit.POINTS)
    values = {name: tile.value for name, tile in tiles.items()}
    assert values == {
        "commitment": "40", "added": "+8", "removed": "−3", "reestimated": "−5", "completed": "10", "remaining": "30",
        "say_do": "25 %",
    }  # fmt: skip
    assert "still open" in tiles["say_do"].note


def test_a_sprint_that_has_not_started_has_no_commitment_rather_than_zero():
    tiles = sprint.tiles(
        report(state=SprintState.FUTURE, window=Window(None, NOW, closed=False)), Unit.POINTS
    )
    assert tiles["commitment"].value == "—"
    assert tiles["commitment"].note == "The sprint has not started."
    assert tiles["remaining"].value == "30"


def test_without_a_commitment_say_do_is_not_known():
    tiles = sprint.tiles(report(totals=replace(TOTALS, initial=points(0, 0))), Unit.POINTS)
    assert (tiles["say_do"].value, tiles["say_do"].note) == ("—", "No commitment to measure against.")


def test_nothing_vanishes_unseen():
    found = sprint.notes(report(), Unit.POINTS, note="No board lists it.")
    assert found[0] == "No board lists it."
    assert found[1] == "2 issues in scope have no story points and count as 0 in the sums."
    assert found[2] == "1 issue of the sprint left out: status not on the board."


@pytest.mark.parametrize(
    ("changes", "health"),
    [
        ({}, "At risk"),  # 25 % done, half of the time gone: exactly 25 points behind is not yet far
        ({"working_days_left": 4}, "Off track"),
        ({"working_days_left": 8}, "On track"),
        ({"working_days_left": 0}, "Overdue"),
        ({"totals": None}, "Not computed yet"),
        ({"planned_end": None, "working_days": None, "working_days_left": None}, "No end date"),
        ({"totals": replace(TOTALS, final=points(0, 3))}, "Nothing estimated"),
    ],
)
def test_health(changes: dict[str, object], health: str):
    assert overview.health_of(card(**changes))[0] == health


def test_a_card_that_is_not_computed_shows_dashes():
    shown = overview.card(card(totals=None, days=()), zone=UTC_ZONE)
    assert (shown.done, shown.scope, shown.remaining, shown.line) == ("—", "—", "—", "")


def test_the_small_burndown_stays_in_its_frame():
    line, area, ideal = overview.spark(card())
    assert line.startswith("M0 0L")
    assert area.endswith("Z")
    assert ideal == "M0 0L100 32"


def test_velocity_says_when_it_rests_on_too_little():
    few = velocity([SprintTotals(1, "S1", START, NOW, TOTALS)], last=7, unit=Unit.POINTS)
    tiles = velocities.tiles(few)
    assert tiles["velocity"].value == "10"
    assert (tiles["spread"].value, tiles["spread"].note) == ("—", "Needs two closed sprints.")
    assert (tiles["limits"].value, tiles["limits"].note) == ("—", "Needs three closed sprints.")
    assert velocities.caution(few).startswith("Only 1 closed sprint")


def test_pagers_and_heads_only_change_the_address():
    page = Page([1, 2], total=52, page=2, per_page=25)
    shown = pager_of(
        page, path="/sprint", parameters={"sprint": "7", "page": "2"}, name="page", noun="issues"
    )
    assert shown.text == "26–27 of 52 issues"
    assert shown.previous == "/sprint?sprint=7&page=1"
    assert shown.next == "/sprint?sprint=7&page=3"
    heads = sort_links(
        ("key", "final"), path="/sprint", parameters={"page": "2"}, sort="final", descending=False
    )
    assert heads == {"key": "/sprint?sort=key", "final": "/sprint?sort=final&order=desc"}


def run(**changes: object) -> SimpleNamespace:
    row = {
        "id": 1, "state": "running", "mode": "full", "phase": "issues", "done_issues": 500, "changed_issues": 0,
        "total_issues": 2000, "started_at": NOW - timedelta(seconds=9), "finished_at": None, "error": None,
        "request_id": "req_1", "cancel_requested": False, "notes": ({"message": "A board has no sprints."},),
        "created_at": NOW - timedelta(seconds=10),
    }  # fmt: skip
    return SimpleNamespace(**{**row, **changes})


def test_a_run_moves_and_says_what_it_does():
    line = run_line(run(), now=NOW, zone=UTC_ZONE)
    assert (line.share, line.progress, line.took) == (25, "500 of about 2,000 issues", "9 s")
    assert line.notes == ["A board has no sprints."]
    assert run_line(run(total_issues=None), now=NOW, zone=UTC_ZONE).progress == "500 issues so far"


def test_a_run_that_no_worker_takes_says_so():
    waiting = run(state="queued", phase="", started_at=None, created_at=NOW - timedelta(minutes=1))
    assert "no worker has taken it" in run_line(waiting, now=NOW, zone=UTC_ZONE).phase
