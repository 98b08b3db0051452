"""The connections, and the one that the address names. No secret is ever in here."""

from functools import partial
from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.integrations.channel import ChannelError, Checked
from sprintreports.kit import clock
from sprintreports.kit.errors import NotFound
from sprintreports.reports.publishing import composing, connections
from sprintreports.reports.publishing.values import Connection
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.frame_state import around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.pages.connections import rows
from sprintreports.ui.pages.connections.rows import ConnectionLine
from sprintreports.ui.reporting.sending import CONNECTIONS
from sprintreports.ui.session import Meanwhile, acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState


class Connections(PageState, rx.State):
    """The list as text. opened: the id of the connection that the panel shows."""

    lines: list[ConnectionLine] = []
    pager: Pager = Pager()
    may_change: bool = False
    opened: str = ""
    one: ConnectionLine = ConnectionLine()
    complaint: str = ""

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        await around(self)
        self._put(complaint="")
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def close(self) -> Any:
        self._put(opened="", complaint="")
        return rx.redirect(address(CONNECTIONS, self._parameters(), connection=None))

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def test(self) -> Meanwhile:
        """Ask the service who we are there. A workflow of Teams gets a card."""
        here = visit()
        self.complaint = ""
        known = identifier(self.opened) or 0
        connection, secret = await connections.with_secret(here.session, here.viewer, known)
        return Meanwhile(partial(_checked, connection, secret), partial(self._noted, known))

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def delete(self) -> Any:
        here = visit()
        self.complaint = ""
        await connections.delete(here.session, here.viewer, identifier(self.opened) or 0, now=here.now)
        self._put(opened="")
        return rx.redirect(address(CONNECTIONS, self._parameters(), connection=None))

    async def _noted(self, known: int, result: Checked | ChannelError) -> Any:
        here = visit()
        found = await connections.note_check(here.session, here.viewer, known, result, now=here.now)
        await self._read()
        return telling.good("The connection works.") if found.check_ok else telling.bad("The test failed.")

    async def _read(self) -> None:
        here = visit()
        parameters = self._parameters()

        async def read(at: int) -> Any:
            return await connections.listing(here.session, here.viewer, page=at)

        page = await page_at(read, asked_page(parameters))
        without = {name: value for name, value in parameters.items() if name != "connection"}
        self._put(
            lines=[rows.line(one, here.zone) for one in page.items],
            pager=pager_of(page, path=CONNECTIONS, parameters=without, name="page", noun="connections"),
            may_change=here.viewer.can(Permission.SETTINGS_WRITE),
        )
        await self._read_opened(parameters)
        self._settle(READY if page.items or self.complaint else EMPTY)

    async def _read_opened(self, parameters: dict[str, str]) -> None:
        here = visit()
        if not parameters.get("connection"):
            self._put(opened="")
            return
        try:
            found = await connections.one(
                here.session, here.viewer, identifier(parameters["connection"]) or 0
            )
        except NotFound as error:
            # A notice may lead to a connection that was deleted: the list is still of use.
            self._put(opened="", complaint=error.message)
            return
        self._put(opened=str(found.id), one=rows.line(found, here.zone))


async def _checked(connection: Connection, secret: str) -> Checked | ChannelError:
    try:
        return await composing.channel_of(connection, secret, now=clock.now).check()
    except ChannelError as error:
        return error
