"""From values to words: figures, health, what is missing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from sprintreports.jira.reads.burndowns import ScopeChangeRow
from sprintreports.jira.reads.overview import ActiveSprintCard
from sprintreports.kit.paging import Page
from sprintreports.metrics.basis import Basis, SprintBasis
from sprintreports.metrics.burndown import DailyPoint
from sprintreports.metrics.calendar import WorkCalendar
from sprintreports.metrics.scope import EventKind
from sprintreports.metrics.sprint_report import SprintReport
from sprintreports.metrics.totals import Totals
from sprintreports.metrics.values import Amount, Estimate, SprintState, Unit, Window
from sprintreports.metrics.velocity import SprintTotals, velocity
from sprintreports.ui import news
from sprintreports.ui.components.figures import Kpi, changed_tiles
from sprintreports.ui.components.tables import pager_of, sort_links
from sprintreports.ui.connecting.runs import run_line
from sprintreports.ui.definitions import NAMES
from sprintreports.ui.pages.overview import rows as overview
from sprintreports.ui.pages.sprint import rows as sprint
from sprintreports.ui.pages.sprint import tiles
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


BASIS = SprintBasis(
    commitment=Basis(10, 3, 10), added=Basis(2), removed=Basis(1), completed=Basis(4, 0, 4), not_completed=Basis(7, 2, 7),
    say_do=Basis(12, 3, 12), reestimated_points=1, left_out=1,
)  # fmt: skip


GUIDE = WorkCalendar().guideline(START, START + timedelta(days=14), points(40))


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
        totals=TOTALS, days=days, guideline=GUIDE, other_boards=((9, "Shop releases"),), as_of=NOW,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_tiles_of_a_running_sprint():
    shown = tiles.tiles(report(), Unit.POINTS, BASIS)
    values = {name: tile.value for name, tile in shown.items()}
    assert values == {
        "commitment": "40", "added": "+8", "removed": "−3", "reestimated": "−5", "completed": "10", "remaining": "30",
        "say_do": "25 %",
    }  # fmt: skip
    assert "still open" in shown["say_do"].note


def test_a_sprint_that_has_not_started_has_no_commitment_rather_than_zero():
    shown = tiles.tiles(
        report(state=SprintState.FUTURE, window=Window(None, NOW, closed=False)), Unit.POINTS, BASIS
    )
    assert shown["commitment"].value == "—"
    assert shown["commitment"].note == "The sprint has not started."
    assert shown["remaining"].value == "30"


def test_a_tile_says_what_it_rests_on_and_where_the_doubtful_ones_are():
    shown = tiles.tiles(report(), Unit.POINTS, BASIS, doubts="/quality?sprint=2")
    said = {name: (tile.rests, tile.doubt, tile.doubt_link) for name, tile in shown.items()}
    doubts = "/quality?sprint=2"
    assert said == {
        "commitment": ("10 issues", "3 without estimate", doubts),
        "added": ("2 issues", "", ""),
        "removed": ("1 issue", "", ""),
        "reestimated": ("1 issue", "", ""),
        "completed": ("4 issues", "", ""),
        "remaining": ("7 issues", "2 without estimate, 1 left out", doubts),
        "say_do": ("12 issues", "3 without estimate", doubts),
    }
    assert tiles.tiles(report(), Unit.COUNT, BASIS)["commitment"].doubt == "", "counting needs no estimate"
    future = tiles.tiles(report(state=SprintState.FUTURE), Unit.POINTS, BASIS, doubts=doubts)
    assert (future["remaining"].rests, future["remaining"].note) == ("7 issues", "planned so far")
    assert (future["commitment"].rests, future["commitment"].doubt) == ("", ""), (
        "an unknown figure rests on nothing"
    )
    none = tiles.tiles(report(totals=UNESTIMATED), Unit.POINTS, BASIS)
    assert {tile.rests for tile in none.values()} == {""}, "its note says it already"


UNESTIMATED = replace(TOTALS, unestimated=11, initial=points(0, 10), added=points(0, 2), removed=points(0, 1),
                      reestimated=points(0, 0), final=points(0, 11), completed=points(0, 4), not_completed=points(0, 7))  # fmt: skip


def test_what_nobody_estimated_is_a_dash_and_not_zero():
    shown = tiles.tiles(report(totals=UNESTIMATED), Unit.POINTS, BASIS)
    assert {tile.value for tile in shown.values()} == {"—"}
    assert shown["commitment"].note == "10 issues; none has story points"
    assert sprint.notes(report(totals=UNESTIMATED), Unit.POINTS, note=None)[0] == (
        "Nobody estimated this sprint in points. Choose another unit above."
    )
    assert tiles.tiles(report(totals=UNESTIMATED), Unit.COUNT, BASIS)["commitment"].value == "10"
    # One issue with an estimate of 0 is known to be 0.
    known = tiles.tiles(report(totals=replace(UNESTIMATED, unestimated=10)), Unit.POINTS, BASIS)
    assert known["commitment"].value == "0"
    planned = tiles.tiles(report(state=SprintState.FUTURE, totals=UNESTIMATED), Unit.POINTS, BASIS)
    assert (planned["remaining"].value, planned["remaining"].note) == ("—", "7 issues; none has story points")


def test_a_tile_stands_beside_the_sprints_before():
    before = [replace(TOTALS, completed=points(number)) for number in (30, 10, 20)]  # last first
    shown = tiles.tiles(report(), Unit.POINTS, BASIS, before=before)
    assert shown["completed"].trend == "usually 20 pts"
    assert shown["completed"].spark == "M0 10.7L33.3 21.3L66.7 0L100 21.3"  # 20, 10, 30, then its own 10
    assert shown["say_do"].trend == "usually 50 %"
    assert shown["say_do"].basis == "Median of the 3 sprints before."
    assert shown["added"].trend == ""
    assert tiles.tiles(report(), Unit.POINTS, BASIS, before=before[:1])["completed"].trend == ""


def test_words_change_when_the_sprint_is_closed_or_still_to_come():
    same = replace(TOTALS, final=TOTALS.initial)
    closed = Window(START, NOW, closed=True)
    assert (
        tiles.tiles(report(window=closed), Unit.POINTS, BASIS)["reestimated"].note
        == "scope was 40 points at the close"
    )
    assert sprint.changes_reading(report(totals=same, window=closed), Unit.POINTS).startswith(
        "The scope ended as it was at the start. Churn was"
    )
    future = report(window=Window(None, NOW, closed=False))
    assert sprint.changes_reading(future, Unit.POINTS) == "Changes count from the start of the sprint on."
    assert sprint.no_changes(future) == "The sprint has not started."
    assert sprint.no_changes(report(window=closed)) == "The scope did not move."
    assert (
        sprint.done_text(["Done", "Released"])
        == "Done on this board: Done and Released (its right-most column)."
    )
    assert sprint.done_text(["Done"], chosen=True) == "Done on this board: Done (chosen in its settings)."
    assert sprint.done_text([]) == ""


@pytest.mark.parametrize(
    ("before", "after", "unit", "what", "change"),
    [
        (Estimate(8000, None), Estimate(1000, None), Unit.POINTS, "Re-estimated from 8 to 1", "−7 pts"),
        (
            Estimate(8000, None),
            Estimate(1000, None),
            Unit.COUNT,
            "Re-estimated from 8 to 1 points",
            "0 issues",
        ),
        (
            Estimate(None, 3600),
            Estimate(None, 7200),
            Unit.POINTS,
            "Re-estimated from 1 to 2 hours",
            "not estimated",
        ),
        (None, Estimate(1000, None), Unit.POINTS, "Added", "+1 pt"),
        (None, Estimate(1000, None), Unit.COUNT, "Added", "+1 issue"),
    ],
)
def test_a_change_names_what_was_estimated(before, after, unit, what, change):
    kind = EventKind.ENTERED if before is None else EventKind.REESTIMATED
    row = ScopeChangeRow(
        at=NOW, issue_id=1, issue_key="A-1", summary="", url="", kind=kind, reason="", team_id=0, before=before,
        after=after, delta=points(0),
    )  # fmt: skip
    line = sprint.change_line(row, unit, UTC_ZONE)
    assert (line.what, line.change) == (what, change)


def test_a_velocity_that_nobody_estimated_is_not_known():
    nothing = replace(UNESTIMATED, initial=points(0, 10))
    shown = velocity(
        [SprintTotals(number, f"S{number}", START, NOW, nothing) for number in (1, 2, 3)],
        last=7,
        unit=Unit.POINTS,
    )
    assert {tile.value for tile in velocities.tiles(shown).values()} == {"—"}
    assert velocities.lines(shown, board="1", zone=UTC_ZONE)[0].completed == "—"
    assert velocities.caution(shown) == (
        "No issue of these sprints is estimated in points. Choose another unit above."
    )
    counted = velocity([SprintTotals(1, "S1", START, NOW, nothing)], last=7, unit=Unit.COUNT)
    assert velocities.tiles(counted)["velocity"].value == "4"


def test_without_a_commitment_say_do_is_not_known():
    shown = tiles.tiles(report(totals=replace(TOTALS, initial=points(0, 0))), Unit.POINTS, BASIS)
    assert (shown["say_do"].value, shown["say_do"].note) == ("—", "No commitment to measure against.")


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
    assert ideal == "M0 0L14.3 8L28.6 8L64.3 24L78.6 24L96.4 32"  # flat at the two weekends
    assert overview.spark(card(guideline=()))[2] == ""


def test_velocity_says_when_it_rests_on_too_little():
    few = velocity([SprintTotals(1, "S1", START, NOW, TOTALS, Basis(4, 1, 4))], last=7, unit=Unit.POINTS)
    shown = velocities.tiles(few)
    assert shown["velocity"].value == "10"
    assert (shown["spread"].value, shown["spread"].note) == ("—", "Needs two closed sprints.")
    assert (shown["limits"].value, shown["limits"].note) == ("—", "Needs three closed sprints.")
    assert velocities.caution(few).startswith("Only 1 closed sprint")
    doubts = "/quality?board=1"
    told = velocities.tiles(few, doubts=doubts)
    assert (told["velocity"].rests, told["velocity"].doubt) == ("4 completed issues", "1 without estimate")
    (line,) = velocities.lines(few, board="1", zone=UTC_ZONE)
    assert line.note == "4 completed issues, 1 without estimate; 1 not completed without estimate"
    assert told["velocity"].doubt_link == doubts
    assert (told["spread"].rests, told["say_do"].rests, told["say_do"].doubt) == ("", "1 sprint", "")
    without = replace(TOTALS, initial=points(0, 0), unestimated=0, excluded=3)
    mixed = [
        SprintTotals(number, f"S{number}", START, NOW, sums, Basis(4, 1, 4))
        for number, sums in ((1, TOTALS), (2, without))
    ]
    told = velocities.tiles(velocity(mixed, last=7, unit=Unit.POINTS), doubts=doubts)
    assert (told["median"].rests, told["median"].doubt) == (
        "8 completed issues",
        "2 without estimate, 3 left out",
    )
    assert (told["churn"].rests, told["churn"].doubt, told["churn"].doubt_link) == (
        "1 sprint", "1 without a commitment", ""
    )  # fmt: skip


def test_a_card_says_what_it_rests_on():
    told = overview.card(card(), zone=ZoneInfo("UTC"))
    assert (told.rests, told.doubt, told.doubt_link) == (
        "11 issues in scope", "2 without estimate", "/quality?board=1&sprint=2"
    )  # fmt: skip
    fine = overview.card(card(totals=replace(TOTALS, unestimated=0)), zone=ZoneInfo("UTC"))
    assert (fine.doubt, fine.doubt_link) == ("", "")
    assert overview.card(card(totals=None), zone=ZoneInfo("UTC")).rests == ""


def test_what_is_new_is_told_by_figure():
    before = {
        "completed": Kpi("31", "pts"),
        "say_do": Kpi("—"),
        "added": Kpi("+1", "pt"),
        "churn": Kpi("3 %"),
    }
    after = {
        **before,
        "completed": Kpi("34", "pts", "another note"),
        "say_do": Kpi("80 %"),
        "velocity": Kpi("9"),
    }
    found = changed_tiles(before, after, NAMES)
    assert news.was(found) == {"completed": "was 31 pts", "say_do": "was not known"}
    assert news.sentence(found, now=NOW, zone=ZoneInfo("Europe/Berlin")) == (
        f"Numbers updated at {NOW.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}: Completed from 31 pts to 34 pts; "
        "Say/do from not known to 80 %."
    )
    assert news.sentence([], now=NOW, zone=ZoneInfo("UTC")) == ""
    many = [news.Change(str(at), f"F{at}", "1", "2") for at in range(6)]
    assert news.sentence(many, now=NOW, zone=ZoneInfo("UTC")).endswith("F3 from 1 to 2; 2 more.")


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
        "created_at": NOW - timedelta(seconds=10), "expected_at": None, "site_paused": False, "left_alone_until": None,
        "traffic": {},
    }  # fmt: skip
    return SimpleNamespace(**{**row, **changes})


def test_a_run_moves_and_says_what_it_does():
    line = run_line(run(), now=NOW, zone=UTC_ZONE)
    assert (line.share, line.progress, line.took) == (25, "500 of 2,000 issues read", "9 s")
    assert line.notes == ["A board has no sprints."]
    assert run_line(run(total_issues=None), now=NOW, zone=UTC_ZONE).progress == "500 issues read so far"


@pytest.mark.parametrize(
    ("seconds", "left"),
    [(-5, "less than a minute"), (30, "less than a minute"), (60, "about 1 minute"), (200, "about 3 minutes"),
     (5400, "about 2 hours"), (36_000, "about 10 hours")],
)  # fmt: skip
def test_a_run_says_how_long_it_still_takes(seconds, left):
    line = run_line(run(expected_at=NOW + timedelta(seconds=seconds)), now=NOW, zone=UTC_ZONE)
    assert line.progress == f"500 of 2,000 issues read, {left} left"


def test_a_count_is_about_until_the_issues_are_listed():
    line = run_line(run(done_issues=0), now=NOW, zone=UTC_ZONE)
    assert line.progress == "0 of about 2,000 issues read"


def test_a_run_says_how_jira_slows_it_down():
    quick = {"requests": 90, "waited_seconds": 1.0, "at_once": 4, "ceiling": 4}
    slow = {"requests": 90, "waited_seconds": 65.0, "at_once": 2, "ceiling": 4}

    def pace(state, traffic):
        return run_line(run(state=state, traffic=traffic), now=NOW, zone=UTC_ZONE).pace

    assert (pace("running", {}), pace("running", quick), pace("done", quick)) == ("", "", "")
    assert pace("done", slow) == "Jira had it wait 1 min 5 s."
    assert pace("running", slow) == (
        "Jira asks it to slow down: it has waited 1 min 5 s, and asks for 2 of 4 things at once."
    )


def test_a_run_that_waits_says_for_what():
    waiting = run(state="queued", site_paused=True)
    line = run_line(waiting, now=NOW, zone=UTC_ZONE)
    assert (line.label, line.phase) == ("Paused", "It goes on from where it stands when the sync is resumed.")
    alone = run(state="queued", left_alone_until=NOW + timedelta(minutes=4))
    assert "Waiting for Jira, which is tried again at" in run_line(alone, now=NOW, zone=UTC_ZONE).phase
    over = run(state="queued", left_alone_until=NOW - timedelta(minutes=4))
    assert "Waiting for Jira" not in run_line(over, now=NOW, zone=UTC_ZONE).phase


def test_a_run_that_no_worker_takes_says_so():
    waiting = run(state="queued", phase="", started_at=None, created_at=NOW - timedelta(minutes=1))
    assert "no worker has taken it" in run_line(waiting, now=NOW, zone=UTC_ZONE).phase
