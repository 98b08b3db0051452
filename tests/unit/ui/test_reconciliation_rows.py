"""From comparisons to words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sprintreports.jira.reads.reconciliations import BoardCompared, SprintCompared, SprintStanding, Standing
from sprintreports.metrics.jira_lines import Aspect, JiraLine, OurLine, Reason
from sprintreports.metrics.reconciliation import Difference, Line, Reconciliation, SumCheck
from sprintreports.metrics.values import Bucket, Unit
from sprintreports.ui.pages.reconciliation import rows

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
MINE = OurLine(1, "A-1", Bucket.COMPLETED, added=True, initial=3000, final=5000)
THEIRS = JiraLine(1, "A-1", Bucket.REMOVED, added=False, initial=None, final=None)


def standing(state: Standing) -> SprintStanding:
    return SprintStanding(7, "Seven", NOW, state, None, None, None, None, None)


def test_a_side_in_words():
    assert rows.side(MINE, Unit.POINTS) == "Completed, added, 3 pts → 5 pts"
    assert rows.side(THEIRS, Unit.POINTS) == "Removed, not estimated"
    assert rows.side(THEIRS, Unit.COUNT) == "Removed"
    cleared = OurLine(1, "A-1", Bucket.COMPLETED, added=False, initial=2000, final=None)
    assert rows.side(cleared, Unit.POINTS) == "Completed, 2 pts → not estimated"
    assert rows.side(None, Unit.POINTS) == "Not listed"
    hours = OurLine(1, "A-1", Bucket.OUTSIDE, added=False, initial=5400, final=5400)
    assert rows.side(hours, Unit.HOURS) == "Done outside, 1.5 h"


def test_a_difference_names_its_moment_and_its_reason():
    found = Difference(1, "A-1", Aspect.FINAL, 5000, 3000, Reason.REESTIMATED, NOW)
    line = rows.difference_line(found, ZONE)
    assert line.what == "Other estimate at the close (Wed 11 Mar 2026, 12:00):"
    assert line.why == Reason.REESTIMATED.sentence


def test_what_to_do_about_a_sprint_that_is_not_compared():
    assert "“Compare now”" in rows.not_compared(may_compare=True)
    assert "An admin" in rows.not_compared(may_compare=False)


def test_one_point_is_no_points():
    assert rows._estimate(1000, Unit.POINTS) == "1 pt"
    assert rows._estimate(2000, Unit.POINTS) == "2 pts"
    assert rows._estimate(5400, Unit.HOURS) == "1.5 h"
    assert rows._estimate(None, Unit.POINTS) == "not estimated"


def test_tiles_say_what_is_not_compared():
    board = BoardCompared(1, "Board", (standing(Standing.NOT_COMPARED),), None, running=False)
    tiles = rows.tiles(board)
    assert (tiles["share"].value, tiles["share"].note) == ("—", "No sprint is compared yet.")
    both = (standing(Standing.EQUAL), standing(Standing.DIFFERS), standing(Standing.NOT_COMPARED))
    tiles = rows.tiles(BoardCompared(1, "Board", both, 0.5, running=False))
    assert (tiles["share"].value, tiles["share"].note) == ("50 %", "of 2 compared sprints")
    assert (tiles["equal"].value, tiles["differing"].value, tiles["missing"].value) == ("1", "1", "1")


def compared(found: Reconciliation | None, problem: str | None = None) -> SprintCompared:
    source = None if found is None else "upload"
    return SprintCompared(7, "Seven", 1, "Board", NOW, "", source, NOW, problem, None, found, ())


def test_a_verdict_and_its_cautions():
    assert rows.source_text(compared(None), ZONE) == "Jira's report of this sprint is not here yet."
    assert rows.verdict(compared(None)) == ""
    assert rows.cautions(compared(None, "Jira refused it.")) == ["Jira refused it."]
    difference = Difference(1, "A-1", Aspect.BUCKET, MINE.bucket, THEIRS.bucket, Reason.UNEXPLAINED, None)
    lines = (Line(1, "A-1", MINE, THEIRS, (difference,)), Line(2, "A-2", MINE, THEIRS, ()))
    wrong = SumCheck(Bucket.COMPLETED, Aspect.FINAL, ours=5000, rows=5000, said=4000, told=True)
    found = compared(Reconciliation(Unit.POINTS, lines, (wrong,), ("A-2",)))
    assert rows.verdict(found) == "1 of 2 issues differs, listed first."
    assert len(rows.cautions(found)) == 2
    assert "uploaded Wed 11 Mar 2026" in rows.source_text(found, ZONE)
    assert rows.sum_line(wrong, Unit.POINTS).label == "Does not add up"
    equal = compared(Reconciliation(Unit.POINTS, lines[1:], (), ()))
    assert rows.verdict(equal).startswith("The only issue is the same on both sides")


def test_a_sum_three_times():
    line = rows.sum_line(SumCheck(None, Aspect.INITIAL, 5000, 8000, 0, told=False), Unit.POINTS)
    assert (line.name, line.ours, line.lines, line.printed) == ("Commitment", "5", "8", "—")
    assert (line.label, line.tone) == ("Differs", "warn")
