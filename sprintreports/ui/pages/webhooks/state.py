"""The webhooks page: what to enter into Jira, how deliveries fare, and a page of them (its filters live in the address)."""

from typing import Any

import reflex as rx

from sprintreports.identity.permissions import Permission
from sprintreports.jira import webhooks
from sprintreports.jira.reads import sites
from sprintreports.jira.reads import webhooks as reads
from sprintreports.jira.webhooks import Outcome, dynamic
from sprintreports.ui.components.tables import Pager, pager_of
from sprintreports.ui.frame_state import Option, around
from sprintreports.ui.links import address, identifier
from sprintreports.ui.paged import asked_page, page_at
from sprintreports.ui.pages.webhooks import rows
from sprintreports.ui.pages.webhooks.rows import DeliveryLine, Figure
from sprintreports.ui.session import acts, loads, visit
from sprintreports.ui.status import EMPTY, READY, PageState

PATH = "/webhooks"
_PER_PAGE = 25


class Webhooks(PageState, rx.State):
    """The site that the address names, else the first. No secret is ever in here."""

    name: str = ""
    sites: list[Option] = []
    site: str = ""
    site_link: str = "/sites"
    may_change: bool = False

    active: bool = False
    registered: bool = False
    url: str = ""
    admin_page: str = ""
    events: list[str] = []
    warning: str = ""
    renew_at: str = ""
    standing: str = ""
    tone: str = "info"
    figures: list[Figure] = []

    outcome: str = ""
    event: str = ""
    event_options: list[str] = []
    lines: list[DeliveryLine] = []
    nothing: str = ""
    pager: Pager = Pager()
    any_waiting: bool = False

    @rx.event
    @loads(Permission.SETTINGS_READ)
    async def load(self) -> None:
        await around(self)
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def tick(self) -> None:
        """What has come meanwhile, and what has become of those that wait."""
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def renewed(self) -> None:
        """The browser has new values, which the REST interface gave to it alone."""
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def switch_off(self) -> None:
        here = visit()
        await webhooks.forget(here.session, here.viewer, identifier(self.site) or 0)
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_WRITE)
    async def retry(self, delivery_id: str) -> None:
        here = visit()
        await webhooks.retry(
            here.session, here.viewer, identifier(self.site) or 0, identifier(delivery_id) or 0
        )
        await self._read()

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def pick_site(self, site: str) -> Any:
        return rx.redirect(address(PATH, site=site))

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def pick_outcome(self, outcome: str) -> Any:
        return rx.redirect(address(PATH, self._parameters(), outcome=outcome, page=None))

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def pick_event(self, event: str) -> Any:
        return rx.redirect(address(PATH, self._parameters(), event=event, page=None))

    async def _read(self) -> None:
        here = visit()
        known = await sites.listing(here.session, here.viewer)
        if not known:
            self._settle(EMPTY)
            return
        asked = self._parameters().get("site")
        row = await sites.one(here.session, here.viewer, self._site()) if asked else known[0]
        setup = await webhooks.shown(here.session, here.viewer, row.id)
        hook = await dynamic.shown(here.session, here.viewer, row.id)
        self._put(
            name=row.name,
            site=str(row.id),
            sites=[Option(str(one.id), one.name) for one in known],
            site_link=address("/site", site=row.id),
            may_change=here.viewer.can(Permission.SETTINGS_WRITE),
            active=setup.active,
            registered=hook is not None and hook.registered,
            url=setup.url,
            admin_page=setup.admin_page,
            events=list(setup.events),
            warning=setup.warning,
            renew_at=f"/api/v1/sites/{row.id}/webhook",
        )
        await self._read_deliveries(row.id, {**self._parameters(), "site": str(row.id)})
        self._settle(READY)

    async def _read_deliveries(self, site_id: int, parameters: dict[str, str]) -> None:
        here = visit()
        outcome = parameters.get("outcome") if parameters.get("outcome") in set(Outcome) else None
        event = parameters.get("event", "")[:100] or None
        page = await page_at(
            lambda at: reads.page(
                here.session,
                here.viewer,
                site_id,
                outcome=outcome,
                event=event,
                page=at,
                per_page=_PER_PAGE,
            ),
            asked_page(parameters),
        )
        tally = await reads.tally(here.session, here.viewer, site_id, now=here.now)
        standing, tone = rows.standing(
            tally, active=self.active, now=here.now, zone=here.zone, registered=self.registered
        )
        links = {one.value: address(PATH, parameters, outcome=one.value, page=None) for one in Outcome}
        self._put(
            standing=standing,
            tone=tone,
            figures=rows.figures(tally, links),
            outcome=outcome or "",
            event=event or "",
            event_options=sorted({*tally.events, *self.events, *([event] if event else [])}),
            lines=[rows.delivery_line(row, now=here.now, zone=here.zone) for row in page.items],
            nothing=rows.nothing(filtered=bool(outcome or event), active=self.active or self.registered),
            pager=pager_of(page, path=PATH, parameters=parameters, name="page", noun="deliveries"),
            any_waiting=tally.waiting > 0,
        )


class Delivery(rx.State):
    """The panel with one delivery. Closed and empty until one is chosen."""

    is_open: bool = False
    line: DeliveryLine = DeliveryLine()
    details: str = ""
    body: str = ""
    cut: str = ""

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def show(self, delivery_id: str) -> None:
        here = visit()
        page = await self.get_state(Webhooks)
        row, body = await reads.one(
            here.session, here.viewer, identifier(page.site) or 0, identifier(delivery_id) or 0
        )
        self.line = rows.delivery_line(row, now=here.now, zone=here.zone)
        self.details = rows.details(row, zone=here.zone)
        self.body, self.cut = rows.payload(body)
        self.is_open = True

    @rx.event
    @acts(Permission.SETTINGS_READ)
    async def close(self) -> None:
        self.is_open, self.body = False, ""
