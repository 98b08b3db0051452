"""Users and profile as events: what each role is shown, what each action does, and that no link is ever in a state."""

from typing import Any

import pytest
from sqlalchemy import text

from sprintreports.identity import sessions, users
from sprintreports.identity.permissions import Role
from sprintreports.identity.users import User
from sprintreports.kit import clock
from sprintreports.ui.frame_state import Frame
from sprintreports.ui.pages.profile.state import ProfilePage
from sprintreports.ui.pages.users.editing import UserPanel
from sprintreports.ui.pages.users.state import Users
from sprintreports.ui.profile.about import AboutForm
from tests.integration.jira_site import rows
from tests.integration.test_page_events import Tab, tab
from tests.integration.test_reads import SYSTEM, site

__all__ = ["site", "tab"]
PASSWORD = "tall green yak 7"


async def make(tab: Tab, name: str, role: Role) -> User:
    return await users.create(tab.db, SYSTEM, email=f"{name}@x.test", password=PASSWORD, role=role, name=name)


async def become(tab: Tab, user: User) -> Tab:
    opened = await sessions.create(tab.db, user_id=user.id, user_agent="", address="", now=clock.now())
    tab.cookie = opened.token
    return tab


@pytest.fixture
async def admin(tab: Tab) -> Tab:
    return await become(tab, await make(tab, "Adam", Role.ADMIN))


async def fire(state: Any, handler: str, *values: Any) -> Any:
    return await state.event_handlers[handler].fn(state, *values)


async def open_panel(tab: Tab, user: User) -> Any:
    await tab.open(Users, "/users")
    panel = tab.of(UserPanel)
    await fire(panel, "show", str(user.id))
    return panel


@pytest.mark.parametrize("role", [Role.USER, Role.MANAGER])
async def test_who_may_look_sees_the_list_and_no_action(tab: Tab, role: Role) -> None:
    other = await make(tab, "Otto", Role.ADMIN)
    await become(tab, await make(tab, "Mia", role))
    await tab.open(Users, "/users")
    page = tab.of(Users)
    assert (page.status, page.may_change, [line.name for line in page.lines]) == (
        "ready",
        False,
        ["Mia", "Otto", "v"],
    )
    assert (tab.of(Frame).sees_users, tab.of(Frame).is_admin) == (True, False)
    panel = tab.of(UserPanel)
    await fire(panel, "show", str(other.id))
    assert (panel.is_open, panel.name) == (False, "")
    await fire(panel, "delete")
    assert (await users.one(tab.db, other.id)).is_active


async def test_a_viewer_sees_nobody(tab: Tab) -> None:
    await tab.open(Users, "/users")
    assert (tab.of(Users).status, tab.of(Users).lines) == ("failed", [])
    await tab.open(ProfilePage, "/profile")
    assert (tab.of(Frame).sees_users, tab.of(ProfilePage).status) == (False, "ready")


async def test_the_list_follows_its_address(admin: Tab) -> None:
    await make(admin, "Vera", Role.VIEWER)
    await admin.open(Users, "/users?role=viewer&sort=name&order=desc")
    page = admin.of(Users)
    assert [line.name for line in page.lines] == ["Vera", "v"]
    assert page.sort_links["name"] == "/users?role=viewer&sort=name"
    await admin.open(Users, "/users?search=nobody&sort=secret&role=x&state=y")
    assert (page.lines, page.nothing) == ([], "No account fits these filters.")


async def test_an_invitation_leaves_no_link_in_the_state(admin: Tab) -> None:
    await admin.open(Users, "/users")
    page = admin.of(Users)
    assert "super_admin" not in [option.value for option in page.roles]
    await fire(page, "begin_invitation")
    await fire(page, "invite", {"email": "no address", "role": "user"})
    assert page.complaint.startswith("Enter an e-mail address")
    await fire(page, "invite", {"email": "n@x.test", "name": "Nia", "role": "super_admin"})
    assert page.complaint.startswith("Only a super admin")
    await fire(page, "invite", {"email": "n@x.test", "name": "Nia", "role": "user"})
    assert (page.complaint, page.invited) == ("", "Nia")
    assert page.link_at.endswith("/password-reset")
    assert await rows(admin.db, "SELECT count(*) FROM invitation") == [(0,)], (
        "the browser asks for the link itself"
    )
    await fire(page, "begin_invitation")
    await fire(page, "invite", {"email": "p@x.test", "role": "user", "password": "password1234"})
    assert page.complaint.startswith("This password")
    await fire(page, "invite", {"email": "p@x.test", "role": "user", "password": PASSWORD})
    assert (page.complaint, page.invited, page.link_at) == ("", "p", "")
    assert PASSWORD not in str(admin.root.dict())
    assert ("Nia", "Invited") in [(line.name, line.state) for line in page.lines]


async def test_an_account_is_edited_limited_and_steered(admin: Tab) -> None:
    user = await make(admin, "Mia", Role.USER)
    panel = await open_panel(admin, user)
    assert (panel.is_open, panel.may_edit, panel.may_steer, panel.everywhere) == (True, True, True, "user")
    await fire(panel, "keep_account", {"name": "Mia B", "email": "mia@x.test", "username": "mia"})
    assert (panel.name, admin.of(Users).lines[1].name) == ("Mia B", "Mia B")
    await fire(panel, "give_everywhere", {"everywhere": ""})
    assert panel.complaint.startswith("Give at least one role")
    await fire(panel, "add_limited", {"role": "manager", panel.boards[0].value: "on"})
    assert (panel.complaint, [line.removable for line in panel.grants]) == ("", [True])
    assert panel.grants[0].text.startswith("Manager on ")
    await fire(panel, "give_everywhere", {"everywhere": ""})
    assert (await users.one(admin.db, user.id)).everywhere is None
    await fire(panel, "add_limited", {"role": "viewer", panel.teams[0].value: "on"})
    assert panel.complaint.startswith("Limits to teams")
    await fire(panel, "give_everywhere", {"everywhere": "viewer"})
    await fire(panel, "take_limited", panel.grants[0].key)
    assert panel.grants == []
    await fire(panel, "find_people", "olga")
    await fire(panel, "link_person", panel.people[0].value)
    assert (panel.jira, panel.people) == ("olga", [])
    await fire(panel, "set_active", False)
    assert (panel.state, panel.link_at) == ("Deactivated", "")
    await fire(panel, "set_active", True)
    await fire(panel, "sign_out")
    await fire(panel, "delete")
    assert (panel.is_open, [line.name for line in admin.of(Users).lines]) == (False, ["Adam", "v"])


async def test_who_is_erased_is_gone_from_panel_and_list(admin: Tab) -> None:
    panel = await open_panel(admin, await make(admin, "Mia", Role.USER))
    told = await fire(panel, "erase")
    assert "What was stored about Mia is erased." in str(told)
    assert (panel.is_open, panel.id, panel.complaint) == (False, "", "")
    assert [line.name for line in admin.of(Users).lines] == ["Adam", "v"]
    await fire(panel, "show", next(line.id for line in admin.of(Users).lines if line.name == "Adam"))
    await fire(panel, "erase")
    assert (panel.is_open, panel.complaint != "") == (True, True), "nobody erases themselves"


async def test_ones_own_account_and_super_admins_cannot_be_steered(admin: Tab) -> None:
    boss = await make(admin, "Zoe", Role.SUPER_ADMIN)
    panel = await open_panel(admin, boss)
    assert (panel.may_edit, panel.may_steer, panel.link_at) == (False, False, "")
    assert panel.why_not.startswith("This is a super admin")
    await fire(panel, "give_everywhere", {"everywhere": "viewer"})
    assert (await users.one(admin.db, boss.id)).role is Role.SUPER_ADMIN
    me = next(line for line in admin.of(Users).lines if line.name == "Adam")
    await fire(panel, "show", me.id)
    assert (panel.may_edit, panel.may_steer) == (True, False)
    await fire(panel, "give_everywhere", {"everywhere": "viewer"})
    assert panel.complaint.startswith("Nobody does this")


async def test_a_lost_role_is_lost_at_the_next_event(admin: Tab) -> None:
    user = await make(admin, "Mia", Role.USER)
    panel = await open_panel(admin, user)
    await admin.db.execute(text("UPDATE user_account SET role = 'user' WHERE name = 'Adam'"))
    await fire(panel, "set_active", False)
    assert (await users.one(admin.db, user.id)).is_active
    assert "does not allow" in panel.complaint


async def test_a_profile_is_kept_and_applied(admin: Tab) -> None:
    await admin.open(ProfilePage, "/profile")
    await admin.open(AboutForm, "/profile")
    form = admin.of(AboutForm)
    assert (form.name, form.role, form.jira, form.theme) == ("Adam", "Admin", "Not linked", "system")
    await fire(
        form, "keep_profile", {"name": "Adam", "time_zone": "Mars/Olympus", "theme": "dark", "locale": ""}
    )
    assert form.complaint.startswith("Choose a time zone")
    kept = {"name": "Adam A", "time_zone": "Asia/Tokyo", "theme": "dark", "locale": "de-DE"}
    await fire(form, "keep_profile", kept)
    await admin.open(ProfilePage, "/profile?tab=nonsense")
    frame = admin.of(Frame)
    assert (frame.user_name, frame.zone, frame.theme) == ("Adam A", "Asia/Tokyo", "dark")
    assert admin.of(ProfilePage).tab == "about"
