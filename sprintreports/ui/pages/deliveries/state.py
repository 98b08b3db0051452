"""The ledger of deliveries: its filters, its page and the one that is opened live in the address."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.integrations.channel import Choice
from sprintreports.kit.errors import Invalid, NotFound
from sprintreports.reports.publishing import connections, deliveries
from sprintreports.reports.publishing.values import Delivery, DeliveryState
from sprintreports.ui import telling
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.frame_state import Option, around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.pages.deliveries import rows
from sprintreports.ui.pages.deliveries.rows import DeliveryLine, TryLine
from sprintreports.ui.reporting import sending
from sprintreports.ui.reporting.sending import DELIVERIES, Way
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

_FILTERS = ("state", "connection")
_MOST_CONNECTIONS = 200


class Deliveries(PageState, rx.State):
    """Everything on the page, as text. opened: the id of the delivery that the panel shows."""

    lines: list[DeliveryLine] = []
    connections: list[Option] = []
    state: str = ""
    connection: str = ""
    sees_all: bool = False
    moving: bool = False
    pager: Pager = Pager()
    complaint: str = ""

    opened: str = ""
    one: DeliveryLine = DeliveryLine()
    tries: list[TryLine] = []
    ways: list[Way] = []

    @rx.event
    @loads(Permission.REPORTS_READ)
    async def load(self) -> None:
        await around(self)
        self._put(complaint="")
        await self._read()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def tick(self) -> None:
        """Something is on its way: look where it has come to."""
        await self._read()

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_state(self, state: str) -> Any:
        return rx.redirect(self._with(state=state if state in set(DeliveryState) else None))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def pick_connection(self, connection: str) -> Any:
        return rx.redirect(self._with(connection=identifier(connection)))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def close(self) -> Any:
        self._put(opened="", complaint="")
        return rx.redirect(address(DELIVERIES, self._parameters(), delivery=None))

    @rx.event
    @acts(Permission.REPORTS_READ)
    async def again(self, choice: str) -> Any:
        """Send the opened one again; choice: what becomes of a page that is not as it was left."""
        here = visit()
        self.complaint = ""
        if choice and choice not in set(Choice):
            raise Invalid("Choose one of the two ways.")
        await deliveries.again(
            here.session,
            here.viewer,
            identifier(self.opened) or 0,
            choice=Choice(choice) if choice else None,
            now=here.now,
        )
        await self._read()
        return telling.good("It is in line again.")

    def _with(self, **changes: object) -> str:
        return address(DELIVERIES, self._parameters(), **changes, page=None, delivery=None)

    async def _read(self) -> None:
        here = visit()
        parameters = self._parameters()
        wanted = parameters.get("state", "")
        state = DeliveryState(wanted) if wanted in set(DeliveryState) else None
        connection = identifier(parameters.get("connection"))

        async def read(at: int) -> Any:
            return await deliveries.listing(
                here.session, here.viewer, connection_id=connection, state=state, page=at
            )

        page = await page_at(read, asked_page(parameters))
        known = await connections.listing(here.session, here.viewer, per_page=_MOST_CONNECTIONS)
        opened = await self._opened(parameters)
        without = {name: value for name, value in parameters.items() if name != "delivery"}
        self._put(
            lines=[rows.line(one, here.zone, parameters) for one in page.items],
            connections=[Option(str(one.id), one.name) for one in known.items],
            state=state.value if state else "",
            connection=str(connection or ""),
            sees_all=here.viewer.can(Permission.SETTINGS_READ),
            moving=any(sending.under_way(one) for one in [*page.items, *opened]),
            pager=pager_of(page, path=DELIVERIES, parameters=without, name="page", noun="deliveries"),
        )
        filtered = any(parameters.get(name) for name in _FILTERS)
        self._settle(READY if page.items or filtered or self.complaint else EMPTY)

    async def _opened(self, parameters: dict[str, str]) -> list[Delivery]:
        """Show the one that the address names, if there is one that the visitor may see."""
        here = visit()
        if not parameters.get("delivery"):
            self._put(opened="")
            return []
        try:
            found = await deliveries.one(here.session, here.viewer, identifier(parameters["delivery"]) or 0)
        except NotFound as error:
            # A notice may lead to a delivery that is no longer kept: the ledger is still of use.
            self._put(opened="", complaint=error.message)
            return []
        self._put(
            opened=str(found.id),
            one=rows.line(found, here.zone, parameters),
            tries=[rows.try_line(one, here.zone) for one in found.tries],
            ways=sending.ways(found),
        )
        return [found]
