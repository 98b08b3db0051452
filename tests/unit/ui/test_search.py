"""Where a hit leads, and how it is called."""

from sprintreports.jira.reads.finding import Hit, HitKind
from sprintreports.metrics.values import SprintState
from sprintreports.ui.search_state import line


def hit(kind: HitKind, state: SprintState | None = SprintState.ACTIVE) -> Hit:
    return Hit(kind, 3, "Payments", 12, "PAY 7", state, "PAY-9", "Refunds & more")


def test_an_issue_leads_to_the_list_it_stands_in():
    shown = line(hit(HitKind.ISSUE))
    assert shown.link == "/sprint?board=3&sprint=12&search=PAY-9#issues"
    assert (shown.title, shown.sub, shown.kind) == (
        "PAY-9 Refunds & more",
        "PAY 7 · Payments · active",
        "Issue",
    )


def test_a_sprint_leads_to_its_page_on_its_board():
    assert line(hit(HitKind.SPRINT)).link == "/sprint?board=3&sprint=12"
    assert line(hit(HitKind.SPRINT, SprintState.CLOSED)).sub == "Payments"


def test_a_board_leads_to_its_velocity():
    shown = line(Hit(HitKind.BOARD, 3, "Payments", None, "", None, "", ""))
    assert (shown.link, shown.title) == ("/velocity?board=3", "Payments")
