"""The providers that are set up, how one may sign in at all, and what a test has brought."""

from typing import Any

import reflex as rx

from sprintreports.identity import sign_in_policy
from sprintreports.identity.permissions import Permission, Role
from sprintreports.identity.sso import attempts, providers
from sprintreports.ui import telling
from sprintreports.ui.frame_state import around
from sprintreports.ui.links import identifier
from sprintreports.ui.pages.sign_in_providers import rows
from sprintreports.ui.pages.sign_in_providers.rows import ProviderLine, Tested
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import READY, PageState

PATH = "/sign-in-providers"
POLICY_ROLES = tuple((role.value, role.label) for role in Role)


class SignInProviders(PageState, rx.State):
    """`asking`: the provider that is about to be deleted for good."""

    complaint: str = ""
    lines: list[ProviderLine] = []
    may_change: bool = False
    asking: str = ""
    tested: Tested = Tested()
    passwords: bool = True
    second_factor: dict[str, bool] = dict.fromkeys((role.value for role in Role), False)

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        await around(self)
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def switch(self, provider_id: str, enabled: bool) -> Any:
        here = visit()
        self.complaint = ""
        await providers.set_enabled(
            here.session, here.viewer, identifier(provider_id) or 0, enabled=enabled is True
        )
        await self._read()
        return telling.good("It stands on the sign-in page now." if enabled else "It is switched off.")

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def ask(self, provider_id: str) -> None:
        self.asking = provider_id

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def remove(self, provider_id: str) -> Any:
        here = visit()
        self.complaint, self.asking = "", ""
        await providers.remove(here.session, here.viewer, identifier(provider_id) or 0)
        await self._read()
        return telling.good("The provider is deleted.")

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def keep_policy(self, form: dict[str, Any]) -> Any:
        here = visit()
        self.complaint = ""
        await sign_in_policy.change(
            here.session,
            here.viewer,
            local_sign_in=bool(form.get("passwords")),
            second_factor_roles={role for role in Role if form.get(f"factor-{role.value}")},
            now=here.now,
        )
        await self._read()
        return telling.good("Kept.")

    async def _read(self) -> None:
        here = visit()
        found = await providers.listing(here.session, here.viewer)
        policy = await sign_in_policy.read(here.session)
        kept = await providers.unchangeable(here.session, here.viewer)
        self._put(
            lines=[
                rows.provider_line(one, now=here.now, zone=here.zone, changeable=one.id not in kept)
                for one in found
            ],
            may_change=here.viewer.can(Permission.SETTINGS_WRITE),
            passwords=policy.local_sign_in,
            second_factor={role.value: role in policy.second_factor_roles for role in Role},
            tested=await self._tested(),
        )
        self._settle(READY)

    async def _tested(self) -> Tested:
        """What the test that the address names has brought, for the admin who made it."""
        here = visit()
        asked = identifier(self._parameters().get("tested"))
        if asked is None:
            return Tested()
        found = await attempts.result_of(here.session, asked, user_id=here.viewer.user_id, now=here.now)
        provider = await providers.one(here.session, here.viewer, found.provider_id)
        return rows.tested(provider, found.result, over=found.over)
