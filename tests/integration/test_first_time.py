"""What first-time users stumbled over: a sprint that is not there, the way to Jira's own report, a link that is used up."""

import pytest

from sprintreports.identity.permissions import Role
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.pages.invitation.state import Invitation
from sprintreports.ui.pages.sprint.state import Sprint
from sprintreports.ui.roles import EXPLAINED
from tests.integration.test_page_events import Tab, site, sprint_id, tab

__all__ = ["site", "tab"]


async def test_a_sprint_that_is_not_there_is_not_shown_as_another(tab: Tab) -> None:
    await tab.open(Sprint, "/sprint?sprint=99999")
    assert tab.of(Sprint).status == "failed"
    assert "no such sprint" in tab.of(Sprint).problem
    frame = tab.of(Frame)
    assert (frame.sprint, frame.sprints[0].label) == ("99999", "Not in this list")
    there = await sprint_id(tab.db, 1)
    await tab.open(Sprint, f"/sprint?sprint={there}")
    assert {option.value for option in frame.sprints} >= {frame.sprint}
    assert "Not in this list" not in {option.label for option in frame.sprints}


async def test_a_closed_sprint_leads_to_its_reconciliation(tab: Tab) -> None:
    number = await sprint_id(tab.db, 1)
    await tab.open(Sprint, f"/sprint?sprint={number}")
    page = tab.of(Sprint)
    assert page.is_closed
    assert page.reconciliation_link.startswith("/reconciliation?board=")
    assert page.reconciliation_link.endswith(f"&sprint={number}")


@pytest.mark.parametrize(
    ("address", "over"), [("?problem=link", True), ("?problem=short", False), ("", False)]
)
async def test_a_link_that_is_used_up_asks_for_no_password(tab: Tab, address: str, over: bool) -> None:
    await tab.open(Invitation, f"/invitation{address}")
    page = tab.of(Invitation)
    assert page.over is over
    assert bool(page.message) is bool(address)


def test_each_role_is_explained() -> None:
    assert list(EXPLAINED) == list(Role)
    assert all(told.endswith(".") for told in EXPLAINED.values())
