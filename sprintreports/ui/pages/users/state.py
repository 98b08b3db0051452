"""The list of users: its filters, order and page live in the address."""

from typing import Any

import reflex as rx

from sprintreports.identity import user_list, users
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.user_list import SortBy
from sprintreports.identity.user_rows import UserState
from sprintreports.kit.errors import Invalid
from sprintreports.ui.components.tables import Pager, pager_of, sort_links
from sprintreports.ui.frame_state import Option, around
from sprintreports.ui.links import address
from sprintreports.ui.numbers import counted
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.pages.users.rows import ROLES, STATES, UserLine, user_line
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

PATH = "/users"
_PER_PAGE = 25


class Users(PageState, rx.State):
    """Everybody who has an account. `complaint` is the invitation form's.

    `opened`: how often the page was loaded; what was open before is closed then.
    """

    lines: list[UserLine] = []
    reading: str = ""
    nothing: str = ""
    search: str = ""
    role: str = ""
    state: str = ""
    sort: str = "name"
    descending: bool = False
    sort_links: dict[str, str] = dict.fromkeys(SortBy, PATH)
    pager: Pager = Pager()
    may_change: bool = False
    opened: int = 0
    roles: list[Option] = []
    inviting: bool = False
    complaint: str = ""
    invited: str = ""
    link_at: str = ""

    @rx.event
    @loads(Permission.USERS_READ)
    async def load(self) -> None:
        await around(self)
        self.opened += 1
        self._put(inviting=False, invited="", link_at="")
        await self._read()

    @rx.event
    @acts(Permission.USERS_READ)
    async def find(self, words: str) -> Any:
        return rx.redirect(address(PATH, self._parameters(), search=words[:200], page=None), replace=True)

    @rx.event
    @acts(Permission.USERS_READ)
    async def pick_role(self, role: str) -> Any:
        return rx.redirect(address(PATH, self._parameters(), role=role, page=None))

    @rx.event
    @acts(Permission.USERS_READ)
    async def pick_state(self, state: str) -> Any:
        return rx.redirect(address(PATH, self._parameters(), state=state, page=None))

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def begin_invitation(self) -> None:
        self.inviting, self.complaint, self.invited, self.link_at = True, "", "", ""

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def end_invitation(self) -> None:
        self.inviting, self.invited, self.link_at = False, "", ""

    @rx.event
    @acts(Permission.USERS_WRITE)
    async def invite(self, form: dict[str, Any]) -> None:
        """Make the account, with the password that was typed in; else its link is made by the browser's own request."""
        here = visit()
        self.complaint = ""
        if form.get("role") not in set(Role):
            raise Invalid("Choose a role from the list.")
        password = str(form.get("password") or "") or None
        user = await users.create(
            here.session,
            here.viewer,
            email=str(form.get("email", "")),
            password=password,
            name=str(form.get("name", "")),
            role=Role(form["role"]),
        )
        self.invited = user.name
        self.link_at = "" if password else f"/api/v1/users/{user.id}/password-reset"
        await self._read()

    async def _read(self) -> None:
        here = visit()
        asked = self._parameters()
        role = Role(asked["role"]) if asked.get("role") in set(Role) else None
        state = UserState(asked["state"]) if asked.get("state") in set(UserState) else None
        sort = SortBy(asked["sort"]) if asked.get("sort") in set(SortBy) else SortBy.NAME
        descending = asked.get("order") == "desc"
        search = asked.get("search", "")[:200]
        page = await page_at(
            lambda at: user_list.listing(
                here.session,
                here.viewer,
                search=search,
                role=role,
                state=state,
                sort=sort,
                descending=descending,
                page=at,
                per_page=_PER_PAGE,
            ),
            asked_page(asked),
        )
        self._put(
            lines=[user_line(user, here.zone) for user in page.items],
            reading=f"{counted(page.total, 'account')}.",
            nothing="" if page.items else "No account fits these filters.",
            search=search,
            role=role or "",
            state=state or "",
            sort=sort.value,
            descending=descending,
            sort_links=sort_links(
                tuple(SortBy), path=PATH, parameters=asked, sort=sort, descending=descending
            ),
            pager=pager_of(page, path=PATH, parameters=asked, name="page", noun="accounts"),
            may_change=here.viewer.can(Permission.USERS_WRITE),
            roles=[
                Option(value, label)
                for value, label in ROLES
                if value != Role.SUPER_ADMIN or here.viewer.role is Role.SUPER_ADMIN
            ],
        )
        self._settle(READY)


ROLE_FILTERS = ROLES
STATE_FILTERS = tuple((state.value, label) for state, (label, _) in STATES.items())
