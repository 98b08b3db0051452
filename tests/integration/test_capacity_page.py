"""Capacity as page events: shown, explained, set by hand, copied, and tried as what if."""

from sprintreports.ui.pages.capacity.editing import CapacityPanel
from sprintreports.ui.pages.capacity.state import CapacityPage
from sprintreports.ui.pages.capacity.whatif import WhatIf
from tests.integration.jira_site import rows
from tests.integration.planning_site import PlanningSite
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_planning_pages import mia, planned, site, words
from tests.integration.test_users_page import fire

__all__ = ["mia", "site", "tab"]
QA, WEB = "EMEA / QA", "EMEA / Web"


async def test_capacity_is_shown_explained_and_set_by_hand(mia: Tab, site: PlanningSite) -> None:
    ids = await planned(mia, site)
    at = f"/capacity?board={site.boards[7]}&sprint={site.sprints[3]}"
    await mia.open(CapacityPage, at)
    page = mia.of(CapacityPage)
    assert page.status == "ready"
    qa, web = page.lines
    assert (qa.name, qa.days, qa.focus, qa.hours, qa.committed) == (QA, "20", "80 %", "128", "3 pts")
    assert [(one.name.split()[-1], one.days) for one in qa.people] == [("ada", "10"), ("bela", "10")]
    assert any("median of 1 closed sprint: Sprint 1 8 points in" in said for said in qa.basis)
    assert web.note.startswith("Nobody is in this team")
    assert page.homeless == ["1 issue without a value of the team field: 2 points."]
    assert [(one.name, one.when) for one in page.heat_columns][2:] == [
        ("Sprint 3", "This sprint"),
        ("Sprint 4", "Coming"),
    ]
    first = page.heat[0].cells[0]
    assert (first.share, first.told) == ("73 %", "8 of 11 pts")
    assert page.twin.columns[0] == "Team"
    assert len(page.twin.rows) == 8

    panel = mia.of(CapacityPanel)
    await fire(panel, "show", str(ids[QA]), "", "days")
    assert (panel.is_open, panel.may, panel.computed, panel.value, panel.replaces) == (
        True,
        True,
        "20",
        "20",
        "",
    )
    await fire(panel, "keep", {"value": "12.5", "reason": ""})
    assert panel.complaint.startswith("Say why")
    await fire(panel, "keep", {"value": "12.5", "reason": "training"})
    assert (panel.complaint, panel.computed, panel.value) == ("", "20", "12.5")
    assert [(one.value, one.reason, one.ended) for one in panel.history] == [("12.5", "training", "")]
    assert panel.history[0].made.startswith("Mia, ")
    assert (page.lines[0].days, page.lines[0].days_hand) == ("12.5", True)
    await fire(panel, "take_back")
    assert (page.lines[0].days, panel.history[0].ended.startswith("Until Mia, ")) == ("20", True)
    await fire(panel, "show", str(ids[QA]), "", "share")
    assert panel.complaint.startswith("This figure cannot be set.")


async def test_rates_are_copied_from_the_sprint_before(mia: Tab, site: PlanningSite) -> None:
    ids = await planned(mia, site)
    base = f"/capacity?board={site.boards[7]}&sprint="
    await mia.open(CapacityPage, f"{base}{site.sprints[3]}")
    panel, page = mia.of(CapacityPanel), mia.of(CapacityPage)
    for measure, value in (("focus", "60"), ("days", "9")):
        await fire(panel, "show", str(ids[QA]), "", measure)
        await fire(panel, "keep", {"value": value, "reason": "quarter's end"})
    assert page.copy_from == ""
    await mia.open(CapacityPage, f"{base}{site.sprints[4]}")
    assert page.copy_name == "Sprint 3"
    assert [one.name for one in page.heat_columns] == ["Sprint 1", "Sprint 2", "Sprint 3", "Sprint 4"]
    assert "1 figure copied" in words(await fire(page, "copy_rates"))
    assert (page.lines[0].focus, page.lines[0].focus_hand, page.lines[0].days_hand) == ("60 %", True, False)


async def test_what_if_is_computed_and_never_stored(tab: Tab, site: PlanningSite) -> None:
    ids = await planned(tab, site)
    await tab.open(CapacityPage, f"/capacity?board={site.boards[7]}&sprint={site.sprints[3]}")
    asked = tab.of(WhatIf)
    await fire(asked, "begin", str(ids[QA]))
    assert (asked.is_open, asked.asked["first"], asked.asked["kind"]) == (True, "2025-04-17", "away")
    assert [(one.days, one.days_then) for one in asked.lines] == [("20", "19")]
    await fire(asked, "ask", "last", "2025-04-18")
    assert asked.lines[0].days_then == "18"
    await fire(asked, "ask", "part", "1")
    assert asked.lines[0].days_then == "19"
    await fire(asked, "ask", "kind", "days")
    assert asked.lines[0].days_then == "22"
    await fire(asked, "ask", "more", "-3")
    assert (asked.lines[0].days_then, asked.lines[0].change.startswith("−")) == ("17", True)
    await fire(asked, "ask", "more", "many")
    assert "is no number" in asked.complaint
    await fire(asked, "ask", "kind", "left")
    assert (asked.complaint, asked.lines[0].days_then) == ("", "10")
    stored = "SELECT (SELECT count(*) FROM absence), (SELECT count(*) FROM capacity_override)"
    assert await rows(tab.db, stored) == [(0, 0)]
    await fire(asked, "end")
    assert (asked.is_open, asked.lines) == (False, [])
