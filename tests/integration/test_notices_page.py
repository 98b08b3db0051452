"""The bell, the page and the switches as events: what they show, what they change, and what a page costs."""

from sqlalchemy import text

from sprintreports.identity import notices
from sprintreports.identity.notices.kinds import ApiKeyMade, AuditBroken, Kind
from sprintreports.identity.permissions import Permission, Role
from sprintreports.kit import clock
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.pages.notices.state import Notices
from sprintreports.ui.pages.overview.state import Overview
from sprintreports.ui.pages.profile.state import ProfilePage
from sprintreports.ui.profile.notices import NoticeChoices
from tests.integration.jira_site import rows
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import site
from tests.integration.test_users_page import become, fire, make

__all__ = ["site", "tab"]


async def tell(tab: Tab, count: int) -> None:
    owner = (await rows(tab.db, "SELECT id FROM user_account WHERE email = 'v@x.test'"))[0][0]
    for at in range(count):
        await notices.tell(tab.db, ApiKeyMade(at, f"Key {at}"), to=owner, key=f"key:{at}", now=clock.now())


async def test_the_bell_counts_with_one_query_and_is_sent_once(tab: Tab) -> None:
    await tell(tab, 3)
    await tab.open(Overview, "/")
    assert (tab.of(Frame).unread, tab.of(Frame).unread_label) == ("3", "Notices, 3 unread")
    assert len([one for one in tab.asked if "FROM notice" in one]) <= 1
    assert "unread" not in await tab.open(Overview, "/")


async def test_notices_are_read_one_by_one_and_all_at_once(tab: Tab) -> None:
    await tab.open(Notices, "/notices")
    page, frame = tab.of(Notices), tab.of(Frame)
    assert (page.status, frame.unread, frame.unread_label) == ("empty", "", "Notices, none unread")
    await tell(tab, 25)
    await tab.open(Notices, "/notices")
    assert (page.status, len(page.lines), page.pager.next, frame.unread) == (
        "ready",
        20,
        "/notices?page=2",
        "25",
    )
    first = page.lines[0]
    assert (first.title, first.page, first.unread) == ("An API key was made", "/profile?tab=keys", True)
    await fire(page, "read", first.id)
    assert (page.lines[0].unread, frame.unread) == (False, "24")
    await tab.open(Notices, "/notices?show=unread&page=9")
    assert (len(page.lines), page.shown) == (4, "unread")
    await fire(page, "read_all")
    assert (page.status, page.lines, page.any_unread, frame.unread) == ("ready", [], False, "")


async def test_nobody_reads_the_notices_of_others(tab: Tab) -> None:
    await tell(tab, 1)
    theirs = (await rows(tab.db, "SELECT id FROM notice"))[0][0]
    await become(tab, await make(tab, "Adam", Role.ADMIN))
    await tab.open(Notices, "/notices")
    page = tab.of(Notices)
    for odd in (str(theirs), "x", "0"):
        await fire(page, "read", odd)
    await fire(page, "read_all")
    assert (page.status, page.lines) == ("empty", [])
    assert await rows(tab.db, "SELECT count(*) FROM notice WHERE read_at IS NULL") == [(1,)]


async def test_a_switch_holds_at_once_and_security_has_none(tab: Tab) -> None:
    await become(tab, await make(tab, "Adam", Role.ADMIN))
    await tab.open(ProfilePage, "/profile?tab=notices")
    await tab.open(NoticeChoices, "/profile?tab=notices")
    form = tab.of(NoticeChoices)
    assert [line.kind for line in form.optional] == [
        "api_key_ends",
        "site_unreadable",
        "board_differs",
        "connection_paused",
        "delivery_stopped",
        "schedule_paused",
    ]
    assert len(form.optional) + len(form.always) == len(Kind)
    await fire(form, "choose", "board_differs", False)
    assert [line.wanted for line in form.optional][:4] == [True, True, False, True]
    await fire(form, "choose", "password", False)
    assert "always told" in form.complaint
    await fire(form, "choose", "nonsense", True)
    assert form.complaint.startswith("There is no such kind")
    await tab.db.execute(text("UPDATE user_account SET role = 'viewer' WHERE name = 'Adam'"))
    await fire(form, "choose", "site_unreadable", False)
    assert form.complaint == "This is told to admins only."
    broken = AuditBroken(1)
    assert (
        await notices.tell(tab.db, broken, to=Permission.SETTINGS_WRITE, key="broken", now=clock.now()) == 0
    )
