"""One account in the panel at the right: what it is, what it may do and where, how it signs in."""

from typing import Any

import reflex as rx

from sprintreports.identity import accounts, grants, privacy, second_factor, users
from sprintreports.identity.grants import MANUAL
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.user_rows import User, UserState
from sprintreports.identity.viewer import Grant
from sprintreports.jira.reads import grantable
from sprintreports.kit.errors import Invalid
from sprintreports.ui import telling
from sprintreports.ui.frame_state import Option
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.users.rows import STATES, GrantLine, grant_key, grant_lines, seen_at
from sprintreports.ui.pages.users.state import Users
from sprintreports.ui.session import acts, visit

_BOARD, _TEAM = "board-", "team-"


class UserPanel(rx.State):
    """The account that is open; nothing of it is trusted: each handler checks anew who asks and whom it concerns."""

    is_open: bool = False
    opened_at: int = 0  # the load of the page that it was opened in: another one closes it
    complaint: str = ""
    id: str = ""
    name: str = ""
    email: str = ""
    username: str = ""
    state: str = ""
    tone: str = ""
    seen: str = ""
    is_active: bool = True
    may_edit: bool = False
    may_steer: bool = False
    why_not: str = ""
    everywhere: str = ""
    role_reading: str = ""
    grants: list[GrantLine] = []
    boards: list[Option] = []
    teams: list[Option] = []
    jira: str = ""
    people: list[Option] = []
    people_searched: str = ""
    link_at: str = ""
    link_label: str = ""
    has_second_factor: bool = False

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def show(self, user_id: str) -> None:
        self.complaint, self.people, self.people_searched = "", [], ""
        await self._show(identifier(user_id) or 0)
        self.is_open, self.opened_at = True, (await self.get_state(Users)).opened

    @rx.event
    @acts(Permission.USERS_READ)
    async def close(self) -> None:
        self.reset()

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def keep_account(self, form: dict[str, Any]) -> Any:
        here = visit()
        changes = accounts.Edit(
            name=str(form.get("name", "")),
            email=str(form.get("email", "")),
            username=str(form.get("username", "")),
        )
        await accounts.edit(here.session, here.viewer, user_id=self._id(), changes=changes)
        return await self._kept("The account is changed.")

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def give_everywhere(self, form: dict[str, Any]) -> Any:
        """Set the role that holds everywhere; an empty one leaves the limited roles alone."""
        chosen = form.get("everywhere")
        role = Role(chosen) if chosen in set(Role) else None
        user = await self._user()
        return await self._give(role, _manual(user))

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def add_limited(self, form: dict[str, Any]) -> Any:
        """Give a role on the boards and for the teams that are ticked."""
        if form.get("role") not in set(Role):
            raise Invalid("Choose a role from the list.")
        grant = Grant(Role(form["role"]), _ticked(form, _BOARD), _ticked(form, _TEAM))
        user = await self._user()
        return await self._give(user.everywhere, [*_manual(user), grant])

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def take_limited(self, key: str) -> Any:
        """Take away the limited role that this line shows."""
        user = await self._user()
        kept = [grant for grant in _manual(user) if grant_key(grant) != key]
        return await self._give(user.everywhere, kept)

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def find_people(self, words: str) -> None:
        here = visit()
        found = await grantable.people(here.session, here.viewer, words[:200])
        self.people = [Option(one.account_id, f"{one.name} ({one.site_name})") for one in found]
        self.people_searched = words.strip()[:200]

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def link_person(self, account_id: str) -> Any:
        """Link the account to somebody in Jira; an empty id unlinks."""
        here = visit()
        changes = accounts.Edit(jira_account_id=account_id)
        await accounts.edit(here.session, here.viewer, user_id=self._id(), changes=changes)
        self.people, self.people_searched = [], ""
        return await self._kept("Linked to Jira." if account_id else "No longer linked to Jira.")

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def set_active(self, active: bool) -> Any:
        here = visit()
        await users.set_active(here.session, here.viewer, user_id=self._id(), active=active is True)
        return await self._kept("The account is active again." if active else "The account is deactivated.")

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def sign_out(self) -> Any:
        here = visit()
        await accounts.sign_out(here.session, here.viewer, user_id=self._id(), now=here.now)
        return await self._kept("Signed out everywhere.")

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def take_second_factor(self) -> Any:
        """For somebody who has lost their app and codes."""
        here = visit()
        users.not_oneself(here.viewer, await users.to_change(here.session, here.viewer, self._id()))
        await second_factor.reset(here.session, here.viewer, user_id=self._id())
        return await self._kept("The second factor is taken away.")

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def delete(self) -> Any:
        here = visit()
        name = self.name
        await accounts.delete(here.session, here.viewer, user_id=self._id(), now=here.now)
        self.reset()
        await self._list_again()
        return telling.good(f"The account of {name} is deleted.")

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def erase(self) -> Any:
        """Delete the account, and all that is stored about its owner."""
        here = visit()
        name = self.name
        await privacy.erase(here.session, here.viewer, self._id(), now=here.now)
        self.reset()
        await self._list_again()
        return telling.good(f"What was stored about {name} is erased.")

    def _id(self) -> int:
        return identifier(self.id) or 0

    async def _user(self) -> User:
        return await users.one(visit().session, self._id())

    async def _give(self, everywhere: Role | None, limited: list[Grant]) -> Any:
        here = visit()
        await grantable.check(here.session, here.viewer, limited)
        await grants.give(
            here.session, here.viewer, user_id=self._id(), everywhere=everywhere, limited=limited
        )
        return await self._kept("The roles are changed. Whoever it is signs in anew.")

    async def _kept(self, message: str) -> Any:
        self.complaint = ""
        await self._show(self._id())
        await self._list_again()
        return telling.good(message)

    async def _list_again(self) -> None:
        await (await self.get_state(Users))._read()  # noqa: SLF001  # what begins without _ is a handler

    async def _show(self, user_id: int) -> None:
        here = visit()
        user = await users.one(here.session, user_id)
        boards = await grantable.boards(here.session, here.viewer)
        teams = await grantable.teams(here.session, here.viewer)
        may_edit = user.role is not Role.SUPER_ADMIN or here.viewer.role is Role.SUPER_ADMIN
        is_me = user.id == here.viewer.user_id
        self.id, self.name, self.email, self.username = str(user.id), user.name, user.email, user.username
        self.state, self.tone = STATES[user.state]
        self.seen = seen_at(user.last_sign_in_at, here.zone)
        self.is_active = user.is_active
        self.may_edit, self.may_steer = may_edit, may_edit and not is_me
        self.why_not = _why_not(may_edit=may_edit, is_me=is_me)
        self.everywhere = user.everywhere or ""
        self.role_reading = f"{user.everywhere.label} everywhere" if user.everywhere else "No role everywhere"
        self.grants = grant_lines(user.granted, boards, teams)
        self.boards = [Option(f"{_BOARD}{one.id}", f"{one.name} ({one.site_name})") for one in boards]
        self.teams = [Option(f"{_TEAM}{one.id}", f"{one.name} ({one.site_name})") for one in teams]
        self.jira = user.jira_account_id or ""
        self.has_second_factor = (await second_factor.status(here.session, user_id=user.id)).on
        signs_in = user.state in (UserState.ACTIVE, UserState.INVITED)
        self.link_at = f"/api/v1/users/{user.id}/password-reset" if self.may_steer and signs_in else ""
        self.link_label = (
            "Make an invitation link" if user.state is UserState.INVITED else "Make a link for a new password"
        )


def _why_not(*, may_edit: bool, is_me: bool) -> str:
    if not may_edit:
        return "This is a super admin, whom only another super admin changes."
    if is_me:
        return "This is your own account: another admin changes its roles, and your profile its sign-in."
    return ""


def _manual(user: User) -> list[Grant]:
    return [one.grant for one in user.granted if one.source == MANUAL]


def _ticked(form: dict[str, Any], prefix: str) -> frozenset[int] | None:
    """The ids ticked; None when none is: all of them."""
    ids = (identifier(name.removeprefix(prefix)) for name in form if name.startswith(prefix))
    return frozenset(one for one in ids if one is not None) or None
