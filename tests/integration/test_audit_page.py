"""The audit log's page as events: filters in the address, pages, files of the same, and who may see it."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sprintreports.identity import audit, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.viewer import Viewer
from sprintreports.ui.pages.audit import rows
from sprintreports.ui.pages.audit.state import Audit
from tests.integration.jira_site import rows as rows_of
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import site
from tests.integration.test_webhook_page import admin

__all__ = ["admin", "site", "tab"]
BERLIN = ZoneInfo("Europe/Berlin")


async def _did(tab: Tab, number: int) -> None:
    await audit.record(
        tab.db, Viewer.system(), audit.Action.SITE_CHANGED, subject=("site", number),
        before={"name": "Old"}, after={"name": f"New {number}"},
    )  # fmt: skip


async def test_it_lists_pages_and_links_to_files(admin: Tab):
    for number in range(51):
        await _did(admin, number)
    await admin.open(Audit, "/audit?action=site.&subject_kind=site")
    page = admin.of(Audit)
    assert (page.status, len(page.lines), page.newest) == ("ready", 50, "")
    first = page.lines[0]
    assert (first.who, first.what, first.subject) == ("Sprint Reports itself", "Site changed", "site 50")
    assert (first.changes, first.outcome) == ("name: Old → New 50", "Done")
    assert page.csv == "/api/v1/audit-entries/export?action=site.&subject_kind=site&format=csv"
    assert page.asked["action"] == "site."
    await admin.open(Audit, page.older)
    assert ([line.subject for line in page.lines], page.older) == (["site 0"], "")
    assert page.newest == "/audit?action=site.&subject_kind=site"


async def test_who_is_found_by_name_or_number(admin: Tab):
    made = await users.create(
        admin.db, Viewer.system(), email="ada@example.org", password="tall green yak 7", name="Ada L", role=Role.USER
    )  # fmt: skip
    await audit.record(admin.db, replace(Viewer.system(), user_id=made.id), audit.Action.SIGN_OUT)
    for written in ("ada", str(made.id), "ada@example.org"):
        await admin.open(Audit, f"/audit?action=session.sign_out&actor={written}")
        assert [line.who for line in admin.of(Audit).lines] == ["Ada L"], written
    await admin.open(Audit, "/audit?actor=nobody-is-called-so")
    page = admin.of(Audit)
    assert (page.lines, page.older) == ([], "")
    assert page.nothing.startswith("No user is called “nobody-is-called-so”")
    await admin.open(Audit, "/audit?request_id=none")
    assert page.nothing.startswith("Nothing like this was done")


async def test_who_may_not_see_it_sees_nothing(tab: Tab):
    await _did(tab, 1)
    await tab.open(Audit, "/audit")
    page = tab.of(Audit)
    assert (page.status, page.lines) == ("failed", [])
    assert "does not allow this" in page.problem
    query = "SELECT action, outcome, actor_id, subject_id FROM audit_entry WHERE outcome = 'refused'"
    (told,) = await rows_of(tab.db, query)
    assert told[:2] == ("permission.refused", "refused")
    assert told[2] is not None
    assert told[3] == "Audit.load"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, None, ""),
        ({"name": "A"}, {"name": "B"}, "name: A → B"),
        (None, {"boards": [1, 2], "sync_minutes": None}, "boards: [1, 2]; sync minutes: null"),
        ({"name": "A"}, None, "name: A before"),
        (None, {"x": "y" * 200}, "x: " + "y" * 159 + "…"),
    ],
)
def test_changes_in_words(before: object, after: object, said: str):
    assert rows.changes(before, after) == said


def test_days_are_those_of_the_viewer_and_nonsense_is_left_out():
    asked = {"since": "2026-03-29", "until": "2026-03-29", "outcome": "x", "action": " "}
    filters = rows.filters_of(asked, zone=BERLIN, actor=None)
    assert filters.since == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert filters.until == datetime(2026, 3, 29, 22, tzinfo=UTC)
    assert (filters.outcome, filters.action) == (None, None)
    assert (
        rows.filters_of({"since": "9999-12-31x", "until": "9999-12-31"}, zone=BERLIN, actor=None).until
        is None
    )
